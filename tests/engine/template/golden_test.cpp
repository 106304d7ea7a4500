// Templates of every family, rendered as Jinja itself rendered them (golden/make_golden.py).
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/template/template.h"

namespace tokenmark::jinja {
namespace {

using nlohmann::json;

std::string read(const std::string& name) {
  std::ifstream file(std::string(TOKENMARK_SOURCE_DIR "/tests/engine/template/golden/").append(name), std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The variables of a case, with their keys in the file's order.
Value variables_of(const std::string& name) {
  static const Value cases = *value_from_json(read("cases.json"));
  for (const Value& entry : *cases.list())
    if (*entry.dict()->find("name")->text() == name) return *entry.dict()->find("variables");
  ADD_FAILURE() << "no case " << name;
  return {};
}

class Golden : public testing::TestWithParam<const char*> {};

TEST_P(Golden, is_rendered_as_jinja_renders_it) {
  const std::string name = GetParam();
  const auto made = Template::parse(read(name + ".jinja"));
  ASSERT_TRUE(made) << made.error().message;
  const auto noon = std::chrono::system_clock::from_time_t(1767225600 + 12 * 3600);  // 2026-01-01 in most zones
  const json expected = json::parse(read(name + ".json"));
  ASSERT_GT(expected.size(), 10u);
  for (const auto& [title, text] : expected.items()) {
    const auto rendered = made->render(variables_of(title), noon);
    if (text.is_null()) {
      EXPECT_FALSE(rendered) << title << " is refused by Jinja, here it gives: " << *rendered;
      continue;
    }
    ASSERT_TRUE(rendered) << title << ": " << rendered.error().message;
    EXPECT_EQ(*rendered, text.get<std::string>()) << title;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Golden,
                         testing::Values("llama2", "llama3", "qwen3", "chatml", "mixtral", "deepseek", "harmony", "language"),
                         [](const auto& given) { return std::string(given.param); });

}  // namespace
}  // namespace tokenmark::jinja
