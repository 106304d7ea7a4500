// What MLPerf's result files say of systems, and how a published result is a figure of ours. Internal to core/exchange.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/metrics/figures.h"

namespace tokenmark {

inline constexpr const char* kWallPower = "wall power of the system, by MLPerf's rules";

// Catalogue key of an accelerator by its name ("NVIDIA H200-SXM-141GB": "h200"); the name itself where it is none, or
// where there are several kinds.
std::string hardware_key(const std::string& name);

// Accelerators of a system: the sum of "(xN)" in the name, else the total that the file gives, else those of the only
// node. Never nodes × accelerators a node: there are systems with a part left out. 0: unknown.
std::int32_t accelerator_count(const std::string& name, std::optional<std::int64_t> nodes, std::optional<std::int64_t> per_node,
                               std::optional<std::int64_t> total);

// A published value under its unit: tokens/s, samples/s, or a latency (SingleStream: p90; MultiStream: p99). False for a
// unit that is not known.
bool set_published_result(const std::string& scenario, double value, const std::string& units, Figures& figures);

}  // namespace tokenmark
