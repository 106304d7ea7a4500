"""Logits of a tiny model of each architecture by Hugging Face transformers, as JSON for architectures_test.cpp, and of
DeepSeek's multi-token prediction by deepseek_mtp.py. See README.md.

    python make_architectures.py FOLDER
"""
import json
import platform
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import (DeepseekV3Config, DeepseekV3ForCausalLM, GptOssConfig, GptOssForCausalLM, MixtralConfig,
                          MixtralForCausalLM, Qwen3Config, Qwen3ForCausalLM, Qwen3MoeConfig, Qwen3MoeForCausalLM)

from deepseek_mtp import DeepseekWithMtp
from formula import formula, mxfp4, norm, prompt

WIDTH, VOCABULARY = 64, 96
COMMON = dict(vocab_size=VOCABULARY, hidden_size=WIDTH, max_position_embeddings=4096, attn_implementation="eager")


def ends(tied=False):
    state = {"model.embed_tokens.weight": formula("token_embd.weight", (VOCABULARY, WIDTH), 4.0),
             "model.norm.weight": norm("output_norm.weight", WIDTH)}
    state["lm_head.weight"] = (state["model.embed_tokens.weight"] if tied
                               else formula("output.weight", (VOCABULARY, WIDTH)))
    return state


def norms(blk, layer):
    return {layer + "input_layernorm.weight": norm(blk + "attn_norm.weight", WIDTH),
            layer + "post_attention_layernorm.weight": norm(blk + "ffn_norm.weight", WIDTH)}


def attention(blk, layer, heads, kv_heads, dim, qk_norm=False, bias=False):
    rows = {"q": (heads * dim, WIDTH), "k": (kv_heads * dim, WIDTH), "v": (kv_heads * dim, WIDTH),
            "o": (WIDTH, heads * dim)}
    state = {}
    for name, shape in rows.items():
        ours = blk + "attn_" + ("output" if name == "o" else name)
        state[f"{layer}self_attn.{name}_proj.weight"] = formula(ours + ".weight", shape)
        if bias:
            state[f"{layer}self_attn.{name}_proj.bias"] = formula(ours + ".bias", shape[:1])
        if qk_norm and name in "qk":
            state[f"{layer}self_attn.{name}_norm.weight"] = norm(ours + "_norm.weight", dim)
    return state


def dense(blk, mlp, ffn, suffix=""):
    return {mlp + "gate_proj.weight": formula(f"{blk}ffn_gate{suffix}.weight", (ffn, WIDTH)),
            mlp + "up_proj.weight": formula(f"{blk}ffn_up{suffix}.weight", (ffn, WIDTH)),
            mlp + "down_proj.weight": formula(f"{blk}ffn_down{suffix}.weight", (WIDTH, ffn))}


def experts(blk, mlp, n, ffn):
    gate, up = (formula(f"{blk}ffn_{name}_exps.weight", (n, ffn, WIDTH)) for name in ("gate", "up"))
    return {mlp + "gate.weight": formula(blk + "ffn_gate_inp.weight", (n, WIDTH)),
            mlp + "experts.gate_up_proj": np.concatenate([gate, up], axis=1),
            mlp + "experts.down_proj": formula(blk + "ffn_down_exps.weight", (n, WIDTH, ffn))}


