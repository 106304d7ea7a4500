#include "core/load/request_bodies.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/load/media_presets.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {
namespace {

using Json = nlohmann::ordered_json;

// Stand for the prompt and the number of output tokens until a body's text is cut there.
constexpr const char* kPrompt = "\x01prompt";
constexpr const char* kLength = "\x01length";
constexpr std::string_view kBoundary = "tokenmark-form-7d1f0c52b9e84a63";
constexpr std::size_t kMaxExtra = 64 << 10;
constexpr int kMaxDepth = 32;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// What is asked of each API where `extra` says nothing.
Json members_of(const EndpointTarget& endpoint, const Api& api) {
  const bool stream = asks_for_stream(endpoint, api);
  switch (api.kind) {
    case ApiKind::completions:
    case ApiKind::chat: {
      Json body = {{"model", endpoint.model}, {api.kind == ApiKind::chat ? "messages" : "prompt", kPrompt}, {"max_tokens", kLength},
                   {"temperature", 0}, {"ignore_eos", true}, {"stream", stream}};
      if (stream) body["stream_options"] = {{"include_usage", true}};
      return body;
    }
    case ApiKind::responses:
      return {{"model", endpoint.model}, {"input", kPrompt}, {"max_output_tokens", kLength}, {"temperature", 0},
              {"ignore_eos", true}, {"store", false}, {"stream", stream}};
    case ApiKind::embeddings: return {{"model", endpoint.model}, {"input", kPrompt}, {"encoding_format", "float"}};
    case ApiKind::tgi:  // greedy unless sampling is asked for; a temperature of 0 is refused
      return {{"inputs", kPrompt},
              {"parameters", {{"max_new_tokens", kLength}, {"do_sample", false}, {"details", true}, {"ignore_eos_token", true}}}};
    case ApiKind::triton:  // what is no input of the model becomes a parameter of the request
      return {{"text_input", kPrompt}, {"max_tokens", kLength}, {"min_tokens", kLength}, {"temperature", 0.0},
              {"ignore_eos", true}, {"stream", stream}};
    case ApiKind::llama_cpp:
      return {{"prompt", kPrompt}, {"n_predict", kLength}, {"temperature", 0}, {"ignore_eos", true}, {"cache_prompt", true}, {"stream", stream}};
    case ApiKind::images: return {{"model", endpoint.model}, {"prompt", kPrompt}, {"n", 1}, {"response_format", "b64_json"}};
    case ApiKind::videos:
    case ApiKind::videos_sync:
    case ApiKind::videos_generations: break;
  }
  return {{"model", endpoint.model}, {"prompt", kPrompt}};
}

std::string_view prompt_key(ApiKind kind) {
  switch (kind) {
    case ApiKind::chat: return "messages";
    case ApiKind::responses:
    case ApiKind::embeddings: return "input";
    case ApiKind::tgi: return "inputs";
    case ApiKind::triton: return "text_input";
    default: return "prompt";
  }
}

Result<Json> read_extra(const std::string& text) {
  if (text.empty()) return Json::object();
  if (text.size() > kMaxExtra) return fail(ErrorKind::invalid_input, "extra has {} bytes, at most {} are possible", text.size(), kMaxExtra);
  bool too_deep = false;
  const auto depth = [&](int level, Json::parse_event_t, Json&) {
    too_deep |= level > kMaxDepth;
    return true;
  };
  Json extra = Json::parse(text, depth, false);
  if (too_deep) return fail(ErrorKind::invalid_input, "extra is nested deeper than {} levels", kMaxDepth);
  if (!extra.is_object()) return fail(ErrorKind::invalid_input, "extra must be a JSON object, not: {}", text.substr(0, 80));
  return extra;
}

// One of our own members, taken out of `extra`; empty: it is not there.
Result<std::string> take_own(Json& extra, const char* key) {
  if (!extra.contains(key)) return std::string();
  if (!extra[key].is_string()) return fail(ErrorKind::invalid_input, "extra.{} must be a text, not {}", key, dumped(extra[key]).substr(0, 80));
  std::string value = extra[key];
  extra.erase(key);
  return value;
}

bool takes_form(const Api& api, const std::string& encoding) {
  return api.kind == ApiKind::videos_sync ? encoding != "json" : encoding == "multipart";
}

Status check_own(const Api& api, const Json& extra, const std::string& encoding) {
  const bool video = api.media && api.kind != ApiKind::images && api.kind != ApiKind::embeddings;
  if (!encoding.empty() && (!video || (encoding != "json" && encoding != "multipart")))
    return fail(ErrorKind::invalid_input, "extra.encoding is '{}' but must be 'json' or 'multipart', and only for videos", encoding);
  for (const std::string_view key : {prompt_key(api.kind), std::string_view("stream")})
    if (extra.contains(key)) return fail(ErrorKind::invalid_input, "extra.{} cannot be set: the workload and the endpoint's 'stream' give it", key);
  if (api.kind != ApiKind::images && extra.contains("n") && extra["n"] != 1)
    return fail(ErrorKind::invalid_input, "extra.n is {} but one answer a request is measured", dumped(extra["n"]).substr(0, 80));
  return {};
}

// multipart/form-data (RFC 7578): a field a member; what is no text is written as JSON.
Result<std::string> form_of(const Json& body) {
  std::string out;
  for (const auto& [key, value] : body.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : dumped(value);
    if (key.find_first_of("\"\r\n\\") != std::string::npos || text.find(kBoundary) != std::string::npos)
      return fail(ErrorKind::invalid_input, "extra.{} cannot be a field of a form", dumped(key));
    out += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", kBoundary, key, text);
  }
  return out + fmt::format("--{}--\r\n", kBoundary);
}

std::string conversation_text(const Prompt& prompt) {
  std::string text;
  for (const Turn& turn : prompt.history) text += turn.prompt + turn.answer;
  return text + prompt.text;
}

Json conversation_turns(const Prompt& prompt) {
  Json turns = Json::array();
  for (const Turn& turn : prompt.history) {
    turns.push_back({{"role", "user"}, {"content", turn.prompt}});
    turns.push_back({{"role", "assistant"}, {"content", turn.answer}});
  }
  turns.push_back({{"role", "user"}, {"content", prompt.text}});
  return turns;
}

}  // namespace

