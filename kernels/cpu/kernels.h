// The arithmetic of the forward pass on a CPU: plain functions on pointers and shapes, one table per
// instruction set. Nothing here allocates, locks, fails or starts threads: the caller owns all memory and
// splits the work (rows, tokens, heads) over its own threads. Every function may run on several threads at
// once on different output. Sizes are the caller's promise; wrong ones are programmers' errors. All floats
// are finite unless said otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "kernels/formats/format.h"

namespace tokenmark::cpu {

// avx2: with FMA and F16C. avx512: F, BW, VL, DQ and VNNI. avx512_bf16: avx512 with BF16 and VBMI. amx: avx512_bf16 with AMX's
// tiles for bytes and BF16, whose state the system must grant (isa_available asks for it). neon: any AArch64's;
// neon_dotprod: with SDOT.
enum class Isa { portable, avx2, avx512, avx512_bf16, amx, neon, neon_dotprod };

std::string_view isa_name(Isa isa);  // "avx512"
std::optional<Isa> isa_from_name(std::string_view name);
bool isa_available(Isa isa);  // compiled in, and this processor and system can run it
Isa best_isa();

// A weight matrix: `rows` outputs by `columns` inputs. `columns` is a multiple of block_values(format).
struct Matrix {
  Format format = Format::f32;
  std::uint64_t rows = 0, columns = 0;
  const void* values = nullptr;  // packed by the table that multiplies with it; 64-byte aligned
};

// Rows are packed and multiplied in panels of this many; the last one may be short.
constexpr std::uint64_t kPanelRows = 16;

// Keys and values of one layer in `format` (f32, f16, bf16, fp8, q8_0), by [kv_head][block]: a head's blocks follow each
// other, so that reading a sequence whose blocks do is one stream. What lies inside a block is kv_layout.h's matter and
// the same for every table.
// A slot is block * tokens_per_block + token in block; blocks of a multiple of kKvGroupTokens tokens waste nothing.
struct KvCache {
  Format format = Format::f16;
  std::uint32_t tokens_per_block = 16, blocks = 0, kv_heads = 0, key_dim = 0, value_dim = 0;
  void* keys = nullptr;
  void* values = nullptr;  // null: a value is the first value_dim of its key (latent attention)
};

constexpr std::uint32_t kMaxHeadDim = 576;  // latent attention: 512 + 64
constexpr std::uint32_t kKvGroupTokens = 16;

// What a softmax over part of the keys leaves, so that parts can be merged: its greatest logit and the sum of
// exp(logit - greatest).
struct AttentionPart {
  float greatest, sum;
};

// One query vector that attends to the tokens [begin, end) of its sequence, at least one.
struct AttentionQuery {
  const float* query = nullptr;   // [key_dim], after rope
  float* out = nullptr;           // [value_dim]
  std::uint32_t begin = 0, end = 1;
  float sink = -std::numeric_limits<float>::infinity();  // a logit that joins the denominator only; none by default
  AttentionPart* part = nullptr;  // where wanted: what `merge_attention` needs
};

enum class RopeStyle { interleaved /* pairs (2i, 2i+1) */, half /* (i, i + rope_dim/2) */ };

struct Kernels {
  Isa isa;

  // --- matrix product ---
  // Weights are packed once into the order in which they are multiplied: panels of kPanelRows rows. Packed bytes of a
  // panel do not depend on other rows; panel p of a matrix begins p * panel_bytes further on.
  std::size_t (*panel_bytes)(Format format, std::uint64_t columns);
  // `rows` (1 to kPanelRows) rows in the format's own layout, row_bytes apart; writes one panel.
  void (*pack_panel)(Format format, const void* source, std::uint64_t rows, std::uint64_t columns, void* panel);
  // One row back in float (an embedding's).
  void (*unpack_row)(const Matrix& weights, std::uint64_t row, float* out);
  // The input is brought once into the form that a weight format multiplies with. A prepared form belongs to this
  // table, prepared_kind(format) and `columns`, nothing else: formats of one kind share it. Bytes per token, a
  // multiple of 64; tokens follow each other. The buffer is aligned to 64 bytes.
  int (*prepared_kind)(Format weights);
  std::size_t (*prepared_bytes)(Format weights, std::uint64_t columns);
  // One token: x is [columns].
  void (*prepare)(Format weights, const float* x, std::uint64_t columns, void* prepared);
  // out[t * out_stride + r] = dot(row r, token t) for rows [row_begin, row_end) and t in [0, tokens);
  // out_stride >= rows; row_begin is a multiple of kPanelRows. A row's result does not depend on how rows are split
  // over calls. Nor does a token's depend on the number of tokens, but that amx rounds weights times their scales to BF16
  // where that pays: FP8 from 4 tokens on, the quantised formats from 48 (Q6_K: 32), whose inputs are then rounded to BF16
  // as well instead of to bytes. Such a product is off by at most 2^-8 of itself; one of F16, which amx makes of BF16
  // parts from 32 tokens on, by 2^-15. May use up to matmul_scratch bytes of the calling thread's `scratch`, 64-byte aligned.
  void (*matmul)(const Matrix& weights, const void* prepared, std::uint32_t tokens, std::uint64_t row_begin,
                 std::uint64_t row_end, float* out, std::uint64_t out_stride, void* scratch);
  std::size_t (*matmul_scratch)(Format weights, std::uint64_t columns);

