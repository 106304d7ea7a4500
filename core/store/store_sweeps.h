// What the store knows of sweeps and of how long points took. Blocks; the threads of the Store hold.
#pragma once

#include "core/store/store.h"

namespace tokenmark {

// How long a point took: what estimates are made of.
struct PastPoint {
  std::string configuration_key, node;
  double duration_s = 0;
  std::optional<double> ttft_p50_s, tpot_p50_s;
};

Result<SweepRow> find_sweep(Store& store, SweepId id);   // an error where there is none

}  // namespace tokenmark
