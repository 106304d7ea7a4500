"""DeepSeek-V3 with its multi-token prediction module in NumPy (float64), from the technical report (arXiv 2412.19437,
sections 2.1 and 2.2), with keys and values written out instead of absorbed: the oracle for what transformers leaves out.

The module at place i joins the model's hidden state h_i with the embedding of token i + 1, both normed, runs one block
over these, and predicts token i + 2 with the model's own head. The report leaves open whether h_i is taken before or
after the model's last norm; the code published with the checkpoints, and the engines that report its acceptance, take it
after. A module may go on from its own state for a token more; the head that it shares reads that state after the module's
own last norm, so that is what stands in for the model's there.
"""
import math

import numpy as np

from formula import formula, norm

WIDTH, VOCABULARY, EPSILON = 64, 96, 1e-6
LAYERS, DENSE_LAYERS, EXPERTS, USED, FFN, GROUPS, GROUPS_USED, SCALE = 3, 1, 8, 3, 24, 4, 2, 2.5
THETA, FACTOR, ORIGINAL, FAST, SLOW = 10000.0, 40.0, 64, 32, 1


def rms_norm(x, weight):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + EPSILON) * weight


def silu(x):
    return x / (1 + np.exp(-x))


class DeepseekWithMtp:
    def __init__(self, heads, q_lora, kv_lora, nope, rope, value):
        self.heads, self.q_lora, self.kv_lora = heads, q_lora, kv_lora
        self.nope, self.rope, self.value = nope, rope, value

    def matrix(self, name, *shape):
        return formula(name + ".weight", shape).astype(np.float64)

    def norm(self, name, n=WIDTH):
        return norm(name + ".weight", n).astype(np.float64)

    def angles(self, n):
        """YaRN: dimensions that turn often keep their frequency, slow ones are stretched, with whole bounds."""
        pairs = self.rope // 2
        bound = lambda turns: self.rope * math.log(ORIGINAL / (turns * 2 * math.pi)) / (2 * math.log(THETA))
        begin, end = max(math.floor(bound(FAST)), 0), min(math.ceil(bound(SLOW)), self.rope - 1)
        ramp = np.clip((np.arange(pairs) - begin) / max(end - begin, 0.001), 0, 1)
        frequencies = THETA ** (-np.arange(pairs) / pairs)
        frequencies = frequencies * (1 - ramp) + frequencies / FACTOR * ramp
        return np.outer(np.arange(n), frequencies)

    def turn(self, x):
        """Pairs of neighbours; x is [tokens][...][rope]."""
        angle = self.angles(len(x)).reshape(len(x), *[1] * (x.ndim - 2), -1)
        a, b = x[..., 0::2], x[..., 1::2]
        out = np.empty_like(x)
        out[..., 0::2] = a * np.cos(angle) - b * np.sin(angle)
        out[..., 1::2] = b * np.cos(angle) + a * np.sin(angle)
        return out

    def attention(self, blk, x):
        n, heads, dim = len(x), self.heads, self.nope + self.rope
        low = rms_norm(x @ self.matrix(blk + "attn_q_a", self.q_lora, WIDTH).T, self.norm(blk + "attn_q_a_norm", self.q_lora))
        q = (low @ self.matrix(blk + "attn_q_b", heads * dim, self.q_lora).T).reshape(n, heads, dim)
        kv = x @ self.matrix(blk + "attn_kv_a_mqa", self.kv_lora + self.rope, WIDTH).T
        latent = rms_norm(kv[:, :self.kv_lora], self.norm(blk + "attn_kv_a_norm", self.kv_lora))
        k_rope = self.turn(kv[:, self.kv_lora:])
        k_nope = np.einsum("tc,hcd->thd", latent, self.matrix(blk + "attn_k_b", heads, self.kv_lora, self.nope))
        values = np.einsum("tc,hvc->thv", latent, self.matrix(blk + "attn_v_b", heads, self.value, self.kv_lora))
        scores = np.einsum("thd,shd->hts", q[..., :self.nope], k_nope)
        scores += np.einsum("thd,sd->hts", self.turn(q[..., self.nope:]), k_rope)
        scores *= dim ** -0.5 * (0.1 * math.log(FACTOR) + 1) ** 2
        scores[:, np.triu(np.ones((n, n), dtype=bool), 1)] = -np.inf
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        gathered = np.einsum("hts,shv->thv", weights, values).reshape(n, -1)
        return gathered @ self.matrix(blk + "attn_output", WIDTH, heads * self.value).T

    def dense(self, blk, suffix, ffn, x):
        gate, up = (self.matrix(f"{blk}ffn_{name}{suffix}", ffn, WIDTH) for name in ("gate", "up"))
        return silu(x @ gate.T) * (x @ up.T) @ self.matrix(f"{blk}ffn_down{suffix}", WIDTH, ffn).T

    def experts(self, blk, x):
        gate, up = (self.matrix(f"{blk}ffn_{name}_exps", EXPERTS, FFN, WIDTH) for name in ("gate", "up"))
        down = self.matrix(blk + "ffn_down_exps", EXPERTS, WIDTH, FFN)
        scores = 1 / (1 + np.exp(-x @ self.matrix(blk + "ffn_gate_inp", EXPERTS, WIDTH).T))
        biased = scores + formula(blk + "exp_probs_b.bias", (EXPERTS,)).astype(np.float64)
        out = self.dense(blk, "_shexp", 2 * FFN, x)
        for t, row in enumerate(biased):
            groups = row.reshape(GROUPS, -1)
            best = np.argsort(-np.sort(groups, axis=1)[:, -2:].sum(1), kind="stable")[:GROUPS_USED]
            allowed = np.full_like(groups, -np.inf)
            allowed[best] = groups[best]
            chosen = np.argsort(-allowed.ravel(), kind="stable")[:USED]
            weights = scores[t, chosen] / scores[t, chosen].sum() * SCALE
            for e, weight in zip(chosen, weights):
                out[t] += weight * (down[e] @ (silu(gate[e] @ x[t]) * (up[e] @ x[t])))
        return out

    def block(self, l, x):
        blk = f"blk.{l}."
        x = x + self.attention(blk, rms_norm(x, self.norm(blk + "attn_norm")))
        normed = rms_norm(x, self.norm(blk + "ffn_norm"))
        return x + (self.dense(blk, "", 96, normed) if l < DENSE_LAYERS else self.experts(blk, normed))

    def run(self, tokens):
        """The model's logits after each token; the module's at each place but the last; and from the module's own state
        at each place, joined with the token after next as that state was with the next, those of a place further."""
        embedding = formula("token_embd.weight", (VOCABULARY, WIDTH), 4.0).astype(np.float64)[tokens]
        head = self.matrix("output", VOCABULARY, WIDTH)
        hidden = embedding
        for l in range(LAYERS):
            hidden = self.block(l, hidden)
        hidden = rms_norm(hidden, self.norm("output_norm"))
        nextn = f"blk.{LAYERS}.nextn."
        def join(embedded, states):
            both = np.concatenate([rms_norm(embedded, self.norm(nextn + "enorm")),
                                   rms_norm(states, self.norm(nextn + "hnorm"))], axis=1)
            return both @ self.matrix(nextn + "eh_proj", WIDTH, 2 * WIDTH).T

        def module(joined):
            return rms_norm(self.block(LAYERS, joined), self.norm(nextn + "shared_head_norm"))

        joined = join(embedding[1:], hidden[:-1])
        states = module(joined)
        own = join(embedding[2:], states[:-1])
        further = [module(np.concatenate([joined[:i + 1], own[i:i + 1]]))[-1] for i in range(len(own))]
        return hidden @ head.T, states @ head.T, np.array(further) @ head.T
