#include "core/quality/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <random>

namespace tokenmark {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string written(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string error_of(const std::string& path) {
  const auto read = read_dataset(path);
  return read ? "" : read.error().message;
}

TEST(Dataset, json_lines_give_texts_lists_and_numbers_as_they_are_spelled) {
  const auto data = read_dataset(written("a.jsonl", R"({"q": "why?", "choices": ["x", "y"], "answer": 1, "none": null})"
                                                    "\n\n{\"q\": \"ü\", \"answer\": 0.10}\n"));
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_THAT(data->columns, ElementsAre("answer", "choices", "q"));
  ASSERT_EQ(data->rows.size(), 2u);
  EXPECT_THAT(data->rows[0].cells.at("choices").texts, ElementsAre("x", "y"));
  EXPECT_THAT(data->rows[0].cells.at("answer").texts, ElementsAre("1"));
  EXPECT_EQ(data->rows[0].cells.count("none"), 0u);
  EXPECT_EQ(data->rows[1].line, 3);
  EXPECT_TRUE(data->hash.starts_with("sha256:"));
}

TEST(Dataset, csv_keeps_quotes_commas_and_line_breaks_inside_values) {
  const auto data = read_dataset(written("b.csv", "\xEF\xBB\xBFQuestion,Answer\r\n\"a, \"\"b\"\"\nc\",1\r\n\r\nd,2\r\n"));
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_THAT(data->columns, ElementsAre("Question", "Answer"));
  ASSERT_EQ(data->rows.size(), 2u);
  EXPECT_THAT(data->rows[0].cells.at("Question").texts, ElementsAre("a, \"b\"\nc"));
  EXPECT_THAT(data->rows[1].cells.at("Answer").texts, ElementsAre("2"));
}

TEST(Dataset, a_limit_reads_no_further) {
  const auto data = read_dataset(written("c.jsonl", "{\"a\": 1}\n{\"a\": 2}\nnot json\n"), 2);
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->rows.size(), 2u);
}

TEST(Dataset, errors_name_file_and_place) {
  EXPECT_THAT(error_of("/nowhere.jsonl"), HasSubstr("/nowhere.jsonl"));
  EXPECT_THAT(error_of(written("d.jsonl", "{\"a\": 1}\n[1]\n")), HasSubstr("d.jsonl:2: not a JSON object: '[1]'"));
  EXPECT_THAT(error_of(written("e.csv", "a,b\n1\n")), HasSubstr("row 2 has 1 values, the header has 2 columns"));
  EXPECT_THAT(error_of(written("f.csv", "a,b\n\"never closed,1\n")), HasSubstr("f.csv: row 2"));
  EXPECT_THAT(error_of(written("g.jsonl", "")), HasSubstr("no rows"));
}

TEST(Dataset, mutated_files_are_read_or_refused) {
  std::mt19937 random(11);
  const std::string csv = "q,a\n\"x, y\",\"1\"\nz,2\n", lines = "{\"q\": \"x\", \"a\": [1, {\"b\": 2}]}\n{\"q\": 1e9, \"a\": true}\n";
  for (int i = 0; i < 1000; ++i) {
    std::string text = i % 2 ? csv : lines;
    for (unsigned n = 1 + random() % 4; n > 0; --n) {
      const std::size_t at = random() % text.size();
      if (random() % 3 == 0) text.erase(at, 1 + random() % 3);
      else text[at] = static_cast<char>(random() % 4 ? "\"\\{}[],:\n\r"[random() % 10] : random() % 256);
      if (text.empty()) text.assign(1, ' ');
    }
    const auto read = read_dataset(written(i % 2 ? "m.csv" : "m.jsonl", text));
    if (read) continue;
    EXPECT_THAT(read.error().message, HasSubstr(i % 2 ? "m.csv" : "m.jsonl"));
  }
  EXPECT_THAT(error_of(written("deep.jsonl", std::string(200000, '['))), HasSubstr("deep.jsonl:1"));
}

}  // namespace
}  // namespace tokenmark
