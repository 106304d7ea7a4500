// How weights of the integer-like formats (Q4_0, Q8_0, Q4_K, Q5_K, Q6_K, MXFP4, MXFP6) lie in memory once packed.
//
// A panel is 16 rows (a short last one is filled up with rows of zeros) and a sequence of chunks of 256 columns, the
// last one perhaps shorter. A chunk of n blocks of 32 columns is a header padded to 64 bytes and n blocks of values, so
// that everything is read front to back in one stream. "x[16]" below: one x for each row.
//
//   format        header                                                 a block of values
//   Q4_0          half d[n][16]                                          nibbles
//   Q8_0          half d[n][16]                                          bytes: int8
//   MXFP4         uint8 e[n][16]                                         nibbles
//   MXFP6         uint8 e[n][16]                                         nibbles, 2 upper bits
//   Q4_K          half d[16], half dmin[16], uint8 six[3][64]            nibbles
//   Q5_K          half d[16], half dmin[16], uint8 six[3][64]            nibbles, 1 upper bit
//   Q6_K          int8 scales[16][16] (of 16 columns each), half d[16]   nibbles, 2 upper bits
//
// six: byte 16 j + row of six[0] has the scale of block j in its lower six bits, six[1] that of block 4 + j, six[2] the
// minimum of block j; the upper two bits of six[0], six[1], six[2] are bits 0-1, 2-3, 4-5 of the minimum of block 4 + j.
//
// A block's 32 columns are 8 groups of 4; a group of a panel is one vector of 64 bytes, byte 4 row + k for column k of
// the group: what VNNI's and AMX's products of bytes take.
//   bytes         512 bytes: groups 0 to 7
//   nibbles       256 bytes: four vectors, vector i with group i in the low nibbles and group 4 + i in the high ones
//   1 upper bit   64 bytes: bit g belongs to group g
//   2 upper bits  128 bytes: two vectors, vector i with group 4 i + j in bits 2 j and 2 j + 1
// Values keep the codes of the file (kernels/formats/format.h): Q4_0's are 8 too much, Q6_K's 32, MX codes are E2M1
// and E2M3.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/kernels.h"

namespace tokenmark::cpu {

// Whether a format is packed this way.
bool has_packed_layout(Format format);
std::size_t packed_panel_bytes(Format format, std::uint64_t columns);
// As Kernels::pack_panel and unpack_row; the same on every instruction set.
void pack_panel_values(Format format, const void* source, std::uint64_t rows, std::uint64_t columns, void* panel);
void unpack_packed_row(const Matrix& weights, std::uint64_t row, float* out);

// What multiplies packed weights; the members mean what Kernels' prepared_kind, prepared_bytes, prepare, matmul_scratch
// and matmul mean. prepare: with at least one column. multiply: tokens lie token_bytes apart.
struct PackedProducts {
  int (*kind)(Format weights);
  std::size_t (*input_bytes)(Format weights, std::uint64_t columns);
  void (*prepare)(Format weights, const float* x, std::uint64_t columns, void* prepared);
  std::size_t (*scratch_bytes)(Format weights, std::uint64_t columns);
  void (*multiply)(const Matrix& weights, const void* prepared, std::uint64_t token_bytes, std::uint32_t tokens,
                   std::uint64_t row_begin, std::uint64_t row_end, float* out, std::uint64_t out_stride, void* scratch);
};
extern const PackedProducts kPortableProducts, kAvx2Products, kAvx512Products, kAmxProducts, kNeonProducts, kNeonDotprodProducts;

namespace {

constexpr std::uint64_t kChunkColumns = 256, kChunkBlocks = 8;

struct PackedShape {
  std::uint32_t header_bytes;        // of a chunk, whatever its blocks
  std::uint32_t header_block_bytes;  // and of each of its blocks
  std::uint32_t value_bytes;         // nibbles or bytes of a block
  std::uint32_t upper_bytes;         // and its upper bits, which follow

  constexpr std::uint64_t header(std::uint64_t blocks) const {
    return (header_bytes + blocks * header_block_bytes + 63) / 64 * 64;
  }
  constexpr std::uint64_t block() const { return value_bytes + upper_bytes; }
  constexpr std::uint64_t chunk(std::uint64_t blocks) const { return header(blocks) + blocks * block(); }
  constexpr std::uint64_t panel(std::uint64_t columns) const {
    const std::uint64_t rest = columns % kChunkColumns / 32;
    return columns / kChunkColumns * chunk(kChunkBlocks) + (rest != 0 ? chunk(rest) : 0);
  }
};

constexpr PackedShape packed_shape(Format format) {
  switch (format) {
    case Format::q4_0: return {0, 32, 256, 0};
    case Format::q8_0: return {0, 32, 512, 0};
    case Format::mxfp4: return {0, 16, 256, 0};
    case Format::mxfp6: return {0, 16, 256, 128};
    case Format::q4_k: return {64, 24, 256, 0};
    case Format::q5_k: return {64, 24, 256, 64};
    case Format::q6_k: return {32, 32, 256, 128};
    default: return {};
  }
}

}  // namespace
}  // namespace tokenmark::cpu
