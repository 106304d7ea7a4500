"""Logits of two small Llamas by Hugging Face transformers, as JSON for golden_test.cpp. See README.md.

    python make_golden.py PATH/stories260K.gguf FOLDER
"""
import json
import platform
import sys
from pathlib import Path

import gguf
import numpy as np
import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM

from formula import formula, norm, prompt


def half_split(weight, heads):
    """Rows of a query or key matrix from interleaved pairs (GGUF) to halves (transformers)."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def state_dict(tensors, layers):
    """GGUF's tensor names to those of transformers."""
    names = {"attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
             "attn_output": "self_attn.o_proj", "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
             "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
    state = {"model.embed_tokens.weight": tensors["token_embd.weight"],
             "model.norm.weight": tensors["output_norm.weight"],
             "lm_head.weight": tensors.get("output.weight", tensors["token_embd.weight"])}
    for layer in range(layers):
        for ours, theirs in names.items():
            state[f"model.layers.{layer}.{theirs}.weight"] = tensors[f"blk.{layer}.{ours}.weight"]
    return {name: torch.from_numpy(np.ascontiguousarray(values)) for name, values in state.items()}


def logits(config, tensors, tokens):
    model = LlamaForCausalLM(config).to(torch.float32).eval()
    missing, unexpected = model.load_state_dict(state_dict(tensors, config.num_hidden_layers), strict=False)
    assert not unexpected and not missing, (missing, unexpected)
    with torch.no_grad():
        return model(torch.tensor([tokens])).logits[0].numpy()


def stories(path):
    reader = gguf.GGUFReader(path)
    field = lambda name: reader.fields["llama." + name].contents()
    tensors = {t.name: np.array(t.data, dtype=np.float32) for t in reader.tensors}
    heads, kv_heads = field("attention.head_count"), field("attention.head_count_kv")
    layers, width = field("block_count"), field("embedding_length")
    for layer in range(layers):
        for name, n in (("attn_q", heads), ("attn_k", kv_heads)):
            key = f"blk.{layer}.{name}.weight"
            tensors[key] = half_split(tensors[key], n)
    config = LlamaConfig(
        vocab_size=tensors["token_embd.weight"].shape[0], hidden_size=width, num_hidden_layers=layers,
        intermediate_size=field("feed_forward_length"), num_attention_heads=heads, num_key_value_heads=kv_heads,
        rms_norm_eps=field("attention.layer_norm_rms_epsilon"), max_position_embeddings=field("context_length"),
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, tie_word_embeddings=False,
        attn_implementation="eager")
    # "Once upon a time", then tokens from all over the vocabulary.
    tokens = [1, 403, 407, 261, 378, 432, 3, 511, 77, 299, 150, 264]
    return tokens, logits(config, tensors, tokens)


def tiny():
    layers, width, ffn, heads, kv_heads, dim, vocabulary = 2, 64, 96, 8, 2, 16, 96
    tensors = {"token_embd.weight": formula("token_embd.weight", (vocabulary, width), 4.0),
               "output.weight": formula("output.weight", (vocabulary, width)),
               "output_norm.weight": norm("output_norm.weight", width)}
    shapes = {"attn_q": (heads * dim, width), "attn_k": (kv_heads * dim, width), "attn_v": (kv_heads * dim, width),
              "attn_output": (width, heads * dim), "ffn_gate": (ffn, width), "ffn_up": (ffn, width),
              "ffn_down": (width, ffn)}
    for layer in range(layers):
        for name, (rows, columns) in shapes.items():
            key = f"blk.{layer}.{name}.weight"
            tensors[key] = formula(key, (rows, columns))
        for name in ("attn_norm", "ffn_norm"):
            key = f"blk.{layer}.{name}.weight"
            tensors[key] = norm(key, width)
    config = LlamaConfig(
        vocab_size=vocabulary, hidden_size=width, num_hidden_layers=layers, intermediate_size=ffn,
        num_attention_heads=heads, num_key_value_heads=kv_heads, head_dim=dim, rms_norm_eps=1e-5,
        max_position_embeddings=512, tie_word_embeddings=False, attn_implementation="eager",
        rope_parameters={"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0,
                         "high_freq_factor": 4.0, "original_max_position_embeddings": 64})
    tokens = prompt(24)
    return tokens, logits(config, tensors, tokens)


def main():
    folder = Path(sys.argv[2])
    made_with = f"transformers {transformers.__version__}, torch {torch.__version__.split('+')[0]}, " \
                f"gguf {__import__('importlib.metadata').metadata.version('gguf')}, Python {platform.python_version()}"
    for name, (tokens, rows) in (("stories260K", stories(sys.argv[1])), ("tiny_gqa_llama3", tiny())):
        text = json.dumps({"made_with": made_with, "tokens": tokens})[:-1]
        lines = ",\n".join("  [" + ",".join(f"{v:.7g}" for v in row) + "]" for row in rows)
        (folder / f"{name}.json").write_text(f'{text},\n "logits": [\n{lines}\n ]}}\n')


main()
