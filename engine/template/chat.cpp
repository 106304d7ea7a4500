#include "engine/template/chat.h"

namespace tokenmark {
namespace {

using jinja::Dict;
using jinja::List;
using jinja::Value;

constexpr const char* kPlain =
    "{% for message in messages %}{{ message.role }}: {{ message.content or '' }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}";

// OpenAI's API has a tool call's arguments as JSON text; most templates expect the mapping.
Value with_arguments(const Value& call, bool as_text) {
  const Value* function = call.dict() ? call.dict()->find("function") : nullptr;
  const Value* arguments = function && function->dict() ? function->dict()->find("arguments") : nullptr;
  if (!arguments) return call;
  Dict changed = *function->dict();
  if (as_text && !arguments->text()) {
    jinja::Budget budget(UINT64_MAX);
    std::string text;
    jinja::append_json(*arguments, text, {}, budget);
    changed.set("arguments", Value(std::move(text)));
  } else if (!as_text && arguments->text()) {
    auto parsed = jinja::value_from_json(*arguments->text());
    if (!parsed || !parsed->dict()) return call;
    changed.set("arguments", *std::move(parsed));
  }
  Dict whole = *call.dict();
  whole.set("function", Value::dict(std::move(changed)));
  return Value::dict(std::move(whole));
}

struct Manner {
  bool knows_developer;
  bool arguments_as_text;
};

Value evened_out(const Value& message, const Manner& manner) {
  if (!message.dict()) return message;
  Dict changed = *message.dict();
  const Value* role = changed.find("role");
  if (role && role->text() && *role->text() == "developer" && !manner.knows_developer) changed.set("role", Value("system"));
  const Value* reasoning = changed.find("reasoning_content");
  if (!reasoning) reasoning = changed.find("reasoning");
  if (reasoning && reasoning->text()) {
    const Value text = *reasoning;
    changed.set("reasoning_content", text);
    if (!changed.find("thinking")) changed.set("thinking", text);
  }
  const Value* calls = changed.find("tool_calls");
  if (calls && calls->list()) {
    List list;
    for (const Value& call : *calls->list()) list.push_back(with_arguments(call, manner.arguments_as_text));
    changed.set("tool_calls", Value::list(std::move(list)));
  }
  return Value::dict(std::move(changed));
}

bool has_tool_calls(const Value& messages) {
  for (const Value& message : *messages.list())
    if (message.dict() && message.dict()->find("tool_calls")) return true;
  return false;
}

}  // namespace

Result<ChatTemplate> ChatTemplate::make(const std::string& source, const std::string& bos, const std::string& eos) {
  TOKENMARK_TRY(jinja::Template compiled, jinja::Template::parse(source.empty() ? kPlain : source));
  ChatTemplate made(std::move(compiled));
  made.source_ = source;
  made.bos_ = bos;
  made.eos_ = eos;
  made.plain_ = source.empty();
  return made;
}

Result<std::string> ChatTemplate::render(const Conversation& conversation, std::chrono::system_clock::time_point now) const {
  if (!conversation.messages.list()) return fail(ErrorKind::internal, "a conversation's messages must be a list");
  auto text = render_with(conversation, false, now);
  if (text || !has_tool_calls(conversation.messages)) return text;
  auto again = render_with(conversation, true, now);
  return again ? again : text;
}

Result<std::string> ChatTemplate::render_with(const Conversation& conversation, bool arguments_as_text,
                                              std::chrono::system_clock::time_point now) const {
  const Manner manner{plain_ || source_.find("developer") != std::string::npos, arguments_as_text};
  Dict variables;
  List messages;
  for (const Value& message : *conversation.messages.list()) messages.push_back(evened_out(message, manner));
  if (conversation.settings.dict())
    for (const auto& [name, value] : conversation.settings.dict()->entries()) variables.set(name, value);
  variables.set("messages", Value::list(std::move(messages)));
  variables.set("tools", conversation.tools);
  variables.set("bos_token", Value(bos_));
  variables.set("eos_token", Value(eos_));
  variables.set("add_generation_prompt", Value(conversation.add_generation_prompt));
  return compiled_.render(Value::dict(std::move(variables)), now);
}

}  // namespace tokenmark
