// Sums over GPUs through memory that all of them see (all_reduce_arguments.h). In one step every rank reads everything of
// all ranks: least time for few values. In two, every rank sums its share and the others collect it, which moves
// 2 (ranks - 1) / ranks of the bytes as a ring does, with two waits in place of 2 (ranks - 1).
#pragma once

#include "kernels/gpu/all_reduce_arguments.h"
#include "kernels/gpu/device.h"
#include "kernels/gpu/numbers.h"

namespace TM_GPU_NAMESPACE {

struct FloatPiece {
  static constexpr int kValues = 4;
  TM_DEVICE static Bytes16 make(const float* v) { return {{float_to_bits(v[0]), float_to_bits(v[1]), float_to_bits(v[2]), float_to_bits(v[3])}}; }
  TM_DEVICE static float value(const Bytes16& piece, int i) { return bits_to_float(piece.word[i]); }
};
struct Bf16Piece {
  static constexpr int kValues = 8;
  TM_DEVICE static Bytes16 make(const float* v) { return pack8_bf16(v); }
  TM_DEVICE static float value(const Bytes16& piece, int i) { return from_bf16(static_cast<std::uint16_t>(piece.word[i / 2] >> i % 2 * 16)); }
};

template <class Piece, bool kTwoSteps>
struct AllReduce {
  using Args = AllReduceArguments;
  static constexpr int kThreads = 512;
  static constexpr bool kBlocksMeet = true;  // those of one number, of all GPUs
  static constexpr std::uint32_t kLooks = 256;  // for the others, between looks at the host's memory
  enum Stage : std::uint32_t { give = 1, sum = 2, collect = 4 };

  TM_DEVICE static void run(const Args& args) {
    AllReduce block(args);
    const std::uint64_t pieces = args.n / Piece::kValues;
    // A share is a rank's part of the pieces; in one step there is one for all.
    const std::uint64_t shares = kTwoSteps ? args.ranks : 1, share = (pieces + shares - 1) / shares;
    if (args.stages & give) {
      for (std::uint64_t s = 0; s < shares; ++s)
        block.each(s * share, least(pieces, (s + 1) * share), [&](std::uint64_t p) {
          store16(block.given(args.rank) + p * 16, Piece::make(args.values + p * Piece::kValues));
        });
      block.announce(0);
    }
    if (args.stages & sum) {
      block.wait(0);
      const std::uint64_t first = kTwoSteps ? args.rank * share : 0;
      block.each(first, least(pieces, first + share), [&](std::uint64_t p) {
        float values[Piece::kValues];
        block.sum_of_ranks(p, values);
        if constexpr (kTwoSteps) store16(block.summed(args.rank) + p * 16, Piece::make(values));
        else block.put(p, values);
      });
      if constexpr (kTwoSteps) block.announce(1);
      else block.end();
    }
    if (kTwoSteps && args.stages & collect) {
      block.wait(1);
      for (std::uint32_t r = 0; r < args.ranks; ++r)
        block.each(r * share, least(pieces, (r + 1) * share), [&](std::uint64_t p) {
          const Bytes16 piece = load16(block.summed(r) + p * 16);
          float values[Piece::kValues];
          for (int i = 0; i < Piece::kValues; ++i) values[i] = Piece::value(piece, i);
          block.put(p, values);
        });
      block.end();
    }
  }

 private:
  static constexpr std::uint64_t kFlags = kMeetings * kReduceBlocks * kMostRanks, kHeader = (kFlags + kReduceBlocks) * 4;

  TM_DEVICE explicit AllReduce(const Args& a) : args(a), number_(*count() + 1) {}