def logits(model, state, tokens):
    model = model.to(torch.float32).eval()
    state = {name: torch.from_numpy(np.ascontiguousarray(values)) for name, values in state.items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and not missing, (missing, unexpected)
    with torch.no_grad():
        return model(torch.tensor([tokens])).logits[0].numpy()


def qwen3():
    config = Qwen3Config(**COMMON, num_hidden_layers=2, intermediate_size=96, num_attention_heads=8,
                         num_key_value_heads=2, head_dim=16, rms_norm_eps=1e-6, tie_word_embeddings=True,
                         rope_parameters={"rope_type": "default", "rope_theta": 1e6})
    state = ends(tied=True)
    for l in range(2):
        blk, layer = f"blk.{l}.", f"model.layers.{l}."
        state |= norms(blk, layer) | attention(blk, layer, 8, 2, 16, qk_norm=True) | dense(blk, layer + "mlp.", 96)
    return Qwen3ForCausalLM(config), state, prompt(40)


def qwen3moe():
    config = Qwen3MoeConfig(**COMMON, num_hidden_layers=2, intermediate_size=96, moe_intermediate_size=32,
                            num_experts=8, num_experts_per_tok=3, norm_topk_prob=True, num_attention_heads=8,
                            num_key_value_heads=2, head_dim=16, rms_norm_eps=1e-6, tie_word_embeddings=False,
                            rope_parameters={"rope_type": "default", "rope_theta": 1e6})
    state = ends()
    for l in range(2):
        blk, layer = f"blk.{l}.", f"model.layers.{l}."
        state |= norms(blk, layer) | attention(blk, layer, 8, 2, 16, qk_norm=True) | experts(blk, layer + "mlp.", 8, 32)
    return Qwen3MoeForCausalLM(config), state, prompt(40)


def mixtral():
    config = MixtralConfig(**COMMON, num_hidden_layers=2, intermediate_size=48, num_local_experts=4,
                           num_experts_per_tok=2, num_attention_heads=8, num_key_value_heads=2, head_dim=16,
                           rms_norm_eps=1e-5, sliding_window=None, tie_word_embeddings=False,
                           rope_parameters={"rope_type": "default", "rope_theta": 1e6})
    state = ends()
    for l in range(2):
        blk, layer = f"blk.{l}.", f"model.layers.{l}."
        state |= norms(blk, layer) | attention(blk, layer, 8, 2, 16) | experts(blk, layer + "mlp.", 4, 48)
    return MixtralForCausalLM(config), state, prompt(40)


def gpt_oss(expert_weights):
    """Windows of 8 keys, YaRN from 64 positions, limits low enough to clamp; `expert_weights` makes the experts."""
    layers, n, ffn = 3, 8, 32
    config = GptOssConfig(**COMMON, num_hidden_layers=layers, intermediate_size=ffn, num_local_experts=n,
                          num_experts_per_tok=4, num_attention_heads=8, num_key_value_heads=2, head_dim=16,
                          rms_norm_eps=1e-5, sliding_window=8, attention_bias=True, tie_word_embeddings=False,
                          swiglu_limit=1.5,
                          rope_parameters={"rope_type": "yarn", "rope_theta": 150000.0, "factor": 4.0,
                                           "beta_fast": 32.0, "beta_slow": 1.0, "truncate": False,
                                           "original_max_position_embeddings": 64})
    state = ends()
    for l in range(layers):
        blk, layer = f"blk.{l}.", f"model.layers.{l}."
        state |= norms(blk, layer) | attention(blk, layer, 8, 2, 16, bias=True)
        state[layer + "self_attn.sinks"] = formula(blk + "attn_sinks.weight", (8,), 4.0)
        gate, up = (expert_weights(f"{blk}ffn_{name}_exps.weight", (n, ffn, WIDTH)) for name in ("gate", "up"))
        gate_bias, up_bias = (formula(f"{blk}ffn_{name}_exps.bias", (n, ffn)) for name in ("gate", "up"))
        interleaved = np.stack([gate, up], axis=2).reshape(n, 2 * ffn, WIDTH)
        state |= {layer + "mlp.router.weight": formula(blk + "ffn_gate_inp.weight", (n, WIDTH)),
                  layer + "mlp.router.bias": formula(blk + "ffn_gate_inp.bias", (n,)),
                  layer + "mlp.experts.gate_up_proj": interleaved.swapaxes(1, 2),
                  layer + "mlp.experts.gate_up_proj_bias": np.stack([gate_bias, up_bias], axis=2).reshape(n, 2 * ffn),
                  layer + "mlp.experts.down_proj":
                      expert_weights(blk + "ffn_down_exps.weight", (n, WIDTH, ffn)).swapaxes(1, 2),
                  layer + "mlp.experts.down_proj_bias": formula(blk + "ffn_down_exps.bias", (n, WIDTH))}
    return GptOssForCausalLM(config), state, prompt(90)


LATENT = dict(heads=4, q_lora=32, kv_lora=32, nope=16, rope=8, value=20)


def latent_attention(blk, layer, low_rank_q):
    heads, nope, rope, value, latent = (LATENT[key] for key in ("heads", "nope", "rope", "value", "kv_lora"))
    k_b = formula(blk + "attn_k_b.weight", (heads, latent, nope)).swapaxes(1, 2)
    v_b = formula(blk + "attn_v_b.weight", (heads, value, latent))
    self_attn = layer + "self_attn."
    state = {self_attn + "kv_a_proj_with_mqa.weight": formula(blk + "attn_kv_a_mqa.weight", (latent + rope, WIDTH)),
             self_attn + "kv_a_layernorm.weight": norm(blk + "attn_kv_a_norm.weight", latent),
             self_attn + "kv_b_proj.weight": np.concatenate([k_b, v_b], axis=1).reshape(-1, latent),
             self_attn + "o_proj.weight": formula(blk + "attn_output.weight", (WIDTH, heads * value))}
    q_rows, q_lora = heads * (nope + rope), LATENT["q_lora"]
    if not low_rank_q:
        return state | {self_attn + "q_proj.weight": formula(blk + "attn_q.weight", (q_rows, WIDTH))}
    return state | {self_attn + "q_a_proj.weight": formula(blk + "attn_q_a.weight", (q_lora, WIDTH)),
                    self_attn + "q_a_layernorm.weight": norm(blk + "attn_q_a_norm.weight", q_lora),
                    self_attn + "q_b_proj.weight": formula(blk + "attn_q_b.weight", (q_rows, q_lora))}


def deepseek(low_rank_q=True):
    layers, n, ffn = 3, 8, 24
    config = DeepseekV3Config(
        **COMMON, num_hidden_layers=layers, first_k_dense_replace=1, intermediate_size=96, moe_intermediate_size=ffn,
        n_routed_experts=n, n_shared_experts=2, num_experts_per_tok=3, n_group=4, topk_group=2, norm_topk_prob=True,
        routed_scaling_factor=2.5, num_attention_heads=LATENT["heads"], num_key_value_heads=LATENT["heads"],
        q_lora_rank=LATENT["q_lora"] if low_rank_q else None, kv_lora_rank=LATENT["kv_lora"],
        qk_nope_head_dim=LATENT["nope"], qk_rope_head_dim=LATENT["rope"], v_head_dim=LATENT["value"],
        rms_norm_eps=1e-6, tie_word_embeddings=False, rope_interleave=True,
        rope_parameters={"rope_type": "yarn", "rope_theta": 10000.0, "factor": 40.0, "beta_fast": 32, "beta_slow": 1,
                         "mscale": 1.0, "mscale_all_dim": 1.0, "original_max_position_embeddings": 64})
    state = ends()
    for l in range(layers):
        blk, layer = f"blk.{l}.", f"model.layers.{l}."
        state |= norms(blk, layer) | latent_attention(blk, layer, low_rank_q)
        if l == 0:
            state |= dense(blk, layer + "mlp.", 96)
            continue
        state |= experts(blk, layer + "mlp.", n, ffn) | dense(blk, layer + "mlp.shared_experts.", 2 * ffn, "_shexp")
        state[layer + "mlp.gate.e_score_correction_bias"] = formula(blk + "exp_probs_b.bias", (n,))
    return DeepseekV3ForCausalLM(config), state, prompt(90)


def write(folder, name, made_with, tokens, all_logits):
    """Some rows are enough: each depends on all tokens before it."""
    rows = sorted({0, 1, len(all_logits) - 1} | set(range(7, len(all_logits), 8)))
    head = json.dumps({"made_with": made_with, "tokens": tokens, "rows": rows})[:-1]
    lines = ",\n".join("  [" + ",".join(f"{v:.7g}" for v in all_logits[row]) + "]" for row in rows)
    (folder / f"{name}.json").write_text(f'{head},\n "logits": [\n{lines}\n ]}}\n')


def main():
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    made_with = f"transformers {transformers.__version__}, torch {torch.__version__.split('+')[0]}, " \
                f"Python {platform.python_version()}"
    models = {"tiny_qwen3": qwen3(), "tiny_qwen3moe": qwen3moe(), "tiny_mixtral": mixtral(),
              "tiny_gpt_oss": gpt_oss(formula), "tiny_gpt_oss_mxfp4": gpt_oss(mxfp4),
              "tiny_deepseek": deepseek(), "tiny_deepseek_full_q": deepseek(low_rank_q=False)}
    results = {name: (model[2], logits(*model)) for name, model in models.items()}
    for name, (tokens, rows) in results.items():
        write(folder, name, made_with, tokens, rows)

    tokens, expected = results["tiny_deepseek"]
    numpy_model = DeepseekWithMtp(**LATENT)
    own, predicted, further = numpy_model.run(tokens)
    off = np.abs(own - expected).max() / expected.std()
    assert off < 1e-5, off  # the NumPy model is the one that transformers runs
    write(folder, "tiny_deepseek_mtp", f"deepseek_mtp.py, NumPy {np.__version__}", tokens, predicted)
    write(folder, "tiny_deepseek_mtp_further", f"deepseek_mtp.py, NumPy {np.__version__}", tokens, further)


if __name__ == "__main__":
    main()
