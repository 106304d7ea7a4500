#include "engine/server/openai_reply.h"

#include <nlohmann/json.hpp>

#include "engine/server/openai_request.h"
#include "engine/tokenizer/utf8.h"

namespace tokenmark::server {
namespace {

using json = nlohmann::ordered_json;

std::string written(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }
std::string event(const json& value) { return "data: " + written(value) + "\n\n"; }

// A token's bytes as text, written as OpenAI does where they are no whole characters; else several of them would
// become the same key of an object.
std::string token_text(const std::string& bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && utf8_length(bytes, at) > 0) at += utf8_length(bytes, at);
  if (at == bytes.size()) return bytes;
  std::string escaped = "bytes:";
  for (const char byte : bytes) escaped += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  return escaped;
}

json finish_reason(FinishReason reason, bool calls_tools) {
  switch (reason) {
    case FinishReason::none: return nullptr;
    case FinishReason::length: return "length";
    case FinishReason::stop: return calls_tools ? "tool_calls" : "stop";
    case FinishReason::cancelled: return "cancelled";
    case FinishReason::error: return "error";
  }
  return nullptr;
}

json usage_object(const Usage& usage) {
  return {{"prompt_tokens", usage.prompt_tokens},
          {"completion_tokens", usage.completion_tokens},
          {"total_tokens", usage.prompt_tokens + usage.completion_tokens},
          {"prompt_tokens_details", {{"cached_tokens", usage.cached_tokens}}}};
}

json completion_logprobs(const std::vector<TokenLogprobs>& tokens) {
  json texts = json::array(), logprobs = json::array(), tops = json::array(), offsets = json::array();
  for (const TokenLogprobs& token : tokens) {
    texts.push_back(token_text(token.chosen.bytes));
    logprobs.push_back(token.chosen.logprob);
    json top = json::object();
    for (const TokenText& entry : token.top) top[token_text(entry.bytes)] = entry.logprob;
    tops.push_back(std::move(top));
    offsets.push_back(token.text_offset);
  }
  return {{"tokens", texts}, {"token_logprobs", logprobs}, {"top_logprobs", tops}, {"text_offset", offsets}};
}

json token_object(const TokenText& token) {
  std::vector<int> bytes;
  for (const char byte : token.bytes) bytes.push_back(static_cast<unsigned char>(byte));
  return {{"token", token_text(token.bytes)}, {"logprob", token.logprob}, {"bytes", bytes}};
}

json chat_logprobs(const std::vector<TokenLogprobs>& tokens) {
  json content = json::array();
  for (const TokenLogprobs& token : tokens) {
    json entry = token_object(token.chosen);
    entry["top_logprobs"] = json::array();
    for (const TokenText& top : token.top) entry["top_logprobs"].push_back(token_object(top));
    content.push_back(std::move(entry));
  }
  return {{"content", content}, {"refusal", nullptr}};
}

// Clients differ in the name under which they look for reasoning.
void add_reasoning(json& object, const std::string& reasoning) {
  if (reasoning.empty()) return;
  object["reasoning_content"] = reasoning;
  object["reasoning"] = reasoning;
}

json answer_message(const AnswerPart& answer) {
  const bool calls_only = answer.content.empty() && !answer.tool_calls.empty();
  json message = {{"role", "assistant"}, {"content", calls_only ? json() : json(answer.content)}, {"refusal", nullptr}};
  add_reasoning(message, answer.reasoning);
  for (const ToolCallPart& call : answer.tool_calls)
    message["tool_calls"].push_back(
        {{"id", call.id}, {"type", "function"}, {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
  return message;
}

json answer_delta(const AnswerPart& answer) {
  json delta = json::object();
  if (!answer.content.empty() || answer.empty()) delta["content"] = answer.content;
  add_reasoning(delta, answer.reasoning);
  for (const ToolCallPart& call : answer.tool_calls) {
    json part = {{"index", call.index}};
    if (!call.id.empty()) {
      part["id"] = call.id;
      part["type"] = "function";
      part["function"]["name"] = call.name;
    }
    part["function"]["arguments"] = call.arguments;
    delta["tool_calls"].push_back(std::move(part));
  }
  return delta;
}

json head_object(const ReplyHead& head, bool chunk) {
  const char* object = !head.chat ? "text_completion" : chunk ? "chat.completion.chunk" : "chat.completion";
  return {{"id", head.id}, {"object", object}, {"created", head.created}, {"model", head.model}};
}

json with_choice(const ReplyHead& head, json choice) {
  json message = head_object(head, true);
  message["choices"] = json::array({std::move(choice)});
  return message;
}

}  // namespace

void add_piece(FinishedChoice& finished, const Piece& piece) {
  finished.text += piece.text;
  finished.answer.content += piece.answer.content;
  finished.answer.reasoning += piece.answer.reasoning;
  for (const ToolCallPart& part : piece.answer.tool_calls) {
    auto& calls = finished.answer.tool_calls;
    if (calls.empty() || calls.back().index != part.index) calls.push_back(part);
    else calls.back().arguments += part.arguments;
  }
  finished.logprobs.insert(finished.logprobs.end(), piece.logprobs.begin(), piece.logprobs.end());
  finished.tokens.insert(finished.tokens.end(), piece.tokens.begin(), piece.tokens.end());
  finished.finish = piece.finish;
  finished.calls_tools = piece.calls_tools;
}

std::string whole_reply(const ReplyHead& head, const std::vector<FinishedChoice>& choices, const Usage& usage,
                        const ReplyOptions& options) {
  json reply = head_object(head, false);
  reply["choices"] = json::array();
  for (std::size_t index = 0; index < choices.size(); ++index) {
    const FinishedChoice& finished = choices[index];
    json choice = {{"index", index}};
    if (head.chat) choice["message"] = answer_message(finished.answer);
    else choice["text"] = finished.text;
    choice["logprobs"] = !options.logprobs ? json()
                         : head.chat       ? chat_logprobs(finished.logprobs)
                                           : completion_logprobs(finished.logprobs);
    choice["finish_reason"] = finish_reason(finished.finish, finished.calls_tools);
    if (options.token_ids) choice["token_ids"] = finished.tokens;
    reply["choices"].push_back(std::move(choice));
  }
  reply["usage"] = usage_object(usage);
  return written(reply);
}

std::string stream_message(const ReplyHead& head, std::size_t index, const Piece& piece, bool first,
                           const ReplyOptions& options) {
  std::string out;
  if (head.chat && first) {
    const json delta = {{"role", "assistant"}, {"content", ""}};
    out = event(with_choice(head, {{"index", index}, {"delta", delta}, {"logprobs", nullptr}, {"finish_reason", nullptr}}));
  }
  json choice = {{"index", index}};
  if (head.chat) choice["delta"] = answer_delta(piece.answer);
  else choice["text"] = piece.text;
  choice["logprobs"] = !options.logprobs ? json()
                       : head.chat       ? chat_logprobs(piece.logprobs)
                                         : completion_logprobs(piece.logprobs);
  choice["finish_reason"] = finish_reason(piece.finish, piece.calls_tools);
  if (options.token_ids) choice["token_ids"] = piece.tokens;
  json message = with_choice(head, std::move(choice));
  if (options.include_usage) message["usage"] = nullptr;
  return out + event(message);
}

std::string stream_usage(const ReplyHead& head, const Usage& usage) {
  json message = head_object(head, true);
  message["choices"] = json::array();
  message["usage"] = usage_object(usage);
  return event(message);
}

std::string stream_error(const std::string& message) {
  return "data: " + error_body({.status = 500, .message = message}) + "\n\n";
}

std::string model_entry(const std::string& model, std::int64_t created, std::int32_t context) {
  return written({{"id", model}, {"object", "model"}, {"created", created}, {"owned_by", "tokenmark"},
                  {"max_model_len", context}});
}

std::string model_list(const std::string& model, std::int64_t created, std::int32_t context) {
  return "{\"object\":\"list\",\"data\":[" + model_entry(model, created, context) + "]}";
}

}  // namespace tokenmark::server
