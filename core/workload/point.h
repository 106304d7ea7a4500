// A point: one configuration of target, workload and load, measured once per repeat. Plain values; the JSON form
// (point_json.h) is what sweep files expand to, agents receive and the store keeps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tokenmark {

// The embedded engine in the agent's process. 0 and empty mean the engine's own default.
struct EngineTarget {
  std::string model;             // path or "shape:NAME:FORMAT", as seen on the node
  std::string device = "cpu";
  std::uint32_t threads = 0;
  std::vector<std::uint32_t> cores;
  std::string kernels;
  std::int32_t max_sequences = 0;
  std::int32_t step_tokens = 0;
  std::int32_t tokens_per_block = 0;
  std::int32_t context = 0;
  std::string kv_format;         // "f16", "bf16", "fp8", "q8_0", "f32"
  // Scheduling; the meaning of each is SchedulerOptions' (engine/runtime/scheduler.h).
  std::string prefix_cache;      // "on" (the default) or "off"; every measurement begins with an empty one
  std::string policy;            // "fcfs", "shortest-first"
  double admission_free = 0;
  double chunk_slowdown = 0;
  std::string speculate;         // "ngram", "mtp", "draft:MODEL"; "none" is the same as empty
  std::int32_t draft_tokens = 0;
  bool operator==(const EngineTarget&) const = default;
};

// An OpenAI-compatible server that is already running.
struct EndpointTarget {
  std::string url;               // "http://127.0.0.1:8000"
  std::string model;
  std::string api = "completions";  // or "chat"
  std::string api_key_env;       // name of the variable; the key itself is never stored
  std::string tokenizer;         // path or shape whose vocabulary makes the prompts; empty: prompts are sent as token ids
  std::int32_t gpus = 0;         // accelerators behind it; 0: unknown, per-GPU figures are absent
  std::string hardware;          // catalogue key ("h200"), empty: unknown
  bool operator==(const EndpointTarget&) const = default;
};

using Target = std::variant<EngineTarget, EndpointTarget>;

// Random prompts of exact token length. Range ratio r: lengths uniform in [floor(r·L), L] (InferenceX's semantics),
// input and output drawn independently.
struct Workload {
  std::int32_t input = 128;
  std::int32_t output = 128;
  double range_ratio = 1.0;
  std::uint64_t seed = 0;
  bool operator==(const Workload&) const = default;
};

// Closed loop: `concurrency` requests in flight, a new one sent when one ends.
struct Load {
  std::int32_t concurrency = 1;
  std::int32_t requests_per_concurrency = 10;
  std::int32_t warmups_per_concurrency = 2;
  std::int32_t min_requests = 0;       // at least so many requests, whatever the concurrency
  bool operator==(const Load&) const = default;
};

// Service limits for goodput, in seconds; absent: not a limit.
struct Limits {
  std::optional<double> ttft_s, tpot_s, itl_s, e2e_s;
  bool operator==(const Limits&) const = default;
};

struct StopRules {
  double failed_share = 0.05;   // more failures than this end the point as failed
  double timeout_s = 3600;      // of one point
  bool operator==(const StopRules&) const = default;
};

struct Point {
  Target target;
  Workload workload;
  Load load;
  Limits limits;
  StopRules stop;
  std::int32_t repeat = 0;      // 0-based
  bool operator==(const Point&) const = default;
};

}  // namespace tokenmark
