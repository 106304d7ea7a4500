// Damaged workload files end in rows or in named errors, never in a crash or a hang (run under the sanitizers too).
#include <gtest/gtest.h>

#include <fstream>

#include "core/statistics/random.h"
#include "core/workload/source_file.h"

namespace tokenmark {
namespace {

struct Seed {
  const char* source;
  std::string text;
};

const Seed kSeeds[] = {
    {"sharegpt", R"([{"id": "1", "conversations": [{"from": "human", "value": "why \"so\"?"}, {"from": "gpt", "value": "ü\n"}]},
                     {"conversations": [{"value": "a"}, {"value": "b"}, {"value": "c"}, {"value": "d"}]}])"},
    {"jsonl", "{\"prompt\": \"a\", \"output\": 3, \"time_s\": 1e3}\n{\"text\": \"b\", \"answer\": \"c\", \"session\": 4}\n"},
    {"agent", R"({"session": "s", "time_s": 2, "turns": [{"input": 5, "output": 6}, {"think_s": 0.25, "prompt": "more"}]}
{"session_id": "s", "delay": 10, "input_length": 7})"},
    {"mooncake", "{\"timestamp\": 0, \"input_length\": 1100, \"output_length\": 5, \"hash_ids\": [1, 2, 18446744073709551615]}\n"},
    {"csv", "prompt,output,system\r\n\"a,\n\"\"b\"\"\",3,x\r\nc,4,\r\n"},
    {"azure", "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n2024-05-10 00:00:00+01:00,3,4\n"},
    {"burstgpt", "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,Conversation log\n"},
};
const std::string kPieces[] = {"{", "}", "[", "]", "\"", "\\", ",", ":", "\n", "\r\n", "1e400", "-1", "nan", "null", "true", "\xff", "\xef\xbb\xbf",
                               std::string(1, '\0'), "99999999999999999999", "turns", "[[[[[[[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":", "0"};

TEST(SourceFileFuzz, damaged_files_are_read_or_refused) {
  const std::string path = testing::TempDir() + "source_fuzz";
  int good = 0, bad = 0;
  for (std::uint64_t round = 0; round < 3000; ++round) {
    const Seed& seed = kSeeds[round % std::size(kSeeds)];
    std::string text = seed.text;
    std::uint64_t n = 0;
    const auto random = [&](std::size_t bound) { return static_cast<std::size_t>(below(random_at(99, round, n++), bound)); };
    for (std::size_t edits = 1 + random(5); edits > 0; --edits) {
      const std::size_t at = random(text.size() + 1), length = std::min(text.size() - at, random(12));
      const std::string& piece = kPieces[random(std::size(kPieces))];
      switch (random(4)) {
        case 0: text.erase(at, length); break;
        case 1: text.insert(at, piece); break;
        case 2: text.insert(at, text.substr(random(text.size() + 1), random(40))); break;
        default: text.replace(at, length, piece);
      }
    }
    std::ofstream(path, std::ios::binary) << text;
    Point point;
    point.workload.source = seed.source;
    point.workload.file = path;
    point.workload.turns = std::string_view(seed.source) == "sharegpt" ? 2 : 1;
    point.load.requests = 5;
    if (round % 2 == 0 && std::string_view(seed.source) != "sharegpt") point.load.arrivals = "trace";
    const auto read = read_source_file(point.workload);
    read ? ++good : ++bad;
    EXPECT_TRUE(read || read.error().message.find(path) != std::string::npos) << read.error().message;
    if (const auto plan = plan_requests(point); plan)
      for (std::size_t i = 0; i < plan->requests.size(); ++i) {
        std::int64_t sum = 0;
        for (const PromptPiece& piece : prompt_pieces(*plan, i)) sum += piece.tokens;
        EXPECT_EQ(sum, plan->requests[i].input);
        EXPECT_GE(plan->requests[i].output, 1);
      }
  }
  EXPECT_GT(good, 200);
  EXPECT_GT(bad, 200);
}

}  // namespace
}  // namespace tokenmark
