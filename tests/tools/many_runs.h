// A store as years of work leave it: sweeps of several models on several machines, precisions, workloads and versions,
// over two years, with tags, stars, notes, failures, environments, and event logs of some. The same numbers give the
// same store but for its ids' random names.
#pragma once

#include <cstdint>

#include "core/store/store.h"

namespace tokenmark {

struct ManyRuns {
  std::int32_t runs = 100'000;
  std::int32_t logs = 1'000;        // of the last runs: each has one
  std::int32_t requests = 64;       // of a log
  std::int32_t tokens = 32;         // of a request: a message each
  std::uint32_t seed = 1;
};

// Adds them in one transaction.
Status add_many_runs(Store& store, const ManyRuns& many);

}  // namespace tokenmark
