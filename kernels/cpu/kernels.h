// The arithmetic of the forward pass on a CPU: plain functions on pointers and shapes, one table per
// instruction set. Nothing here allocates, locks, fails or starts threads: the caller owns all memory and
// splits the work (rows, tokens, heads) over its own threads. Every function may run on several threads at
// once on different output. Sizes are the caller's promise; wrong ones are programmers' errors. All floats
// are finite unless said otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernels/formats/format.h"

namespace tokenmark::cpu {

// avx2: with FMA and F16C. avx512: F, BW, VL, DQ and VNNI.
enum class Isa { portable, avx2, avx512 };

std::string_view isa_name(Isa isa);  // "avx512"
std::optional<Isa> isa_from_name(std::string_view name);
bool isa_available(Isa isa);  // compiled in, and this processor and system can run it
Isa best_isa();

// A weight matrix: `rows` outputs by `columns` inputs, each row contiguous (row_bytes(format, columns)).
// `columns` is a multiple of block_values(format). The rows need no alignment.
struct Matrix {
  Format format = Format::f32;
  std::uint64_t rows = 0, columns = 0;
  const void* values = nullptr;
};

// Keys and values of one layer: each [block][kv_head][token in block][head_dim] in f16 or f32.
// A slot is block * tokens_per_block + token in block.
struct KvCache {
  Format format = Format::f16;
  std::uint32_t tokens_per_block = 16, kv_heads = 0, head_dim = 0;
  void* keys = nullptr;
  void* values = nullptr;
};

constexpr std::uint32_t kMaxHeadDim = 256;

// One query vector that attends to the first `length` (at least 1) tokens of its sequence.
struct AttentionQuery {
  const float* query = nullptr;  // [head_dim], after rope
  float* out = nullptr;          // [head_dim]; may be the query itself
  std::uint32_t length = 1;
};

enum class RopeStyle { interleaved /* pairs (2i, 2i+1) */, half /* (i, i + rope_dim/2) */ };

struct Kernels {
  Isa isa;

  // --- matrix product, in two steps ---
  // The input is brought once into the form that a weight format multiplies with (Q8_0 and Q4_0: signed bytes
  // in blocks of 32 with a scale; else floats). A prepared form belongs to this table, the format and
  // `columns`, nothing else. Bytes per token, a multiple of 64; tokens follow each other. The buffer is
  // aligned to 64 bytes.
  std::size_t (*prepared_bytes)(Format weights, std::uint64_t columns);
  // One token: x is [columns].
  void (*prepare)(Format weights, const float* x, std::uint64_t columns, void* prepared);
  // out[t * out_stride + r] = dot(row r, token t) for rows [row_begin, row_end) and t in [0, tokens);
  // out_stride >= rows. A row's result does not depend on how rows are split over calls. Splits at multiples
  // of 16 rows are fastest.
  void (*matmul)(const Matrix& weights, const void* prepared, std::uint32_t tokens, std::uint64_t row_begin,
                 std::uint64_t row_end, float* out, std::uint64_t out_stride);

  // --- rows (an embedding's row: dequantize_row of format.h) ---
  // out = x / sqrt(mean(x^2) + epsilon) * weight; out may be x.
  void (*rms_norm)(const float* x, const float* weight, std::uint64_t n, float epsilon, float* out);
  void (*add)(float* x, const float* y, std::uint64_t n);  // x += y
  // out = silu(gate) * up; out may be either of them.
  void (*silu_multiply)(const float* gate, const float* up, std::uint64_t n, float* out);
  // In place. Entries may be -infinity as long as one is finite.
  void (*softmax)(float* x, std::uint64_t n);
  // Turns the first rope_dim values of `heads` heads that lie head_dim apart; cosines and sines are
  // [rope_dim / 2] for the token's position (rope_dim is even).
  void (*rope)(float* x, std::uint32_t heads, std::uint32_t head_dim, std::uint32_t rope_dim,
               const float* cosines, const float* sines, RopeStyle style);
  // The largest value's index, the lowest one on a tie; NaN counts as less than everything; n >= 1.
  std::uint32_t (*argmax)(const float* x, std::uint64_t n);

  // --- attention over a paged cache ---
  // Stores one token's keys and values, both [kv_heads * head_dim].
  void (*kv_write)(const KvCache& cache, std::uint64_t slot, const float* keys, const float* values);
  // out = softmax(scale * query . keys) values for each query, all against one key/value head of one
  // sequence: the heads of a group, the tokens of a prefill chunk, or both. Each query sees its own length of
  // the sequence's cache, so causality is the caller's choice of lengths. Queries next to each other in the
  // array share the reading of keys and values, best when their lengths are close. A query's result does not
  // depend on the others. block_table: the sequence's blocks in order, enough of them for the greatest
  // length.
  void (*attention)(const KvCache& cache, std::uint32_t kv_head, const std::int32_t* block_table,
                    const AttentionQuery* queries, std::uint32_t n_queries, float scale);
};

// The table of an available instruction set (of an unavailable one: the portable table).
const Kernels& kernels(Isa isa);

// Bytes of the keys (and as many of the values) of `blocks` blocks.
inline std::size_t kv_bytes(const KvCache& cache, std::uint64_t blocks) {
  const std::size_t value_bytes = cache.format == Format::f16 ? 2 : 4;
  return blocks * cache.tokens_per_block * cache.kv_heads * cache.head_dim * value_bytes;
}

}  // namespace tokenmark::cpu
