// The HTTP bodies of requests, made before a run so that nothing is formatted during it.
//
// Every API is asked for an answer of exactly `output` tokens as far as it can be (ignore_eos), greedily, with the
// server's own token counts. `EndpointTarget::extra` is a JSON object that is merged into the body of each request
// (RFC 7386: null takes a member out, objects are merged). Two of its members are ours and not sent:
//   "preset": "mlperf-sdxl" or "mlperf-wan2.2": that benchmark's parameters; the other members go over them.
//   "encoding": "multipart" sends a form instead of JSON. Only for videos, where vLLM-Omni wants it and SGLang does not.
// The prompt and `stream` cannot be set there. A length set there holds for all requests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/load/answer_reader.h"
#include "core/load/api.h"
#include "core/load/prompt.h"
#include "core/workload/point.h"
#include "core/workload/requests.h"

namespace tokenmark {

class Tokenizer;

// Makes the bodies for one endpoint: what is the same in all of them is prepared once.
class BodyWriter {
 public:
  // An error names what in `extra` cannot be.
  static Result<BodyWriter> create(const EndpointTarget& endpoint, const Api& api);

  // Needs text where the API takes no token ids.
  std::string body(const Prompt& prompt, std::int32_t output_tokens) const;

  std::string_view content_type() const;

  // How the answers to these bodies are to be read.
  AnswerOptions answer_options(bool keep_text) const;

 private:
  enum class Hole : std::uint8_t { prompt, length };
  struct Part {
    std::string text;  // before the hole
    Hole hole;
  };
  void find_holes(std::string text, std::string_view prompt, std::string_view length);

  const Api* api_ = nullptr;
  bool multipart_ = false;
  std::vector<Part> parts_;
  std::string tail_;
  AnswerOptions options_;
};

// The bodies of a plan whose prompts are random tokens. They have exactly the planned number of tokens as the server
// counts them, where that can be had:
// - without a tokenizer, completions get token ids, which a server takes as they are;
// - with one, completions get text; the tokens that the server adds around a prompt by its vocabulary's file (BOS)
//   are part of the planned length, so the text is shorter by them (but has at least one token);
// - chat gets text of the planned length (it needs a tokenizer); the template's tokens come on top and are seen in
//   the server's `usage`.
Result<std::vector<std::string>> request_bodies(const EndpointTarget& endpoint, const Tokenizer* tokenizer,
                                                const std::vector<PlannedRequest>& plan);

}  // namespace tokenmark