  // --- rows ---
  // out = x / sqrt(mean(x^2) + epsilon) * weight; out may be x.
  void (*rms_norm)(const float* x, const float* weight, std::uint64_t n, float epsilon, float* out);
  void (*add)(float* x, const float* y, std::uint64_t n);  // x += y
  // out = silu(gate) * up; out may be either of them.
  void (*silu_multiply)(const float* gate, const float* up, std::uint64_t n, float* out);
  // g = min(gate, limit), u = clamp(up, -limit, limit): out = g * sigmoid(1.702 g) * (u + 1); out may be either.
  void (*swiglu_clamped)(const float* gate, const float* up, std::uint64_t n, float limit, float* out);
  void (*add_scaled)(float* x, const float* y, float factor, std::uint64_t n);  // x += factor * y
  // In place. Entries may be -infinity as long as one is finite.
  void (*softmax)(float* x, std::uint64_t n);
  // Turns the first rope_dim values of `heads` heads that lie head_dim apart; cosines and sines are
  // [rope_dim / 2] for the token's position (rope_dim is even).
  void (*rope)(float* x, std::uint32_t heads, std::uint32_t head_dim, std::uint32_t rope_dim,
               const float* cosines, const float* sines, RopeStyle style);
  // The largest value's index, the lowest one on a tie; NaN counts as less than everything; n >= 1.
  std::uint32_t (*argmax)(const float* x, std::uint64_t n);

  // --- attention over a paged cache ---
  // Stores one token's keys [kv_heads * key_dim] and values [kv_heads * value_dim] (values null where the cache's are).
  void (*kv_write)(const KvCache& cache, std::uint64_t slot, const float* keys, const float* values);
  // out = softmax(scale * query . keys) values for each query, all against one key/value head of one
  // sequence: the heads of a group, the tokens of a prefill chunk, or both. Each query sees its own range of
  // the sequence's cache, so causality and windows are the caller's choice of ranges. Queries next to each other in
  // the array share the reading of keys and values, best when their ranges are close: all the heads of a group at once
  // when decoding (128 of a latent one), 256 to 512 queries of a prefill, 64 where there is no AMX. A query's result
  // does not depend on the others or their number. With AMX all but an f32 cache is multiplied in BF16, which moves a
  // result by up to 2^-7 of the greatest value that it is made of; everything else is floats.
  // block_table: the sequence's blocks in order, enough of them for the greatest end; keys and values lie in runs of a
  // head's part of a block: blocks of 64 tokens and more read up to a tenth faster than blocks of 16.
  // May use attention_scratch bytes of the calling thread's `scratch`, 64-byte aligned.
  void (*attention)(const KvCache& cache, std::uint32_t kv_head, const std::int32_t* block_table,
                    const AttentionQuery* queries, std::uint32_t n_queries, float scale, void* scratch);
  std::size_t (*attention_scratch)(const KvCache& cache);
  // One query's results over `n` ranges that lie side by side, each [value_dim] apart with its part (computed without
  // a sink), into the result over all of them.
  void (*merge_attention)(const float* outs, const AttentionPart* parts, std::uint32_t n, std::uint32_t value_dim,
                          float sink, float* out);
};

// What is compiled in, from the simplest to the best.
std::span<const Kernels* const> compiled_kernels();
// The table of an available instruction set (of an unavailable one: the portable table).
const Kernels& kernels(Isa isa);

// Values that a token's key or value of `dim` takes room for: whole 16s, whole blocks of 32 in q8_0.
inline std::uint32_t kv_row_dim(Format format, std::uint32_t dim) {
  const std::uint32_t unit = format == Format::q8_0 ? 32 : 16;
  return (dim + unit - 1) / unit * unit;
}

// Bytes of one token's key or value of `dim` values: fp8 and q8_0 have a scale with each row or block of 32.
std::size_t kv_row_bytes(Format format, std::uint32_t dim);

// Bytes of the keys, and of the values.
inline std::size_t kv_rows(const KvCache& cache) {
  return std::size_t{cache.blocks} * cache.kv_heads * ((cache.tokens_per_block + kKvGroupTokens - 1) / kKvGroupTokens * kKvGroupTokens);
}
inline std::size_t key_bytes(const KvCache& cache) {
  return kv_rows(cache) * kv_row_bytes(cache.format, cache.key_dim);
}
inline std::size_t value_bytes(const KvCache& cache) {
  return kv_rows(cache) * kv_row_bytes(cache.format, cache.value_dim);
}

}  // namespace tokenmark::cpu
