// What is wrong is named with its line, and a hostile template ends.
#include "engine/template/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tokenmark::jinja {
namespace {

using testing::HasSubstr;

std::string render(std::string_view source, std::string_view variables = "{}") {
  const auto made = Template::parse(source);
  if (!made) return "error: " + made.error().message;
  const auto text = made->render(*value_from_json(variables), {});
  return text ? *text : "error: " + text.error().message;
}

TEST(Template, mistakes_are_named_with_their_line) {
  EXPECT_THAT(render("a\nb\n{% if x %}"), HasSubstr("line 3: 'endif' is missing"));
  EXPECT_THAT(render("\n{{ 'a' }"), HasSubstr("line 2: a tag is not closed by '}}'"));
  EXPECT_THAT(render("{{ 'a }}"), HasSubstr("a string is not closed"));
  EXPECT_THAT(render("{# never closed"), HasSubstr("comment is not closed"));
  EXPECT_THAT(render("{% frobnicate %}"), HasSubstr("statement 'frobnicate' is not known"));
  EXPECT_THAT(render("{% endfor %}"), HasSubstr("'endfor' closes nothing"));
  EXPECT_THAT(render("{{ 1 + }}"), HasSubstr("expected a value, found '}}'"));
  EXPECT_THAT(render("{% for x in [1] %}\n{{ x | fancy }}{% endfor %}"), HasSubstr("line 2: the filter 'fancy' is not known"));
  EXPECT_THAT(render("{{ 1 is fancy }}"), HasSubstr("test 'fancy' is not known"));
  EXPECT_THAT(render("{{ nothing.more }}"), HasSubstr("'nothing' is undefined"));
  EXPECT_THAT(render("{{ nothing() }}"), HasSubstr("function 'nothing' is undefined"));
  EXPECT_THAT(render("{{ 'a' + 1 }}"), HasSubstr("cannot add str and int"));
  EXPECT_THAT(render("{{ [].append(1) }}"), HasSubstr("list has no method 'append'"));
  EXPECT_THAT(render("{{ raise_exception('so it is') }}"), HasSubstr("line 1: the template says: so it is"));
  EXPECT_THAT(render("{{ 1 / 0 }}"), HasSubstr("division by zero"));
  EXPECT_THAT(render("{% set x.y = 1 %}", R"({"x": {}})"), HasSubstr("'x' is no namespace"));
  EXPECT_THAT(render("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}"), HasSubstr("macro 'm' takes 1 arguments, not 2"));
  EXPECT_THAT(render("{% break %}"), HasSubstr("outside of a loop"));
}

TEST(Template, work_nesting_and_output_are_limited) {
  EXPECT_THAT(render("{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}"), HasSubstr("more work than is allowed"));
  EXPECT_THAT(render("{{ range(10**15) }}"), HasSubstr("'range' makes more than"));
  EXPECT_THAT(render("{% set n = namespace(x='x') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}"), HasSubstr("more work than is allowed"));
  EXPECT_THAT(render("{{ 'x' * 10**12 }}"), HasSubstr("repeats a text too often"));
  EXPECT_THAT(render("{{ 9223372036854775807 + 1 }}"), HasSubstr("number is too large"));
  EXPECT_THAT(render("{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}"), HasSubstr("too deeply"));
  EXPECT_THAT(render("{% set n = namespace(x=[]) %}{% for i in range(1000) %}{% set n.x = [n.x] %}{% endfor %}"), HasSubstr("nested more than 100 levels deep"));
  EXPECT_THAT(render("{% set n = namespace(x=[1]) %}{% for i in range(90) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}"), HasSubstr("more work than is allowed"));
  EXPECT_THAT(render("{% set n = namespace() %}{% set n.n = n %}"), HasSubstr("cannot hold a namespace"));
  EXPECT_THAT(render("{% set n = namespace() %}{{ [n] }}"), HasSubstr("namespace cannot be part"));
  EXPECT_THAT(render("{{ " + std::string(5000, '(') + "1" + std::string(5000, ')') + " }}"), HasSubstr("levels deep"));
  std::string sum = "1", ifs, ends;
  for (int i = 0; i < 5000; ++i) sum += "+1";
  for (int i = 0; i < 5000; ++i) ifs += "{% if 1 %}", ends += "{% endif %}";
  EXPECT_THAT(render("{{ " + sum + " }}"), HasSubstr("levels deep"));
  EXPECT_THAT(render(ifs + ends), HasSubstr("levels deep"));
  EXPECT_THAT(render(std::string(2 << 20, 'x')), HasSubstr("at most"));
}

TEST(Template, a_long_conversation_is_within_the_limits) {
  std::string messages = R"({"messages": [)";
  for (int i = 0; i < 2000; ++i)
    messages.append(i ? "," : "").append(R"({"role": "user", "content": ")").append(1000, 'x').append("\"}");
  messages += "]}";
  const std::string text = render("{% for m in messages %}{{ '<' + m.role + '>' + m['content'] | trim + '</>' }}{% endfor %}", messages);
  EXPECT_EQ(text.size(), 2000u * 1009);
}

TEST(Template, json_keeps_the_order_of_keys_and_refuses_nonsense) {
  EXPECT_EQ(render("{{ x | tojson }}", R"({"x": {"b": 1, "a": {"d": 1.50, "c": "\u00e9"}}})"), R"({"b": 1, "a": {"d": 1.5, "c": "é"}})");
  EXPECT_FALSE(value_from_json("{\"a\": 1"));
  EXPECT_FALSE(value_from_json(std::string(100, '[') + std::string(100, ']')));
}

}  // namespace
}  // namespace tokenmark::jinja
