// A sweep from the file to the report with the real program, which is killed and interrupted on the way.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "core/store/store.h"
#include "tests/app/cli/program.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

// Long enough to be killed in the middle.
constexpr const char* kSweep = R"(name: spine
target: {engine: {model: "shape:stories260k:f32", threads: 1}}
workload: {input: 64, output: 192, range_ratio: 0.8}
load: {requests_per_concurrency: 6, warmups_per_concurrency: 1}
axes: {concurrency: [1, 2, 4]}
repeats: 2
)";

class Spine : public CliTest {
 protected:
  using Points = std::multiset<std::pair<std::string, int>>;

  std::vector<std::string> run(const std::string& store, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"run", write("spine.yaml", kSweep), "--store", file(store)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  // The store as the test sees it; empty while the program has not made it.
  std::vector<RunRow> rows(const std::string& store) {
    auto& opened = stores[store];  // kept open: opening waits for whoever writes, reading does not
    if (!opened && std::filesystem::exists(file(store)))
      if (auto now = Store::open(file(store))) opened = std::move(*now);
    if (!opened) return {};
    const auto runs = opened->runs();
    return runs ? *runs : std::vector<RunRow>();
  }
  std::size_t done(const std::string& store) {
    const auto all = rows(store);
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](const RunRow& row) { return row.state == RunState::done; }));
  }
  bool measuring(const std::string& store) {
    const auto all = rows(store);
    return std::any_of(all.begin(), all.end(), [](const RunRow& row) { return row.state == RunState::running; });
  }
  // The points that are done: configuration and repeat, each as often as it is there.
  Points points(const std::string& store) {
    Points keys;
    for (const RunRow& row : rows(store))
      if (row.state == RunState::done) keys.emplace(row.configuration_key, row.repeat);
    return keys;
  }
  // Runs the sweep until a point is stored and another one runs, and sends the signal; its exit code. The program is
  // stopped while the store is looked at, so that it cannot go on meanwhile.
  int disturbed(const std::string& store, int signal, std::string* said = nullptr) {
    Program program(folder, run(store), variables);
    EXPECT_TRUE(comes_true([&] {
      if (!program.running()) return true;
      if (done(store) == 0) return false;
      program.signal(SIGSTOP);
      if (measuring(store)) return true;
      program.signal(SIGCONT);
      return false;
    }));
    program.signal(signal);
    program.signal(SIGCONT);
    const int code = program.wait();
    if (said != nullptr) *said = program.err();
    EXPECT_GE(done(store), 1u);
    EXPECT_LT(done(store), 6u) << "the sweep was over before it could be disturbed";
    return code;
  }

  std::map<std::string, std::unique_ptr<Store>> stores;
};

TEST_F(Spine, a_killed_sweep_resumes_to_exactly_the_points_of_an_undisturbed_one) {
  ASSERT_EQ(cli(run("whole.db")).code, 0);
  ASSERT_EQ(points("whole.db").size(), 6u);

  EXPECT_EQ(disturbed("killed.db", SIGKILL), 128 + SIGKILL);
  EXPECT_TRUE(comes_true([&] { return processes_left().empty(); })) << "an agent survived";
  const Points kept = points("killed.db");
  const auto resumed = document(run("killed.db", {"--resume", "--json"}));
  EXPECT_EQ(resumed["points"].size(), 6u);
  EXPECT_EQ(resumed["sweep"]["failed"], 0);
  const Points all = points("killed.db");
  EXPECT_EQ(all, points("whole.db"));
  EXPECT_TRUE(std::includes(all.begin(), all.end(), kept.begin(), kept.end()));
  EXPECT_EQ(rows("killed.db").size(), 6u) << "the interrupted run was to be replaced";

  const auto again = document(run("killed.db", {"--resume", "--json"}));  // nothing is left to do
  EXPECT_EQ(again["points"].size(), 6u);
  EXPECT_EQ(rows("killed.db").size(), 6u);

  const auto listed = document({"runs", "list", "--json", "--store", file("killed.db")});
  EXPECT_EQ(listed["runs"].size(), 6u);
  for (const json& row : listed["runs"]) {
    EXPECT_EQ(row["state"], "done");
    EXPECT_EQ(row["random_weights"], true);
    EXPECT_GT(row["total_tok_s"], 0.0);
  }
  const auto frontier = document({"frontier", "--sweep", "latest", "--json", "--store", file("killed.db")});
  ASSERT_EQ(frontier["series"].size(), 1u) << "repeats and concurrencies belong to one line";
  EXPECT_EQ(frontier["series"][0]["points"].size(), 3u) << "repeats are one point";
  const Ran report = cli({"report", "--sweep", "latest", "-o", file("x.html"), "--store", file("killed.db")});
  EXPECT_EQ(report.code, 0) << report.err;
  EXPECT_THAT(content(file("x.html")), HasSubstr("<h1>spine</h1>"));
}

