// A server looked at before it is measured: which models it serves, and one trial request, the same that a load sends,
// with its timing. Blocks in the calling thread, with time limits; what the server says is foreign and limited in size.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/workload/point.h"

namespace tokenmark {

struct ProbeLimits {
  double connect_s = 10, answer_s = 60;
};

// One call as the wire saw it. Times are from its start; absent: it did not get that far.
struct ProbeCall {
  std::string url;
  int status = 0;                                            // 0: no answer came
  std::vector<std::pair<std::string, std::string>> headers;  // of the answer, at most 100
  std::optional<double> connected_s, headers_s, end_s;
  std::string problem;                                       // why it failed and what to do; empty: it did not
  bool ok() const { return problem.empty(); }
};

struct ServerModels {
  ProbeCall call;
  std::vector<std::string> ids;  // at most 1,000
};

struct TrialAnswer {
  ProbeCall call;
  std::optional<double> ttft_s, e2e_s;   // first and last token (core/metrics/figures.h: from the send)
  std::int64_t input_tokens = -1, output_tokens = 0;  // as the server counts them (-1: it does not), else messages
  bool counted = false;                  // by the server
  std::optional<double> tok_s;           // (output tokens - 1) ÷ (last - first token)
  std::string text;                      // what it answered
};

// GET /v1/models. `key`: empty for none; it is sent and forgotten.
ServerModels list_server_models(const EndpointTarget& endpoint, const std::string& key, std::stop_token stop, const ProbeLimits& limits = {});
// Asks endpoint.model one short question through endpoint.api, for `output` tokens.
TrialAnswer try_server(const EndpointTarget& endpoint, const std::string& key, std::int32_t output, std::stop_token stop, const ProbeLimits& limits = {});

}  // namespace tokenmark
