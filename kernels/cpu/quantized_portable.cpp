// Products of packed weights (packed.h) in plain C++: a chunk of a panel is brought to floats once for all tokens and
// multiplied with the floats of the input, which is not rounded.
#include "kernels/cpu/vector_portable.h"
#include "kernels/cpu/packed.h"

namespace tokenmark::cpu {
namespace {

struct alignas(64) FloatChunk {
  float weights[kChunkColumns][kPanelRows];
};

// Codes of a block as packed.h lists them: [group][4 row + column of the group]. Loops that compilers turn into vectors.
void block_codes(const PackedShape& shape, const std::uint8_t* block, std::uint8_t (*codes)[64]) {
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 64; ++j) {
      const std::uint8_t pair = block[64 * i + j];
      codes[i][j] = pair & 15;
      codes[4 + i][j] = pair >> 4;
    }
  const std::uint8_t* upper = block + shape.value_bytes;
  if (shape.upper_bytes == 64)
    for (int g = 0; g < 8; ++g)
      for (int j = 0; j < 64; ++j) codes[g][j] = static_cast<std::uint8_t>(codes[g][j] | (upper[j] >> g & 1) << 4);
  if (shape.upper_bytes == 128)
    for (int g = 0; g < 8; ++g)
      for (int j = 0; j < 64; ++j)
        codes[g][j] = static_cast<std::uint8_t>(codes[g][j] | (upper[g / 4 * 64 + j] >> g % 4 * 2 & 3) << 4);
}

// What 64 codes are worth without their scale.
struct CodeValues {
  float of[64];
  explicit CodeValues(Format format) {
    for (int code = 0; code < 64; ++code) {
      const auto bits = static_cast<std::uint8_t>(code);
      of[code] = format == Format::mxfp4   ? e2m1_to_float(bits & 15)
                 : format == Format::mxfp6 ? e2m3_to_float(bits)
                                           : static_cast<float>(code - (format == Format::q4_0   ? 8
                                                                        : format == Format::q6_k ? 32
                                                                                                 : 0));
    }
  }
};

struct RowScale {
  float scale, minimum;
};

// Of 16 columns `half` of block b in a chunk.
RowScale row_scale(Format format, const std::byte* header, int b, int half, int row) {
  const auto* halves = reinterpret_cast<const std::uint16_t*>(header);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(header);
  switch (format) {
    case Format::mxfp4:
    case Format::mxfp6: return {e8m0_to_float(bytes[16 * b + row]), 0};
    case Format::q6_k:
      return {half_to_float(halves[128 + row]) * static_cast<float>(static_cast<std::int8_t>(bytes[32 * b + 16 * half + row])), 0};
    case Format::q4_k:
    case Format::q5_k: {
      const std::uint8_t* six = bytes + 64 + b % 4 * 16 + row;
      const int scale = six[b / 4 * 64] & 63;
      const int minimum = b < 4 ? six[128] & 63 : six[0] >> 6 | six[64] >> 6 << 2 | six[128] >> 6 << 4;
      return {half_to_float(halves[row]) * static_cast<float>(scale), half_to_float(halves[16 + row]) * static_cast<float>(minimum)};
    }
    default: return {half_to_float(halves[16 * b + row]), 0};
  }
}

void unpack_block(Format format, const CodeValues& values, const std::byte* header, const std::byte* block, int b,
                  FloatChunk& to) {
  const PackedShape shape = packed_shape(format);
  std::uint8_t codes[8][64];
  if (format != Format::q8_0) block_codes(shape, reinterpret_cast<const std::uint8_t*>(block), codes);
  for (int half = 0; half < 2; ++half)
    for (int r = 0; r < 16; ++r) {
      const RowScale row = row_scale(format, header, b, half, r);
      for (int c = 16 * half; c < 16 * half + 16; ++c) {
        const int at = 4 * r + c % 4;
        const float value = format == Format::q8_0 ? static_cast<float>(static_cast<std::int8_t>(block[64 * (c / 4) + at]))
                                                   : values.of[codes[c / 4][at]];
        to.weights[32 * b + c][r] = row.scale * value - row.minimum;
      }
    }
}

// `columns` products of a panel's rows with kTokens tokens, added to `out`, of which the first `rows` count.
template <int kTokens>
void multiply_floats(const FloatChunk& chunk, std::uint64_t columns, const float* x, std::uint64_t x_stride, float* out,
                     std::uint64_t out_stride, std::uint64_t rows) {
  constexpr int kVectors = static_cast<int>(kPanelRows) / Vector::kLanes;
  Vector sums[kTokens][kVectors];
  for (auto& token : sums)
    for (Vector& sum : token) sum = Vector::all(0);
  for (std::uint64_t c = 0; c < columns; ++c)
    for (int v = 0; v < kVectors; ++v) {
      const Vector weights = Vector::load(chunk.weights[c] + v * Vector::kLanes);
      for (unsigned t = 0; t < kTokens; ++t) sums[t][v] = Vector::fma(weights, Vector::all(x[t * x_stride + c]), sums[t][v]);
    }
  for (unsigned t = 0; t < kTokens; ++t) {
    float all[kPanelRows];
    for (int v = 0; v < kVectors; ++v) Vector::store(all + v * Vector::kLanes, sums[t][v]);
    for (std::uint64_t r = 0; r < rows; ++r) out[t * out_stride + r] += all[r];
  }
}

// --- PackedProducts ---

int packed_kind(Format) {
  return 0;  // floats as they are
}

std::size_t packed_input_bytes(Format, std::uint64_t columns) {
  return (columns * sizeof(float) + 63) / 64 * 64;
}

void prepare_packed(Format, const float* x, std::uint64_t columns, void* prepared) {
  if (columns != 0) std::memcpy(prepared, x, columns * sizeof(float));
}

std::size_t packed_scratch_bytes(Format, std::uint64_t) {
  return sizeof(FloatChunk);
}

void multiply_packed(const Matrix& w, const void* prepared, std::uint64_t token_bytes, std::uint32_t tokens,
                     std::uint64_t row_begin, std::uint64_t row_end, float* out, std::uint64_t out_stride, void* scratch) {
  const PackedShape shape = packed_shape(w.format);
  const CodeValues values(w.format);
  const std::uint64_t x_stride = token_bytes / sizeof(float);
  auto& unpacked = *static_cast<FloatChunk*>(scratch);
  for (std::uint64_t r = row_begin; r < row_end; r += kPanelRows) {
    const auto* chunk = static_cast<const std::byte*>(w.values) + r / kPanelRows * shape.panel(w.columns);
    const std::uint64_t rows = row_end - r < kPanelRows ? row_end - r : kPanelRows;
    for (std::uint64_t t = 0; t < tokens; ++t) std::memset(out + t * out_stride + r, 0, rows * sizeof(float));
    for (std::uint64_t c = 0; c < w.columns; c += kChunkColumns) {
      const std::uint64_t blocks = w.columns - c < kChunkColumns ? (w.columns - c) / 32 : kChunkBlocks;
      for (std::uint64_t b = 0; b < blocks; ++b)
        unpack_block(w.format, values, chunk, chunk + shape.header(blocks) + b * shape.block(), static_cast<int>(b), unpacked);
      chunk += shape.chunk(blocks);
      const float* x = static_cast<const float*>(prepared) + c;
      std::uint64_t t = 0;
      for (; tokens - t >= 2; t += 2)
        multiply_floats<2>(unpacked, 32 * blocks, x + t * x_stride, x_stride, out + t * out_stride + r, out_stride, rows);
      if (t < tokens)
        multiply_floats<1>(unpacked, 32 * blocks, x + t * x_stride, x_stride, out + t * out_stride + r, out_stride, rows);
    }
  }
}

}  // namespace

constinit const PackedProducts kPortableProducts = {packed_kind, packed_input_bytes, prepare_packed, packed_scratch_bytes,
                                                    multiply_packed};

}  // namespace tokenmark::cpu
