"""Weights that C++ makes exactly alike (formula_weights.h), and tiny models of each architecture (architectures.h)."""
import numpy as np


def splitmix64(x):
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def random_bits(name, n):
    seed = 0xCBF29CE484222325  # FNV-1a of the name
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & (2**64 - 1)
    return splitmix64(np.uint64(seed) + np.arange(n, dtype=np.uint64))


def formula(name, shape, scale=0.5, offset=0.0):
    """24 random bits a value."""
    share = (random_bits(name, int(np.prod(shape))) >> np.uint64(40)).astype(np.float64) / 2**24
    return (offset + scale * (share - 0.5)).astype(np.float32).reshape(shape)


def norm(name, n):
    return formula(name, (n,), 0.5, 1.0)


E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6], dtype=np.float32)


def mxfp4(name, shape):
    """Random OCP MX blocks of 32 values, dequantised: a scale byte, then 16 bytes whose low nibbles are the values 0 to
    15 and whose high ones are 16 to 31 (GGUF's order)."""
    blocks = int(np.prod(shape)) // 32
    raw = (random_bits(name, blocks * 17) >> np.uint64(56)).astype(np.uint8).reshape(blocks, 17)
    scale = np.exp2(121.0 + raw[:, :1] % 4 - 127).astype(np.float32)
    nibbles = np.concatenate([raw[:, 1:] & 15, raw[:, 1:] >> 4], axis=1)
    return (E2M1[nibbles] * scale).reshape(shape)


def prompt(n, vocabulary=96):
    return [(7 * i * i + 3 * i + 1) % vocabulary for i in range(n)]
