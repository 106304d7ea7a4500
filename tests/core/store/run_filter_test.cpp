#include "core/store/run_filter.h"

#include <gmock/gmock.h>

namespace tokenmark {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RunRow some_row() {
  RunRow row;
  row.id = 1234;
  row.model = "shape:Llama-3.2-1b:q4_0";
  row.series = "Llama-3.2-1b q4_0 on H200";
  row.hardware = "h200";
  row.device = "cuda:0";
  row.precision = "bf16";
  row.framework = "vllm 0.9.1";
  row.node = "rack, left";
  row.sweep_name = "Nightly chat";
  row.source = "measured";
  row.state = RunState::done;
  row.started = "2026-04-17T09:30:00Z";
  row.input = 1024;
  row.output = 128;
  row.concurrency = 16;
  row.gpus = 8;
  row.tags = {"baseline", "needs care"};
  row.note = "after the fan was cleaned";
  return row;
}

bool found(const std::string& text) {
  const auto filter = parse_run_filter(text);
  EXPECT_TRUE(filter) << filter.error().message;
  return filter && matches(*filter, some_row());
}

TEST(RunFilter, every_part_must_hold) {
  for (const char* text : {"", "  ", "llama", "LLAMA q4", "shape:llama", "#1234", "1024/128", "done", "2026-04", "baseline", "fan",
                           "\"needs care\"", "model:llama", "model:mistral,llama", "precision=bf16", "precision:f16", "tag:base",
                           "tag=\"needs care\"", "tag=baseline,other", "hardware:H200", "node=\"rack, left\"", "state:done", "in:1024",
                           "out:..200", "concurrency:8..64", "gpus:8", "run:1234", "lengths=1024/128", "before:2026-05-01",
                           "before:2027", "after:2026-04-17", "after:2026", "on:2026-04", "on:2026-04-17", "note:fan", "-starred",
                           "-tag:nightly", "-mistral", "model:llama tag:baseline before:2026-05-01 -starred", "sweep:nightly"})
    EXPECT_TRUE(found(text)) << text;
  for (const char* text : {"mistral", "llama mistral", "precision=f16", "tag=base", "tag:nightly", "state:failed", "in:1025",
                           "concurrency:17..", "gpus:..4", "before:2026-04-17", "before:2026", "after:2026-04-18", "on:2026-05",
                           "on:2026-04-16", "starred", "-tag:baseline", "-llama", "model:llama starred", "note:oil", "\"starred\"",
                           "llama%", "'; DROP TABLE runs; --"})
    EXPECT_FALSE(found(text)) << text;
}

TEST(RunFilter, what_cannot_be_read_is_named) {
  const auto message = [](const char* text) {
    const auto filter = parse_run_filter(text);
    return filter ? std::string() : filter.error().message;
  };
  EXPECT_THAT(message("before:yesterday"), HasSubstr("before:yesterday: not a date"));
  EXPECT_THAT(message("before:2026-5"), HasSubstr("not a date"));
  EXPECT_THAT(message("concurrency:many"), HasSubstr("concurrency:many: not a number"));
  EXPECT_THAT(message("concurrency:.."), HasSubstr("not a number"));
  EXPECT_THAT(message("in:99999999999999999999"), HasSubstr("not a number"));
  EXPECT_THAT(message("llama model:"), HasSubstr("model:"));
  EXPECT_EQ(message("unknown:key"), "");   // a plain word
  EXPECT_EQ(message("\"open quote"), "");
}

TEST(RunFilter, chosen_values_are_written_into_the_text_and_read_from_it) {
  EXPECT_EQ(with_values("llama starred", RunKey::precision, {"f16", "bf16"}), "llama starred precision=f16,bf16");
  EXPECT_EQ(with_values("precision=f16 llama  precision:q4", RunKey::precision, {}), "llama");
  EXPECT_EQ(with_values("-tag:old", RunKey::tag, {"needs care", "a,b"}), "-tag:old tag=\"needs care\",\"a,b\"");
  EXPECT_EQ(with_values("llama", RunKey::starred, {"starred"}), "llama starred");
  EXPECT_THAT(exact_values("x tag=\"Needs Care\",\"a,b\" model=m", RunKey::tag), ElementsAre("needs care", "a,b"));
  EXPECT_THAT(exact_values("tag:part -tag=not", RunKey::tag), testing::IsEmpty());
  for (const std::string value : {"plain", "two words", "a,b", "x=y", "p:q"}) {   // what is written is what is found
    RunRow row = some_row();
    row.tags = {value};
    EXPECT_TRUE(matches(*parse_run_filter(with_values("", RunKey::tag, {value})), row)) << value;
  }
}

TEST(RunFilter, no_text_makes_it_fail_in_another_way_than_by_an_error) {
  std::uint32_t noise = 1;
  const std::string letters = "\"-:=,. starredtagbeforemodel0123456789/\t\x01\xff";
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (int i = 0; i < round % 24; ++i) text += letters[(noise = noise * 1664525u + 1013904223u) >> 16 & 31];
    const auto filter = parse_run_filter(text);
    if (filter) (void)matches(*filter, some_row());
    const std::string more = with_values(text, RunKey::tag, {"x"});
    EXPECT_THAT(exact_values(more, RunKey::tag), testing::Contains("x")) << text;
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace tokenmark
