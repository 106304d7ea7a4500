#include "engine/server/openai_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

namespace tokenmark::server {
namespace {

using nlohmann::json;

constexpr int kDeepestNesting = 32;
constexpr std::size_t kMostPrompts = 256, kMostStops = 4, kLongestStop = 1024;

// Reads the fields of one JSON object. The first mistake is kept and all later reads give defaults, so that a parser
// reads top to bottom and asks once at its end.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {}

  // Null, as clients send for unset options, counts as absent.
  const json* find(const char* key) const {
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  void reject(const char* key, std::string message) {
    if (!error_) error_ = ApiError{.message = std::move(message), .param = key};
  }

  bool boolean(const char* key, bool otherwise) {
    const json* value = find(key);
    if (!value) return otherwise;
    if (!value->is_boolean()) reject(key, fmt::format("'{}' must be true or false.", key));
    return error_ ? otherwise : value->get<bool>();
  }

  std::string text(const char* key) {
    const json* value = find(key);
    if (value && !value->is_string()) reject(key, fmt::format("'{}' must be a string.", key));
    return value && !error_ ? value->get<std::string>() : std::string();
  }

  std::optional<std::int64_t> integer(const char* key, std::int64_t low, std::int64_t high) {
    const json* value = find(key);
    if (!value) return {};
    const bool fits = value->is_number_integer() &&
                      (!value->is_number_unsigned() ||
                       value->get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
    if (!fits || value->get<std::int64_t>() < low || value->get<std::int64_t>() > high) {
      reject(key, fmt::format("'{}' must be an integer from {} to {}, not {}.", key, low, high, shown(*value)));
      return {};
    }
    return value->get<std::int64_t>();
  }

  float number(const char* key, double low, double high, float otherwise) {
    const json* value = find(key);
    if (!value) return otherwise;
    if (!value->is_number() || !(value->get<double>() >= low && value->get<double>() <= high)) {
      reject(key, fmt::format("'{}' must be a number from {} to {}, not {}.", key, low, high, shown(*value)));
      return otherwise;
    }
    return value->get<float>();
  }

  // What this server cannot do must not be passed over in silence if it would change the answer.
  void only(const char* key, std::initializer_list<json> allowed) {
    const json* value = find(key);
    if (value && std::find(allowed.begin(), allowed.end(), *value) == allowed.end())
      reject(key, fmt::format("'{}' is not supported here with the value {}.", key, shown(*value)));
  }

  const std::optional<ApiError>& error() const { return error_; }

 private:
  static std::string shown(const json& value) {
    std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
    if (text.size() > 40) text = text.substr(0, 40) + "…";
    return text;
  }

  const json& object_;
  std::optional<ApiError> error_;
};

// Deep nesting costs memory out of proportion to its bytes; no real request has it.
bool too_deep(const std::string& body) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kDeepestNesting) return true;
  }
  return false;
}

Parsed<json> parse_object(const std::string& body) {
  if (too_deep(body)) return tl::unexpected(ApiError{.message = "The request's JSON is nested too deeply."});
  json parsed = json::parse(body, nullptr, false);
  if (parsed.is_discarded()) return tl::unexpected(ApiError{.message = "The request's body is not JSON."});
  if (!parsed.is_object()) return tl::unexpected(ApiError{.message = "The request's body must be a JSON object."});
  return parsed;
}

void read_stop(Fields& fields, OpenAiRequest& request) {
  const json* stop = fields.find("stop");
  if (!stop) return;
  const json list = stop->is_array() ? *stop : json::array({*stop});
  const auto usable = [](const json& entry) {
    return entry.is_string() && !entry.get_ref<const std::string&>().empty() &&
           entry.get_ref<const std::string&>().size() <= kLongestStop;
  };
  if (list.size() > kMostStops || !std::all_of(list.begin(), list.end(), usable))
    return fields.reject("stop", "'stop' must be a string or up to 4 strings, none of them empty.");
  request.stop = list.get<std::vector<std::string>>();
}

