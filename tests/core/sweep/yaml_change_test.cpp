#include "core/sweep/yaml_change.h"

#include <gtest/gtest.h>

#include "core/sweep/yaml_tree.h"

namespace tokenmark {
namespace {

constexpr std::string_view kFile = R"(# What this is for.
name: "A name"   # shown in the list
target:
  endpoint: {url: "http://127.0.0.1:8000/a,b", model: 'it''s {m}', api: completions}
workload:
    # lengths
    input: 1024   # tokens
    output: 256
axes:
  concurrency:
  - 1
  - 2
limits: {tpot_s: 0.0125}
)";

std::string with(std::string_view text, const YamlPath& path, std::string_view value) {
  const auto changed = yaml_with(text, path, value);
  return changed ? *changed : "error: " + changed.error().message;
}
std::string without(std::string_view text, const YamlPath& path) {
  const auto changed = yaml_without(text, path);
  return changed ? *changed : "error: " + changed.error().message;
}
// The file with one piece of its text replaced.
std::string but(std::string_view piece, std::string_view by) {
  std::string text(kFile);
  const std::size_t at = text.find(piece);
  EXPECT_NE(at, std::string::npos) << piece;
  return text.replace(at, piece.size(), by);
}

TEST(YamlChange, a_value_is_replaced_and_all_else_stays) {
  EXPECT_EQ(with(kFile, {"name"}, "other"), but("\"A name\"", "other"));
  EXPECT_EQ(with(kFile, {"workload", "input"}, "77"), but("1024", "77"));
  EXPECT_EQ(with(kFile, {"workload", "output"}, "77"), but("256", "77"));
  EXPECT_EQ(with(kFile, {"target", "endpoint", "url"}, "\"http://x\""),
            but("\"http://127.0.0.1:8000/a,b\"", "\"http://x\""));
  EXPECT_EQ(with(kFile, {"target", "endpoint", "model"}, "m"), but("'it''s {m}'", "m"));
  EXPECT_EQ(with(kFile, {"target", "endpoint", "api"}, "chat"), but("completions", "chat"));
  EXPECT_EQ(with(kFile, {"axes", "concurrency"}, "[4, 8]"), but("\n  - 1\n  - 2", " [4, 8]"));
  EXPECT_EQ(with(kFile, {"limits", "tpot_s"}, "1"), but("0.0125", "1"));
  EXPECT_EQ(with(kFile, {"workload"}, "{input: 1}"),
            but("\n    # lengths\n    input: 1024   # tokens\n    output: 256", " {input: 1}"));
}

TEST(YamlChange, a_new_key_goes_behind_those_of_its_map) {
  EXPECT_EQ(with(kFile, {"workload", "turns"}, "3"), but("output: 256\n", "output: 256\n    turns: 3\n"));
  EXPECT_EQ(with(kFile, {"axes", "rate"}, "[1]"), but("- 2\n", "- 2\n  rate: [1]\n"));
  EXPECT_EQ(with(kFile, {"limits", "ttft_s"}, "2"), but("0.0125", "0.0125, ttft_s: 2"));
  EXPECT_EQ(with(kFile, {"repeats"}, "2"), std::string(kFile) + "repeats: 2\n");
  EXPECT_EQ(with(kFile, {"load", "arrivals"}, "poisson"), std::string(kFile) + "load: {arrivals: poisson}\n");
  EXPECT_EQ(with("", {"a", "b"}, "1"), "a: {b: 1}\n");
  EXPECT_EQ(with("# nothing yet", {"a"}, "1"), "# nothing yet\na: 1\n");
  EXPECT_EQ(with("a:   # empty\nb: 2", {"a", "c"}, "1"), "a: {c: 1}   # empty\nb: 2");
  EXPECT_EQ(with("a: {}", {"a", "c"}, "1"), "a: {c: 1}");
  EXPECT_EQ(with("a: {b: 1,}", {"a", "c"}, "1"), "a: {b: 1, c: 1,}");
  EXPECT_EQ(with("a: {b}", {"a", "c"}, "1"), "a: {c: 1, b}");
}

TEST(YamlChange, a_key_goes_and_takes_empty_maps_along) {
  EXPECT_EQ(without(kFile, {"limits", "tpot_s"}), but("limits: {tpot_s: 0.0125}\n", ""));
  EXPECT_EQ(without(kFile, {"axes", "concurrency"}), but("axes:\n  concurrency:\n  - 1\n  - 2\n", ""));
  EXPECT_EQ(without(kFile, {"workload", "input"}), but("    input: 1024   # tokens\n", ""));
  EXPECT_EQ(without(kFile, {"target", "endpoint", "api"}), but(", api: completions", ""));
  EXPECT_EQ(without(kFile, {"target", "endpoint", "model"}), but("model: 'it''s {m}', ", ""));
  EXPECT_EQ(without(kFile, {"not", "there"}), std::string(kFile));
  EXPECT_EQ(without("a: 1", {"a"}), "");
}

TEST(YamlChange, texts_in_several_lines_and_lists_of_maps_stay_whole) {
  const std::string text =
      "extra: |\n  {\n\n    # no comment\n  }\nname: two\n  words\nzip:\n  - {a: [1], b: [2]}\n  - c:\n      - 1\nquality: "
      "{task: x,\n  file: y}\n";
  EXPECT_EQ(with(text, {"extra"}, "1"), "extra: 1\n" + text.substr(text.find("name")));
  EXPECT_EQ(with(text, {"name"}, "one"),
            "extra: |\n  {\n\n    # no comment\n  }\nname: one\n" + text.substr(text.find("zip")));
  EXPECT_EQ(with(text, {"quality", "n"}, "1"), text.substr(0, text.size() - 2) + ", n: 1}\n");
  EXPECT_EQ(without(text, {"zip"}), text.substr(0, text.find("zip")) + text.substr(text.find("quality")));
  EXPECT_EQ(with("a:\n  b: |\n    text\n", {"a", "c"}, "1"), "a:\n  b: |\n    text\n  c: 1\n");
  EXPECT_EQ(with("{\"name\": \"json\", \"load\": {\"rate\": 1}}", {"load", "rate"}, "2"),
            "{\"name\": \"json\", \"load\": {\"rate\": 2}}");
  EXPECT_EQ(with("a: 1\r\nb: 2\r\n", {"a"}, "3"), "a: 3\r\nb: 2\r\n");
  EXPECT_EQ(with("größe: ü\nb: 2\n", {"b"}, "3"), "größe: ü\nb: 3\n");
}

TEST(YamlChange, what_cannot_be_changed_in_place_is_refused_and_never_damaged) {
  EXPECT_TRUE(with("a: {b: ~}", {"a", "b"}, "1").starts_with("error: a.b is written in a way"));
  EXPECT_TRUE(with("a: [1", {"a"}, "2").starts_with("error"));
  EXPECT_TRUE(with("a: 1", {"a"}, "[").starts_with("error"));
  EXPECT_TRUE(with("[1, 2]", {"a"}, "2").starts_with("error"));
}

TEST(YamlChange, scalars_are_quoted_where_they_must_be) {
  for (const std::string text :
       {"",  "a: b", "null", "true", "- x", "it's",   "\"", "back\\slash", "#",      "x # y",   "tab\there",
        " ", "a, b", "{",    "ü",    "*a",  "cuda:0", "1",  "-5",          "0.0125", "a/b.gguf"}) {
    Problems problems("");
    const YamlNode root = parse_yaml("a: {b: " + yaml_scalar(text) + "}", problems);
    ASSERT_FALSE(problems.any()) << text;
    EXPECT_EQ(root.find("a")->find("b")->text, text);
    EXPECT_EQ(root.find("a")->find("b")->kind, YamlNode::Kind::scalar) << text;
  }
  EXPECT_EQ(yaml_scalar("0.0125"), "0.0125");
  EXPECT_EQ(yaml_list("1, 2 4,"), "[1, 2, 4]");
  EXPECT_EQ(yaml_list("a]b"), "[\"a]b\"]");
  EXPECT_EQ(yaml_list(""), "[]");
}

}  // namespace
}  // namespace tokenmark
