#include "core/sweep/unfinished.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/sweep/runner.h"
#include "tests/core/node/fake_agent.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

class UnfinishedTest : public FakeAgentTest {
 protected:
  static constexpr const char* kYaml = "name: three\ntarget: {engine: {model: m.gguf}}\nload: {requests_per_concurrency: 2}\naxes: {concurrency: [1, 2, 4]}\n";
  Sweep sweep() { return *parse_sweep(kYaml, "u.yaml"); }
  std::filesystem::path file() { return folder / "runs.db"; }
  std::unique_ptr<Store> store() { return std::move(*Store::open(file())); }
  UnfinishedSweep of(const Sweep& sweep, bool begun) {
    return {.title = sweep.name, .yaml = sweep.yaml, .hash = sweep.hash, .node = "local", .points = 3, .begun = begun};
  }
  // Another program keeps a list and ends, without a word.
  void left_by_another(const std::vector<UnfinishedSweep>& sweeps) {
    const pid_t child = fork();
    if (child == 0) _exit(UnfinishedList(file()).keep(1, sweeps) ? 0 : 1);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_EQ(status, 0);
  }
};

TEST_F(UnfinishedTest, what_waited_when_a_program_ended_is_found_once_and_becomes_the_same_sweep) {
  const auto from = store();
  left_by_another({of(sweep(), false)});
  const auto found = take_unfinished(file(), *from);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1u);
  EXPECT_FALSE(found->front().begun);
  const auto again = sweep_again(found->front());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->points, sweep().points);
  EXPECT_EQ(again->hash, sweep().hash);
  EXPECT_TRUE(take_unfinished(file(), *from)->empty());
}

TEST_F(UnfinishedTest, the_list_of_a_living_program_is_its_own) {
  const auto from = store();
  UnfinishedList list(file());
  ASSERT_TRUE(list.keep(1, {of(sweep(), false)}));
  EXPECT_TRUE(take_unfinished(file(), *from)->empty());
  ASSERT_TRUE(list.keep(2, {}));
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-jobs"));
}

TEST_F(UnfinishedTest, an_older_list_does_not_replace_a_newer_one) {
  UnfinishedList list(file());
  ASSERT_TRUE(list.keep(2, {}));
  ASSERT_TRUE(list.keep(1, {of(sweep(), false)}));
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-jobs"));
}

// A killed sweep is in the store and in the list of the program that ran it.
TEST_F(UnfinishedTest, a_killed_sweep_is_found_once_with_what_is_done_and_nothing_once_it_is_finished) {
  const std::string agent = program("slow");
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  const pid_t child = fork();
  if (child == 0) {
    (void)UnfinishedList(file()).keep(1, {of(sweep(), true)});
    SweepObserver observer;
    observer.run_stored = [&](RunId id) { (void)!write(told[1], &id, sizeof id); };
    (void)run_sweep(sweep(), *store(), {.agent_program = agent}, observer, {});
    _exit(0);
  }
  close(told[1]);
  RunId id = 0;
  ASSERT_EQ(read(told[0], &id, sizeof id), static_cast<ssize_t>(sizeof id));
  std::this_thread::sleep_for(std::chrono::milliseconds(15));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(told[0]);
  const auto from = store();
  const auto found = take_unfinished(file(), *from);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_GE(found->front().done, 1);
  EXPECT_EQ(found->front().points, 3);
  const auto again = sweep_again(found->front());
  ASSERT_TRUE(again);
  ASSERT_TRUE(run_sweep(*again, *from, {.agent_program = program("good"), .resume = true}, {}, {}));
  EXPECT_EQ(from->runs()->size(), 3u);
  EXPECT_TRUE(take_unfinished(file(), *from)->empty());
}

TEST_F(UnfinishedTest, damaged_lists_are_left_out) {
  const auto from = store();
  const std::filesystem::path lists = file().string() + "-jobs";
  std::filesystem::create_directories(lists);
  std::ofstream(lists / "1.json") << "{\"owner\": 7, \"sweeps\": []}";
  std::ofstream(lists / "2.json") << "no JSON";
  std::ofstream(lists / "3.json") << R"({"owner": "elsewhere boot 1 2", "sweeps": [{}]})";
  const auto found = take_unfinished(file(), *from);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->empty());
}

TEST_F(UnfinishedTest, a_sweep_that_has_become_another_is_an_error_that_names_it) {
  UnfinishedSweep changed = of(sweep(), true);
  changed.yaml += "repeats: 2\n";
  const auto again = sweep_again(changed);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("three"));
}

TEST_F(UnfinishedTest, a_sweep_on_another_node_is_found_again_on_it) {
  Sweep there = sweep();
  there.node = SshNode{.host = "user@host"};
  there.hash = sweep_hash(there);
  UnfinishedSweep one = of(there, true);
  one.node = "user@host";
  const auto again = sweep_again(one);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(node_name(again->node), "user@host");
}

}  // namespace
}  // namespace tokenmark
