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
  std::string device = "cpu";   // or several of one kind, which the model is split over: "cuda:0-3"
  std::int32_t replicas = 1;     // copies of the model that share the devices equally
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

// A server that is already running.
struct EndpointTarget {
  std::string url;               // "http://127.0.0.1:8000"
  std::string model;
  std::string api = "completions";  // a name of core/load/api.h: "chat", "responses", "embeddings", "tgi", …
  std::string api_key_env;       // name of the variable; the key itself is never stored
  std::string tokenizer;         // path or shape whose vocabulary makes the prompts; empty: prompts are sent as token ids
  std::int32_t gpus = 0;         // accelerators behind it; 0: unknown, per-GPU figures are absent
  std::string hardware;          // catalogue key ("h200"), empty: unknown
  std::string api_key_file;      // a file that holds the key, read where the requests are sent from
  std::string stream = "on";     // or "off": the whole answer in one message
  std::string http = "1.1";      // or "2"
  std::string proxy;             // "http://…", "none"; empty: as the environment says, never for this machine
  std::string ca_file;           // certificates to trust besides the system's
  std::string tls_verify = "on"; // or "off"
  std::string extra;             // a JSON object whose members are added to every request's body (null: taken out)
  double poll_s = 1;             // of jobs that are asked for (videos): time between two questions
  bool operator==(const EndpointTarget&) const = default;
};

using Target = std::variant<EngineTarget, EndpointTarget>;

// One kind of request in mixed traffic; what it does not name is as in the workload it belongs to.
struct TrafficClass {
  std::string name;
  double weight = 1;             // its share of the requests is weight ÷ sum of weights
  std::int32_t input = 0, output = 0;   // 0: as the workload's
  std::int32_t prefix = -1, turns = 0;  // -1, 0: as the workload's
  bool operator==(const TrafficClass&) const = default;
};

// What is asked. `lengths` names the meaning of input, output and range_ratio r (core/workload/lengths.h).
struct Workload {
  std::int32_t input = 128;
  std::int32_t output = 128;
  double range_ratio = 1.0;
  std::uint64_t seed = 0;
  std::string lengths = "inferencex";  // "vllm", "sglang", "lognormal"
  double deviation = 0;                // lognormal: standard deviation ÷ mean of the lengths
  // Where prompts come from: "random" tokens, or a file: "sharegpt", "jsonl", "csv", "mooncake", "azure", "burstgpt", "agent".
  std::string source = "random";
  std::string file;
  std::string columns;                 // of jsonl and csv: "prompt=question,output=answer_tokens"
  std::int32_t prefix = 0;             // tokens that the prompts of a group share at their start; on top of input
  std::int32_t prefix_groups = 1;
  double prefix_zipf = 0;              // exponent of the groups' popularity; 0: all alike
  std::int32_t turns = 1;              // of a conversation; each turn's prompt holds the turns before it
  double think_s = 0;                  // between an answer and the next turn: mean of an exponential distribution
  std::vector<TrafficClass> classes;   // empty: all requests are of one kind
  bool operator==(const Workload&) const = default;
};

// When it is asked. Closed loop: `concurrency` requests in flight, a new one sent when one ends. Open loop: at times
// fixed before the run (core/workload/arrivals.h), whatever the server does.
struct Load {
  std::int32_t concurrency = 1;
  std::int32_t requests_per_concurrency = 10;
  std::int32_t warmups_per_concurrency = 2;
  std::int32_t min_requests = 0;       // at least so many requests, whatever the concurrency
  std::string arrivals = "closed";     // "constant", "poisson", "gamma", "trace"
  double rate = 0;                     // open loop: requests a second, at the start of a ramp
  double burstiness = 1;               // gamma: shape of the gaps; 1 is Poisson, below it burstier
  std::int32_t burst = 1;              // requests that arrive together; the rate stays
  std::string ramp;                    // "linear", "exponential": to rate_end over duration_s
  double rate_end = 0;
  std::string stages;                  // "5:30,10:30": 5 requests a second for 30 s, then 10; instead of rate
  double time_scale = 1;               // traces: their gaps times this
  std::int32_t max_in_flight = 0;      // open loop: arrivals beyond wait for a place (and show as send lag); 0: no limit
  std::int32_t requests = 0;           // measured ones; 0: as the rules above give
  double duration_s = 0;               // nothing is sent later than this after the measurement began; 0: no limit
  std::int32_t client_threads = 1;     // event loops of the load generator
  std::vector<std::uint32_t> client_cores;  // they are pinned to; empty: free
  // MLPerf (core/workload/mlperf.h): "single-stream", "multi-stream", "server", "interactive", "offline"
  std::string scenario;
  std::string mlperf_round = "v6.0";
  std::string mlperf_benchmark;        // "llama2-70b": whose limits hold
  std::string mlperf_mode = "performance";  // "accuracy"
  std::string keep_answers;            // "on": the texts of the answers are kept in the log
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
  double request_timeout_s = 0; // a request that is not answered by then has failed; 0: only the point's limit holds
  std::int32_t max_failed = 0;  // so many failures end the measurement at once, what was measured is kept; 0: no such rule
  // Ends the measurement once the 95 % interval of this figure ("ttft_p99") is at most ± precision of its value.
  std::string precise_figure;
  double precision = 0.05;
  bool operator==(const StopRules&) const = default;
};

// Power and other telemetry of the machine that the requests are sent from (core/telemetry).
struct PowerMeters {
  std::string meter = "auto";         // "auto": where the target is on that machine; "on", "off"
  std::vector<std::string> devices;   // PCI ids ("0000:41:00.0") of the accelerators that the target computes on;
                                      // empty: of the engine its own, of an endpoint all that are there
  double every_s = 0.1;               // between two readings
  bool operator==(const PowerMeters&) const = default;
};

struct Point {
  Target target;
  Workload workload;
  Load load;
  Limits limits;
  StopRules stop;
  PowerMeters power;
  std::int32_t repeat = 0;      // 0-based
  bool operator==(const Point&) const = default;
};

}  // namespace tokenmark
