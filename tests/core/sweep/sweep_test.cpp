#include "core/sweep/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/workload/point_json.h"
#include "core/workload/requests.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kGood = R"(name: Llama 1B on this machine
node: local                       # a comment
target:
  engine: {model: "shape:llama-3.2-1b:q4_0", device: cpu}
workload: {input: 128, output: 64, range_ratio: 0.8, seed: 3}
load: {requests_per_concurrency: 10, warmups_per_concurrency: 2}
axes: {concurrency: [1, 2, 4, 8]}
zip: []
exclude: []
repeats: 3
limits: {ttft_s: 2.0, tpot_s: 0.1}
stop: {failed_share: 0.05, timeout_s: 3600}
)";

Sweep good(const std::string& yaml) {
  auto sweep = parse_sweep(yaml, "s.yaml");
  EXPECT_TRUE(sweep) << sweep.error().message;
  return sweep ? *sweep : Sweep{};
}

std::string bad(const std::string& yaml) {
  const auto sweep = parse_sweep(yaml, "s.yaml");
  EXPECT_FALSE(sweep) << yaml;
  EXPECT_TRUE(sweep || sweep.error().kind == ErrorKind::invalid_input);
  return sweep ? "" : sweep.error().message;
}

const std::string kTarget = "target: {engine: {model: m.gguf}}\n";

TEST(Sweep, the_documented_file_expands_to_its_points_with_repeats_outermost) {
  const Sweep sweep = good(kGood);
  EXPECT_EQ(sweep.name, "Llama 1B on this machine");
  EXPECT_EQ(sweep.node, Node(LocalNode{}));
  EXPECT_EQ(sweep.yaml, kGood);
  ASSERT_EQ(sweep.points.size(), 12u);
  const Point& point = sweep.points[5];
  EXPECT_EQ(point.repeat, 1);
  EXPECT_EQ(point.load, (Load{2, 10, 2, 0}));
  EXPECT_EQ(point.workload, (Workload{128, 64, 0.8, 3}));
  EXPECT_EQ(point.limits.ttft_s, 2.0);
  EXPECT_EQ(std::get<EngineTarget>(point.target).model, "shape:llama-3.2-1b:q4_0");
  EXPECT_THAT(sweep.axes, ElementsAre("load.concurrency"));
  EXPECT_EQ(point_label(sweep, point), "concurrency 2");
}

// Threads and repeat of each point, in the order of measuring.
std::string order_of(const std::string& order) {
  std::string text;
  for (const Point& p : good(kTarget + "axes: {threads: [1, 2, 3]}\nrepeats: 3\n" + order).points)
    text += fmt::format("{}{} ", "-abc"[std::get<EngineTarget>(p.target).threads], p.repeat + 1);
  return text;
}

TEST(Sweep, repeats_lie_among_the_points_as_the_order_says) {
  EXPECT_EQ(order_of("order: sequential\n"), "a1 a2 a3 b1 b2 b3 c1 c2 c3 ");
  EXPECT_EQ(order_of("order: interleaved\n"), "a1 b1 c1 a2 b2 c2 a3 b3 c3 ");
  EXPECT_EQ(order_of("order: abba\n"), "a1 b1 c1 c2 b2 a2 a3 b3 c3 ");
  EXPECT_EQ(order_of(""), order_of("order: interleaved\n"));
}

TEST(Sweep, configurations_compared_are_asked_the_same_requests_in_every_order) {
  const Sweep sweep = good(kTarget + "axes: {threads: [1, 2]}\nworkload: {range_ratio: 0.5, seed: 9}\nload: {concurrency: 4}\nrepeats: 2\norder: abba\n");
  ASSERT_EQ(sweep.points.size(), 4u);  // A1 B1 B2 A2
  const auto asked = [&](std::size_t point) {
    std::vector<std::tuple<int, int, std::uint64_t, bool>> list;
    const auto plan = plan_requests(sweep.points[point]);
    EXPECT_TRUE(plan);
    for (const PlannedRequest& r : plan->requests) list.emplace_back(r.input, r.output, r.prompt_seed, r.warmup);
    return list;
  };
  EXPECT_EQ(asked(0), asked(1));
  EXPECT_EQ(asked(2), asked(3));
  EXPECT_NE(asked(0), asked(3));  // a repeat has other prompts, of the same lengths
  for (std::size_t i = 0; i < asked(0).size(); ++i) EXPECT_EQ(std::get<0>(asked(0)[i]), std::get<0>(asked(3)[i]));
}

