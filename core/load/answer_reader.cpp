#include "core/load/answer_reader.h"

#include <fmt/core.h>

#include "core/load/answer_json.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMaxText = std::size_t{64} << 20;
constexpr std::size_t kMaxProblem = 1000;
constexpr std::int64_t kMaxMessages = 1 << 22;  // where nothing was said about the answer's length

}  // namespace

void AnswerReader::begin(std::int32_t max_tokens) {
  max_tokens_ = max_tokens;
  finished_ = done_ = ends_with_body_ = media_ = false;
  messages_ = text_messages_ = counted_tokens_ = 0;
  input_tokens_ = output_tokens_ = cached_tokens_ = -1;
  error_ = RequestError::none;
  text_.clear();
  problem_.clear();
  reset();
}

AnswerReader::Verdict AnswerReader::bad(RequestError error, std::string problem) {
  error_ = error;
  problem_ = std::move(problem);
  if (problem_.size() > kMaxProblem) problem_.resize(kMaxProblem);
  return Verdict::bad;
}

AnswerReader::Verdict AnswerReader::bad_json(std::string_view data) {
  return bad(RequestError::malformed, "an answer is not a JSON object, or not a whole one: " + std::string(data.substr(0, 80)));
}

AnswerReader::Verdict AnswerReader::read(std::string_view data, AnswerMessage& message) {
  if (error_ != RequestError::none) return Verdict::bad;
  if (data == "[DONE]") {
    finished_ = done_ = true;
    return Verdict::done;
  }
  if (done_) return bad(RequestError::out_of_order, "an event came after the end of the stream");
  // At most a message a token and a few around them: more is a server that does not stop.
  const std::int64_t most = options_.tokens_bounded ? std::int64_t{2} * max_tokens_ + 64 : kMaxMessages;
  if (++messages_ > most)
    return bad(RequestError::too_large, fmt::format("the stream holds more than {} messages for {} tokens", most, max_tokens_));
  return read_event(data, message);
}

bool AnswerReader::read_whole(std::string_view body, std::vector<AnswerMessage>& messages) {
  if (error_ != RequestError::none) return false;
  ++messages_;
  return read_body(body, messages) != Verdict::bad;
}

bool AnswerReader::end(bool inside_event) {
  if (error_ != RequestError::none) return false;
  if (messages_ == 0 && !done_) bad(RequestError::malformed, "the answer is not a stream of events");
  else if (inside_event) bad(RequestError::truncated, "the stream ended inside of an event");
  else if (!finished_ && !ends_with_body_) bad(RequestError::closed, "the stream ended without a finish reason");
  else if (!media_ && (text_messages_ == 0 || output_tokens_ == 0)) bad(RequestError::malformed, "the answer is complete but holds no token");
  else finished_ = true;
  return error_ == RequestError::none;
}

AnswerReader::Verdict AnswerReader::read_event(std::string_view, AnswerMessage&) {
  return bad(RequestError::malformed, "an event came where the API has no streams");
}

AnswerReader::Verdict AnswerReader::take(MessageKind kind, std::string_view text, AnswerMessage& message) {
  message = {kind, text.empty() ? 0 : 1};
  if (text.empty()) return Verdict::message;
  if (finished_) return bad(RequestError::out_of_order, "a text came after the finish reason");
  ++text_messages_;
  if (!options_.keep_text || kind == MessageKind::tool) return Verdict::message;
  if (text_.size() + text.size() > kMaxText) return bad(RequestError::too_large, "the answer's text is larger than 64 MiB");
  text_ += text;
  return Verdict::message;
}

