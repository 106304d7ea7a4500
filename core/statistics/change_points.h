// Where the level of a short, noisy series changes: benchmark results over versions of software.
//
// Model: values scatter around levels by the same share, so their logarithms are worked with and a change is a ratio.
// - Candidates: binary segmentation. In a part of the series the split with the largest difference of the means on both
//   sides (CUSUM, √(ab/(a + b))·|difference|) is searched over the whole part and over its halves, quarters … that overlap by
//   half (seeded intervals: S. Kovács, P. Bühlmann, H. Li, A. Munk, Biometrika 110, 249, 2023), so that a rise that is taken
//   back later is not hidden. It counts where fewer than 5 % of the shuffled parts have as large a one, and both sides are
//   searched on (the hierarchical permutation test of E-Divisive: D. Matteson, N. James, J. Am. Stat. Assoc. 109, 334, 2014,
//   as MongoDB uses it on its performance tests: D. Daly et al., ICPE 2020, doi 10.1145/3358960.3375791).
// - Then every change is put at the best split between its neighbours and tested there again; the weakest goes until all
//   hold. So p says how often values that have one level between the neighbouring changes look as much like two.
// A shuffled series has every order equally often whatever the noise looks like: outliers raise no alarms. A level has two
// values at least, and from fewer than 8 no order is rare enough: a last value alone that is out of line is not a change.
// What it takes for granted: values that do not depend on their neighbours. Where each keeps half of the deviation of the
// one before it (a machine that warms up, a disk that fills), a quarter of the series without a change are called changed.
//
// Measured (change_points_test.cpp). Series without a change in which one is found, of 1000 each:
//   normal noise, 8, 12, 20, 50 values: 1.3, 2.0, 1.8, 2.6 %; 20 values with outliers: 2.4 %, noise to one side: 1.8 %
// One step in normal noise of 3 %, found alone (of 400 each), of those at its place or next to it, and with it in the interval:
//   20 values, middle: of 10 %: 96, 98, 95 %; of 5 %: 66, 83, 96 %; of 3 %: 19, 55, 75 % (what is found of small ones is what
//     looked large)
//   20 values, the last 3, the last 2: of 10 %: 94, 98, 96 % and 76, 98, 94 %
//   8 and 12 values, middle: of 10 %: 64, 100, 93 % and 98, 97, 96 %; 50 values, middle, of 3 %: 55, 52, 91 %
// A rise of 10 % in noise of 2 % for 7 of 21 values that is taken back: both changes found in 94 %.
// Pure functions, any thread. 1000 values take about 0.1 s.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/statistics/statistics.h"

namespace tokenmark {

inline constexpr std::size_t kFewestForChanges = 8;

struct ChangePoint {
  std::size_t at = 0;        // the first value of the new level
  double change = 0;         // new level ÷ old level − 1
  Interval interval;         // of it at 95 %, given the place: Student's t, scatter of all levels together
  double p = 1;              // at least 0.001, the share that 999 shuffles resolve
};

struct Level {
  std::size_t from = 0, to = 0;   // [from, to)
  double value = 0;               // geometric mean
};

struct Levels {
  std::vector<Level> levels;          // one where nothing changes; none of an empty series
  std::vector<ChangePoint> changes;   // one less than levels
};

// Values in their order, all finite and above 0; the same ones give the same answer. Nothing where one is not.
std::optional<Levels> find_levels(const std::vector<double>& values);

}  // namespace tokenmark
