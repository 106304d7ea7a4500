// What this machine reaches at best, measured now with a given number of threads: the yardstick beside every
// speed.
#pragma once

#include <cstdint>
#include <vector>

namespace tokenmark::cpu {

struct Ceilings {
  double memory_gb_s = 0;   // reading memory larger than the caches, 10^9 B/s
  double f32_gflop_s = 0;   // fused multiply-adds count twice
  double bf16_gflop_s = 0;  // dot products of bf16 pairs; 0: no such instruction
  double int8_gop_s = 0;    // dot products of bytes; 0: no such instruction
  double matrix_bf16_gflop_s = 0, matrix_int8_gop_s = 0;  // the same in tiles (AMX); 0: no such unit
};

// Takes a few seconds and up to 1 GiB (less where less is free). `threads` of 0 means one per core of the
// process; with `cores` thread i is pinned to cores[i % cores.size()].
Ceilings measure_ceilings(std::uint32_t threads, const std::vector<std::uint32_t>& cores = {});

}  // namespace tokenmark::cpu
