#include "kernels/cpu/packed.h"

#include <cstring>

namespace tokenmark::cpu {
namespace {

using Quad = std::uint32_t __attribute__((vector_size(16)));  // four groups of a row

constexpr std::uint32_t kLow = 0x0f0f0f0f, kHigh = 0xf0f0f0f0;

// What one row puts into a block: four groups in each quad; for bytes both quads, for nibbles the first alone.
struct RowBlock {
  Quad values[2];
  std::uint32_t upper[2];
};

template <class T>
T load_from(const void* p) {
  T value;
  std::memcpy(&value, p, sizeof(T));
  return value;
}

template <class T>
void store_to(void* p, const T& value) {
  std::memcpy(p, &value, sizeof(T));
}

// Bits of four groups into one word, those of group i at place i * kStep.
template <int kStep>
std::uint32_t gather_groups(Quad bits) {
  bits *= Quad{1, 1 << kStep, 1 << 2 * kStep, 1 << 3 * kStep};
  const Quad two = bits | __builtin_shuffle(bits, Quad{2, 3, 0, 1});
  return two[0] | two[1];
}

// --- A file's block of 32 columns from and to a row's block: number b of the (super-)block `from`. ---

void row_block(const BlockQ4_0& from, int, RowBlock& to) { to.values[0] = load_from<Quad>(from.q); }
void file_block(const RowBlock& from, int, BlockQ4_0& to) { store_to(to.q, from.values[0]); }

void row_block(const BlockMxfp4& from, int, RowBlock& to) { to.values[0] = load_from<Quad>(from.q); }
void file_block(const RowBlock& from, int, BlockMxfp4& to) { store_to(to.q, from.values[0]); }

void row_block(const BlockQ8_0& from, int, RowBlock& to) { std::memcpy(to.values, from.q, 32); }
void file_block(const RowBlock& from, int, BlockQ8_0& to) { std::memcpy(to.q, from.values, 32); }

// The K formats' nibbles: of 32 bytes, whose low or high halves are a block.
Quad pair_nibbles(const std::uint8_t* bytes, bool high) {
  const Quad a = load_from<Quad>(bytes), b = load_from<Quad>(bytes + 16);
  return high ? ((a >> 4) & kLow) | (b & kHigh) : (a & kLow) | ((b & kLow) << 4);
}
// Adds them to bytes that are zero there.
void part_nibbles(Quad pairs, bool high, std::uint8_t* bytes) {
  const Quad a = pairs & kLow, b = (pairs >> 4) & kLow;
  const int shift = high ? 4 : 0;
  store_to(bytes, load_from<Quad>(bytes) | a << shift);
  store_to(bytes + 16, load_from<Quad>(bytes + 16) | b << shift);
}

void row_block(const BlockQ4_K& from, int b, RowBlock& to) {
  to.values[0] = pair_nibbles(from.q + b / 2 * 32, b % 2);
}
void file_block(const RowBlock& from, int b, BlockQ4_K& to) {
  part_nibbles(from.values[0], b % 2, to.q + b / 2 * 32);
}

void row_block(const BlockQ5_K& from, int b, RowBlock& to) {
  to.values[0] = pair_nibbles(from.q + b / 2 * 32, b % 2);
  const Quad first = load_from<Quad>(from.high) >> b & 0x01010101u, last = load_from<Quad>(from.high + 16) >> b & 0x01010101u;
  to.upper[0] = gather_groups<1>(first | last << 4);
}
void file_block(const RowBlock& from, int b, BlockQ5_K& to) {
  part_nibbles(from.values[0], b % 2, to.q + b / 2 * 32);
  for (int g = 0; g < 8; ++g) {
    std::uint8_t* bytes = to.high + 4 * g;
    store_to(bytes, load_from<std::uint32_t>(bytes) | (from.upper[0] >> g & 0x01010101u) << b);
  }
}

void row_block(const BlockQ6_K& from, int b, RowBlock& to) {
  const int h = b / 4, j = b % 4;
  to.values[0] = pair_nibbles(from.low + 64 * h + 32 * (j % 2), j / 2);
  for (int i = 0; i < 2; ++i)
    to.upper[i] = gather_groups<2>(load_from<Quad>(from.high + 32 * h + 16 * i) >> 2 * j & 0x03030303u);
}
void file_block(const RowBlock& from, int b, BlockQ6_K& to) {
  const int h = b / 4, j = b % 4;
  part_nibbles(from.values[0], j / 2, to.low + 64 * h + 32 * (j % 2));
  for (int i = 0; i < 2; ++i)
    for (int g = 0; g < 4; ++g) {
      std::uint8_t* bytes = to.high + 32 * h + 16 * i + 4 * g;
      store_to(bytes, load_from<std::uint32_t>(bytes) | (from.upper[i] >> 2 * g & 0x03030303u) << 2 * j);
    }
}

// Group g's four codes of six bits are bytes 3 g to 3 g + 2.
Quad four_groups(const std::uint8_t* bytes) {
  const auto word = [&](int at) { return load_from<std::uint32_t>(bytes + at); };
  const Quad bits = {word(0), word(3), word(6), word(8) >> 8};  // the last one stays within the twelve bytes
  return (bits & 0x3f) | (bits << 2 & 0x3f00) | (bits << 4 & 0x3f0000) | (bits << 6 & 0x3f000000);
}
void row_block(const BlockMxfp6& from, int, RowBlock& to) {
  const Quad first = four_groups(from.q), last = four_groups(from.q + 12);
  to.values[0] = (first & kLow) | (last & kLow) << 4;
  to.upper[0] = gather_groups<2>(first >> 4 & 0x03030303u);
  to.upper[1] = gather_groups<2>(last >> 4 & 0x03030303u);
}
void file_block(const RowBlock& from, int, BlockMxfp6& to) {
  for (int g = 0; g < 8; ++g) {
    const std::uint32_t codes = (from.values[0][g % 4] >> g / 4 * 4 & kLow) |
                                (from.upper[g / 4] >> g % 4 * 2 & 0x03030303u) << 4;
    const std::uint32_t bits = (codes & 0x3f) | (codes >> 2 & 0xfc0) | (codes >> 4 & 0x3f000) | (codes >> 6 & 0xfc0000);
    std::memcpy(to.q + 3 * g, &bits, 3);
  }
}

// --- Headers: one row's scales from and to a chunk. ---

template <class T>
T* at(std::byte* header, std::uint64_t offset) {
  return reinterpret_cast<T*>(header + offset);
}

template <class Block>  // Q4_0, Q8_0
  requires(Block::kValues == 32 && requires(Block b) { b.d; })
void put_scales(const Block* from, std::uint64_t blocks, std::uint64_t row, std::byte* header) {
  for (std::uint64_t b = 0; b < blocks; ++b) at<std::uint16_t>(header, 32 * b)[row] = from[b].d;
}
template <class Block>
  requires(Block::kValues == 32 && requires(Block b) { b.d; })
void get_scales(std::byte* header, std::uint64_t blocks, std::uint64_t row, Block* to) {
  for (std::uint64_t b = 0; b < blocks; ++b) to[b].d = at<std::uint16_t>(header, 32 * b)[row];
}

template <class Block>  // MXFP4, MXFP6
  requires requires(Block b) { b.e; }
void put_scales(const Block* from, std::uint64_t blocks, std::uint64_t row, std::byte* header) {
  for (std::uint64_t b = 0; b < blocks; ++b) at<std::uint8_t>(header, 16 * b)[row] = from[b].e;
}
template <class Block>
  requires requires(Block b) { b.e; }
void get_scales(std::byte* header, std::uint64_t blocks, std::uint64_t row, Block* to) {
  for (std::uint64_t b = 0; b < blocks; ++b) to[b].e = at<std::uint8_t>(header, 16 * b)[row];
}

template <class Block>  // Q4_K, Q5_K
  requires requires(Block b) { b.dmin; }
void put_scales(const Block* from, std::uint64_t, std::uint64_t row, std::byte* header) {
  at<std::uint16_t>(header, 0)[row] = from->d;
  at<std::uint16_t>(header, 32)[row] = from->dmin;
  // Four blocks at a time, a byte each; how the file packs them: k_scale.
  const auto a = load_from<std::uint32_t>(from->scales), b = load_from<std::uint32_t>(from->scales + 4);
  const auto c = load_from<std::uint32_t>(from->scales + 8);
  constexpr std::uint32_t kSix = 0x3f3f3f3f, kTwo = 0x03030303;
  const std::uint32_t scales = (c & kLow) | (a >> 6 & kTwo) << 4, minima = (c >> 4 & kLow) | (b >> 6 & kTwo) << 4;
  const std::uint32_t six[3] = {(a & kSix) | (minima & kTwo) << 6, scales | (minima >> 2 & kTwo) << 6,
                                (b & kSix) | (minima >> 4 & kTwo) << 6};
  for (std::uint64_t i = 0; i < 3; ++i)
    for (std::uint64_t j = 0; j < 4; ++j)
      at<std::uint8_t>(header, 64 + 64 * i + 16 * j)[row] = static_cast<std::uint8_t>(six[i] >> 8 * j);
}
template <class Block>
  requires requires(Block b) { b.dmin; }
void get_scales(std::byte* header, std::uint64_t, std::uint64_t row, Block* to) {
  to->d = at<std::uint16_t>(header, 0)[row];
  to->dmin = at<std::uint16_t>(header, 32)[row];
  for (std::uint64_t j = 0; j < 4; ++j) {
    const std::uint8_t* six = at<std::uint8_t>(header, 64 + 16 * j + row);
    const int scale = six[64] & 63, minimum = six[0] >> 6 | six[64] >> 6 << 2 | six[128] >> 6 << 4;
    to->scales[j] = static_cast<std::uint8_t>((six[0] & 63) | (scale & 48) << 2);
    to->scales[4 + j] = static_cast<std::uint8_t>((six[128] & 63) | (minimum & 48) << 2);
    to->scales[8 + j] = static_cast<std::uint8_t>((scale & 15) | (minimum & 15) << 4);
  }
}

void put_scales(const BlockQ6_K* from, std::uint64_t, std::uint64_t row, std::byte* header) {
  for (std::uint64_t i = 0; i < 16; ++i) at<std::int8_t>(header, 16 * i)[row] = from->scales[i];
  at<std::uint16_t>(header, 256)[row] = from->d;
}
void get_scales(std::byte* header, std::uint64_t, std::uint64_t row, BlockQ6_K* to) {
  for (std::uint64_t i = 0; i < 16; ++i) to->scales[i] = at<std::int8_t>(header, 16 * i)[row];
  to->d = at<std::uint16_t>(header, 256)[row];
}

// --- Panels ---

// Four rows' quads into four vectors of 64 bytes.
void store_transposed(const Quad rows[4], std::byte* out) {
  using Index = std::int32_t __attribute__((vector_size(16)));
  const Quad ab_low = __builtin_shuffle(rows[0], rows[1], Index{0, 4, 1, 5});
  const Quad ab_high = __builtin_shuffle(rows[0], rows[1], Index{2, 6, 3, 7});
  const Quad cd_low = __builtin_shuffle(rows[2], rows[3], Index{0, 4, 1, 5});
  const Quad cd_high = __builtin_shuffle(rows[2], rows[3], Index{2, 6, 3, 7});
  store_to(out, __builtin_shuffle(ab_low, cd_low, Index{0, 1, 4, 5}));
  store_to(out + 64, __builtin_shuffle(ab_low, cd_low, Index{2, 3, 6, 7}));
  store_to(out + 128, __builtin_shuffle(ab_high, cd_high, Index{0, 1, 4, 5}));
  store_to(out + 192, __builtin_shuffle(ab_high, cd_high, Index{2, 3, 6, 7}));
}

template <Format kFormat, class Block>
struct Panels {
  static constexpr PackedShape kShape = packed_shape(kFormat);
  static constexpr std::uint64_t kFileBlocks = kChunkColumns / Block::kValues;  // in a full chunk
  static constexpr std::uint64_t kParts = Block::kValues / 32;                  // blocks of 32 in a file's block

