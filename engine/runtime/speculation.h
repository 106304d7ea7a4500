// The names that users give: of how to speculate, of the order of prompts, of the cache's format.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/runtime/scheduler.h"
#include "kernels/formats/format.h"

namespace tokenmark {

struct Speculation {
  Drafting drafting = Drafting::none;
  std::string model;  // of Drafting::model: a specification for open_model
};

Result<Speculation> parse_speculation(std::string_view text);  // "" or "none", "ngram", "mtp", "draft:MODEL"
Result<Policy> parse_policy(std::string_view text);            // "fcfs", "shortest-first"
Result<Format> parse_kv_format(std::string_view text);         // "f16", "bf16", "fp8", "q8_0", "f32"

}  // namespace tokenmark