TEST(Sweep, lists_multiply_in_file_order_the_last_one_fastest) {
  const Sweep sweep =
      good(kTarget + "axes:\n  input: [10, 20]\n  target.threads: [1, 2]\n  load.concurrency: [1, 3]\n");
  std::vector<std::tuple<int, int, int>> order;
  for (const Point& p : sweep.points)
    order.emplace_back(p.workload.input, static_cast<int>(std::get<EngineTarget>(p.target).threads),
                       p.load.concurrency);
  EXPECT_THAT(order, ElementsAre(std::tuple(10, 1, 1), std::tuple(10, 1, 3), std::tuple(10, 2, 1),
                                 std::tuple(10, 2, 3), std::tuple(20, 1, 1), std::tuple(20, 1, 3),
                                 std::tuple(20, 2, 1), std::tuple(20, 2, 3)));
  EXPECT_EQ(point_label(sweep, sweep.points[1]), "input 10, threads 1, concurrency 3");
}

TEST(Sweep, a_zip_group_goes_together_and_multiplies_with_axes) {
  const Sweep sweep =
      good(kTarget + "axes: {concurrency: [1, 2]}\nzip:\n  - {input: [8, 16], output: [4, 2]}\n");
  std::vector<std::tuple<int, int, int>> order;
  for (const Point& p : sweep.points)
    order.emplace_back(p.load.concurrency, p.workload.input, p.workload.output);
  EXPECT_THAT(order, ElementsAre(std::tuple(1, 8, 4), std::tuple(1, 16, 2), std::tuple(2, 8, 4),
                                 std::tuple(2, 16, 2)));
}

TEST(Sweep, excluded_points_are_left_out_defaults_included) {
  const Sweep sweep = good(kTarget +
                           "axes: {concurrency: [1, 2, 4], input: [8, 16]}\n"
                           "exclude:\n  - {concurrency: [2, 4], input: 16, output: 128}\n");
  std::set<std::pair<int, int>> left;
  for (const Point& p : sweep.points) left.emplace(p.load.concurrency, p.workload.input);
  EXPECT_EQ(left, (std::set<std::pair<int, int>>{{1, 8}, {1, 16}, {2, 8}, {4, 8}}));
}

TEST(Sweep, an_axis_may_give_what_the_target_must_have) {
  const Sweep sweep = good("target: {engine: {device: cpu}}\naxes: {model: [a.gguf, b.gguf]}\n");
  EXPECT_EQ(std::get<EngineTarget>(sweep.points[1].target).model, "b.gguf");
}

TEST(Sweep, cores_are_a_list_and_an_axis_of_them_a_list_of_lists) {
  const Sweep sweep = good(kTarget + "axes: {cores: [[0], [0, 1]]}\n");
  EXPECT_THAT(std::get<EngineTarget>(sweep.points[1].target).cores, ElementsAre(0u, 1u));
}

TEST(Sweep, open_loops_and_traffic_classes_are_fields_like_others) {
  const Sweep sweep = good(R"(target: {endpoint: {url: "http://h", model: m}}
workload:
  lengths: lognormal
  deviation: 0.5
  think_s: 1.5
  classes:
    - {name: chat, weight: 3, turns: 4}
    - {name: summary, input: 4000, output: 100, prefix: 0}
load: {arrivals: gamma, burstiness: 0.5, duration_s: 60, client_cores: [0, 1]}
axes: {rate: [1, 2.5], burst: [1, 4]}
)");
  ASSERT_EQ(sweep.points.size(), 4u);
  const Point& point = sweep.points[3];
  EXPECT_EQ(point.load.rate, 2.5);
  EXPECT_EQ(point.load.burst, 4);
  EXPECT_THAT(point.load.client_cores, ElementsAre(0, 1));
  ASSERT_EQ(point.workload.classes.size(), 2u);
  EXPECT_EQ(point.workload.classes[0], (TrafficClass{"chat", 3, 0, 0, -1, 4}));
  EXPECT_EQ(point.workload.classes[1], (TrafficClass{"summary", 1, 4000, 100, 0, 0}));
  EXPECT_EQ(point_label(sweep, point), "rate 2.5, burst 4");
}