  // `rows` hold the chunk's blocks of each row.
  static void pack_chunk(const Block (*rows)[kFileBlocks], std::uint64_t blocks, std::byte* out) {
    std::memset(out, 0, kShape.header(blocks));
    for (std::uint64_t r = 0; r < kPanelRows; ++r) put_scales(rows[r], blocks, r, out);
    out += kShape.header(blocks);
    for (std::uint64_t b = 0; b < blocks; ++b, out += kShape.block())
      for (std::uint64_t r = 0; r < kPanelRows; r += 4) {
        RowBlock four[4] = {};
        for (std::uint64_t i = 0; i < 4; ++i)
          row_block(rows[r + i][b / kParts], static_cast<int>(b % kParts), four[i]);
        for (std::uint32_t half = 0; half < kShape.value_bytes / 256; ++half) {
          const Quad quads[4] = {four[0].values[half], four[1].values[half], four[2].values[half], four[3].values[half]};
          store_transposed(quads, out + 256 * half + 4 * r);
        }
        for (std::uint32_t i = 0; i < kShape.upper_bytes / 64; ++i)
          for (std::uint64_t j = 0; j < 4; ++j)
            store_to(out + kShape.value_bytes + 64 * i + 4 * (r + j), four[j].upper[i]);
      }
  }

