// What goes wrong underneath: full disk, damaged and locked files, writers at once, a killed writer.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>

#include "core/store/owner.h"
#include "core/store/store_state.h"
#include "tests/core/store/store_fixture.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

TEST_F(StoreTest, a_full_disk_is_named_and_what_was_stored_stays) {
  if (geteuid() != 0 || mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=600k") != 0)
    GTEST_SKIP() << "mounting a small file system needs root";
  {
    const auto store = open();
    const RunId kept = finished_run(*store, new_run());
    const auto id = store->begin_run(new_run(0, 2));
    ASSERT_TRUE(id);
    const EventLog large = some_log(400'000);
    const Status full = store->finish_run(*id, some_figures(), json::object(), &large);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().kind, ErrorKind::exhausted);
    EXPECT_THAT(full.error().message,
                AllOf(HasSubstr(file.string()), HasSubstr("full"), HasSubstr("--resume")));
    EXPECT_EQ(store->run(kept)->state, RunState::done);
    EXPECT_EQ(store->run(*id)->state, RunState::running);  // nothing of the result was stored
    EXPECT_FALSE(store->figures(*id));
    EXPECT_TRUE(store->end_run(*id, RunState::failed, full.error().message));  // a small row still fits
  }
  umount2(folder.c_str(), MNT_DETACH);
}

TEST_F(StoreTest, a_new_file_can_be_opened_by_many_at_once) {
  for (int round = 0; round < 10; ++round) {
    std::filesystem::remove_all(folder / "new");
    std::vector<std::string> errors(4);
    {
      std::vector<std::jthread> openers;
      for (std::string& error : errors)
        openers.emplace_back([&] {
          if (const auto store = Store::open(folder / "new" / "runs.db"); !store) error = store.error().message;
        });
    }
    for (const std::string& error : errors) EXPECT_EQ(error, "");
  }
}

TEST_F(StoreTest, a_damaged_file_is_named) {
  { finished_run(*open(), new_run()); }
  {
    std::fstream damage(file, std::ios::in | std::ios::out | std::ios::binary);
    damage.seekp(100);
    for (int i = 0; i < 60'000; ++i) damage.put(static_cast<char>(i * 37));
  }
  const auto store = Store::open(file);
  const auto message = store ? (*store)->runs().error().message : store.error().message;
  EXPECT_THAT(message, AllOf(HasSubstr(file.string()), HasSubstr("damaged")));
}

TEST_F(StoreTest, a_file_that_is_no_database_is_named) {
  std::ofstream(file) << std::string(5000, 'x');
  const auto store = Store::open(file);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::invalid_input);
  EXPECT_THAT(store.error().message, HasSubstr("not a Tokenmark store"));
}

TEST_F(StoreTest, a_folder_that_cannot_be_made_is_named) {
  std::ofstream(folder / "file") << "x";
  const auto store = Store::open(folder / "file" / "below" / "runs.db");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::io);
  EXPECT_FALSE(Store::open(folder));  // the path is a folder
}

TEST_F(StoreTest, failures_of_the_file_system_say_what_to_do) {
  const auto says = [](int code) { return sqlite_error("/x/runs.db", SQLite::Exception("text", code)); };
  EXPECT_THAT(says(8 /*SQLITE_READONLY*/).message, AllOf(HasSubstr("/x/runs.db"), HasSubstr("permissions")));
  EXPECT_EQ(says(5 /*SQLITE_BUSY*/).kind, ErrorKind::unavailable);
  EXPECT_THAT(says(5).message, HasSubstr("locked"));
  EXPECT_EQ(says(10 /*SQLITE_IOERR*/).kind, ErrorKind::io);
}

TEST_F(StoreTest, writers_at_once_lose_nothing) {
  { open(); }
  constexpr int kThreads = 4, kEach = 12;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      auto store = Store::open(file);
      ASSERT_TRUE(store) << store.error().message;
      for (int i = 0; i < kEach; ++i) finished_run(**store, new_run(0, i + 1));
    });
  threads.clear();
  const auto rows = open()->runs();
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->size(), static_cast<std::size_t>(kThreads * kEach));
  for (const RunRow& row : *rows) EXPECT_EQ(row.state, RunState::done);
}

TEST_F(StoreTest, programs_that_create_the_same_file_at_once_both_succeed) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      const auto store = Store::open(file);
      EXPECT_TRUE(store) << store.error().message;
    });
}

// A child that stores runs for ever, telling each stored id; killed in the middle of it.
TEST_F(StoreTest, a_killed_writer_loses_only_the_run_in_flight) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    auto store = Store::open(file);
    const EventLog log = some_log(2000);
    for (int i = 0; store; ++i) {
      const auto id = (*store)->begin_run(new_run(0, i + 1));
      if (!id || !(*store)->finish_run(*id, some_figures(), json::object(), &log)) break;
      if (write(pipe_ends[1], &*id, sizeof *id) != sizeof *id) break;
    }
    _exit(1);
  }
  close(pipe_ends[1]);
  std::set<RunId> told;
  RunId id = 0;
  while (read(pipe_ends[0], &id, sizeof id) == sizeof id) {
    told.insert(id);
    if (told.size() == 20) kill(child, SIGKILL);
  }
  close(pipe_ends[0]);
  waitpid(child, nullptr, 0);
  ASSERT_GE(told.size(), 20u);

  const auto store = open();
  ASSERT_TRUE(store->mark_interrupted());
  const auto rows = store->runs();
  ASSERT_TRUE(rows) << rows.error().message;
  std::size_t done = 0;
  for (const RunRow& row : *rows) {
    if (row.state == RunState::done) {
      ++done;
      EXPECT_TRUE(store->event_log(row.id)) << row.id;
    } else {
      EXPECT_EQ(row.state, RunState::interrupted);
    }
    EXPECT_TRUE(row.state == RunState::done || !told.contains(row.id)) << row.id;
  }
  EXPECT_LE(rows->size(), done + 1);
  SQLite::Database database(file.string());
  EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

TEST_F(StoreTest, runs_of_living_processes_are_not_interrupted) {
  const auto store = open();
  const auto mine = store->begin_run(new_run());
  ASSERT_TRUE(store->mark_interrupted());
  EXPECT_EQ(store->run(*mine)->state, RunState::running);
}

TEST(Owner, a_process_is_gone_when_its_start_or_boot_differs_and_never_on_another_host) {
  const std::string me = this_process();
  EXPECT_FALSE(process_is_gone(me));
  EXPECT_TRUE(
      process_is_gone(me.substr(0, me.rfind(' ')) + " 1"));  // the id is used again by another process
  EXPECT_FALSE(process_is_gone("other-host " + me.substr(me.find(' ') + 1)));
  EXPECT_TRUE(process_is_gone(me.substr(0, me.find(' ')) + " another-boot 1 1"));
}

}  // namespace
}  // namespace tokenmark
