// The order in which a sweep measures its points and their repeats. What changes while a sweep runs (temperature, other
// load) meets the configurations compared: one after the other, in turn, or in turn and back.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/workload/point.h"

namespace tokenmark {

enum class SweepOrder : std::uint8_t {
  sequential,   // A A B B: the repeats of a point together
  interleaved,  // A B A B: repeats outermost
  abba,         // A B B A: every second repeat backwards, so that a steady drift meets all points alike
};
inline constexpr std::string_view kSweepOrders[] = {"sequential", "interleaved", "abba"};

// `once`: the points of one repeat.
std::vector<Point> in_order(const std::vector<Point>& once, std::int32_t repeats, SweepOrder order);

}  // namespace tokenmark
