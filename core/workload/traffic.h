// The kinds of requests of a workload and who gets which: traffic classes and groups that share a prefix. Immutable
// after construction, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/workload/point.h"

namespace tokenmark {

// Chooses a class for each conversation. Stratified: the n-th takes the place start + n/φ (mod 1) of the line on which
// the classes lie side by side, a sequence of low discrepancy (H. Weyl, 1916; φ the golden ratio), so that already a
// short run holds each class in its share. The seed moves the start. `weight` is a class's share of the requests:
// conversations of many turns are chosen so much more seldom.
class TrafficMix {
 public:
  TrafficMix(const Workload& workload, std::uint64_t seed);
  // Classes with every field filled in; one, without a name, where the workload has none.
  const std::vector<TrafficClass>& classes() const { return classes_; }
  std::size_t class_of(std::uint64_t conversation) const;

 private:
  std::vector<TrafficClass> classes_;
  std::vector<double> ends_;  // of the classes on the line of length 1
  std::uint64_t start_;
};

// Names, weights and lengths of workload.classes.
Status check_classes(const Workload& workload);

// Draws group g of n with probability g^-s / Σ k^-s, g and k from 1 (Zipf's law), by the exact inverse of the
// distribution function. s = 0: all alike.
class ZipfGroups {
 public:
  ZipfGroups(std::int32_t groups, double exponent);
  std::int32_t group(std::uint64_t random) const;  // 0-based

 private:
  std::int32_t groups_;
  std::vector<double> sums_;  // empty: all alike
};

}  // namespace tokenmark