  static void pack(const std::byte* source, std::uint64_t rows, std::uint64_t columns, std::byte* panel) {
    const std::uint64_t row_size = columns / Block::kValues * sizeof(Block);
    Block chunk[kPanelRows][kFileBlocks] = {};  // rows that there are not stay zero
    for (std::uint64_t c = 0; c < columns; c += kChunkColumns) {
      const std::uint64_t blocks = columns - c < kChunkColumns ? (columns - c) / 32 : kChunkBlocks;
      for (std::uint64_t r = 0; r < rows; ++r) {
        const std::byte* from = source + r * row_size + c / Block::kValues * sizeof(Block);
        if (blocks == kChunkBlocks)
          std::memcpy(chunk[r], from, sizeof(chunk[r]));  // of a size that the compiler knows
        else
          std::memcpy(chunk[r], from, blocks / kParts * sizeof(Block));
      }
      pack_chunk(chunk, blocks, panel);
      panel += kShape.chunk(blocks);
    }
  }

  // One row's blocks as the file had them.
  static void unpack_chunk(std::byte* chunk, std::uint64_t blocks, std::uint64_t row, Block* out) {
    std::memset(out, 0, kFileBlocks * sizeof(Block));
    get_scales(chunk, blocks, row, out);
    chunk += kShape.header(blocks);
    for (std::uint64_t b = 0; b < blocks; ++b, chunk += kShape.block()) {
      RowBlock from{};
      for (std::uint32_t g = 0; g < kShape.value_bytes / 64; ++g)
        std::memcpy(reinterpret_cast<std::byte*>(from.values) + 4 * g, chunk + 64 * g + 4 * row, 4);
      for (std::uint32_t i = 0; i < kShape.upper_bytes / 64; ++i)
        from.upper[i] = load_from<std::uint32_t>(chunk + kShape.value_bytes + 64 * i + 4 * row);
      file_block(from, static_cast<int>(b % kParts), out[b / kParts]);
    }
  }

