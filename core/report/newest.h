// Of more series than can be told apart, those with the newest runs. Pure functions, any thread.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "core/store/store.h"

namespace tokenmark {

// Leaves the `most` (0: all) whose last runs are the newest, in their order; how many were taken away. `last_run`: the greatest
// id among a series' runs.
template <class Series, class LastRun>
std::size_t keep_newest(Series& series, std::size_t most, LastRun last_run) {
  if (most == 0 || series.size() <= most) return 0;
  std::vector<RunId> newest;
  for (const auto& one : series) newest.push_back(last_run(one));
  std::nth_element(newest.begin(), newest.begin() + static_cast<std::ptrdiff_t>(most - 1), newest.end(), std::greater<>());
  const RunId oldest_kept = newest[most - 1];
  return erase_if(series, [&](const auto& one) { return last_run(one) < oldest_kept; });
}

inline std::string left_out_text(std::size_t left_out, std::size_t most) {
  return fmt::format("{} series left out: these are the {} with the newest runs; search for others, or choose their runs", left_out, most);
}

}  // namespace tokenmark
