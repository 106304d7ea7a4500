// A table of measured choices as a text that people can read: a head that says what it holds for, then a line a choice with
// its time and the rule's. Files may be edited or broken: every number is checked, errors name line and value. Pure functions.
//
//   tokenmark tuning table 1
//   device        NVIDIA H200
//   architecture  sm_90
//   driver        CUDA 13.0, module 580.65.06
//   kernels       5b1e0c77a2d94f10
//   product       q4_0 1 6144 4096 1 gemv 1 396 2 4096 9.81 10.53
//   groups        mxfp4 16 128 4 2880 8 55.1 60.2
//   attention     f16 8 32 8 128 128 6 20.4 22.9
// Empty lines and those that begin with # are passed over.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "kernels/gpu/tuning/tuning.h"

namespace tokenmark::gpu {

// What measurements hold for; another one makes a table stale.
struct TuningHead {
  std::string device, architecture, driver;
  std::string kernels;  // kernel_sources()
};

// A hash of the kernels' sources that this program was built with.
std::string kernel_sources();

std::string table_text(const TuningHead& head, const TuningTable& table);
// Errors: unavailable: the table is of something else than `head`, and of what; invalid_input: a line that is none.
Result<TuningTable> read_table(std::string_view text, const TuningHead& head);

// Choices of the same shapes are `more`'s.
void merge(TuningTable& into, const TuningTable& more);

struct TuningSummary {
  std::uint32_t choices = 0, changed = 0;     // measured; faster than the rule
  double mean_gain = 1, largest_gain = 1;     // rule's time / time, of the changed ones: geometric mean, and largest
};
TuningSummary summarize(const TuningTable& table);

}  // namespace tokenmark::gpu
