// A vendor's library for sums over GPUs, opened at run time with prototypes of our own: NCCL, and RCCL, which has the same
// names (NCCL user guide, API of 2.4 and later). Entries give 0 or a code that `error_text` explains.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace tokenmark::gpu {

struct SumLibrary {
  static constexpr int kFloat = 7, kBf16 = 9, kSum = 0;  // ncclDataType_t, ncclRedOp_t

  // `name`: for messages.
  static Result<SumLibrary> open(const std::string& name, const std::vector<std::string>& files);

  std::string name;
  // One communicator a device, all in this process.
  int (*init_all)(void** communicators, int n, const int* devices) = nullptr;
  int (*all_reduce)(const void* values, void* out, std::size_t n, int type, int operation, void* communicator, void* stream) = nullptr;
  int (*destroy)(void* communicator) = nullptr;
  int (*abort)(void* communicator) = nullptr;  // from any thread; ends what waits for others
  const char* (*error_text)(int code) = nullptr;
};

}  // namespace tokenmark::gpu
