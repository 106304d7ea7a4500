// Takes a chat model's answer apart into what OpenAI's clients expect: content, reasoning and tool calls. Families of
// models mark these with different spellings and control tokens; which family it is follows from the chat template.
// Works on a stream: text comes in pieces, what may be the beginning of a mark is held back until it is clear, and the
// work is linear in the answer's length. One per answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tokenmark::server {

enum class ToolFormat : std::uint8_t {
  none,
  tagged,    // <tool_call>{"name": …, "arguments": …}</tool_call>: Hermes, Qwen
  llama3,    // the whole answer is {"name": …, "parameters": …}, several with ';' between
  mistral,   // [TOOL_CALLS] and a list of {"name": …, "arguments": …}
  deepseek,  // <｜tool▁call▁begin｜>function<｜tool▁sep｜>NAME and a code block of JSON
};

struct AnswerFormat {
  bool harmony = false;   // gpt-oss: channels analysis, commentary and final, opened and closed by control tokens
  bool thinks = false;    // reasoning stands in <think> … </think>
  ToolFormat tools = ToolFormat::none;
  // Whether the prompt already opened the reasoning.
  bool begins_in_reasoning = false;
  std::string begun;      // of the answer, stood at the prompt's end already (a forced call)
};

// `chat_template`: its source; `prompt`: as rendered; `with_tools`: the request offers tools, so that calls are looked for.
AnswerFormat answer_format(std::string_view chat_template, std::string_view prompt, bool with_tools);

// How an answer begins that must call a tool: for the prompt's end. `name`: this tool; empty: any. Empty where it is not
// known how this family calls tools.
std::string call_opening(const AnswerFormat& format, std::string_view chat_template, std::string_view name);

// A tool call or, in a stream, the next part of one: id and name come with its first part.
struct ToolCallPart {
  std::size_t index = 0;
  std::string id, name, arguments;
};

struct AnswerPart {
  std::string content, reasoning;
  std::vector<ToolCallPart> tool_calls;
  bool empty() const { return content.empty() && reasoning.empty() && tool_calls.empty(); }
};

class AnswerParser {
 public:
  // `id`: what the ids of tool calls begin with.
  AnswerParser(const AnswerFormat& format, std::string id);

  void text(std::string_view text, AnswerPart& part);
  // A control token by its name: a mark, or nothing that a client sees.
  void control(std::string_view spelling, AnswerPart& part);
  void finish(AnswerPart& part);
  bool has_tool_calls() const { return calls_ > 0; }

 private:
  enum class State { content, reasoning, tool_call, whole_json, mistral_list, header, tool_arguments };

  void begin(std::string_view begun);
  void give_begun(AnswerPart& part);
  void take(std::string_view text, AnswerPart& part);
  void mark(std::string_view found, AnswerPart& part);
  void show(std::string_view text, AnswerPart& part);
  void enter(State state);
  void begin_message(AnswerPart& part);
  std::vector<std::string_view> marks() const;
  void end_tool_call(AnswerPart& part);
  void add_call(std::string name, std::string arguments, AnswerPart& part);

  AnswerFormat format_;
  std::string id_;
  AnswerPart begun_;        // of what the prompt began: goes with the next part
  State state_ = State::content;
  std::string pending_;     // may be the beginning of a mark
  std::string collected_;   // a tool call, a header
  std::string space_;       // at the end so far; falls away before a mark
  std::string opening_;     // the mark that began what is collected
  bool marked_;             // whether there are marks in text at all
  bool after_mark_ = false;     // white space falls away there
  bool nothing_shown_ = true;   // of the content
  bool may_think_;              // reasoning comes once, before the content
  std::size_t calls_ = 0;
};

}  // namespace tokenmark::server