TEST(Sweep, a_range_of_zero_is_a_fixed_length_for_vllm_and_one_from_1_for_sglang) {
  EXPECT_EQ(good(kTarget + "workload: {lengths: vllm, range_ratio: 0}\n").points.size(), 1u);
  EXPECT_EQ(good(kTarget + "workload: {lengths: sglang, range_ratio: 0}\n").points.size(), 1u);
}

TEST(Sweep, quality_tasks_are_read_checked_and_part_of_the_hash) {
  const Sweep sweep = good(kTarget + "quality:\n  - {kind: exact, file: g.jsonl, limit: 20, chat: false}\n"
                                     "  - {name: gpqa, kind: multiple_choice, file: g.csv, choices: [A, B], answer: Right}\n");
  ASSERT_EQ(sweep.quality.size(), 2u);
  EXPECT_EQ(sweep.quality[0].limit, 20);
  EXPECT_FALSE(sweep.quality[0].chat);
  EXPECT_THAT(sweep.quality[1].choices, ElementsAre("A", "B"));
  EXPECT_NE(sweep.hash, good(kTarget).hash);
  EXPECT_EQ(bad(kTarget + "quality:\n  - {kind: exact, file: g, limt: 2}\n  - {kind: exact}\n").substr(0, 52),
            "s.yaml:3: quality.limt is not a known key; there are");
  EXPECT_THAT(bad(kTarget + "quality: [{kind: exact, file: a}, {kind: exact, file: b}]\n"), HasSubstr("two tasks named 'exact'"));
}

TEST(Sweep, an_ssh_node_has_host_agent_and_options) {
  const Sweep sweep =
      good(kTarget + "node: {ssh: me@there, agent: ~/bin/tokenmark-cli, options: [-p, 2222]}\n");
  EXPECT_EQ(sweep.node, Node(SshNode{"me@there", "~/bin/tokenmark-cli", {"-p", "2222"}}));
  EXPECT_EQ(node_name(sweep.node), "me@there");
  EXPECT_NE(sweep.hash, good(kTarget).hash);
}

TEST(Sweep, the_hash_is_of_what_is_measured_not_of_the_text) {
  const std::string same = std::string("# other words\n") + kGood;
  EXPECT_EQ(good(kGood).hash, good(same).hash);
  std::string other = kGood;
  other.replace(other.find("seed: 3"), 7, "seed: 4");
  EXPECT_NE(good(kGood).hash, good(other).hash);
  EXPECT_THAT(good(kGood).hash, testing::StartsWith("sha256:"));
}

TEST(Sweep, a_file_without_a_name_is_called_after_itself) {
  EXPECT_EQ(good(kTarget).name, "s");
}

TEST(Sweep, power_is_metered_as_the_file_says) {
  const Sweep sweep = good(std::string(kTarget) + "power: {meter: on, devices: [\"0000:41:00.0\"], every_s: 0.5}\n");
  ASSERT_FALSE(sweep.points.empty());
  EXPECT_EQ(sweep.points[0].power, (PowerMeters{"on", {"0000:41:00.0"}, 0.5}));
}

struct BadFile {
  const char* yaml;
  const char* says;
};

