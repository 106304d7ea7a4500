"""What transformers writes for a tiny model of each class: config.json and, for every tensor, name, type, shape and the
SHA-256 of its bytes. hub_model_test.cpp writes the same folders from the same formula (tests/plugins/cpu/golden/
formula.py), proves by this list that they are what transformers would have written, and opens them.

    python make_manifests.py FOLDER
"""
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors import safe_open
from transformers import (DeepseekV2Config, DeepseekV2ForCausalLM, LlamaConfig, LlamaForCausalLM, MistralConfig,
                          MistralForCausalLM, Qwen2Config, Qwen2ForCausalLM)

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "plugins/cpu/golden"))
import make_architectures as tiny
from formula import formula, mxfp4, prompt, random_bits


def dense(config, model, bias="", **changes):
    config = config(**tiny.COMMON, num_hidden_layers=2, intermediate_size=96, num_attention_heads=8,
                    num_key_value_heads=2, rms_norm_eps=1e-5, tie_word_embeddings=False, **changes)
    state = tiny.ends()
    dim = changes.get("head_dim", 8)
    for l in range(2):
        blk, layer = f"blk.{l}.", f"model.layers.{l}."
        state |= tiny.norms(blk, layer) | tiny.attention(blk, layer, 8, 2, dim) | tiny.dense(blk, layer + "mlp.", 96)
        for name in bias:
            ours = f"{blk}attn_{name}.bias"
            state[f"{layer}self_attn.{name}_proj.bias"] = formula(ours, ((2 if name != "q" else 8) * dim,))
    return model(config), state, prompt(40)


def llama():
    return dense(LlamaConfig, LlamaForCausalLM, head_dim=16, rope_parameters={
        "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64})


def mistral():
    return dense(MistralConfig, MistralForCausalLM, head_dim=16, sliding_window=8,
                 rope_parameters={"rope_type": "default", "rope_theta": 1e6})


def qwen2():
    return dense(Qwen2Config, Qwen2ForCausalLM, bias="qkv",
                 rope_parameters={"rope_type": "default", "rope_theta": 1e6})


def deepseek_v2_lite():
    """As V2-Lite: no low rank of the queries, softmax over all experts, no groups, mscale below 1."""
    latent, (layers, n, ffn) = tiny.LATENT, (3, 8, 24)
    config = DeepseekV2Config(
        **tiny.COMMON, num_hidden_layers=layers, first_k_dense_replace=1, intermediate_size=96, moe_intermediate_size=ffn,
        n_routed_experts=n, n_shared_experts=2, num_experts_per_tok=3, n_group=1, topk_group=1, topk_method="greedy",
        norm_topk_prob=False, routed_scaling_factor=1.0, num_attention_heads=latent["heads"],
        num_key_value_heads=latent["heads"], q_lora_rank=None, kv_lora_rank=latent["kv_lora"],
        qk_nope_head_dim=latent["nope"], qk_rope_head_dim=latent["rope"], v_head_dim=latent["value"], rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        rope_parameters={"rope_type": "yarn", "rope_theta": 10000.0, "factor": 40.0, "beta_fast": 32, "beta_slow": 1,
                         "mscale": 0.707, "mscale_all_dim": 0.707, "original_max_position_embeddings": 64})
    state = {k: v for k, v in tiny.deepseek(low_rank_q=False)[1].items() if not k.endswith("e_score_correction_bias")}
    return DeepseekV2ForCausalLM(config), state, prompt(90)


def check_mxfp4():
    """The test's packing of blocks (values 2 j and 2 j + 1 in byte j, low nibble first) is what transformers unpacks."""
    from transformers.integrations.mxfp4 import convert_moe_packed_tensors
    name, shape = "blk.0.ffn_down_exps.weight", (8, 64, 32)
    raw = (random_bits(name, 8 * 64 * 17) >> np.uint64(56)).astype(np.uint8).reshape(8, 64, 1, 17)
    values = np.concatenate([raw[..., 1:] & 15, raw[..., 1:] >> 4], axis=-1)
    blocks = (values[..., 0::2] | values[..., 1::2] << 4).astype(np.uint8)
    scales = (121 + raw[..., 0] % 4).astype(np.uint8)
    unpacked = convert_moe_packed_tensors(torch.from_numpy(blocks), torch.from_numpy(scales), dtype=torch.float32)
    assert np.array_equal(unpacked.numpy(), mxfp4(name, shape).swapaxes(1, 2))


def manifest(model, state):
    model = model.to(torch.float32).eval()
    model.load_state_dict({k: torch.from_numpy(np.ascontiguousarray(v)) for k, v in state.items()}, strict=True)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        tensors = {}
        with safe_open(Path(folder) / "model.safetensors", "np") as file:
            for name in file.keys():
                values = file.get_tensor(name)
                tensors[name] = ["F32", list(values.shape), hashlib.sha256(values.tobytes()).hexdigest()[:16]]
        return {"made_with": f"transformers {transformers.__version__}",
                "config": json.loads((Path(folder) / "config.json").read_text()), "tensors": tensors}


def main():
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    check_mxfp4()
    models = {"tiny_llama": llama(), "tiny_mistral": mistral(), "tiny_qwen2": qwen2(), "tiny_qwen3": tiny.qwen3(),
              "tiny_qwen3moe": tiny.qwen3moe(), "tiny_mixtral": tiny.mixtral(), "tiny_gpt_oss": tiny.gpt_oss(formula),
              "tiny_deepseek": tiny.deepseek(), "tiny_deepseek_full_q": tiny.deepseek(low_rank_q=False),
              "tiny_deepseek_v2_lite": deepseek_v2_lite()}
    made_with = f"transformers {transformers.__version__}, torch {torch.__version__.split('+')[0]}"
    for name, (model, state, tokens) in models.items():
        written = manifest(model, dict(state))
        head = json.dumps({"made_with": written["made_with"], "config": written["config"]}, indent=1)[:-2]
        lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in written["tensors"].items())
        (folder / f"{name}.json").write_text(f'{head},\n "tensors": {{\n{lines}\n }}\n}}\n')
        if name in ("tiny_mistral", "tiny_qwen2", "tiny_deepseek_v2_lite"):  # the others' logits stand in tests/plugins/cpu/golden
            tiny.write(folder, name + "_logits", made_with, tokens, tiny.logits(model, state, tokens))


if __name__ == "__main__":
    main()
