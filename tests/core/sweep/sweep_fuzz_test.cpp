// Damaged sweep files end in points or in named errors, never in a crash or a hang (run under the sanitizers
// too).
#include <gtest/gtest.h>

#include <random>

#include "core/sweep/sweep.h"

namespace tokenmark {
namespace {

constexpr std::string_view kSeed = R"(name: A sweep
node: {ssh: me@host, agent: /bin/agent, options: [-p, "22"]}
target:
  engine: {model: "shape:llama-3.2-1b:q4_0", device: cpu, cores: [0, 1], threads: 2}
workload: {input: 128, output: 64, range_ratio: 0.8, seed: 0}
load: {requests_per_concurrency: 10, warmups_per_concurrency: 2}
axes:
  concurrency: [1, 2, 4]
  model: [a, 'b', "c"]
zip:
  - {input: [8, 16], output: [4, 2]}
exclude: [{concurrency: 2, input: 16}]
repeats: 3
limits: {ttft_s: 2.0, tpot_s: 0.1}
stop: {failed_share: 0.05, timeout_s: 3600}
)";

const std::string_view kPieces[] = {"{",
                                    "}",
                                    "[",
                                    "]",
                                    ": ",
                                    "- ",
                                    "\n",
                                    "  ",
                                    "&a ",
                                    "*a",
                                    "!!binary ",
                                    "|\n",
                                    ">\n",
                                    "\"",
                                    "'",
                                    "#",
                                    "? ",
                                    "---\n",
                                    "...\n",
                                    "%YAML 9\n",
                                    "99999999999999999999",
                                    "-1",
                                    "1e400",
                                    "nan",
                                    "\t",
                                    "\0",
                                    "\xff",
                                    "\xc3\xa9",
                                    "axes",
                                    "concurrency",
                                    "[[[[[[[[[[[[[[[[[[[[",
                                    "{a: {a: {a: {a: ",
                                    "~",
                                    "<<: ",
                                    "\xEF\xBB\xBF"};

std::string mutated(std::mt19937& random) {
  std::string text(kSeed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (std::size_t changes = 1 + below(6); changes > 0 && !text.empty(); --changes) {
    const std::size_t at = below(text.size());
    switch (below(6)) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, 1 + below(20));
        break;
      case 2:
        text.insert(at, kPieces[below(std::size(kPieces))]);
        break;
      case 3:
        text.resize(at);
        break;
      case 4:
        text.insert(at, text.substr(below(text.size()), below(60)));
        break;
      default:
        text.replace(at, 1, kPieces[below(std::size(kPieces))]);
        break;
    }
  }
  return text;
}

TEST(SweepFuzz, damaged_files_end_in_points_or_a_named_error) {
  std::mt19937 random(20240601);
  int good = 0, refused = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto sweep = parse_sweep(mutated(random), "fuzz.yaml");
    if (sweep) {
      ++good;
      EXPECT_FALSE(sweep->points.empty());
    } else {
      ++refused;
      EXPECT_FALSE(sweep.error().message.empty());
    }
  }
  EXPECT_GT(good, 10);  // the mutations are not all nonsense
  EXPECT_GT(refused, 1000);
}

TEST(SweepFuzz, deep_nesting_and_long_keys_end_quickly) {
  for (const std::string& piece :
       {std::string("["), std::string("{a: "), std::string("- "), std::string("? "), std::string("a:\n ")}) {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += piece;
    EXPECT_FALSE(parse_sweep(text, "deep.yaml"));
  }
  EXPECT_FALSE(parse_sweep("target: {engine: {" + std::string(200'000, 'm') + ": 1}}", "long.yaml"));
}

TEST(SweepFuzz, random_bytes_are_refused) {
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    std::string text(random() % 300, '\0');
    for (char& c : text) c = static_cast<char>(random());
    EXPECT_FALSE(parse_sweep(text, "noise.yaml"));
  }
}

}  // namespace
}  // namespace tokenmark
