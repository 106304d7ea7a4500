#include "app/desktop/sweep_form.h"

#include <gtest/gtest.h>

namespace tokenmark {
namespace {

SweepForm engine_form() {
  SweepForm form;
  form.name = "a \"quoted\" name: with # signs";
  form.concurrency = "1, 3, 9";
  form.repeats = 2;
  form.threads = 2;
  form.range_ratio = 0.8;
  form.ttft_limit_s = 1.5;
  return form;
}

TEST(SweepForm, what_the_form_says_comes_back_from_its_yaml) {
  SweepForm endpoint;
  endpoint.endpoint = true;
  endpoint.url = "http://127.0.0.1:8000";
  endpoint.served_model = "m";
  endpoint.api = "chat";
  endpoint.api_key_env = "KEY";
  SweepForm remote = engine_form();
  remote.ssh_host = "me@there";
  for (const SweepForm& form : {SweepForm(), engine_form(), endpoint, remote}) {
    const Result<Sweep> sweep = parse_sweep(to_yaml(form).toStdString(), "form");
    ASSERT_TRUE(sweep) << sweep.error().message << "\n" << to_yaml(form).toStdString();
    std::optional<SweepForm> back = form_of(*sweep);
    ASSERT_TRUE(back);
    EXPECT_EQ(to_yaml(*back), to_yaml(form));
  }
}

TEST(SweepForm, a_sweep_that_says_more_than_the_form_shows_stays_yaml) {
  const Result<Sweep> sweep = parse_sweep(R"(name: two axes
node: local
target:
  engine: {model: "shape:smollm2-135m:q4_0"}
workload: {input: 16, output: 8}
axes: {concurrency: [1, 2], output: [8, 16]}
)", "sweep");
  ASSERT_TRUE(sweep) << sweep.error().message;
  EXPECT_EQ(sweep->points.size(), 4u);
  EXPECT_FALSE(form_of(*sweep));
}

TEST(SweepForm, every_problem_has_its_line) {
  const Result<Sweep> sweep = parse_sweep("name: x\nworkloda: {input: 1}\nrepeats: many\n", "sweep");
  ASSERT_FALSE(sweep);
  QList<int> lines;
  for (const SweepProblem& problem : problems_of(sweep.error())) lines << problem.line;
  EXPECT_TRUE(lines.contains(2)) << sweep.error().message;
  EXPECT_TRUE(lines.contains(3)) << sweep.error().message;
}

TEST(SweepForm, a_message_without_a_place_is_shown_whole) {
  const QList<SweepProblem> problems = problems_of({ErrorKind::internal, "something: went wrong"});
  ASSERT_EQ(problems.size(), 1);
  EXPECT_EQ(problems[0].line, 0);
  EXPECT_EQ(problems[0].text, "something: went wrong");
}

}  // namespace
}  // namespace tokenmark
