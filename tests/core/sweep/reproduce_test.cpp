// A measured point becomes a sweep file that means the very same point, for points of all kinds; where none can be
// written it says why.
#include "core/sweep/reproduce_run.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>

#include "core/store/imported_run.h"
#include "core/sweep/sweep.h"
#include "resources/resources.h"
#include "tests/core/store/store_fixture.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

// The sweep file of a point is read back and holds the same point once a repeat.
void expect_same(const MeasuredPoint& measured) {
  const Recipe recipe = sweep_file(measured);
  ASSERT_TRUE(recipe.why_not.empty()) << recipe.why_not;
  const auto sweep = parse_sweep(recipe.text, "again.yaml");
  ASSERT_TRUE(sweep) << sweep.error().message << "\n" << recipe.text;
  ASSERT_EQ(sweep->points.size(), static_cast<std::size_t>(measured.repeats)) << recipe.text;
  for (std::int32_t repeat = 0; repeat < measured.repeats; ++repeat) {
    Point wanted = measured.point;
    wanted.repeat = repeat;
    EXPECT_EQ(sweep->points[static_cast<std::size_t>(repeat)], wanted) << recipe.text;
  }
  EXPECT_EQ(sweep->node, measured.node);
}

MeasuredPoint measured_point(Point point) {
  MeasuredPoint measured;
  measured.name = "A name: with \"signs\" # and more";
  measured.point = std::move(point);
  measured.source = "measured";
  return measured;
}

TEST(Reproduce, every_point_of_every_sweep_that_comes_along_is_written_as_it_is) {
  int points = 0;
  for (const std::string_view path : resource_paths("sweeps/")) {
    const auto sweep = parse_sweep(resource(path), std::string(path));
    ASSERT_TRUE(sweep) << sweep.error().message;
    for (const Point& point : sweep->points) {
      MeasuredPoint measured = measured_point(point);
      measured.repeats = point.repeat + 1;
      measured.quality = sweep->quality;
      expect_same(measured);
      ++points;
    }
  }
  EXPECT_GT(points, 40);
}

// Points with any of their fields set, numbers of every size and names that need every kind of quoting.
TEST(Reproduce, points_made_at_random_are_written_as_they_are) {
  std::mt19937_64 random(7);
  const std::vector<std::string> names = {"a", "shape", "8", "1e3", "null", "~", "true", "no", "- x", "a: b", "{x}", "'", "\"", "\\", "#c",
                                          "µ 模型 🚀", "a\nb\tc", "%", "@", "*a", "&a", "!t", "|", ">", " lead", "trail ", "\x01\x1f\x7f", "a,b]"};
  const auto coin = [&] { return random() % 2 == 0; };
  const auto whole = [&](int low, int high) { return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1)); };
  const auto real = [&](double low, double high) { return low + (high - low) * std::uniform_real_distribution<>(0, 1)(random); };
  const auto name = [&] { return names[random() % names.size()]; };
  for (int i = 0; i < 400; ++i) {
    Point point;
    if (coin()) {
      EngineTarget engine{.model = name()};
      engine.device = coin() ? "cpu" : "cuda:0-3";
      if (coin()) engine.threads = static_cast<std::uint32_t>(whole(0, 512));
      if (coin()) engine.cores = {0, 2, 63};
      if (coin()) engine.kernels = name();
      if (coin()) engine.kv_format = "q8_0";
      if (coin()) engine.admission_free = real(0, 0.99);
      if (coin()) engine.chunk_slowdown = real(0, 1e6);
      if (engine.device != "cpu" && coin()) engine.replicas = 2;
      if (coin()) engine.speculate = "draft:" + name();
      if (coin()) engine.draft_tokens = whole(0, 16);
      point.target = engine;
    } else {
      EndpointTarget endpoint{.url = "http://127.0.0.1:8000/v1?a=b", .model = name()};
      if (coin()) endpoint.api = "chat";
      if (coin()) endpoint.api_key_env = name();
      if (coin()) endpoint.gpus = whole(0, 64);
      if (coin()) endpoint.tokenizer = name();
      if (coin()) endpoint.extra = R"({"top_k": 5, "s": "it's"})";
      if (coin()) endpoint.poll_s = real(0.001, 3600);
      point.target = endpoint;
    }
    point.workload.input = whole(1, 1'000'000);
    point.workload.seed = random();
    if (coin()) point.workload.range_ratio = real(0, 1);
    if (coin()) point.workload.prefix = whole(0, 4096);
    if (coin()) point.workload.think_s = real(0, 1e-5);
    if (coin()) point.workload.classes = {{.name = name() + "1", .weight = real(0.1, 9)}, {.name = name() + "2", .prefix = 3}};
    point.load.concurrency = whole(1, 4096);
    if (coin()) point.load.min_requests = whole(0, 100);
    if (coin()) point.load.client_cores = {1, 5};
    if (coin()) point.limits.ttft_s = real(1e-6, 100);
    if (coin()) point.limits.itl_s = real(1e-6, 100);
    if (coin()) point.stop.failed_share = real(0, 1);
    if (coin()) point.power.devices = {"0000:41:00.0", name()};
    point.repeat = whole(0, 3);
    MeasuredPoint measured = measured_point(point);
    measured.repeats = 4;
    if (coin()) measured.node = SshNode{"me@host", "/opt/tokenmark cli", {"-p", "2222"}};
    const Recipe recipe = sweep_file(measured);
    ASSERT_TRUE(recipe.why_not.empty()) << recipe.why_not;
    const auto sweep = parse_sweep(recipe.text, "again.yaml");
    ASSERT_TRUE(sweep) << sweep.error().message;
    ASSERT_EQ(sweep->points.size(), 4u);
    EXPECT_EQ(sweep->points[static_cast<std::size_t>(point.repeat)], point) << recipe.text;
  }
}

