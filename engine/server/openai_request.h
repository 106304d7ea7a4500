// Requests of OpenAI's completions and chat completions APIs, checked, as plain values. Pure functions; the text is
// hostile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "engine/runtime/scheduler.h"
#include "engine/template/chat.h"

namespace tokenmark::server {

// An error as OpenAI's clients expect it; `param` and `code` may be empty.
struct ApiError {
  int status = 400;
  std::string message;
  std::string param, code;
};
std::string error_body(const ApiError& error);

template <class T>
using Parsed = tl::expected<T, ApiError>;

struct Prompt {
  std::string text;
  std::vector<TokenId> tokens;  // given as token ids; `text` is empty then
};

struct OpenAiRequest {
  bool chat = false;
  std::string model;                  // empty: not named
  std::vector<Prompt> prompts;        // completions: one or more
  Conversation conversation;          // chat
  bool offers_tools = false;          // chat: and the model may call them
  bool forces_tool = false;           // chat: it must call one of them,
  std::string forced_tool;            // this one, if named
  std::optional<std::int32_t> max_tokens;
  SamplingParameters sampling;
  bool seeded = false;
  std::vector<std::string> stop;
  std::int32_t logprobs = -1;         // as in GenerationRequest
  bool stream = false, include_usage = false;
  bool ignore_eos = false;            // an extension of vLLM that load generators use
  bool return_token_ids = false;      // likewise
};

Parsed<OpenAiRequest> parse_completion(const std::string& body);
Parsed<OpenAiRequest> parse_chat_completion(const std::string& body);

}  // namespace tokenmark::server
