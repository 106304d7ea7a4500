// Answers of every family, whole and in pieces of any size.
#include "engine/server/answer_parser.h"

#include <gtest/gtest.h>

#include "engine/server/openai_reply.h"

namespace tokenmark::server {
namespace {

constexpr std::string_view kQwen = "<think> </think> <tool_call>", kLlama3 = "<|start_header_id|>", kHarmony = "<|channel|><|message|>",
                           kDeepSeek = "</think> <\uFF5Ctool\u2581call\u2581begin\uFF5C>", kMistral = "[TOOL_CALLS]";

struct Family {
  std::string_view chat_template;
  bool tools = true;
  std::string_view prompt = "";
};

// "«name»" in the answer stands for a control token; text comes in pieces of `size` bytes.
FinishedChoice parse(const Family& family, std::string_view answer, std::size_t size, AnswerParser* given = nullptr) {
  AnswerParser made(answer_format(family.chat_template, family.prompt, family.tools), "id");
  AnswerParser& parser = given ? *given : made;
  FinishedChoice whole;
  const auto add = [&](const auto& feed) {
    Piece piece;
    feed(piece.answer);
    add_piece(whole, piece);
  };
  constexpr std::string_view kOpen = "«", kClose = "»";
  while (!answer.empty()) {
    if (answer.starts_with(kOpen)) {
      const std::size_t end = answer.find(kClose);
      add([&](AnswerPart& part) { parser.control(answer.substr(kOpen.size(), end - kOpen.size()), part); });
      answer.remove_prefix(end + kClose.size());
      continue;
    }
    const std::string_view piece = answer.substr(0, std::min(answer.substr(0, size + 1).find(kOpen), size));
    add([&](AnswerPart& part) { parser.text(piece, part); });
    answer.remove_prefix(piece.size());
  }
  add([&](AnswerPart& part) { parser.finish(part); });
  EXPECT_EQ(parser.has_tool_calls(), !whole.answer.tool_calls.empty());
  return whole;
}

struct Expected {
  std::string content, reasoning, calls;  // calls: "name(arguments)" each
};

void expect(const Family& family, std::string_view answer, const Expected& expected) {
  for (const std::size_t size : {1, 2, 3, 5, 8, 13, 10000}) {
    const AnswerPart given = parse(family, answer, size).answer;
    std::string calls;
    for (std::size_t i = 0; i < given.tool_calls.size(); ++i) {
      const ToolCallPart& call = given.tool_calls[i];
      calls += call.name + "(" + call.arguments + ")";
      EXPECT_EQ(call.index, i);
      EXPECT_EQ(call.id, "call_id_" + std::to_string(i));
    }
    EXPECT_EQ(given.content, expected.content) << "pieces of " << size;
    EXPECT_EQ(given.reasoning, expected.reasoning) << "pieces of " << size;
    EXPECT_EQ(calls, expected.calls) << "pieces of " << size;
  }
}

TEST(AnswerParser, without_marks_the_text_is_the_content) {
  expect({""}, " <think>x</think> {\"name\": 1} \n", {" <think>x</think> {\"name\": 1} \n", "", ""});
  expect({""}, "a«<|im_end|>»b", {"ab", "", ""});
}

TEST(AnswerParser, reasoning_is_taken_out) {
  expect({kQwen}, "<think>\nstep 1\n\nstep 2\n</think>\n\nThe answer\n", {"The answer\n", "step 1\n\nstep 2", ""});
  expect({kQwen}, "\n<think></think>x", {"x", "", ""});
  expect({kQwen}, "«<think>»why«</think>»x", {"x", "why", ""});
  expect({kQwen}, "No marks < here </thin", {"No marks < here </thin", "", ""});
  expect({kQwen}, "The tag <think> is text here </think>", {"The tag <think> is text here </think>", "", ""});
  expect({kQwen}, "<think>a</think>b<think>c</think>", {"b<think>c</think>", "a", ""});
  expect({kQwen}, "<think>never closed </th", {"", "never closed </th", ""});
}

TEST(AnswerParser, a_prompt_may_have_opened_the_reasoning) {
  expect({kDeepSeek, false, "Assistant<think>\n"}, "why\n</think>\n\nso", {"so", "why", ""});
  expect({kDeepSeek, false, "Assistant<think>\n\n</think>"}, "so", {"so", "", ""});
}

TEST(AnswerParser, tagged_tool_calls) {
  expect({kQwen}, "<think>w</think>\nLet me see.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"b\": \"</x>\", \"a\": 1}}\n</tool_call>\n"
                  "<tool_call>{\"name\": \"g\", \"arguments\": {}}</tool_call>",
         {"Let me see.", "w", "f({\"b\":\"</x>\",\"a\":1})g({})"});
  expect({kQwen}, "«<tool_call>»{\"name\": \"f\"}«</tool_call>»", {"", "", "f({})"});
  expect({kQwen}, "<tool_call>{\"name\": \"f\", \"arguments\": \"{}\"}", {"", "", "f({})"});
  expect({kQwen}, "<tool_call>not json</tool_call>!", {"<tool_call>not json</tool_call>!", "", ""});
  expect({kQwen}, "<tool_call>{\"name\"", {"<tool_call>{\"name\"", "", ""});
  expect({kQwen, false}, "<tool_call>{\"name\": \"f\"}</tool_call>", {"<tool_call>{\"name\": \"f\"}</tool_call>", "", ""});
}

TEST(AnswerParser, llama3_s_tool_calls_are_the_whole_answer) {
  expect({kLlama3}, "\n{\"name\": \"f\", \"parameters\": {\"x\": [1, \"}\"]}}", {"", "", "f({\"x\":[1,\"}\"]})"});
  expect({kLlama3}, "«<|python_tag|>»{\"name\": \"f\", \"parameters\": {}}; {\"name\": \"g\", \"parameters\": {}}", {"", "", "f({})g({})"});
  expect({kLlama3}, "{\"answer\": 42}", {"{\"answer\": 42}", "", ""});
  expect({kLlama3}, "So {\"name\": \"f\", \"parameters\": {}}", {"So {\"name\": \"f\", \"parameters\": {}}", "", ""});
  expect({kLlama3, false}, "{\"name\": \"f\", \"parameters\": {}}", {"{\"name\": \"f\", \"parameters\": {}}", "", ""});
}

TEST(AnswerParser, mistral_s_tool_calls_are_a_list) {
  expect({kMistral}, "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {\"x\": 1}}, {\"name\": \"g\", \"arguments\": {}}]", {"", "", "f({\"x\":1})g({})"});
  expect({kMistral}, "«[TOOL_CALLS]»[{\"name\": \"f\"}]", {"", "", "f({})"});
  expect({kMistral}, "[TOOL_CALLS] sorry", {"[TOOL_CALLS] sorry", "", ""});
}

TEST(AnswerParser, deepseek_s_tool_calls) {
  const std::string begin = "<\uFF5Ctool\u2581calls\u2581begin\uFF5C>", end = "<\uFF5Ctool\u2581calls\u2581end\uFF5C>";
  const std::string call = "<\uFF5Ctool\u2581call\u2581begin\uFF5C>", separator = "<\uFF5Ctool\u2581sep\uFF5C>", call_end = "<\uFF5Ctool\u2581call\u2581end\uFF5C>";
  const auto control = [](const std::string& name) { return "«" + name + "»"; };
  const std::string text = "Look:\n\n" + begin + call + "function" + separator + "f\n```json\n{\"x\": 1}\n```" + call_end + "\n" + call + "function" +
                           separator + "g\n```json\n{}\n```" + call_end + end;
  expect({kDeepSeek}, text, {"Look:", "", "f({\"x\": 1})g({})"});
  expect({kDeepSeek}, control(begin) + control(call) + "f" + control(separator) + "{\"x\": 1}" + control(call_end) + control(end), {"", "", "f({\"x\": 1})"});
  expect({kDeepSeek}, call + "nonsense" + call_end, {call + "nonsense" + call_end, "", ""});
}

TEST(AnswerParser, harmony_s_channels) {
  expect({kHarmony}, "«<|channel|>»analysis«<|message|>»Hm. «<|end|>»«<|start|>»assistant«<|channel|>»final«<|message|>»Hello <|end|> there«<|return|>»",
         {"Hello <|end|> there", "Hm. ", ""});
  expect({kHarmony}, "«<|channel|>»analysis«<|message|>»need it«<|end|>»«<|start|>»assistant«<|channel|>»commentary to=functions.get_weather "
                     "«<|constrain|>»json«<|message|>»{\"city\": \"Köln\"}«<|call|>»",
         {"", "need it", "get_weather({\"city\": \"Köln\"})"});
  expect({kHarmony}, " to=functions.now«<|channel|>»commentary json«<|message|>»{}«<|call|>»", {"", "", "now({})"});
  expect({kHarmony}, "«<|channel|>»commentary«<|message|>»I will look«<|end|>»", {"I will look", "", ""});
  expect({kHarmony}, "no channel at all", {"no channel at all", "", ""});
  expect({kHarmony}, std::string(5000, 'x'), {std::string(5000, 'x'), "", ""});
  expect({kHarmony}, "«<|channel|>»analysis«<|message|>»cut o", {"", "cut o", ""});
}

TEST(AnswerParser, a_forced_call_goes_on_from_what_the_prompt_began) {
  const auto forced = [](std::string_view chat_template, std::string_view name, std::string_view answer, std::string_view prompt = "") {
    AnswerFormat format = answer_format(chat_template, prompt, true);
    format.begun = call_opening(format, chat_template, name);
    EXPECT_FALSE(format.begun.empty());
    AnswerParser parser(format, "id");
    const Family family{chat_template, true, prompt};
    const AnswerPart given = parse(family, answer, 3, &parser).answer;
    EXPECT_EQ(given.content, "");
    EXPECT_EQ(given.reasoning, "");
    EXPECT_EQ(given.tool_calls.size(), 1u);
    return given.tool_calls.empty() ? "" : given.tool_calls[0].name + given.tool_calls[0].arguments;
  };
  EXPECT_EQ(forced(kQwen, "", "f\", \"arguments\": {\"x\": 1}}\n</tool_call>"), "f{\"x\":1}");
  EXPECT_EQ(forced(kQwen, "f", " {\"x\": 1}}\n</tool_call>"), "f{\"x\":1}");
  EXPECT_EQ(forced(kQwen, "f", " {\"x\": 1}}\n</tool_call>", "<think>\n"), "f{\"x\":1}");
  EXPECT_EQ(forced(kLlama3, "", "f\", \"parameters\": {\"x\": 1}}"), "f{\"x\":1}");
  EXPECT_EQ(forced(kLlama3, "f", " {\"x\": 1}}"), "f{\"x\":1}");
  EXPECT_EQ(forced(kMistral, "f", " {\"x\": 1}}]"), "f{\"x\":1}");
  EXPECT_EQ(forced("[TOOL_CALLS] [", "", "f\", \"arguments\": {\"x\": 1}}]"), "f{\"x\":1}");
  EXPECT_EQ(forced(std::string(kDeepSeek) + "```json", "f", "{\"x\":1}\n```<\uFF5Ctool\u2581call\u2581end\uFF5C>"), "f{\"x\":1}");
  EXPECT_EQ(forced(kDeepSeek, "f", "{\"x\":1}<\uFF5Ctool\u2581call\u2581end\uFF5C>"), "f{\"x\":1}");
  EXPECT_EQ(forced(kHarmony, "f", "{\"x\":1}«<|call|>»"), "f{\"x\":1}");
  EXPECT_EQ(forced(kHarmony, "", "f «<|constrain|>»json«<|message|>»{\"x\":1}«<|call|>»"), "f{\"x\":1}");
  EXPECT_EQ(call_opening({}, "", "f"), "");  // a family that is not known
  EXPECT_EQ(call_opening(answer_format("[TOOL_CALLS][ARGS]", "", true), "[TOOL_CALLS][ARGS]", "f"), "");
}

TEST(AnswerParser, hostile_answers_are_text) {
  const std::string deep = "<tool_call>" + std::string(100000, '[') + "</tool_call>";
  EXPECT_EQ(parse({kQwen}, deep, 7).answer.content, deep);
  std::string many;
  for (int i = 0; i < 20000; ++i) many += "<tool_call><think></tool_call>";
  EXPECT_EQ(parse({kQwen}, many, 5).answer.content, many);
  EXPECT_EQ(parse({kQwen}, std::string(300000, '<'), 1).answer.content.size(), 300000u);
  EXPECT_EQ(parse({kQwen}, std::string(300000, ' '), 1).answer.content.size(), 300000u);
}

}  // namespace
}  // namespace tokenmark::server
