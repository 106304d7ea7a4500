#include "engine/server/answer_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/server/tool_call_json.h"

namespace tokenmark::server {
namespace {

constexpr std::string_view kThink = "<think>", kThinkEnd = "</think>", kCall = "<tool_call>", kCallEnd = "</tool_call>";
constexpr std::string_view kMistralCalls = "[TOOL_CALLS]";
constexpr std::string_view kDeepSeekCalls = "<\uFF5Ctool\u2581calls\u2581begin\uFF5C>", kDeepSeekCallsEnd = "<\uFF5Ctool\u2581calls\u2581end\uFF5C>";
constexpr std::string_view kDeepSeekCall = "<\uFF5Ctool\u2581call\u2581begin\uFF5C>", kDeepSeekCallEnd = "<\uFF5Ctool\u2581call\u2581end\uFF5C>";
constexpr std::string_view kDeepSeekSeparator = "<\uFF5Ctool\u2581sep\uFF5C>";
constexpr std::size_t kLongestHeader = 1024;  // longer: the model does not keep to the format, what it says is shown

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// The word after `key` in a harmony header, up to a space or the next mark.
std::string_view word_after(std::string_view header, std::string_view key) {
  const std::size_t at = header.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = header.substr(at + key.size());
  return rest.substr(0, std::min(rest.find_first_of(" <\n"), rest.size()));
}

}  // namespace

AnswerFormat answer_format(std::string_view chat_template, std::string_view prompt, bool with_tools) {
  const auto has = [&](std::string_view mark) { return chat_template.find(mark) != std::string_view::npos; };
  AnswerFormat format;
  format.harmony = has("<|channel|>") && has("<|message|>");
  if (format.harmony) return format;
  format.thinks = has(kThink) || has(kThinkEnd);
  format.begins_in_reasoning = format.thinks && trimmed(prompt).ends_with(kThink);
  if (!with_tools) return format;
  if (has(kCall)) format.tools = ToolFormat::tagged;
  else if (has(kDeepSeekCall)) format.tools = ToolFormat::deepseek;
  else if (has(kMistralCalls)) format.tools = ToolFormat::mistral;
  else if (has("<|start_header_id|>")) format.tools = ToolFormat::llama3;
  return format;
}

std::string call_opening(const AnswerFormat& format, std::string_view chat_template, std::string_view name) {
  const auto has = [&](std::string_view mark) { return chat_template.find(mark) != std::string_view::npos; };
  const auto begun_json = [&](std::string_view arguments) {
    return name.empty() ? std::string(R"({"name": ")") : fmt::format(R"({{"name": "{}", "{}":)", name, arguments);
  };
  if (format.harmony)
    return fmt::format("<|channel|>commentary to=functions.{}{}", name, name.empty() ? "" : " <|constrain|>json<|message|>");
  const std::string thought = format.begins_in_reasoning ? fmt::format("\n{}\n\n", kThinkEnd) : "";
  switch (format.tools) {
    case ToolFormat::tagged: return thought + fmt::format("{}\n{}", kCall, begun_json("arguments"));
    case ToolFormat::llama3: return thought + begun_json("parameters");
    case ToolFormat::mistral:
      if (has("[ARGS]")) break;  // newer ones name the function before its arguments: not known here
      return thought + fmt::format("{}{}[{}", kMistralCalls, has("[TOOL_CALLS] ") ? " " : "", begun_json("arguments"));
    case ToolFormat::deepseek: {
      const bool typed = has("```json");  // V3 and R1: "function", the name, a block of code; V3.1: the name alone
      std::string begun = thought + fmt::format("{}{}", kDeepSeekCalls, kDeepSeekCall);
      if (typed) begun += fmt::format("function{}", kDeepSeekSeparator);
      if (name.empty()) return begun;
      return begun + (typed ? fmt::format("{}\n```json\n", name) : fmt::format("{}{}", name, kDeepSeekSeparator));
    }
    case ToolFormat::none: break;
  }
  return {};
}

AnswerParser::AnswerParser(const AnswerFormat& format, std::string id)
    : format_(format), id_(std::move(id)), marked_(format.thinks || format.tools != ToolFormat::none),
      may_think_(format.thinks) {
  if (format_.harmony) enter(State::header);
  else if (format_.begins_in_reasoning) enter(State::reasoning);
  begin(format_.begun);
}

// As if the model had said it. Harmony's marks are control tokens, told from text here by their spelling.
void AnswerParser::begin(std::string_view begun) {
  AnswerPart part;
  while (!begun.empty()) {
    const bool mark = format_.harmony && begun.starts_with("<|");
    const std::size_t size = mark ? begun.find("|>") + 2 : format_.harmony ? std::min(begun.find("<|"), begun.size()) : begun.size();
    if (mark) control(begun.substr(0, size), part);
    else this->text(begun.substr(0, size), part);
    begun.remove_prefix(size);
  }
  begun_ = std::move(part);
}

void AnswerParser::give_begun(AnswerPart& part) {
  for (ToolCallPart& call : std::exchange(begun_, {}).tool_calls) part.tool_calls.push_back(std::move(call));
}

void AnswerParser::enter(State state) {
  state_ = state;
  collected_.clear();
  space_.clear();
  after_mark_ = true;
}

// What to look for in text. Harmony's marks are control tokens only.
std::vector<std::string_view> AnswerParser::marks() const {
  switch (state_) {
    case State::reasoning: return {kThinkEnd};
    case State::tool_call: return {format_.tools == ToolFormat::tagged ? kCallEnd : kDeepSeekCallEnd};
    case State::content: break;
    default: return {};
  }
  std::vector<std::string_view> found;
  if (may_think_ && nothing_shown_) found.push_back(kThink);
  if (format_.tools == ToolFormat::tagged) found.push_back(kCall);
  if (format_.tools == ToolFormat::mistral) found.push_back(kMistralCalls);
  if (format_.tools == ToolFormat::deepseek) found.insert(found.end(), {kDeepSeekCalls, kDeepSeekCall, kDeepSeekCallsEnd});
  return found;
}

void AnswerParser::text(std::string_view text, AnswerPart& part) {
  give_begun(part);
  pending_ += text;
  for (;;) {
    const auto wanted = marks();
    std::size_t first = std::string::npos;
    std::string_view found;
    for (const std::string_view each : wanted)
      if (const std::size_t at = pending_.find(each); at < first) {
        first = at;
        found = each;
      }
    if (found.empty()) {
      std::size_t held = 0;  // the longest end that begins a mark
      for (const std::string_view each : wanted)
        for (std::size_t length = std::min(each.size() - 1, pending_.size()); length > held; --length)
          if (pending_.ends_with(each.substr(0, length))) held = length;
      const std::string shown = pending_.substr(0, pending_.size() - held);
      pending_.erase(0, shown.size());
      return take(shown, part);
    }
    const std::string before = pending_.substr(0, first), rest = pending_.substr(first + found.size());
    pending_.clear();
    take(before, part);
    // What was taken may have changed what marks mean (the answer has begun): then it is text after all.
    const auto still = marks();
    if (std::ranges::find(still, found) == still.end()) take(found, part);
    else mark(found, part);
    pending_ = rest;
  }
}

void AnswerParser::take(std::string_view text, AnswerPart& part) {
  if (text.empty()) return;
  if (state_ == State::content || state_ == State::reasoning) return show(text, part);
  if (state_ == State::tool_arguments) {
    part.tool_calls.push_back({calls_ - 1, {}, {}, std::string(text)});
    return;
  }
  collected_ += text;
  if (state_ == State::header && collected_.size() > kLongestHeader) {
    const std::string said = std::move(collected_);
    enter(State::content);
    show(said, part);
  }
}

void AnswerParser::show(std::string_view text, AnswerPart& part) {
  std::string& out = state_ == State::reasoning ? part.reasoning : part.content;
  if (!marked_) {
    out += text;
    return;
  }
  std::size_t begin = 0, end = text.size();
  while (begin < end && is_space(text[begin])) ++begin;
  while (end > begin && is_space(text[end - 1])) --end;
  if (begin == end) {
    if (!after_mark_) space_ += text;
    return;
  }
  if (state_ == State::content && nothing_shown_ && format_.tools == ToolFormat::llama3 && text[begin] == '{') {
    enter(State::whole_json);
    collected_ = text;
    return;
  }
  out += space_;
  out += text.substr(after_mark_ ? begin : 0, end - (after_mark_ ? begin : 0));
  space_ = text.substr(end);
  after_mark_ = false;
  if (state_ == State::content) nothing_shown_ = false;
}

void AnswerParser::mark(std::string_view found, AnswerPart& part) {
  if (found == kThink) return enter(State::reasoning);
  if (found == kThinkEnd) {
    may_think_ = false;
    return enter(State::content);
  }
  if (found == kCallEnd || found == kDeepSeekCallEnd) return end_tool_call(part);
  if (found == kDeepSeekCalls || found == kDeepSeekCallsEnd) return enter(State::content);
  opening_ = found;
  enter(found == kMistralCalls ? State::mistral_list : State::tool_call);
}

void AnswerParser::control(std::string_view spelling, AnswerPart& part) {
  give_begun(part);
  if (!format_.harmony) {
    const auto wanted = marks();
    if (std::ranges::find(wanted, spelling) != wanted.end()) {
      take(std::exchange(pending_, {}), part);
      mark(spelling, part);
    } else if (spelling == kDeepSeekSeparator && state_ == State::tool_call) {
      collected_ += spelling;
    }
    return;
  }
  if (state_ == State::header) {
    if (spelling == "<|message|>") begin_message(part);
    else if (spelling == "<|start|>") enter(State::header);
    else collected_ += spelling;
  } else if (spelling == "<|start|>" || spelling == "<|end|>" || spelling == "<|call|>" || spelling == "<|return|>") {
    enter(State::header);
  }
}

// Harmony: "<|channel|>analysis", "<|channel|>commentary to=functions.NAME <|constrain|>json", "<|channel|>final".
void AnswerParser::begin_message(AnswerPart& part) {
  const std::string header = std::move(collected_);
  const std::string_view channel = word_after(header, "<|channel|>"), recipient = word_after(header, "to=");
  constexpr std::string_view kFunctions = "functions.";
  if (recipient.starts_with(kFunctions)) {
    add_call(std::string(recipient.substr(kFunctions.size())), "", part);
    enter(State::tool_arguments);
  } else {
    enter(channel == "analysis" ? State::reasoning : State::content);
  }
}

void AnswerParser::add_call(std::string name, std::string arguments, AnswerPart& part) {
  part.tool_calls.push_back({calls_, fmt::format("call_{}_{}", id_, calls_), std::move(name), std::move(arguments)});
  ++calls_;
}

// What is no call after all is shown as it was said.
void AnswerParser::end_tool_call(AnswerPart& part) {
  const std::string said = std::move(collected_), opening = std::move(opening_);
  std::vector<ToolCallJson> calls;
  const std::string_view closing = format_.tools == ToolFormat::deepseek ? kDeepSeekCallEnd : kCallEnd;
  if (format_.tools == ToolFormat::deepseek) {
    const std::size_t separator = said.find(kDeepSeekSeparator);
    if (separator != std::string::npos)
      calls = read_deepseek_call(trimmed(std::string_view(said).substr(0, separator)),
                                 std::string_view(said).substr(separator + kDeepSeekSeparator.size()));
  } else {
    calls = read_tool_calls(said);
  }
  enter(State::content);
  for (ToolCallJson& call : calls) add_call(std::move(call.name), std::move(call.arguments), part);
  if (calls.empty()) part.content.append(opening).append(said).append(closing);
}

void AnswerParser::finish(AnswerPart& part) {
  give_begun(part);
  take(std::exchange(pending_, {}), part);
  if (state_ == State::content) part.content += space_;
  if (state_ == State::reasoning) part.reasoning += space_;
  const std::string said = std::move(collected_);
  const State state = state_;
  enter(State::content);
  const bool collecting = state == State::whole_json || state == State::mistral_list || state == State::tool_call;
  if (collecting) {  // a call may lack its closing mark
    auto calls = format_.tools == ToolFormat::deepseek ? std::vector<ToolCallJson>() : read_tool_calls(said);
    for (ToolCallJson& call : calls) add_call(std::move(call.name), std::move(call.arguments), part);
    if (calls.empty()) part.content.append(state == State::whole_json ? "" : opening_).append(said);
  } else if (state == State::header && said.find("<|channel|>") == std::string::npos) {
    part.content += said;  // never got to a message
  }
}

}  // namespace tokenmark::server