// Every kind of mistake, with the line it is on.
const BadFile kBadFiles[] = {
    {"target: {engine: {model: m}}\nload: {concurency: 3}\n",
     "s.yaml:2: unknown key 'concurency' in load (did you mean 'concurrency'?)"},
    {"target: {engine: {model: m}}\n\nworkloud: {}\n",
     "s.yaml:3: unknown key 'workloud' in a sweep file (did you mean 'workload'?)"},
    {"target: {engine: {modell: m}}\n", "unknown key 'modell' in target.engine (did you mean 'model'?)"},
    {"target: {engine: {model: m}}\nworkload:\n  input: many\n",
     "s.yaml:3: workload.input must be a whole number, not 'many'"},
    {"target: {engine: {model: m}}\nworkload: {input: 1.5}\n",
     "workload.input must be a whole number, not '1.5'"},
    {"target: {engine: {model: m}}\nworkload: {output: 0}\n", "workload.output is 0 but must be from 1 to"},
    {"target: {engine: {model: m}}\nworkload: {input: -3}\n", "workload.input is -3 but must be from 1 to"},
    {"target: {engine: {model: m}}\nworkload: {range_ratio: 0}\n",
     "s.yaml:2: impossible point: workload.range_ratio is 0 but must be above 0"},
    {"target: {engine: {model: m}}\nworkload: {range_ratio: 1.2}\n",
     "workload.range_ratio is 1.2 but must be from 0"},
    {"target: {engine: {model: m}}\nworkload: {range_ratio: .nan}\n",
     "workload.range_ratio must be a number"},
    {"target: {engine: {model: m}}\nworkload: {range_ratio: nan}\n", "workload.range_ratio must be a number"},
    {"target: {engine: {model: m}}\nworkload: {input: [1]}\n",
     "workload.input must be a whole number, not a list"},
    {"target: {engine: {model: m}}\nworkload: {input: }\n",
     "workload.input must be a whole number, not nothing"},
    {"target: {engine: {model: m}}\nworkload: {input: 1, input: 2}\n", "s.yaml:2: key 'input' occurs twice"},
    {"target: {engine: {model: m}}\nload: {concurrency: 0}\n", "load.concurrency is 0 but must be from 1"},
    {"target: {engine: {model: m}}\nlimits: {ttft_s: 0}\n", "limits.ttft_s is 0.0 but must be above 0"},
    {"target: {engine: {model: m}}\npower: {metre: on}\n", "s.yaml:2: unknown key 'metre' in power (did you mean 'meter'?)"},
    {"target: {engine: {model: m}}\npower:\n  devices: 0000:41:00.0\n", "s.yaml:3: power.devices must be a list"},
    {"target: {engine: {model: m}}\npower: {every_s: 100}\n", "power.every_s is 100.0 but must be from 0.01 to 60"},
    {"target: {engine: {model: m}}\nstop: {failed_share: 2}\n",
     "stop.failed_share is 2.0 but must be from 0"},
    {"target: {engine: {model: m}}\naxes: {concurrency: []}\n", "s.yaml:2: axis 'concurrency' is empty"},
    {"target: {engine: {model: m}}\naxes: {concurrency: 4}\n",
     "axis 'concurrency' must be a list, not a value"},
    {"target: {engine: {model: m}}\naxes:\n  concurrency: [1,\n    0]\n", "s.yaml:4: load.concurrency is 0"},
    {"target: {engine: {model: m}}\naxes: {concurrency: [1, 1]}\n", "axis 'concurrency' has 1 twice"},
    {"target: {engine: {model: m}}\naxes: {conc: [1]}\n",
     "s.yaml:2: axis 'conc' is not a field of target.engine, workload or load"},
    {"target: {engine: {model: m}}\naxes: {workload.inputs: [1]}\n", "(did you mean 'input'?)"},
    {"target: {engine: {model: m}}\naxes: {limits.ttft_s: [1]}\n", "axis 'limits.ttft_s' is not a field"},
    {"target: {engine: {model: m}}\naxes: {threads: [1], target.threads: [2]}\n",
     "which another axis varies already"},
    {"target: {engine: {model: m}}\nzip: [{input: [1, 2], output: [1]}]\n",
     "must be equally long: 'input' has 2 values, 'output' has 1"},
    {"target: {engine: {model: m}}\nexclude: [{concurrency: 9}]\n",
     "s.yaml:2: this entry of exclude matches no point"},
    {"target: {engine: {model: m}}\nexclude: [{concurrency: 1}]\n", "exclude leaves no point"},
    {"target: {engine: {model: m}}\nexclude: [{}]\n", "an entry of exclude is empty"},
    {"target: {engine: {model: m}}\nrepeats: 0\n", "repeats must be a whole number from 1"},
    {"target: {engine: {model: m}}\norder: baab\n", "s.yaml:2: order is 'baab' but must be sequential, interleaved or abba"},
    {"target: {engine: {model: m}}\nrepeats: [2]\n", "repeats must be a whole number from 1"},
    {"target: {engine: {model: m}}\nrepeats: 10000\naxes: {input: [1,2,3,4,5,6,7,8,9,10,11]}\n",
     "s.yaml:3: more than 100000 points"},
    {"target: {engine: {model: m}}\nload: {requests_per_concurrency: 10000000}\naxes: {concurrency: [1, "
     "2]}\n",
     "impossible point: load.requests_per_concurrency"},
    {"target: {engine: {model: m, context: 100}}\nworkload: {input: 90, output: 20}\n",
     "impossible point: input 90 and output 20 do not fit"},
    {"target: {engine: {model: \"shape:lama-3.2-1b:q4_0\"}}\n", "lama-3.2-1b"},
    {"target: {engine: {model: \"shape:llama-3.2-1b:q9\"}}\n", "q9"},
    {"target: {engine: {model: m, kv_format: q4_0}}\n", "kv_format is 'q4_0' but must be one of"},
    {"target: {engine: {model: m, speculate: guess}}\n", "speculate is 'guess'; it must be ngram, mtp or draft:MODEL"},
    {"target: {engine: {model: m}}\naxes: {policy: [fcfs, lifo]}\n", "policy is 'lifo' but must be one of"},
    {"target: {engine: {model: m}}\nload:\n  arrivals: poisson\n  requests: 5\n",
     "s.yaml:3: impossible point: load.rate is 0, but load.arrivals is 'poisson'"},
    {"target: {engine: {model: m}}\nload: {arrivals: poisson,\n  rate: 5}\n", "say load.requests or load.duration_s"},
    {"target: {engine: {model: m}}\nload: {arrivals: poissonian}\n", "load.arrivals is 'poissonian' but must be one of"},
    {"target: {engine: {model: m}}\nload: {arrivals: constant,\n  stages: '5:30;6:30'}\n", "s.yaml:3: load.stages is '5:30;6:30'"},
    {"target: {engine: {model: m}}\nload: {rate: 3}\n", "load.rate belongs to an open loop"},
    {"target: {engine: {model: m}}\nload: {arrivals: constant, requests: 5}\naxes: {rate: [1, 0]}\n",
     "s.yaml:3: impossible point: load.rate is 0"},
    {"target: {engine: {model: m}}\nload: {arrivals: constant, duration_s: 60, rate: 1, rate_end: 2}\n", "load.rate_end is 2"},
    {"target: {engine: {model: m}}\nworkload: {lengths: vllm, range_ratio: 1}\n",
     "s.yaml:2: impossible point: workload.range_ratio is 1 but must be below 1"},
    {"target: {engine: {model: m}}\nworkload:\n  input: 5\n  source: csv\n", "s.yaml:4: impossible point: workload.source is 'csv'"},
    {"target: {engine: {model: m}}\nworkload: {source: csv, file: x,\n columns: 'a=b'}\n",
     "s.yaml:3: impossible point: workload.columns is 'a=b'"},
    {"target: {engine: {model: m}}\nworkload: {prefix_groups: 4}\n", "workload.prefix is 0"},
    {"target: {engine: {model: m}}\nworkload:\n  classes:\n    - {name: a}\n    - {name: b, wieght: 2}\n",
     "s.yaml:5: unknown key 'wieght' in workload.classes (did you mean 'weight'?)"},
    {"target: {engine: {model: m}}\nworkload:\n  classes:\n    - {name: a,\n       input: x}\n",
     "s.yaml:5: workload.classes.input must be a whole number, not 'x'"},
    {"target: {engine: {model: m}}\nworkload: {classes: [a]}\n", "each entry of workload.classes must be a map"},
    {"target: {engine: {model: m}}\nworkload: {classes: {name: a}}\n", "workload.classes must be a list, not a map"},
    {"target: {engine: {model: m}}\nworkload: {classes: [{weight: 2}]}\n", "workload.classes[0].name is missing"},
    {"target: {engine: {model: m}}\nworkload:\n  classes: [{name: a}, {name: a}]\n", "s.yaml:3: impossible point: workload.classes has two"},
    {"target: {engine: {model: m, context: 1000}}\nworkload: {input: 100, output: 50, turns: 8}\n", "input 100 and output 50 in 8 turns do not fit"},
    {"workload: {input: 3}\n", "target is missing"},
    {"target: {}\n", "either an engine or an endpoint"},
    {"target: {engine: {}}\n", "s.yaml:1: target.engine.model is missing"},
    {"target: {endpoint: {url: \"127.0.0.1:8000\", model: m}}\n",
     "target.endpoint.url is '127.0.0.1:8000' but must be like http://"},
    {"target: {endpoint: {url: \"http://\", model: m}}\n", "but must be like http://"},
    {"target: {endpoint: {url: \"http://h\", model: m, api: chats}}\n",
     "target.endpoint.api is 'chats' but must be one of 'completions', 'chat'"},
    {"target: {server: {recipe: vllm}}\n", "target.server is not available yet"},
    {"node: mars\ntarget: {engine: {model: m}}\n", "s.yaml:1: there is no node 'mars'"},
    {"node: {agent: x}\ntarget: {engine: {model: m}}\n", "node needs the key ssh"},
    {"node: {ssh: -oProxyCommand=evil}\ntarget: {engine: {model: m}}\n", "must be a host or user@host"},
    {"a: &x [1]\nb: *x\n", "anchors (&) and aliases (*) are not allowed"},
    {"- 1\n", "a sweep file is a map"},
    {"", "a sweep file is a map"},
    {"a: b: c\n", "not valid YAML"},
    {"target: {engine: {model: m}}\n---\nx: 1\n", "a second document begins here"},
    {"[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", "nested deeper than"},
};

