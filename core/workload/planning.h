// What the ways to plan (random requests, rows of a file) share. Within this folder only.
#pragma once

#include <limits>

#include "core/workload/requests.h"

namespace tokenmark {

// Streams of the workload's seed; warm-ups have their own (the same numbers + kWarmup), so their number changes nothing
// in the measurement.
inline constexpr std::uint64_t kInput = 1, kOutput = 2, kPrompt = 3, kArrival = 4, kThink = 5, kGroup = 6, kPrefix = 7,
                               kClass = 8, kRow = 9, kWarmup = 16;
inline constexpr std::int64_t kMaxPlanned = 10'000'000;

// Prompts come from a stream of their own for each concurrency and repeat: no run finds its prompts in a server's cache.
std::uint64_t prompt_stream(const Point& point);
std::int64_t warmup_requests(const Load& load);
// At most so many; kMaxPlanned where the time alone ends the measurement.
std::int64_t most_requests(const Load& load);
// Nanoseconds between an answer and the turn of this number.
std::int64_t think_time_ns(const Workload& workload, std::int64_t number);

// Warm-ups and requests of random tokens. Warm-ups are single requests, of prefixes and conversations that the
// measurement does not meet.
void plan_warmups(const Point& point, Plan& plan);
Status plan_random(const Point& point, Plan& plan);
// Rows of workload.file, in its order (sharegpt: shuffled by the seed) and from its beginning again where more are asked
// for; a trace's by time, and no more than it has. Warm-ups are random tokens, so that no row is met twice.
Status plan_file(const Point& point, const Tokenizer* tokenizer, Plan& plan);
// Every row once, in the file's order (sharegpt: as above): the samples of an MLPerf run. Conversations are refused.
Status plan_each_row(const Point& point, const Tokenizer* tokenizer, Plan& plan);

}  // namespace tokenmark