TEST_F(Spine, the_run_in_flight_of_a_killed_sweep_is_marked_interrupted) {
  disturbed("runs.db", SIGKILL);
  const auto listed = document({"runs", "list", "--json", "--store", file("runs.db")});
  std::map<std::string, int> states;
  for (const json& row : listed["runs"]) ++states[row["state"]];
  EXPECT_EQ(states["running"], 0) << listed;
  EXPECT_EQ(states["interrupted"], 1) << listed;
  EXPECT_EQ(states["done"] + 1, static_cast<int>(listed["runs"].size())) << listed;
}

TEST_F(Spine, an_interrupt_stops_cleanly_and_keeps_what_is_finished) {
  std::string said;
  EXPECT_EQ(disturbed("runs.db", SIGINT, &said), 1);
  EXPECT_THAT(said, HasSubstr("--resume"));
  EXPECT_THAT(processes_left(), IsEmpty());
  for (const RunRow& row : rows("runs.db")) EXPECT_NE(row.state, RunState::running);
  EXPECT_EQ(cli(run("runs.db", {"--resume"})).code, 0);
  EXPECT_EQ(points("runs.db").size(), 6u);
  EXPECT_EQ(rows("runs.db").size(), 6u);
}

TEST_F(Spine, a_quality_task_that_cannot_be_evaluated_costs_no_measurement) {
  const std::string sweep = write("quality.yaml", R"(name: quality
target: {engine: {model: "shape:stories260k:f32", threads: 1}}
workload: {input: 16, output: 8}
load: {requests_per_concurrency: 2, warmups_per_concurrency: 0}
axes: {concurrency: [1, 2]}
quality: {name: gone, kind: perplexity, file: )" + file("gone.txt") + "}\n");
  const Ran ran = cli({"run", sweep, "--store", file("runs.db"), "--json"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("quality task gone"));
  EXPECT_THAT(ran.err, HasSubstr("gone.txt"));
  const json document = json::parse(ran.out);
  EXPECT_EQ(document["sweep"]["failed"], 0);
  EXPECT_EQ(document["sweep"]["quality_errors"].size(), 1u);
  ASSERT_EQ(document["points"].size(), 2u);
  for (const json& point : document["points"]) {
    EXPECT_EQ(point["state"], "done");
    EXPECT_EQ(point["requests"]["failed"], 0);
    EXPECT_THAT(point["quality_failures"]["gone"].get<std::string>(), HasSubstr("gone.txt"));
  }
  const Ran shown = cli({"runs", "show", "1", "--store", file("runs.db")});
  EXPECT_THAT(shown.out, HasSubstr("gone failed: "));
}

TEST_F(Spine, a_dry_run_prints_the_points_and_leaves_nothing) {
  const auto plan = document(run("runs.db", {"--dry-run", "--json"}));
  EXPECT_EQ(plan["points"].size(), 6u);
  EXPECT_FALSE(std::filesystem::exists(file("runs.db")));
}

}  // namespace
}  // namespace tokenmark
