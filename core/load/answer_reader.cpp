#include "core/load/answer_reader.h"

#include <fmt/core.h>
#include <simdjson.h>

namespace tokenmark {
namespace {

namespace od = simdjson::ondemand;

// A member of an object, if it is there and of that type; null counts as not there.
std::string_view string_member(od::object& object, std::string_view key) {
  std::string_view text;
  return object[key].get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

struct Text {
  std::string_view text;
  MessageKind kind = MessageKind::content;
};

// choices[0].delta of a chat message. Servers differ in the name of reasoning.
Text chat_text(od::object& choice) {
  od::object delta;
  if (choice["delta"].get_object().get(delta) != simdjson::SUCCESS) return {};
  if (const auto text = string_member(delta, "content"); !text.empty()) return {text, MessageKind::content};
  for (const char* key : {"reasoning_content", "reasoning"})
    if (const auto text = string_member(delta, key); !text.empty()) return {text, MessageKind::reasoning};
  od::array calls;
  bool empty = true;
  if (delta["tool_calls"].get_array().get(calls) == simdjson::SUCCESS && calls.is_empty().get(empty) == simdjson::SUCCESS && !empty)
    return {"tool", MessageKind::tool};
  return {{}, string_member(delta, "role").empty() ? MessageKind::content : MessageKind::role};
}

}  // namespace

struct AnswerReader::Parser {
  od::parser json;
};

AnswerReader::AnswerReader(bool chat, bool keep_text) : chat_(chat), keep_text_(keep_text), parser_(std::make_unique<Parser>()) {}
AnswerReader::~AnswerReader() = default;

void AnswerReader::begin(std::int32_t max_tokens) {
  max_tokens_ = max_tokens;
  finished_ = false;
  messages_ = text_messages_ = counted_tokens_ = 0;
  input_tokens_ = output_tokens_ = cached_tokens_ = -1;
  text_.clear();
  problem_.clear();
}

AnswerReader::Verdict AnswerReader::malformed(std::string problem) {
  problem_ = std::move(problem);
  return Verdict::malformed;
}

AnswerReader::Verdict AnswerReader::read(std::string_view data, AnswerMessage& message) {
  if (data == "[DONE]") {
    finished_ = true;
    return Verdict::done;
  }
  // At most a message a token and a few around them: more is a server that does not stop.
  if (++messages_ > std::int64_t{2} * max_tokens_ + 64)
    return malformed(fmt::format("the stream holds more than {} messages for {} tokens", messages_ - 1, max_tokens_));

  od::document document;
  od::object root;
  const simdjson::padded_string_view padded(data.data(), data.size(), data.size() + simdjson::SIMDJSON_PADDING);
  if (parser_->json.iterate(padded).get(document) != simdjson::SUCCESS || document.get_object().get(root) != simdjson::SUCCESS)
    return malformed("an event is not a JSON object: " + std::string(data.substr(0, 80)));

  od::object error;
  if (root["error"].get_object().get(error) == simdjson::SUCCESS) {
    problem_ = string_member(error, "message");
    if (problem_.empty()) problem_ = "the server put an error into its stream";
    return Verdict::server_error;
  }

  Text text{{}, MessageKind::usage};
  od::array choices;
  if (root["choices"].get_array().get(choices) == simdjson::SUCCESS) {
    for (auto element : choices) {
      od::object choice;
      if (element.get_object().get(choice) != simdjson::SUCCESS) return malformed("a choice is not a JSON object: " + std::string(data.substr(0, 80)));
      text = chat_ ? chat_text(choice) : Text{string_member(choice, "text"), MessageKind::content};
      if (keep_text_ && text.kind != MessageKind::tool) text_ += text.text;
      finished_ = finished_ || !string_member(choice, "finish_reason").empty();
      break;  // one answer was asked for
    }
  }
  message.kind = text.kind;
  message.tokens = text.text.empty() ? 0 : 1;
  text_messages_ += message.tokens;

  od::object usage;
  const auto usage_error = root["usage"].get_object().get(usage);
  if (usage_error == simdjson::SUCCESS) {
    std::int64_t input = 0, output = 0;
    if (usage["prompt_tokens"].get_int64().get(input) != simdjson::SUCCESS || usage["completion_tokens"].get_int64().get(output) != simdjson::SUCCESS)
      return malformed("usage does not hold whole numbers prompt_tokens and completion_tokens");
    if (input < 0 || input > INT32_MAX || output < counted_tokens_ || output > max_tokens_)
      return malformed(fmt::format("usage says {} prompt and {} completion tokens where at most {} were asked for", input, output, max_tokens_));
    input_tokens_ = input;
    output_tokens_ = output;
    od::object details;
    std::int64_t cached = 0;
    if (usage["prompt_tokens_details"].get_object().get(details) == simdjson::SUCCESS &&
        details["cached_tokens"].get_int64().get(cached) == simdjson::SUCCESS && cached >= 0 && cached <= input)
      cached_tokens_ = cached;
    if (message.tokens > 0) {  // a running count; a text that is still empty leaves its tokens to the next
      message.tokens = static_cast<std::int32_t>(output - counted_tokens_);
      counted_tokens_ = output;
    }
  } else if (usage_error != simdjson::NO_SUCH_FIELD && usage_error != simdjson::INCORRECT_TYPE) {
    return malformed("an event is not complete JSON: " + std::string(data.substr(0, 80)));
  }
  return Verdict::message;
}

std::string error_text_of(std::string_view body) {
  const simdjson::padded_string padded(body);
  od::parser parser;
  od::document document;
  od::object root, error;
  if (parser.iterate(padded).get(document) == simdjson::SUCCESS && document.get_object().get(root) == simdjson::SUCCESS) {
    if (root["error"].get_object().get(error) == simdjson::SUCCESS)
      if (const auto text = string_member(error, "message"); !text.empty()) return std::string(text);
    for (const char* key : {"message", "error", "detail"})
      if (const auto text = string_member(root, key); !text.empty()) return std::string(text);
  }
  return std::string(body.substr(0, 200));
}

}  // namespace tokenmark
