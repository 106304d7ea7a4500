// Answers of OpenAI's completions and chat completions APIs as JSON text. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/server/choice.h"

namespace tokenmark::server {

struct ReplyHead {
  std::string id;     // "cmpl-…", "chatcmpl-…"
  std::string model;
  std::int64_t created = 0;  // seconds since 1970
  bool chat = false;
};

struct Usage {
  std::int64_t prompt_tokens = 0, completion_tokens = 0;
  std::int64_t cached_tokens = 0;  // of the prompts, from the prefix cache
};

struct FinishedChoice {
  std::string text;
  AnswerPart answer;  // of a chat; its tool calls are whole
  std::vector<TokenLogprobs> logprobs;
  std::vector<TokenId> tokens;
  FinishReason finish = FinishReason::none;
  bool calls_tools = false;
};

// Appends a piece; parts of the same tool call become one.
void add_piece(FinishedChoice& finished, const Piece& piece);

struct ReplyOptions {
  bool logprobs = false, token_ids = false, include_usage = false;
};

// A whole answer.
std::string whole_reply(const ReplyHead& head, const std::vector<FinishedChoice>& choices, const Usage& usage,
                        const ReplyOptions& options);

// Messages of a stream, framed as server-sent events. `first`: the first of its choice, which in a chat is preceded
// by one that names the role.
std::string stream_message(const ReplyHead& head, std::size_t index, const Piece& piece, bool first,
                           const ReplyOptions& options);
std::string stream_usage(const ReplyHead& head, const Usage& usage);
std::string stream_error(const std::string& message);
inline constexpr std::string_view kStreamDone = "data: [DONE]\n\n";

// The body of /v1/models, and of /v1/models/ID.
std::string model_list(const std::string& model, std::int64_t created, std::int32_t context);
std::string model_entry(const std::string& model, std::int64_t created, std::int32_t context);

}  // namespace tokenmark::server
