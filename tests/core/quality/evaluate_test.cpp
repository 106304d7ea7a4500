#include "core/quality/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/quality/windows.h"
#include "engine/runtime/engine.h"
#include "plugins/cpu/cpu_plugin.h"
#include "tests/core/load/little_server.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string written(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::unique_ptr<Engine> engine(const std::string& model, std::int32_t context = 256) {
  static PluginRegistry registry;
  static const bool added = (registry.add(tokenmark_cpu_plugin_query), true);
  (void)added;
  auto opened = open_model(model);
  EXPECT_TRUE(opened) << opened.error().message;
  auto started = Engine::start(*std::move(opened), registry, {.threads = 2, .step_tokens = 48, .context = context, .kv_format = Format::f32});
  EXPECT_TRUE(started) << started.error().message;
  return *std::move(started);
}

std::string text_of(const Engine& e, std::int32_t tokens) { return random_text(*e.model().tokenizer, tokens, 5); }

QualityTask perplexity_task(const std::string& file, std::int32_t context) {
  QualityTask task;
  task.name = "text";
  task.kind = TaskKind::perplexity;
  task.file = file;
  task.context = context;
  return task;
}

TEST(Evaluate, perplexity_is_the_mean_over_the_second_halves_of_windows) {
  const auto e = engine("shape:stories260k:f32");
  const auto task = perplexity_task(written("p.txt", text_of(*e, 200)), 64);
  const auto result = evaluate_engine(*e, task, {}, {}, {});
  ASSERT_TRUE(result) << result.error().message;
  // The same by the definition, every window fed in one go.
  const auto tokens = e->model().tokenizer->encode(text_of(*e, 200), true);
  double nll = 0;
  std::int64_t scored = 0;
  const std::size_t vocabulary = e->model().description.vocabulary;
  for (std::size_t w = 0; w + 64 <= tokens.size(); w += 64) {
    std::vector<TokenId> window(tokens.begin() + static_cast<std::ptrdiff_t>(w), tokens.begin() + static_cast<std::ptrdiff_t>(w + 64));
    if (tokens.front() == e->model().tokenizer->bos()) window[0] = tokens.front();
    ASSERT_TRUE(e->score(window, 0, [&](std::size_t row, const float* logits) {
      if (row < 32 || row == 63) return;
      double sum = 0;
      for (std::size_t v = 0; v < vocabulary; ++v) sum += std::exp(static_cast<double>(logits[v]));
      nll += std::log(sum) - static_cast<double>(logits[window[row + 1]]);
      ++scored;
    }));
  }
  EXPECT_EQ(result->figures[0].metric, "perplexity");
  EXPECT_EQ(result->figures[0].items, scored);
  EXPECT_EQ(scored, 3 * 31);
  EXPECT_NEAR(result->figures[0].value, std::exp(nll / static_cast<double>(scored)), 1e-6 * result->figures[0].value);
  ASSERT_TRUE(result->figures[0].interval);
  EXPECT_LT(result->figures[0].interval->low, result->figures[0].value);
}

TEST(Evaluate, a_model_does_not_diverge_from_itself_and_a_coarser_one_does) {
  const auto exact = engine("shape:smollm2-135m:q8_0", 64);
  const auto task = perplexity_task(written("d.txt", text_of(*exact, 40)), 32);
  const auto none = divergence(*exact, *exact, task, {}, {});
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_EQ(none->figures[0].metric, "kl_divergence");
  EXPECT_NEAR(none->figures[0].value, 0, 1e-6);
  const auto other = engine("shape:smollm2-135m:q8_0:1", 64);  // other random weights: another model
  const auto some = divergence(*other, *exact, task, {}, {});
  ASSERT_TRUE(some) << some.error().message;
  EXPECT_GT(some->figures[0].value, 0.01);
  const auto tiny = engine("shape:stories260k:f32");
  const auto refused = divergence(*tiny, *exact, task, {}, {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("vocabulary"));
}

TEST(Evaluate, a_text_shorter_than_a_window_is_refused) {
  const auto e = engine("shape:stories260k:f32");
  const auto result = evaluate_engine(*e, perplexity_task(written("s.txt", text_of(*e, 10)), 64), {}, {}, {});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("do not fill one window of 64"));
}