  TM_DEVICE static std::uint64_t least(std::uint64_t a, std::uint64_t b) { return a < b ? a : b; }
  TM_DEVICE void put(std::uint64_t p, const float* values) const {
    float* out = args.out + p * Piece::kValues;
    for (int i = 0; i < Piece::kValues; ++i) out[i] = args.replaces ? values[i] : out[i] + values[i];
  }
  TM_DEVICE std::uint32_t* flag(std::uint32_t owner, std::uint32_t meeting, std::uint32_t from) const {
    return reinterpret_cast<std::uint32_t*>(args.regions[owner]) + (meeting * kReduceBlocks + block_index().x) * kMostRanks + from;
  }
  TM_DEVICE std::uint32_t* count() const { return reinterpret_cast<std::uint32_t*>(args.regions[args.rank]) + kFlags + block_index().x; }
  TM_DEVICE unsigned char* given(std::uint32_t rank) const { return args.regions[rank] + kHeader + number_ % 2 * args.pieces * 16; }
  TM_DEVICE unsigned char* summed(std::uint32_t rank) const { return args.regions[rank] + kHeader + (2 + number_ % 2) * args.pieces * 16; }

  // This block's pieces of [begin, end).
  template <class Each>
  TM_DEVICE static void each(std::uint64_t begin, std::uint64_t end, Each f) {
    for (std::uint64_t p = begin + block_index().x * kThreads + thread_index(); p < end; p += std::uint64_t{kReduceBlocks} * kThreads) f(p);
  }
  // In the order of ranks, so that all get the same.
  TM_DEVICE void sum_of_ranks(std::uint64_t p, float* values) const {
    for (int i = 0; i < Piece::kValues; ++i) values[i] = 0;
    for (std::uint32_t r = 0; r < args.ranks; ++r) {
      const Bytes16 piece = load16(given(r) + p * 16);
      for (int i = 0; i < Piece::kValues; ++i) values[i] += Piece::value(piece, i);
    }
  }
  TM_DEVICE void announce(std::uint32_t meeting) const {
    sync_block();
    if (thread_index() < args.ranks) signal_system(flag(thread_index(), meeting, args.rank), number_);
  }
  TM_DEVICE void wait(std::uint32_t meeting) const {
    if (thread_index() < args.ranks)
      for (std::uint32_t looks = 1; static_cast<std::int32_t>(observe_system(flag(args.rank, meeting, thread_index())) - number_) < 0; ++looks)
        if (looks % kLooks == 0 && args.stopped && observe_system(args.stopped) != 0) break;  // what comes of it nobody reads
    sync_block();
  }
  TM_DEVICE void end() const {
    sync_block();
    if (thread_index() == 0) *count() = number_;
  }

  const Args& args;
  std::uint32_t number_;  // of this sum
};

struct Narrow {
  using Args = NarrowArguments;
  static constexpr int kThreads = 256;

  TM_DEVICE static void run(const Args& args) {
    const std::uint64_t i = (std::uint64_t{block_index().x} * kThreads + thread_index()) * 8;
    if (i >= args.n) return;
    const Bytes16 halves[] = {load16(args.values + i), load16(args.values + i + 4)};
    float values[8];
    for (int k = 0; k < 8; ++k) values[k] = FloatPiece::value(halves[k / 4], k % 4);
    store16(args.out + i, Bf16Piece::make(values));
  }
};

struct AddNarrow {
  using Args = AddNarrowArguments;
  static constexpr int kThreads = 256;

  TM_DEVICE static void run(const Args& args) {
    const std::uint64_t begin = (std::uint64_t{block_index().x} * kThreads + thread_index()) * 8;
    if (begin >= args.n) return;
    const Bytes16 piece = load16(args.values + begin);
    for (int half = 0; half < 2; ++half) {
      float* const out = args.out + begin + 4 * half;
      const Bytes16 before = load16(out);
      float values[4];
      for (int i = 0; i < 4; ++i) values[i] = FloatPiece::value(before, i) + Bf16Piece::value(piece, 4 * half + i);
      store16(out, FloatPiece::make(values));
    }
  }
};

}  // namespace TM_GPU_NAMESPACE
