// What a point will send, before it is measured: on average where chance decides. Servers that cost money are paid by it.
#pragma once

#include <optional>

#include "core/workload/point.h"

namespace tokenmark {

struct TrafficSum {
  double requests = 0, warmups = 0;
  // Of requests and warm-ups. Input is all that is sent: shared prefixes, and the turns before of a conversation. A
  // conversation that the list ends within counts as a whole one's share; an answer may be shorter than it was asked for.
  double input_tokens = 0, output_tokens = 0;
};

// Nothing where a file or a scenario says how many there are, or how long.
std::optional<TrafficSum> expected_traffic(const Point& point);

}  // namespace tokenmark
