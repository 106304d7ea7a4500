// Mutated documents of every format: read or refused with a sentence that names the file, never a crash; and what is
// read can be written into the store's form and back.
#include <random>

#include "core/exchange/inferencex_sweep.h"
#include "tests/core/exchange/samples.h"

namespace tokenmark {
namespace {

constexpr int kRounds = 400;  // of each sample

std::string mutated(std::string text, std::mt19937_64& random) {
  const auto at = [&](std::size_t size) { return size == 0 ? 0 : random() % size; };
  const char* const pieces[] = {"-1", "1e308", "1e999", "null", "[]", "{}", "\"\"", "NaN", "-Infinity", "9223372036854775808", "\xff\xfe", "\\u0000", "[[[[[[[[", ",", "\"", "true", "0"};
  for (std::uint64_t changes = 1 + random() % 4; changes > 0 && !text.empty(); --changes) {
    const std::size_t place = at(text.size());
    switch (random() % 6) {
      case 0: text[place] = static_cast<char>(random()); break;
      case 1: text.erase(place, 1 + random() % 20); break;
      case 2: text.insert(place, pieces[random() % std::size(pieces)]); break;
      case 3: text.resize(place); break;
      case 4: text.insert(place, text.substr(at(text.size()), random() % 60)); break;
      default: {                                 // another value where one stands
        const std::size_t colon = text.find(": ", place);
        if (colon == std::string::npos) break;
        const std::size_t end = text.find_first_of(",}\n", colon);
        if (end != std::string::npos) text.replace(colon + 2, end - colon - 2, pieces[random() % std::size(pieces)]);
      }
    }
  }
  return text;
}

TEST(ImportFuzz, mutated_documents_are_read_or_refused_by_name) {
  std::mt19937_64 random(7);
  int refused = 0, read_ones = 0;
  for (const Sample& sample : samples())
    for (int round = 0; round < kRounds; ++round) {
      const std::string text = mutated(sample.text, random);
      const auto runs = read_document(text, "foreign.json", {});
      if (!runs) {
        ++refused;
        EXPECT_EQ(runs.error().message.find("foreign.json"), 0u) << runs.error().message;
        EXPECT_LT(runs.error().message.size(), 600u);
        continue;
      }
      ++read_ones;
      for (const ImportedRun& run : *runs) {
        const auto json = to_json(run.figures);
        const auto again = figures_from_json(json);
        ASSERT_TRUE(again) << again.error().message << json;
        (void)run.environment.dump();
        if (run.log) {
          EXPECT_TRUE(decode_event_log(encode(*run.log)));
        }
      }
    }
  EXPECT_GT(refused, kRounds);
  EXPECT_GT(read_ones, kRounds);
}

TEST(ImportFuzz, deep_nesting_and_large_lists_do_no_harm) {
  EXPECT_FALSE(read_document(std::string(1'000'000, '['), "deep.json", {}));
  EXPECT_FALSE(read_document("{\"a\":" + std::string(100'000, '{'), "deep.json", {}));
  EXPECT_FALSE(read_document(std::string(100'000, ','), "commas.csv", {}));
  EXPECT_FALSE(read_document("\"" + std::string(3'000'000, 'x'), "quote.csv", {}));
  EXPECT_FALSE(read_document("", "empty", {}));
}

TEST(ImportFuzz, mutated_sweep_definitions_too) {
  const std::string master = "a-b:\n  model: m\n  runner: h200\n  scenarios:\n    fixed-seq-len:\n    - {isl: 1024, osl: 1024, search-space: [{tp: 8, conc-start: 4, conc-end: 64}]}\n";
  std::mt19937_64 random(11);
  for (int round = 0; round < 3000; ++round)
    if (const auto sweeps = convert_inferencex_sweeps(mutated(master, random), "m.yaml", {.key = "a-b", .url = "http://h"}); !sweeps) {
      EXPECT_FALSE(sweeps.error().message.empty());
    }
}

}  // namespace
}  // namespace tokenmark
