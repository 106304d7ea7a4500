#include "engine/template/chat.h"

#include <gtest/gtest.h>

namespace tokenmark {
namespace {

jinja::Value parsed(std::string_view json) {
  auto value = jinja::value_from_json(json);
  EXPECT_TRUE(value) << value.error().message;
  return value ? *value : jinja::Value();
}

std::string render(const std::string& source, std::string_view messages, std::string_view tools = "null",
                   std::string_view settings = "null", bool prompt = true) {
  const auto chat = ChatTemplate::make(source, "<s>", "</s>");
  EXPECT_TRUE(chat) << chat.error().message;
  const auto text = chat->render({parsed(messages), parsed(tools), parsed(settings), prompt}, {});
  return text ? *text : "error: " + text.error().message;
}

constexpr const char* kTalk = R"([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}])";

TEST(Chat, a_model_without_a_template_gets_plain_lines) {
  EXPECT_TRUE(ChatTemplate::make("", "", "")->is_plain());
  EXPECT_FALSE(ChatTemplate::make("x", "", "")->is_plain());
  EXPECT_EQ(render("", kTalk), "user: Hi\nassistant: Hello\nassistant:");
  EXPECT_EQ(render("", kTalk, "null", "null", false), "user: Hi\nassistant: Hello\n");
}

TEST(Chat, the_template_has_its_variables) {
  EXPECT_EQ(render("{{ bos_token }}{{ messages[1].content }}{{ eos_token }}{{ tools[0].name }}{{ enable_thinking }}{{ add_generation_prompt }}",
                   kTalk, R"([{"name": "f"}])", R"({"enable_thinking": false, "messages": 3})"),
            "<s>Hello</s>fFalseTrue");
}

TEST(Chat, arguments_of_tool_calls_are_mappings_unless_the_template_wants_text) {
  constexpr const char* kCall = R"([{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{\"x\": [1]}"}}]}])";
  EXPECT_EQ(render("{{ messages[0].tool_calls[0].function.arguments.x[0] }}", kCall), "1");
  EXPECT_EQ(render("{{ 'args: ' + messages[0].tool_calls[0].function.arguments }}", kCall), "args: {\"x\": [1]}");
}

TEST(Chat, an_unknown_developer_is_the_system) {
  constexpr const char* kOrder = R"([{"role": "developer", "content": "x"}])";
  EXPECT_EQ(render("{{ messages[0].role }}", kOrder), "system");
  EXPECT_EQ(render("{% if messages[0].role == 'developer' %}known{% endif %}", kOrder), "known");
}

TEST(Chat, reasoning_has_all_its_names) {
  EXPECT_EQ(render("{{ messages[0].reasoning_content }} {{ messages[0].thinking }}", R"([{"role": "assistant", "content": "", "reasoning": "why"}])"), "why why");
}

TEST(Chat, a_template_s_refusal_is_an_error) {
  EXPECT_EQ(render("{{ raise_exception('no') }}", kTalk), "error: the template's line 1: the template says: no");
  EXPECT_FALSE(ChatTemplate::make("{% if %}", "", ""));
}

}  // namespace
}  // namespace tokenmark
