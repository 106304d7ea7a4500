#include "core/workload/source_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {
namespace {

std::string written(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

Workload source(const std::string& kind, const std::string& text, const std::string& columns = "") {
  Workload workload;
  workload.source = kind;
  workload.columns = columns;
  workload.file = written(std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + "." + kind, text);
  return workload;
}

SourceFile good(const Workload& workload) {
  auto read = read_source_file(workload);
  EXPECT_TRUE(read) << (read ? "" : read.error().message);
  return read ? *std::move(read) : SourceFile{};
}

// The message without the folder.
std::string error_of(const Workload& workload) {
  const auto read = read_source_file(workload);
  EXPECT_FALSE(read);
  return read ? "" : read.error().message.substr(read.error().message.rfind('/') + 1);
}

bool has(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return true;
  ADD_FAILURE() << "'" << text << "' lacks '" << part << "'";
  return false;
}

Plan planned(Point point, const Workload& workload, const Tokenizer* tokenizer = nullptr) {
  point.workload = workload;
  auto plan = plan_requests(point, tokenizer);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  if (plan) std::erase_if(plan->requests, [](const auto& request) { return request.warmup; });
  return plan ? *std::move(plan) : Plan{};
}

Point open_loop(const std::string& arrivals, std::int32_t requests = 0) {
  Point point;
  point.load.arrivals = arrivals;
  point.load.requests = requests;
  if (arrivals == "constant") point.load.rate = 10;
  return point;
}

TEST(SourceFile, jsonl_and_csv_give_texts_and_lengths_by_their_columns) {
  const SourceFile json = good(source("jsonl", "{\"prompt\": \"a \\u00fc\", \"output\": 3}\n\n{\"prompt\":\"b\",\"answer\":\"yes\",\"system\":\"be brief\"}\n"));
  ASSERT_EQ(json.rows.size(), 2u);
  EXPECT_EQ(json.texts[0].text, "a ü");
  EXPECT_EQ(json.rows[0].output, 3);
  EXPECT_EQ(json.rows[1].line, 3);
  EXPECT_EQ(json.texts[1].text, "be brief\n\nb");
  EXPECT_EQ(json.texts[1].answer, "yes");
  const std::string table = "question,tokens,at\r\n\"why,\n\"\"so\"\"?\",12,1.5\r\nwhat?,3,2\r\n";
  const SourceFile csv = good(source("csv", table, "prompt=question,output=tokens,time_s=at"));
  ASSERT_EQ(csv.rows.size(), 2u);
  EXPECT_EQ(csv.texts[0].text, "why,\n\"so\"?");
  EXPECT_EQ(csv.rows[0].output, 12);
  EXPECT_EQ(csv.rows[0].time_ns, 1'500'000'000);
  EXPECT_EQ(csv.rows[1].line, 4);
  // vLLM's custom data set and AIPerf's single turns need no columns; the named one goes before the known one.
  EXPECT_EQ(good(source("jsonl", R"([{"text_input": "x", "output_tokens": 7}, {"text": "y"}])")).rows[0].output, 7);
  EXPECT_EQ(good(source("jsonl", R"({"input": "q", "output": "a"})", "prompt=input,answer=output")).texts[0].answer, "a");
}

TEST(SourceFile, sessions_come_together_wherever_their_turns_stand) {
  const SourceFile lines = good(source("agent", R"({"session_id": "a", "timestamp": 500, "input_length": 10, "output_length": 1}
{"session_id": "b", "timestamp": 600, "input_length": 20, "output_length": 2}
{"session_id": "a", "delay": 1500, "input_length": 11, "output_length": 3}
{"input_length": 30, "output_length": 4}
{"session_id": "b", "delay": 0, "input_length": 21, "output_length": 5})"));
  std::vector<std::int32_t> inputs;
  std::vector<bool> continues;
  for (const SourceRow& row : lines.rows) {
    inputs.push_back(row.input);
    continues.push_back(row.continues);
  }
  EXPECT_EQ(inputs, (std::vector<std::int32_t>{10, 11, 20, 21, 30}));
  EXPECT_EQ(continues, (std::vector<bool>{false, true, false, true, false}));
  EXPECT_EQ(lines.rows[1].think_ns, 1'500'000'000);
  const SourceFile turns = good(source("agent", R"({"session": "s", "time_s": 2, "turns": [{"input": 5, "output": 6}, {"think_s": 0.25, "prompt": "more", "answer": "ok"}]}
{"turns": [{"text": "AIPerf", "delay": 0}, {"text": "too", "delay": 1000}]})"));
  ASSERT_EQ(turns.rows.size(), 4u);
  EXPECT_EQ(turns.rows[0].time_ns, 2'000'000'000);
  EXPECT_TRUE(turns.rows[1].continues);
  EXPECT_EQ(turns.rows[1].think_ns, 250'000'000);
  EXPECT_FALSE(turns.rows[2].continues);
  EXPECT_EQ(turns.rows[3].think_ns, 1'000'000'000);
}

TEST(SourceFile, traces_in_their_own_formats) {
  const SourceFile azure = good(source("azure", "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n"
                                                "2023-11-16 18:15:50.9951690,0,109\n2024-05-10 00:00:00.009930+00:00,396,109\n"));
  ASSERT_EQ(azure.rows.size(), 2u);  // the one without tokens is left out
  EXPECT_EQ(azure.rows[0].time_ns, 1'700'158'546'680'590'000);
  EXPECT_EQ(azure.rows[1].time_ns, 1'715'299'200'009'930'000);
  const SourceFile burst = good(source("burstgpt", "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
                                                   "5,ChatGPT,472,18,490,Conversation log\n45,GPT-4,1087,0,1087,API log\n118,GPT-4,417,276,693,API log\n"));
  ASSERT_EQ(burst.rows.size(), 2u);
  EXPECT_EQ(burst.rows[1].time_ns, 118'000'000'000);
  EXPECT_EQ(burst.rows[1].output, 276);
}

TEST(SourceFile, a_trace_is_replayed_by_its_times) {
  Point point = open_loop("trace");
  point.load.time_scale = 0.5;
  const Workload workload = source("burstgpt", "Timestamp,Model,Request tokens,Response tokens\n5,m,47,18\n7.5,m,10,2\n45,m,41,27\n");
  const Plan plan = planned(point, workload);
  ASSERT_EQ(plan.requests.size(), 3u);
  EXPECT_EQ(plan.requests[0].arrival_ns, 0);
  EXPECT_EQ(plan.requests[1].arrival_ns, 1'250'000'000);
  EXPECT_EQ(plan.requests[2].arrival_ns, 20'000'000'000);
  EXPECT_EQ(plan.requests[2].input, 41);
  point.load.duration_s = 10;
  EXPECT_EQ(planned(point, workload).requests.size(), 2u);
  // Lengths alone, at another rate: from the beginning again where more are asked for.
  const Plan more = planned(open_loop("constant", 7), workload);
  ASSERT_EQ(more.requests.size(), 7u);
  EXPECT_EQ(more.requests[6].input, 47);
  EXPECT_EQ(more.requests[6].arrival_ns, 600'000'000);
  EXPECT_NE(more.requests[6].prompt_seed, more.requests[0].prompt_seed);
}

TEST(SourceFile, equal_hash_ids_are_equal_tokens) {
  const Workload workload = source("mooncake", R"({"timestamp": 0, "input_length": 1100, "output_length": 5, "hash_ids": [1, 2, 3]}
{"timestamp": 10, "input_length": 1536, "output_length": 5, "hash_ids": [1, 2, 4]}
{"timestamp": 20, "input_length": 600, "output_length": 5, "hash_ids": [1]})");
  const Plan plan = planned(open_loop("trace"), workload);
  ASSERT_EQ(plan.requests.size(), 3u);
  const auto ordinary = ordinary_tokens_of_any_vocabulary();
  const auto a = prompt_ids(plan, 0, ordinary, nullptr), b = prompt_ids(plan, 1, ordinary, nullptr), c = prompt_ids(plan, 2, ordinary, nullptr);
  EXPECT_EQ(a.size(), 1100u);
  EXPECT_EQ(b.size(), 1536u);
  EXPECT_EQ(c.size(), 600u);
  EXPECT_TRUE(std::equal(a.begin(), a.begin() + 1024, b.begin()));
  EXPECT_FALSE(std::equal(a.begin() + 1024, a.end(), b.begin() + 1024));
  EXPECT_TRUE(std::equal(c.begin(), c.begin() + 512, a.begin()));
  EXPECT_FALSE(std::equal(c.begin() + 512, c.end(), a.begin() + 512));
}

TEST(SourceFile, sharegpt_is_pruned_and_shuffled_and_counted_by_the_tokenizer) {
  const auto tokenizer = make_synthetic_tokenizer(2000);
  std::string text = "[";
  for (int i = 0; i < 40; ++i)
    text += fmt::format("{}{{\"id\":\"{}\",\"conversations\":[{{\"from\":\"human\",\"value\":\"{}\"}},{{\"from\":\"gpt\",\"value\":\"{}\"}}"
                        ",{{\"from\":\"human\",\"value\":\"more\"}},{{\"from\":\"gpt\",\"value\":\"end\"}}]}}\n", i == 0 ? "" : ",", i,
                        random_text(*tokenizer, i == 3 ? 2 : 10 + i, 1), random_text(*tokenizer, i == 4 ? 3 : 20, 2));
  text += ",{\"id\":\"short\",\"conversations\":[]}]";
  const Workload workload = source("sharegpt", text);
  Point point;
  point.load.requests = 38;
  const Plan plan = planned(point, workload, tokenizer.get());
  ASSERT_EQ(plan.requests.size(), 38u);
  std::set<std::int32_t> inputs, samples;
  for (const PlannedRequest& request : plan.requests) {
    inputs.insert(request.input);
    samples.insert(request.sample);
    EXPECT_EQ(request.output, 20);
    EXPECT_EQ(tokenizer->encode(plan.dataset[static_cast<std::size_t>(request.sample)].text, true).size(), static_cast<std::size_t>(request.input));
  }
  EXPECT_EQ(samples.size(), 38u);
  EXPECT_EQ(inputs.size(), 38u);
  EXPECT_FALSE(std::is_sorted(plan.requests.begin(), plan.requests.end(), [](const auto& a, const auto& b) { return a.input < b.input; }));
  Workload turns = workload;
  turns.turns = 2;
  const Plan conversations = planned(point, turns, tokenizer.get());
  EXPECT_EQ(conversations.requests[1].turn, 1);
  EXPECT_EQ(conversations.requests[1].group, conversations.requests[0].group);
  EXPECT_EQ(conversations.requests[2].group, conversations.requests[0].group + 1);
  point.workload = workload;
  EXPECT_TRUE(has(plan_requests(point).error().message, "target.endpoint.tokenizer"));
}

TEST(SourceFile, rows_are_the_samples_of_an_mlperf_scenario) {
  std::string text;
  for (int i = 0; i < 6; ++i) text += fmt::format("{{\"prompt\": \"sample {}\", \"input\": {}, \"output\": 1}}\n", i, i + 1);
  Point point;
  point.load.scenario = "offline";
  point.load.min_requests = 6;
  point.load.duration_s = 0.1;
  point.load.rate = 10;
  const Plan plan = planned(point, source("jsonl", text));
  ASSERT_GE(plan.requests.size(), 6u);
  std::set<std::int32_t> samples;
  for (std::size_t i = 0; i < plan.requests.size(); ++i) {
    samples.insert(plan.requests[i].sample);
    ASSERT_NE(dataset_prompt(plan, i), nullptr);
    EXPECT_EQ(dataset_prompt(plan, i)->text, fmt::format("sample {}", plan.requests[i].sample));
    EXPECT_EQ(plan.requests[i].input, plan.requests[i].sample + 1);
  }
  EXPECT_EQ(samples.size(), 6u);
  point.workload = source("agent", "{\"turns\": [{\"input\": 1}, {\"input\": 2}]}");
  EXPECT_TRUE(has(plan_requests(point).error().message, "a conversation of 2 turns"));
}

TEST(SourceFile, what_is_wrong_is_named_with_its_line) {
  EXPECT_TRUE(has(error_of(source("jsonl", "{\"prompt\": \"a\"}\nhello\n")), "jsonl:2: expected a JSON object, found 'h'"));
  EXPECT_TRUE(has(error_of(source("jsonl", "{\"prompt\": \"a\"}\n{\"prompt\": nope}\n")), "jsonl:2: not JSON"));
  EXPECT_TRUE(has(error_of(source("jsonl", "\n{\"prompt\": \"a\", \"x\": [1")), "jsonl:2: the object that begins here is not closed"));
  EXPECT_TRUE(has(error_of(source("jsonl", "{\"question\": \"a\"}")), "jsonl:1: there is neither a prompt"));
  EXPECT_TRUE(has(error_of(source("jsonl", "{\"prompt\": \"\"}")), "the prompt is empty"));
  EXPECT_TRUE(has(error_of(source("jsonl", "{\"prompt\": \"a\", \"output\": \"b\"}")), "output is 'b' but must be a number"));
  EXPECT_TRUE(has(error_of(source("jsonl", "{\"prompt\": \"a\", \"output\": 1.5}")), "output is 1.5 but must be a whole number"));
  EXPECT_TRUE(has(error_of(source("jsonl", "{\"prompt\": \"a\", \"output\": 0}")), "the number of output tokens is 0"));
  EXPECT_TRUE(has(error_of(source("mooncake", "{\"input_length\": 5, \"hash_ids\": [\"x\"]}")), "hash_ids must be a list of whole numbers"));
  EXPECT_TRUE(has(error_of(source("jsonl", "")), "there are no rows in it"));
  EXPECT_TRUE(has(error_of(source("agent", "{\"turns\": []}")), "turns is empty"));
  EXPECT_TRUE(has(error_of(source("sharegpt", "[{\"conversations\": [{\"value\": \"a\"}, {\"from\": \"b\"}]}]")), "entry 1 of conversations has no text"));
  EXPECT_TRUE(has(error_of(source("csv", "a,b\n1,2\n")), "csv:1: no column is called"));
  EXPECT_TRUE(has(error_of(source("csv", "prompt,output\nx,2\ny,2,3\n")), "csv:3: 3 values, but the header has 2 columns"));
  EXPECT_TRUE(has(error_of(source("csv", "prompt,output\n\"x\ny\",2\ny,z\n")), "csv:4: output is 'z'"));
  EXPECT_TRUE(has(error_of(source("csv", "prompt\n\"open\n")), "csv:2:"));
  EXPECT_TRUE(has(error_of(source("azure", "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-13-16 18:15:46,1,1\n")), "azure:2: TIMESTAMP is '2023-13-16 18:15:46'"));
  EXPECT_TRUE(has(error_of(source("burstgpt", "Timestamp,Request tokens,Response tokens\n1,99999999999,1\n")), "must be a whole number from 0 to"));
  Workload missing = source("csv", "");
  missing.file = "/nowhere/x.csv";
  EXPECT_TRUE(has(error_of(missing), "no such file"));
  missing.file = testing::TempDir();
  EXPECT_FALSE(read_source_file(missing));
  missing.columns = "prompt=a,nonsense=b";
  EXPECT_TRUE(has(check_columns(missing).error().message, "'nonsense=b' names none of prompt, answer"));
  missing.columns = "prompt=";
  EXPECT_FALSE(check_columns(missing));
  missing.source = "azure";
  EXPECT_TRUE(has(check_columns(missing).error().message, "belongs to the sources jsonl and csv"));
}

TEST(SourceFile, what_cannot_go_together_is_named_before_a_file_is_opened) {
  Point point;
  point.workload.source = "jsonl";
  EXPECT_TRUE(has(check_plan(point).error().message, "workload.file is empty"));
  point.workload.file = "x";
  point.workload.prefix = 5;
  EXPECT_TRUE(has(check_plan(point).error().message, "workload.prefix belongs to the source random"));
  point.workload = {};
  point.workload.file = "x";
  EXPECT_TRUE(has(check_plan(point).error().message, "workload.file is set but workload.source is 'random'"));
  point.workload.file = "";
  point.load.arrivals = "trace";
  EXPECT_TRUE(has(check_plan(point).error().message, "load.arrivals is 'trace'"));
  Point timeless = open_loop("trace");
  timeless.workload = source("jsonl", "{\"input\": 1}");
  EXPECT_TRUE(has(plan_requests(timeless).error().message, "there is no time"));
}

}  // namespace
}  // namespace tokenmark