  static void unpack(const Matrix& w, std::uint64_t row, float* out) {
    auto* chunk = static_cast<std::byte*>(const_cast<void*>(w.values)) + row / kPanelRows * kShape.panel(w.columns);
    Block file[kFileBlocks];
    for (std::uint64_t c = 0; c < w.columns; c += kChunkColumns) {
      const std::uint64_t blocks = w.columns - c < kChunkColumns ? (w.columns - c) / 32 : kChunkBlocks;
      unpack_chunk(chunk, blocks, row % kPanelRows, file);
      dequantize_row(kFormat, file, 32 * blocks, out + c);
      chunk += kShape.chunk(blocks);
    }
  }
};

// Calls f with the panels of the format's blocks.
template <class F>
void with_panels(Format format, const F& f) {
  switch (format) {
    case Format::q4_0: return f(Panels<Format::q4_0, BlockQ4_0>());
    case Format::q8_0: return f(Panels<Format::q8_0, BlockQ8_0>());
    case Format::q4_k: return f(Panels<Format::q4_k, BlockQ4_K>());
    case Format::q5_k: return f(Panels<Format::q5_k, BlockQ5_K>());
    case Format::q6_k: return f(Panels<Format::q6_k, BlockQ6_K>());
    case Format::mxfp4: return f(Panels<Format::mxfp4, BlockMxfp4>());
    case Format::mxfp6: return f(Panels<Format::mxfp6, BlockMxfp6>());
    default: return;
  }
}

}  // namespace

bool has_packed_layout(Format format) {
  return packed_shape(format).value_bytes != 0;
}

std::size_t packed_panel_bytes(Format format, std::uint64_t columns) {
  return packed_shape(format).panel(columns);
}

void pack_panel_values(Format format, const void* source, std::uint64_t rows, std::uint64_t columns, void* panel) {
  with_panels(format, [&](auto panels) {
    panels.pack(static_cast<const std::byte*>(source), rows, columns, static_cast<std::byte*>(panel));
  });
}

void unpack_packed_row(const Matrix& weights, std::uint64_t row, float* out) {
  with_panels(weights.format, [&](auto panels) { panels.unpack(weights, row, out); });
}

}  // namespace tokenmark::cpu
