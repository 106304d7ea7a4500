#!/usr/bin/env python3
"""Writes dequantized_blocks.txt: random blocks and their values as the gguf package (ggml's own Python reading of its
formats) gives them, one line a block: format, the block's bytes, its values as the bits of floats, all in hexadecimal.
Then lines 'quantized': random values and the MXFP4 block that the package makes of them.

Needs: pip install gguf numpy (made with gguf 0.19.0). Usage: dequantized_blocks.py > dequantized_blocks.txt
"""
import numpy as np
from gguf import GGMLQuantizationType as T, quants

BLOCK_BYTES = {"q8_0": 34, "q4_0": 18, "q4_k": 144, "q5_k": 176, "q6_k": 210, "mxfp4": 17}
HALVES_AT = {"q8_0": [0], "q4_0": [0], "q4_k": [0, 2], "q5_k": [0, 2], "q6_k": [208], "mxfp4": []}


def line(*parts):
    print(*(p if isinstance(p, str) else p.tobytes().hex() for p in parts))


def main():
    random = np.random.default_rng(20240521)
    for name, size in BLOCK_BYTES.items():
        blocks = random.integers(0, 256, (2, size), dtype=np.uint8)
        for at in HALVES_AT[name]:  # scales that are neither infinite nor NaN
            scales = random.normal(0, 0.01, 2).astype(np.float16)
            blocks[:, at:at + 2] = scales.view(np.uint8).reshape(2, 2)
        if name == "mxfp4":
            blocks = np.repeat(blocks, 3, axis=0)
            blocks[:, 0] = [0, 1, 2, 100, 127, 254]
        values = quants.dequantize(blocks.reshape(-1), T[name.upper()]).astype("<f4")
        for block, row in zip(blocks, values.reshape(len(blocks), -1)):
            line(name, block, row)
    for scale in [1e-20, 0.02, 1.0, 300.0]:
        values = (random.standard_normal(32) * scale).astype("<f4")
        line("quantized", values, quants.quantize(values, T.MXFP4))


if __name__ == "__main__":
    main()