TEST(Evaluate, the_engine_answers_every_item_and_each_is_scored) {
  const auto e = engine("shape:stories260k:f32");
  const std::string file = written("q.jsonl", "{\"question\": \"a\", \"answer\": \"1\"}\n{\"question\": \"b\", \"answer\": \"2\"}\n{\"question\": \"c\", \"answer\": \"3\"}\n");
  QualityTask task;
  task.name = "made";
  task.file = file;
  task.prompt = "{question}";
  task.chat = false;
  task.max_tokens = 5;
  task.concurrency = 2;
  std::vector<AnsweredItem> seen;
  const auto result = evaluate_engine(*e, task, {}, [&](const AnsweredItem& a) { seen.push_back(a); }, {});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->figures[0].items, 3);
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_FALSE(seen[1].answer.empty());
  EXPECT_EQ(seen[2].item.prompt, "c");
}

TEST(Evaluate, a_stop_ends_an_evaluation) {
  const auto e = engine("shape:stories260k:f32");
  std::string lines;
  for (int i = 0; i < 200; ++i) lines += "{\"question\": \"a\", \"answer\": \"1\"}\n";
  QualityTask task;
  task.file = written("stop.jsonl", lines);
  task.chat = false;
  task.prompt = "{question}";
  task.max_tokens = 200;
  task.concurrency = 4;
  std::stop_source stop;
  const auto result = evaluate_engine(*e, task, [&](const QualityProgress&) { stop.request_stop(); }, {}, stop.get_token());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::cancelled);
}

void reply(test::Connection& c, int status, const std::string& body) {
  c.send("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

TEST(Evaluate, an_endpoint_is_asked_through_chat_and_failures_count_as_wrong) {
  test::LittleServer server([](test::Connection& c, const test::HttpRequest& r) {
    const json body = json::parse(r.body);
    const std::string question = body["messages"][0]["content"];
    if (question == "broken") reply(c, 500, R"({"error": {"message": "out of order"}})");
    else reply(c, 200, json{{"choices", {{{"message", {{"content", "The answer is " + question}}}}}}}.dump());
    return true;
  });
  QualityTask task;
  task.name = "made";
  task.prompt = "{question}";
  task.file = written("e.jsonl", "{\"question\": \"4\", \"answer\": \"4\"}\n{\"question\": \"5\", \"answer\": \"6\"}\n{\"question\": \"broken\", \"answer\": \"1\"}\n{\"question\": \"8\", \"answer\": \"8.0\"}\n");
  const EndpointTarget target{.url = server.url(), .model = "m"};
  std::string error;
  const auto result = evaluate_endpoint(target, "", nullptr, task, {}, [&](const AnsweredItem& a) { error += a.error; }, {});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_DOUBLE_EQ(result->figures[0].value, 0.5);
  EXPECT_EQ(result->failed, 1);
  EXPECT_THAT(error, HasSubstr("HTTP 500: \"out of order\""));
}

TEST(Evaluate, a_task_of_which_nothing_was_answered_is_an_error_and_no_score_of_zero) {
  test::LittleServer server([](test::Connection& c, const test::HttpRequest&) {
    reply(c, 500, R"({"error": {"message": "out of order"}})");
    return true;
  });
  QualityTask task;
  task.file = written("none.jsonl", "{\"question\": \"4\", \"answer\": \"4\"}\n");
  const auto result = evaluate_endpoint({.url = server.url(), .model = "m"}, "", nullptr, task, {}, {}, {});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("no question was answered; the first error: HTTP 500: \"out of order\""));
}

TEST(Evaluate, perplexity_of_an_endpoint_reads_the_prompts_log_probabilities) {
  test::LittleServer server([](test::Connection& c, const test::HttpRequest& r) {
    const json body = json::parse(r.body);
    json logprobs = json::array({nullptr});
    for (std::size_t i = 1; i < body["prompt"].size() + 1; ++i) logprobs.push_back(i < 16 ? -9.0 : -0.5);
    reply(c, 200, json{{"choices", {{{"text", ""}, {"logprobs", {{"token_logprobs", logprobs}}}}}}}.dump());
    return true;
  });
  const auto tokenizer = open_tokenizer("shape:stories260k:f32");
  ASSERT_TRUE(tokenizer);
  const auto task = perplexity_task(written("ep.txt", random_text(**tokenizer, 100, 1)), 32);
  const auto result = evaluate_endpoint({.url = server.url(), .model = "m"}, "", tokenizer->get(), task, {}, {}, {});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_NEAR(result->figures[0].value, std::exp(0.5), 1e-12);
  const auto without = evaluate_endpoint({.url = server.url(), .model = "m"}, "", nullptr, task, {}, {}, {});
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().message, HasSubstr("tokenizer"));
}

}  // namespace
}  // namespace tokenmark
