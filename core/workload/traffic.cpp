#include "core/workload/traffic.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/workload/exact_math.h"
#include "core/statistics/random.h"

namespace tokenmark {

TrafficMix::TrafficMix(const Workload& workload, std::uint64_t seed) : classes_(workload.classes), start_(seed) {
  if (classes_.empty()) classes_.emplace_back();
  double sum = 0;
  for (TrafficClass& one : classes_) {
    if (one.input == 0) one.input = workload.input;
    if (one.output == 0) one.output = workload.output;
    if (one.prefix < 0) one.prefix = workload.prefix;
    if (one.turns == 0) one.turns = workload.turns;
    ends_.push_back(sum += one.weight / one.turns);
  }
  for (double& end : ends_) end /= sum;
}

std::size_t TrafficMix::class_of(std::uint64_t conversation) const {
  if (classes_.size() == 1) return 0;
  const double place = unit(start_ + conversation * 0x9E3779B97F4A7C15ull);  // 2^64/φ
  const auto found = std::upper_bound(ends_.begin(), ends_.end(), place);
  return std::min(static_cast<std::size_t>(found - ends_.begin()), classes_.size() - 1);
}

Status check_classes(const Workload& workload) {
  std::set<std::string> names;
  double sum = 0;
  for (const TrafficClass& one : workload.classes) {
    if (!names.insert(one.name).second)
      return fail(ErrorKind::invalid_input, "workload.classes has two classes named '{}'", one.name);
    if (!(one.weight >= 0) || !std::isfinite(one.weight))
      return fail(ErrorKind::invalid_input, "workload.classes: the weight of '{}' is {} but must be 0 or more", one.name, one.weight);
    sum += one.weight;
  }
  if (!workload.classes.empty() && sum <= 0)
    return fail(ErrorKind::invalid_input, "workload.classes: the weights are all 0, so no class would be asked");
  return {};
}

ZipfGroups::ZipfGroups(std::int32_t groups, double exponent) : groups_(groups) {
  if (groups == 1 || exponent == 0) return;
  double sum = 0;
  sums_.reserve(static_cast<std::size_t>(groups));
  for (std::int32_t g = 1; g <= groups; ++g) sums_.push_back(sum += exact_exp(-exponent * exact_log(g)));
}

std::int32_t ZipfGroups::group(std::uint64_t random) const {
  if (sums_.empty()) return static_cast<std::int32_t>(below(random, static_cast<std::uint64_t>(groups_)));
  const auto found = std::upper_bound(sums_.begin(), sums_.end(), unit(random) * sums_.back());
  return std::min(static_cast<std::int32_t>(found - sums_.begin()), groups_ - 1);
}

}  // namespace tokenmark
