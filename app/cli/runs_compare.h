// `runs compare A B`: do two configurations differ? (core/metrics/compare.h)
#pragma once

#include <string>

#include "core/store/store.h"

namespace tokenmark::cli {

struct ComparedSides {
  std::string a, b;        // numbers of runs, "12" or "12,15,18"
  bool only_these = false; // without the other repeats of each run's point in its sweep
  bool as_json = false;
};
Status print_comparison(Store& store, const ComparedSides& sides);

}  // namespace tokenmark::cli
