// The table of kernels, made of the including translation unit's Vector and products of floats (floats_*.h) and of some
// set's products of packed weights.
#pragma once

#include "kernels/cpu/attention.h"
#include "kernels/cpu/kv_write.h"
#include "kernels/cpu/packed.h"
#include "kernels/cpu/tables.h"

namespace tokenmark::cpu {
namespace {

// A format is one of the float formats (is_float_format) or has the packed layout of packed.h.
std::size_t panel_bytes(Format format, std::uint64_t columns) {
  return is_float_format(format) ? float_panel_bytes(format, columns) : packed_panel_bytes(format, columns);
}

void pack_panel(Format format, const void* source, std::uint64_t rows, std::uint64_t columns, void* panel) {
  is_float_format(format) ? pack_float_panel(format, source, rows, columns, panel)
                          : pack_panel_values(format, source, rows, columns, panel);
}

void unpack_row(const Matrix& w, std::uint64_t row, float* out) {
  is_float_format(w.format) ? unpack_float_row(w, row, out) : unpack_packed_row(w, row, out);
}

// The float formats' kinds are small, the others' are above.
template <const PackedProducts& kPacked>
int prepared_kind(Format format) {
  return is_float_format(format) ? float_kind(format) : 100 + kPacked.kind(format);
}

template <const PackedProducts& kPacked>
std::size_t prepared_bytes(Format format, std::uint64_t columns) {
  return is_float_format(format) ? float_prepared_bytes(format, columns) : kPacked.input_bytes(format, columns);
}

template <const PackedProducts& kPacked>
void prepare(Format format, const float* x, std::uint64_t columns, void* prepared) {
  if (columns == 0) return;
  is_float_format(format) ? prepare_floats(format, x, columns, prepared) : kPacked.prepare(format, x, columns, prepared);
}

template <const PackedProducts& kPacked>
std::size_t matmul_scratch(Format format, std::uint64_t columns) {
  return is_float_format(format) ? float_scratch(format, columns) : kPacked.scratch_bytes(format, columns);
}

template <const PackedProducts& kPacked>
void matmul(const Matrix& w, const void* prepared, std::uint32_t tokens, std::uint64_t row_begin,
            std::uint64_t row_end, float* out, std::uint64_t out_stride, void* scratch) {
  is_float_format(w.format) ? matmul_floats(w, prepared, tokens, row_begin, row_end, out, out_stride, scratch)
                            : kPacked.multiply(w, prepared, kPacked.input_bytes(w.format, w.columns), tokens, row_begin,
                                               row_end, out, out_stride, scratch);
}

template <const PackedProducts& kPacked>
constexpr Kernels make_table(Isa isa) {
  return {.isa = isa,
          .panel_bytes = panel_bytes,
          .pack_panel = pack_panel,
          .unpack_row = unpack_row,
          .prepared_kind = prepared_kind<kPacked>,
          .prepared_bytes = prepared_bytes<kPacked>,
          .prepare = prepare<kPacked>,
          .matmul = matmul<kPacked>,
          .matmul_scratch = matmul_scratch<kPacked>,
          .rms_norm = rms_norm,
          .add = add,
          .silu_multiply = silu_multiply,
          .swiglu_clamped = swiglu_clamped,
          .add_scaled = add_scaled,
          .softmax = softmax,
          .rope = rope,
          .argmax = argmax,
          .kv_write = kv_write,
          .attention = attention,
          .attention_scratch = attention_scratch,
          .merge_attention = merge_attention};
}

}  // namespace
}  // namespace tokenmark::cpu
