// What was metered, as a part of the event log's binary form: every_s (f64); the number of series (u32), of each: kind,
// computes, shared (u8), least_window_s (f64), the texts source, id, name, note, the number of readings (u64), the column of
// their times and, in the order of Quantity, each quantity's column of f64 behind a byte that says whether it is there; the
// number of missing meters (u32), of each two texts. Internal to core/load.
#pragma once

#include "base/result.h"
#include "core/load/payload.h"
#include "core/telemetry/readings.h"

namespace tokenmark {

void write_metering(const Metering& metering, PayloadWriter& out);
// False: the sizes do not fit the bytes.
bool read_metering(PayloadReader& in, Metering& metering);
// What later code relies on: times in order and within ± most_ns, values that a device can have.
Status check_metering(const Metering& metering, std::int64_t most_ns);

}  // namespace tokenmark