void read_stream(Fields& fields, OpenAiRequest& request) {
  request.stream = fields.boolean("stream", false);
  const json* options = fields.find("stream_options");
  if (!options) return;
  if (!options->is_object()) return fields.reject("stream_options", "'stream_options' must be an object.");
  if (!request.stream) return fields.reject("stream_options", "'stream_options' is for streams: set 'stream' to true.");
  Fields inner(*options);
  request.include_usage = inner.boolean("include_usage", false);
  if (inner.error()) fields.reject("stream_options", inner.error()->message);
}

// What both APIs share.
void read_common(Fields& fields, OpenAiRequest& request) {
  request.model = fields.text("model");
  request.sampling.temperature = fields.number("temperature", 0, 100, 1);
  request.sampling.top_p = fields.number("top_p", 0, 1, 1);
  request.sampling.min_p = fields.number("min_p", 0, 1, 0);
  if (request.sampling.top_p <= 0) fields.reject("top_p", "'top_p' must be above 0.");
  const std::int64_t top_k = fields.integer("top_k", -1, std::numeric_limits<std::int32_t>::max()).value_or(0);
  request.sampling.top_k = static_cast<std::int32_t>(std::max<std::int64_t>(top_k, 0));  // -1: off, as 0
  constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
  if (const auto seed = fields.integer("seed", -kAny, kAny)) {
    request.seeded = true;
    request.sampling.seed = static_cast<std::uint64_t>(*seed);
  }
  request.ignore_eos = fields.boolean("ignore_eos", false);
  request.return_token_ids = fields.boolean("return_token_ids", false);
  read_stop(fields, request);
  read_stream(fields, request);
  fields.only("n", {1});
  fields.only("presence_penalty", {0, 0.0});
  fields.only("frequency_penalty", {0, 0.0});
  fields.only("logit_bias", {json::object()});
}

void read_max_tokens(Fields& fields, const char* key, OpenAiRequest& request) {
  if (const auto tokens = fields.integer(key, 1, std::numeric_limits<std::int32_t>::max()))
    request.max_tokens = static_cast<std::int32_t>(*tokens);
}

bool is_token_list(const json& value) {
  return value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), [](const json& token) {
    return token.is_number_unsigned() && token.get<std::uint64_t>() <= std::numeric_limits<TokenId>::max();
  });
}

// A string, token ids, or several of either.
void read_prompts(Fields& fields, OpenAiRequest& request) {
  const auto add = [&](const json& prompt) {
    if (prompt.is_string()) request.prompts.push_back({prompt.get<std::string>(), {}});
    else if (is_token_list(prompt)) request.prompts.push_back({{}, prompt.get<std::vector<TokenId>>()});
    else return false;
    return true;
  };
  const json* prompt = fields.find("prompt");
  if (!prompt) return fields.reject("prompt", "'prompt' is missing.");
  if (add(*prompt)) return;
  const bool several = prompt->is_array() && !prompt->empty() && prompt->size() <= kMostPrompts;
  if (!several || !std::all_of(prompt->begin(), prompt->end(), add))
    fields.reject("prompt", fmt::format("'prompt' must be a string, an array of token ids, or an array of up to {} of "
                                        "either.", kMostPrompts));
}

// A message's content is a string, null or parts; only text parts can be read here. Gives the text, or null as it is.
std::optional<jinja::Value> read_content(const jinja::Value* content) {
  if (!content || content->is_none()) return jinja::Value();
  if (content->text()) return *content;
  if (!content->list()) return {};
  std::string text;
  for (const jinja::Value& part : *content->list()) {
    const jinja::Value* type = part.dict() ? part.dict()->find("type") : nullptr;
    const jinja::Value* value = part.dict() ? part.dict()->find("text") : nullptr;
    if (!type || !type->text() || *type->text() != "text" || !value || !value->text()) return {};
    text += *value->text();
  }
  return jinja::Value(std::move(text));
}