Result<BodyWriter> BodyWriter::create(const EndpointTarget& endpoint, const Api& api) {
  TOKENMARK_TRY(Json extra, read_extra(endpoint.extra));
  TOKENMARK_TRY(const std::string preset, take_own(extra, "preset"));
  TOKENMARK_TRY(const std::string encoding, take_own(extra, "encoding"));
  TOKENMARK_CHECK(check_own(api, extra, encoding));
  BodyWriter writer;
  writer.api_ = &api;
  writer.multipart_ = takes_form(api, encoding);
  Json body = members_of(endpoint, api);
  if (!preset.empty()) {
    TOKENMARK_TRY(const Json parameters, media_preset(preset, api, writer.multipart_));
    body.merge_patch(parameters);
  }
  body.merge_patch(extra);

  AnswerOptions& options = writer.options_;
  options.poll_ns = static_cast<std::int64_t>(endpoint.poll_s * 1e9);
  if (const auto n = body.find("n"); api.kind == ApiKind::images && n != body.end()) {
    if (!n->is_number_integer() || *n < 1 || *n > 1000)
      return fail(ErrorKind::invalid_input, "extra.n is {} but must be from 1 to 1000", dumped(*n).substr(0, 80));
    options.items = *n;
  }
  if (writer.multipart_) {
    TOKENMARK_TRY(std::string form, form_of(body));
    writer.find_holes(std::move(form), kPrompt, kLength);
  } else {
    writer.find_holes(dumped(body), dumped(kPrompt), dumped(kLength));
  }
  options.tokens_bounded = std::ranges::count(writer.parts_, Hole::length, &Part::hole) > 0;
  return writer;
}

void BodyWriter::find_holes(std::string text, std::string_view prompt, std::string_view length) {
  for (;;) {
    const std::size_t at = std::min(text.find(prompt), text.find(length));
    if (at == std::string::npos) break;
    const bool is_prompt = text.compare(at, prompt.size(), prompt) == 0;
    parts_.push_back({text.substr(0, at), is_prompt ? Hole::prompt : Hole::length});
    text.erase(0, at + (is_prompt ? prompt.size() : length.size()));
  }
  tail_ = std::move(text);
}

std::string BodyWriter::body(const Prompt& prompt, std::int32_t output_tokens) const {
  std::string out;
  for (const Part& part : parts_) {
    out += part.text;
    if (part.hole == Hole::length) out += std::to_string(output_tokens);
    else if (multipart_) out += conversation_text(prompt);
    else if (!prompt.ids.empty()) out += fmt::format("[{}]", fmt::join(prompt.ids, ","));
    else if (api_->kind == ApiKind::chat || api_->kind == ApiKind::responses) out += dumped(conversation_turns(prompt));
    else out += dumped(conversation_text(prompt));
  }
  return out + tail_;
}

std::string_view BodyWriter::content_type() const {
  static const std::string form = "multipart/form-data; boundary=" + std::string(kBoundary);
  return multipart_ ? std::string_view(form) : "application/json";
}

AnswerOptions BodyWriter::answer_options(bool keep_text) const {
  AnswerOptions options = options_;
  options.keep_text = keep_text;
  return options;
}

Result<std::vector<std::string>> request_bodies(const EndpointTarget& endpoint, const Tokenizer* tokenizer,
                                                const std::vector<PlannedRequest>& plan) {
  TOKENMARK_TRY(const Api* api, api_of(endpoint));
  TOKENMARK_TRY(const BodyWriter writer, BodyWriter::create(endpoint, *api));
  if (!api->token_ids && tokenizer == nullptr)
    return fail(ErrorKind::invalid_input, "{}: prompts of the API '{}' are text, and text of a given number of tokens needs the "
                "model's tokenizer: name one, or use completions", endpoint.url, api->name);
  const bool in_template = api->kind == ApiKind::chat || api->kind == ApiKind::responses;
  const auto added = tokenizer != nullptr && !in_template ? static_cast<std::int32_t>(tokenizer->encode("", true).size()) : 0;
  const std::vector<std::int32_t> ordinary = ordinary_tokens_of_any_vocabulary();
  std::vector<std::string> bodies;
  bodies.reserve(plan.size());
  for (const PlannedRequest& request : plan) {
    Prompt prompt;
    if (tokenizer == nullptr) prompt.ids = random_prompt(ordinary, request.input, request.prompt_seed);
    else prompt.text = random_text(*tokenizer, std::max(1, request.input - added), request.prompt_seed);
    bodies.push_back(writer.body(prompt, request.output));
  }
  return bodies;
}

}  // namespace tokenmark