class BadSweep : public testing::TestWithParam<BadFile> {};
TEST_P(BadSweep, is_refused_with_its_line) {
  EXPECT_THAT(bad(GetParam().yaml), HasSubstr(GetParam().says));
}
INSTANTIATE_TEST_SUITE_P(Files, BadSweep, testing::ValuesIn(kBadFiles));

TEST(Sweep, all_problems_are_reported_at_once_in_the_order_of_lines) {
  const std::string message =
      bad("target: {engine: {model: m}}\nworkload: {input: 0, outptu: 1}\nrepeats: no\naxes: {x: []}\n");
  EXPECT_THAT(message,
              AllOf(HasSubstr("s.yaml:2: workload.input is 0"), HasSubstr("s.yaml:2: unknown key 'outptu'"),
                    HasSubstr("\ns.yaml:3: repeats"), HasSubstr("\ns.yaml:4: axis 'x'")));
}

TEST(Sweep, binary_files_and_huge_ones_are_refused) {
  EXPECT_THAT(bad(std::string("target: \x01\x02\0", 12)), HasSubstr("not a text file"));
  EXPECT_THAT(bad("name: \xff\xfe\n"), HasSubstr("not a text file"));
  EXPECT_THAT(bad(std::string(2 << 20, 'a')), HasSubstr("at most"));
}

TEST(Sweep, built_in_sweeps_are_good) {
  const auto files = resource_paths("sweeps/");
  ASSERT_GE(files.size(), 5u);
  for (const std::string_view file : files) {
    const std::string name(file.substr(7, file.size() - 7 - 5));
    const auto sweep = read_sweep("builtin:" + name);
    ASSERT_TRUE(sweep) << name << ": " << sweep.error().message;
    EXPECT_GE(sweep->points.size(), 4u) << name;
  }
  EXPECT_THAT(read_sweep("builtin:qick").error().message, HasSubstr("did you mean 'quick'?"));
}

TEST(Sweep, files_that_are_not_there_are_named) {
  EXPECT_THAT(read_sweep("/nowhere/x.yaml").error().message, HasSubstr("/nowhere/x.yaml"));
  EXPECT_THAT(read_sweep("/tmp").error().message, HasSubstr("a folder"));
}

}  // namespace
}  // namespace tokenmark
