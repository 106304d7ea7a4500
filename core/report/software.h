// What a stored run says of the software and machine it ran on, as flat facts, and which state of the software that is.
// Environments come from other programs' files too: any JSON or none. Pure functions, any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/trend.h"

namespace tokenmark {

// By path. At most 4096 facts, 16 levels deep, 400 bytes each: more says nothing to a person.
using SoftwareFacts = std::map<std::string, std::string>;

// Absent: `environment` is no JSON object.
std::optional<SoftwareFacts> facts_of(std::string_view environment);
// Those of the row itself: framework, device, node, and what its configuration names (image).
void add_row_facts(const RunRow& run, SoftwareFacts& facts);

struct Framework {
  std::string name, version;         // "vllm 0.8.3", "sglang:v0.5.2-cu126", "TensorRT 10.2.0"; version may be empty
};
Framework split_framework(const std::string& framework);

// The version, commit, driver or image that the run names; the day for TrendBy::date. Empty: it does not say.
std::string software_state(const RunRow& run, const SoftwareFacts& facts, TrendBy by);

// Facts of which no value on one side is found on the other. What is about the single run (its file, its number of power
// readings) is left out.
std::vector<FactChange> difference(const std::vector<const SoftwareFacts*>& before, const std::vector<const SoftwareFacts*>& after);

}  // namespace tokenmark
