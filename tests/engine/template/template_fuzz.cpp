// Mutated templates end in a text or an error, whatever they say.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "engine/template/template.h"

namespace tokenmark::jinja {
namespace {

constexpr const char* kPieces[] = {
    "{{", "}}", "{%", "%}", "{%-", "-%}", "{#", "#}", "{% if ", "{% else %}", "{% endif %}", "{% for x in ", "{% endfor %}", "{% set ", "{% endset %}",
    "{% macro m(a) %}", "{% endmacro %}", "m(1)", "loop.", "messages", "[", "]", "(", ")", "{", "}", " | tojson", " | map('upper')", " | list", " in ", " not ", " is defined",
    "range(9)", "namespace(a=1)", "ns.x", "[::-1]", "[1:2]", "'", "\"", "\\", "~", "+", "*", "**", "-", "//", "%", "9999999999", "1e308", "none", ".items()", ".split('')", "\xFF", "\n",
    "{% raw %}", "{% break %}", " | indent(99)", " | sort", " if ", " else ", "|", ",", "="};

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void mutate(std::string& text, std::mt19937& random) {
  for (std::uint32_t left = 1 + random() % 5; left > 0 && !text.empty(); --left) {
    const std::size_t at = random() % text.size();
    switch (random() % 5) {
      case 0: text[at] = static_cast<char>(random()); break;
      case 1: text.erase(at, 1 + random() % 30); break;
      case 2: text.insert(at, kPieces[random() % std::size(kPieces)]); break;
      case 3: text.insert(at, text.substr(random() % text.size(), random() % 60)); break;
      case 4: text.resize(at + 1); break;
    }
  }
}

TEST(TemplateFuzz, any_template_ends) {
  const std::filesystem::path folder = TOKENMARK_SOURCE_DIR "/tests/engine/template/golden";
  std::vector<std::string> sources;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".jinja") sources.push_back(read(entry.path()));
  ASSERT_GT(sources.size(), 5u);
  const auto cases = value_from_json(read(folder / "cases.json"));
  ASSERT_TRUE(cases);
  std::mt19937 random(31);
  int parsed = 0, rendered = 0;
  for (int round = 0; round < 6000; ++round) {
    std::string source = sources[random() % sources.size()];
    mutate(source, random);
    const auto made = Template::parse(source);
    if (!made) {
      EXPECT_FALSE(made.error().message.empty());
      continue;
    }
    ++parsed;
    const Value& variables = *(*cases->list())[random() % cases->list()->size()].dict()->find("variables");
    if (made->render(variables, {})) ++rendered;
  }
  EXPECT_GT(parsed, 500);
  EXPECT_GT(rendered, 200);
}

}  // namespace
}  // namespace tokenmark::jinja
