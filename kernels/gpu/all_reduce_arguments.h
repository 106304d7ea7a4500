// Sums over GPUs that see each other's memory, and what every GPU sets aside for them. Plain structs, shared by kernels and
// host.
//
// An exchange region of a GPU, zeroed before the first use:
//   flags     [kMeetings]  [kReduceBlocks][kMostRanks]   the number of the sum that a rank's block has come to; written by
//                                                       that rank, waited for by the region's owner
//   counts    [kReduceBlocks]                           sums done so far, the owner's own
//   given     [2][pieces]                               what the owner gives to a sum, for every other sum
//   summed    [2][pieces]                               its share of the sums (two-step only)
// A piece is 16 bytes: 4 floats or 8 values in BF16. Blocks with equal numbers meet, no others: what a block reads, blocks of
// its number wrote. That a region's place is free when it is given to again follows from there being two of it: a rank comes
// to sum n + 2 only when all have come to n + 1, and hence are done with n.
#pragma once

#include <cstdint>

namespace tokenmark::gpu {

constexpr std::uint32_t kMostRanks = 8, kReduceBlocks = 32, kMeetings = 2;

struct AllReduceArguments {
  unsigned char* regions[kMostRanks] = {};   // of all ranks, mapped into this GPU's addresses
  const float* values = nullptr;             // [n] this rank's
  float* out = nullptr;                      // [n] += the sum over ranks, which is the same to the bit on all; may be `values` if replaced
  std::uint64_t n = 0;                       // a multiple of 8
  std::uint64_t pieces = 0;                  // that a region has room for
  const std::uint32_t* stopped = nullptr;    // in memory of the host that GPUs see: not 0 once a rank will never come; or null
  std::uint32_t rank = 0, ranks = 0;
  std::uint32_t replaces = 0;                // 1: out = the sum
  std::uint32_t stages = 7;                  // bits: give, sum, collect. All of them, but where GPUs run one after another (tests)
};  // kReduceBlocks blocks, all of which must run at the same time

// What a vendor's library sums travels as BF16: out[i] = values[i]; n a multiple of 8.
struct NarrowArguments {
  const float* values = nullptr;
  std::uint16_t* out = nullptr;
  std::uint64_t n = 0;
};  // as many blocks as there is work for, of 2048 values each

// out[i] += values[i]; n a multiple of 8.
struct AddNarrowArguments {
  const std::uint16_t* values = nullptr;
  float* out = nullptr;
  std::uint64_t n = 0;
};  // as above

}  // namespace tokenmark::gpu