AnswerReader::Verdict AnswerReader::count(const SaidCounts& said, AnswerMessage& message) {
  if (said.wrong) return bad(RequestError::wrong_usage, "the server's token counts are not whole numbers");
  const std::int64_t input = said.input.value_or(0), output = said.output.value_or(counted_tokens_), cached = said.cached.value_or(0);
  const std::int64_t most = options_.tokens_bounded && !media_ ? max_tokens_ : INT32_MAX;
  if (input < 0 || input > INT32_MAX || output < counted_tokens_ || output > most)
    return bad(RequestError::wrong_usage, fmt::format("usage says {} prompt and {} output tokens where {} to {} output tokens are possible",
                                                      input, output, counted_tokens_, most));
  if (cached < 0 || (said.input && cached > input))
    return bad(RequestError::wrong_usage, fmt::format("usage says that {} of {} prompt tokens were cached", cached, input));
  if (said.input) input_tokens_ = input;
  if (said.cached) cached_tokens_ = cached;
  if (!said.output) return Verdict::message;
  output_tokens_ = output;
  if (message.tokens > 0) {
    message.tokens = static_cast<std::int32_t>(output - counted_tokens_);
    counted_tokens_ = output;
  }
  return Verdict::message;
}

AnswerReader::Verdict AnswerReader::take_whole(std::string_view body, Verdict verdict, AnswerMessage message,
                                               std::vector<AnswerMessage>& messages) {
  if (verdict == Verdict::bad) return verdict;
  finished_ = true;
  message.bytes = body.size();
  messages.push_back(message);
  return verdict;
}

bool read_usage(od::value& usage, SaidCounts& counts) {
  bool complete = true;
  const bool good = each_member(usage, [&](od::raw_json_string key, od::value& value) {
    if (key == "prompt_tokens" || key == "input_tokens") counts.read(counts.input, value);
    else if (key == "completion_tokens" || key == "output_tokens") counts.read(counts.output, value);
    else if (key == "prompt_tokens_details" || key == "input_tokens_details")
      complete &= each_member(value, [&](od::raw_json_string inner, od::value& count) {
        if (inner == "cached_tokens" && !is_null(count)) counts.read(counts.cached, count);
      });
  });
  return good && complete;
}

std::string_view read_error(od::value& error) {
  if (is_null(error)) return {};
  std::string_view text = decoded_text(error);
  if (!text.empty()) return text;
  each_member(error, [&](od::raw_json_string key, od::value& value) {
    if (key == "message") text = decoded_text(value);
  });
  return text.empty() ? "the server put an error into its answer" : text;
}

std::unique_ptr<AnswerReader> make_answer_reader(const Api& api, const AnswerOptions& options) {
  switch (api.kind) {
    case ApiKind::completions: return make_openai_reader(false, options);
    case ApiKind::chat: return make_openai_reader(true, options);
    case ApiKind::responses: return make_responses_reader(options);
    case ApiKind::embeddings: return make_embeddings_reader(options);
    case ApiKind::tgi: return make_tgi_reader(options);
    case ApiKind::triton: return make_triton_reader(options);
    case ApiKind::llama_cpp: return make_llama_cpp_reader(options);
    case ApiKind::images: return make_images_reader(options);
    case ApiKind::videos: return make_videos_reader(true, options);
    case ApiKind::videos_sync:
    case ApiKind::videos_generations: return make_videos_reader(false, options);
  }
  return nullptr;
}

// FastAPI's `detail` is a text, or a list of {loc, msg} where a body was not as wanted.
static std::string_view detail_text(od::value& detail) {
  std::string_view text = decoded_text(detail);
  each_element(detail, [&](od::value& entry) {
    each_member(entry, [&](od::raw_json_string key, od::value& value) {
      if (key == "msg") text = decoded_text(value);
    });
    return false;
  });
  return text;
}

std::string error_text_of(std::string_view body, std::string_view retry_after) {
  const simdjson::padded_string padded(body);
  od::parser parser;
  od::document document;
  od::object root;
  std::string_view error, message, detail;
  if (open_object(parser, document, padded, root))
    each_member(root, [&](od::raw_json_string key, od::value& value) {
      if (key == "error") error = read_error(value);
      else if (key == "message") message = decoded_text(value);
      else if (key == "detail") detail = detail_text(value);
    });
  std::string text(!error.empty() ? error : !message.empty() ? message : !detail.empty() ? detail : body.substr(0, 200));
  if (text.size() > kMaxProblem) text.resize(kMaxProblem);
  if (!retry_after.empty()) text += fmt::format("{}(retry after {}{})", text.empty() ? "" : " ", retry_after.substr(0, 40),
                                                retry_after.find_first_not_of("0123456789") == std::string_view::npos ? " s" : "");
  return text;
}

}  // namespace tokenmark
