#include "core/load/request_bodies.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {
namespace {

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Result<std::vector<std::string>> request_bodies(const EndpointTarget& endpoint, const Tokenizer* tokenizer,
                                                const std::vector<PlannedRequest>& plan) {
  const bool chat = endpoint.api == "chat";
  if (chat && tokenizer == nullptr)
    return fail(ErrorKind::invalid_input, "{}: chat prompts are text, and text of a given number of tokens needs the model's "
                "tokenizer: name one, or use completions", endpoint.url);
  const auto added = tokenizer != nullptr && !chat ? static_cast<std::int32_t>(tokenizer->encode("", true).size()) : 0;
  const std::vector<std::int32_t> ordinary = ordinary_tokens_of_any_vocabulary();
  const std::string head = "{\"model\":" + quoted(endpoint.model) + ",";
  std::vector<std::string> bodies;
  bodies.reserve(plan.size());
  for (const PlannedRequest& request : plan) {
    std::string prompt;
    if (tokenizer == nullptr) {
      prompt = fmt::format("\"prompt\":[{}]", fmt::join(random_prompt(ordinary, request.input, request.prompt_seed), ","));
    } else {
      const std::string text = quoted(random_text(*tokenizer, std::max(1, request.input - added), request.prompt_seed));
      prompt = chat ? "\"messages\":[{\"role\":\"user\",\"content\":" + text + "}]" : "\"prompt\":" + text;
    }
    bodies.push_back(fmt::format("{}{},\"max_tokens\":{},\"temperature\":0,\"ignore_eos\":true,\"stream\":true,"
                                 "\"stream_options\":{{\"include_usage\":true}}}}", head, prompt, request.output));
  }
  return bodies;
}

}  // namespace tokenmark