TEST(Reproduce, a_default_is_not_written) {
  Point point;
  point.target = EngineTarget{.model = "m"};
  const Recipe recipe = sweep_file(measured_point(point));
  for (const char* unsaid : {"range_ratio", "limits", "stop", "power", "repeats", "kernels", "client_threads"}) EXPECT_THAT(recipe.text, Not(HasSubstr(unsaid)));
}

TEST(Reproduce, the_command_line_hands_the_same_file_to_the_program) {
  MeasuredPoint measured = measured_point({});
  measured.name = "it's; $(rm -rf /) `x` \\ \"";
  measured.point.target = EngineTarget{.model = "a b'c"};
  const Reproduction made = reproduce(measured, nullptr);
  ASSERT_FALSE(made.command.text.empty()) << made.command.why_not;
  std::string line = made.command.text;
  const std::size_t program = line.find("tokenmark-cli run /dev/stdin");
  ASSERT_NE(program, std::string::npos);
  line.replace(program, std::string::npos, "cat");
  FILE* shell = popen(line.c_str(), "r");
  ASSERT_NE(shell, nullptr);
  std::string read(1 << 16, '\0');
  read.resize(fread(read.data(), 1, read.size(), shell));
  EXPECT_EQ(pclose(shell), 0);
  EXPECT_EQ(read, made.sweep.text);
}

TEST(Reproduce, words_are_quoted_for_sh_where_they_must_be) {
  EXPECT_EQ(sh_quoted("cuda:0-3"), "cuda:0-3");
  EXPECT_EQ(sh_quoted(""), "''");
  EXPECT_EQ(sh_quoted("a b"), "'a b'");
  EXPECT_EQ(sh_quoted("it's"), "'it'\\''s'");
}

TEST(Reproduce, the_server_is_named_by_what_started_it_or_the_reason_is) {
  Point point;
  point.target = EndpointTarget{.url = "http://127.0.0.1:8000", .model = "m"};
  MeasuredPoint measured = measured_point(point);
  EXPECT_THAT(reproduce(measured, nullptr).server.why_not, HasSubstr("was running already"));
  const nlohmann::json started = {{"server", {{"command", {"vllm", "serve", "a model", "--tp", "8"}}}}};
  EXPECT_EQ(reproduce(measured, started).server.text, "vllm serve 'a model' --tp 8");
  const nlohmann::json said = {{"document", {{"server_command", "python -m sglang.launch_server --tp 4"}}}};
  EXPECT_EQ(reproduce(measured, said).server.text, "python -m sglang.launch_server --tp 4");
  measured.source = "import: inferencex-agg";
  const nlohmann::json agg = {{"import", {{"configuration", {{"image", "a#b"}, {"tp", "8"}}}}}};
  EXPECT_THAT(reproduce(measured, agg).server.why_not, HasSubstr("it says: image a#b, tp 8"));
  measured.source = "measured";
  measured.point.target = EngineTarget{.model = "shape:x y:q4_0", .threads = 2, .prefix_cache = "off"};
  EXPECT_EQ(reproduce(measured, nullptr).server.text, "tokenmark-cli serve --model 'shape:x y:q4_0' --device cpu --threads 2 --no-prefix-cache");
}

class ReproduceStored : public StoreTest {};

TEST_F(ReproduceStored, a_stored_run_has_the_repeats_and_the_node_of_its_sweep) {
  const auto store = open();
  const std::string yaml = "name: s\nnode: {ssh: me@host}\ntarget: {engine: {model: \"shape:stories260k:f32\"}}\naxes: {concurrency: [1, 2]}\nrepeats: 3\n";
  const auto sweep = parse_sweep(yaml, "s.yaml");
  ASSERT_TRUE(sweep);
  const auto id = store->add_sweep("s", yaml, sweep->hash, 6);
  ASSERT_TRUE(id);
  for (const Point& point : sweep->points) {
    NewRun run = new_run(*id);
    run.point = point;
    const auto stored = store->begin_run(run);
    ASSERT_TRUE(stored);
    const auto made = reproduce_run(store.get(), *store->run(*stored));
    ASSERT_TRUE(made) << made.error().message;
    const auto again = parse_sweep(made->sweep.text, "again.yaml");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->points.size(), 3u);
    EXPECT_EQ(again->points[static_cast<std::size_t>(point.repeat)], point);
    EXPECT_EQ(again->node, Node(SshNode{"me@host"}));
  }
}

TEST_F(ReproduceStored, an_imported_run_and_a_sample_say_why_they_cannot_be_repeated) {
  const auto store = open();
  ImportedRun imported;
  imported.run = new_run();
  imported.run.source = "import: vllm";
  imported.format = "vllm";
  imported.document = R"({"backend": "vllm", "server_command": "vllm serve m"})";
  const auto ids = store->add_imported({imported});
  ASSERT_TRUE(ids) << ids.error().message;
  const auto made = reproduce_run(store.get(), *store->run(ids->front()));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(made->sweep.text.empty());
  EXPECT_THAT(made->sweep.why_not, HasSubstr("another tool measured it"));
  EXPECT_EQ(made->command.why_not, made->sweep.why_not);
  EXPECT_EQ(made->server.text, "vllm serve m");
  RunRow sample;
  sample.id = -3;
  sample.source = "sample: somebody";
  const auto none = reproduce_run(nullptr, sample);
  ASSERT_TRUE(none);
  EXPECT_THAT(none->sweep.why_not, HasSubstr("published figure"));
}

}  // namespace
}  // namespace tokenmark