// The name in {"function": {"name": …}}; null: there is none.
const std::string* function_name(const jinja::Value& value) {
  const jinja::Value* function = value.dict() ? value.dict()->find("function") : nullptr;
  const jinja::Value* name = function && function->dict() ? function->dict()->find("name") : nullptr;
  return name && name->text() && !name->text()->empty() ? name->text() : nullptr;
}

bool are_functions(const jinja::Value& list) {
  return list.list() && std::ranges::all_of(*list.list(), [](const jinja::Value& each) { return function_name(each) != nullptr; });
}

// Templates get the message as it came, with its content as text.
std::optional<jinja::Value> read_message(Fields& fields, const jinja::Value& message, std::size_t i) {
  constexpr std::array<std::string_view, 5> kRoles = {"system", "developer", "user", "assistant", "tool"};
  const jinja::Value* role = message.dict() ? message.dict()->find("role") : nullptr;
  if (!role || !role->text() || std::ranges::find(kRoles, *role->text()) == kRoles.end()) {
    fields.reject("messages", fmt::format("messages[{}].role must be one of {}.", i, fmt::join(kRoles, ", ")));
    return {};
  }
  const jinja::Value* calls = message.dict()->find("tool_calls");
  const bool calls_tools = calls && !calls->is_none();
  if (calls_tools && !are_functions(*calls)) {
    fields.reject("messages", fmt::format("messages[{}].tool_calls must be an array of calls, each with its function's name.", i));
    return {};
  }
  auto content = read_content(message.dict()->find("content"));
  if (!content) {
    fields.reject("messages", fmt::format("messages[{}].content must be a string or an array of text parts.", i));
    return {};
  }
  jinja::Dict read;
  for (const auto& [key, value] : message.dict()->entries())
    if (key != "content" && !value.is_none()) read.set(key, value);
  // Only an answer that is tool calls has no text.
  read.set("content", content->is_none() && !calls_tools ? jinja::Value("") : *std::move(content));
  return jinja::Value::dict(std::move(read));
}

void read_messages(Fields& fields, const jinja::Dict& body, OpenAiRequest& request) {
  const jinja::Value* messages = body.find("messages");
  if (!messages || !messages->list() || messages->list()->empty())
    return fields.reject("messages", "'messages' must be an array of at least one message.");
  jinja::List read;
  for (std::size_t i = 0; i < messages->list()->size(); ++i) {
    auto message = read_message(fields, (*messages->list())[i], i);
    if (!message) return;
    read.push_back(*std::move(message));
  }
  request.conversation.messages = jinja::Value::list(std::move(read));
}

// The name goes into the answer's beginning as it is, so it must be one as OpenAI's API has them.
bool is_plain_name(const std::string& name) {
  constexpr std::string_view kMarks = "_-.";
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kMarks.find(c) != kMarks.npos;
  });
}

// "none" forbids calls, "required" and a named function force one.
void read_tool_choice(Fields& fields, const jinja::Value& choice, const jinja::Value* tools, OpenAiRequest& request) {
  const std::string* word = choice.text();
  const std::string* name = word ? nullptr : function_name(choice);
  if (choice.is_none() || (word && *word == "auto")) return;
  if (word && *word == "none") {
    request.offers_tools = false;
    return;
  }
  if (!name && !(word && *word == "required"))
    return fields.reject("tool_choice", "'tool_choice' must be auto, none, required or a function with its name.");
  if (!request.offers_tools) return fields.reject("tool_choice", "'tool_choice' forces a call, which needs 'tools'.");
  request.forces_tool = true;
  if (!name) return;
  const bool known = std::ranges::any_of(*tools->list(), [&](const jinja::Value& tool) { return *function_name(tool) == *name; });
  if (!known || !is_plain_name(*name))
    return fields.reject("tool_choice", fmt::format("'tool_choice' names the function '{}', which is not one of 'tools' or has "
                                                    "other characters than letters, digits, '_', '-' and '.'.", *name));
  request.forced_tool = *name;
}

