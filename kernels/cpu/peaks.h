// The loops that `measure_ceilings` times: the densest stream of one instruction that a processor can be
// given.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tokenmark::cpu {

struct Peaks {
  void (*read)(const void* memory, std::size_t bytes);  // loads every byte; a multiple of 1024
  // Each does `rounds` times independent operations in registers and returns how many; null: no such
  // instruction.
  double (*f32)(std::uint64_t rounds) = nullptr;
  double (*bf16)(std::uint64_t rounds) = nullptr;
  double (*int8)(std::uint64_t rounds) = nullptr;
  double (*matrix_bf16)(std::uint64_t rounds) = nullptr;
  double (*matrix_int8)(std::uint64_t rounds) = nullptr;
};

const Peaks& best_peaks();

}  // namespace tokenmark::cpu
