// The side of a meter's own process: opens one source and talks over two descriptors, a line of JSON per message. The other
// side is metering.cpp.
//
//   ← {"devices": [{"kind": …, "id": …, …}]}      or {"missing": "why"}, and the process ends
//   → start EVERY_NS DEVICE DEVICE …              ← {"reading": [device, at_ns, value or null, … in the order of Quantity]} …
//   → stop                                        ← one more reading of each, then {"stopped": [[device, quantity, count,
//                                                    value], …]}: what was left out of the readings because it cannot be
//   (the end of input: the process ends, even where the source hangs)
#pragma once

#include "core/telemetry/meter.h"

namespace tokenmark {

Status serve_meter(const MeterSource& source, const MeterPlaces& places, int in, int out);

}  // namespace tokenmark