void read_tools(Fields& fields, const jinja::Dict& body, OpenAiRequest& request) {
  const jinja::Value* tools = body.find("tools");
  if (tools && !tools->is_none() && !are_functions(*tools))
    return fields.reject("tools", "'tools' must be an array of functions, each with its name.");
  request.offers_tools = tools && tools->list() && !tools->list()->empty();
  if (const jinja::Value* choice = body.find("tool_choice")) read_tool_choice(fields, *choice, tools, request);
  if (request.offers_tools) request.conversation.tools = *tools;
}

// Variables for the template: chat_template_kwargs, an extension of vLLM, and what OpenAI's API calls by name.
void read_settings(Fields& fields, const jinja::Dict& body, OpenAiRequest& request) {
  jinja::Dict settings;
  if (const jinja::Value* given = body.find("chat_template_kwargs"); given && !given->is_none()) {
    if (!given->dict()) return fields.reject("chat_template_kwargs", "'chat_template_kwargs' must be an object.");
    settings = *given->dict();
  }
  for (const char* key : {"reasoning_effort", "tool_choice", "parallel_tool_calls"})
    if (const jinja::Value* given = body.find(key); given && !given->is_none()) settings.set(key, *given);
  request.conversation.settings = jinja::Value::dict(std::move(settings));
  request.conversation.add_generation_prompt = fields.boolean("add_generation_prompt", true);
}

}  // namespace

std::string error_body(const ApiError& error) {
  const auto or_null = [](const std::string& text) { return text.empty() ? json() : json(text); };
  const char* type = error.status >= 500 ? "server_error" : "invalid_request_error";
  const json body = {{"error", {{"message", error.message}, {"type", type}, {"param", or_null(error.param)},
                                {"code", or_null(error.code)}}}};
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

Parsed<OpenAiRequest> parse_completion(const std::string& body) {
  TOKENMARK_TRY(const json object, parse_object(body));
  Fields fields(object);
  OpenAiRequest request;
  read_common(fields, request);
  read_max_tokens(fields, "max_tokens", request);
  read_prompts(fields, request);
  request.logprobs = static_cast<std::int32_t>(fields.integer("logprobs", 0, kMaxLogprobs).value_or(-1));
  fields.only("best_of", {1});
  fields.only("echo", {false});
  fields.only("suffix", {""});
  if (fields.error()) return tl::unexpected(*fields.error());
  return request;
}

Parsed<OpenAiRequest> parse_chat_completion(const std::string& body) {
  TOKENMARK_TRY(const json object, parse_object(body));
  Fields fields(object);
  OpenAiRequest request;
  request.chat = true;
  read_common(fields, request);
  read_max_tokens(fields, "max_tokens", request);
  read_max_tokens(fields, "max_completion_tokens", request);
  const auto ordered = jinja::value_from_json(body);  // templates show the keys in the order in which they came
  if (!ordered) return tl::unexpected(ApiError{.message = fmt::format("The request: {}.", ordered.error().message)});
  read_messages(fields, *ordered->dict(), request);
  read_tools(fields, *ordered->dict(), request);
  read_settings(fields, *ordered->dict(), request);
  const bool logprobs = fields.boolean("logprobs", false);
  const std::int64_t top = fields.integer("top_logprobs", 0, kMaxLogprobs).value_or(0);
  if (top > 0 && !logprobs) fields.reject("top_logprobs", "'top_logprobs' needs 'logprobs' to be true.");
  request.logprobs = logprobs ? static_cast<std::int32_t>(top) : -1;
  fields.only("response_format", {json{{"type", "text"}}});
  if (fields.error()) return tl::unexpected(*fields.error());
  return request;
}

}  // namespace tokenmark::server
