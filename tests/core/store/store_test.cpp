#include "core/store/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include <limits>

#include "core/store/schema.h"
#include "tests/core/store/store_fixture.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(StoreTest, a_finished_run_comes_back_as_it_was_stored) {
  const auto store = open();
  const auto sweep = store->add_sweep("my sweep", "name: my sweep", "hash", 4);
  ASSERT_TRUE(sweep);
  const NewRun run = new_run(*sweep, 4, 2);
  const auto id = store->begin_run(run);
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_EQ(store->run(*id)->state, RunState::running);
  const EventLog log = some_log();
  ASSERT_TRUE(store->finish_run(*id, some_figures(), {{"cpu", {{"model", "x"}}}}, &log));

  const auto reopened = open();
  const auto row = reopened->run(*id);
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_EQ(row->state, RunState::done);
  EXPECT_EQ(row->sweep, *sweep);
  EXPECT_EQ(row->sweep_name, "my sweep");
  EXPECT_EQ(row->series, run.series);
  EXPECT_EQ(row->model, "stories260K");
  EXPECT_EQ(row->concurrency, 4);
  EXPECT_EQ(row->repeat, 2);
  EXPECT_EQ(row->completed, 12);
  EXPECT_EQ(row->failed, 1);
  EXPECT_EQ(row->duration_s, 2.5);
  EXPECT_EQ(row->total_tok_s_gpu, 247.25);
  EXPECT_EQ(row->interactivity, 61.5);
  EXPECT_EQ(row->ttft_p50_s, 0.25);
  EXPECT_FALSE(row->ttft_p99_s.has_value());  // not measured: absent, not 0
  EXPECT_EQ(*reopened->point(*id), run.point);
  EXPECT_EQ(reopened->figures(*id)->completed, 12);
  EXPECT_EQ((*reopened->environment(*id))["cpu"]["model"], "x");
  const auto stored_log = reopened->event_log(*id);
  ASSERT_TRUE(stored_log) << stored_log.error().message;
  EXPECT_EQ(stored_log->messages.received, log.messages.received);
  EXPECT_EQ(stored_log->wall_clock_start_ns, log.wall_clock_start_ns);
}

TEST_F(StoreTest, facts_found_during_the_run_replace_what_was_assumed) {
  const auto store = open();
  NewRun run = new_run();
  const auto id = store->begin_run(run);
  run.model = "llama-3.2-1b";
  run.gpus = 8;
  run.random_weights = true;
  ASSERT_TRUE(store->finish_run(*id, some_figures(), json::object(), nullptr, &run));
  const auto row = store->run(*id);
  EXPECT_EQ(row->model, "llama-3.2-1b");
  EXPECT_EQ(row->gpus, 8);
  EXPECT_TRUE(row->random_weights);
  EXPECT_EQ(store->runs("llama-3.2")->size(), 1u);
  EXPECT_EQ(store->runs("stories260k f32 on")->size(), 1u);  // the series did not change
}

TEST_F(StoreTest, an_infinite_latency_survives) {
  const auto store = open();
  const auto id = store->begin_run(new_run());
  Figures figures = some_figures();
  figures.ttft_s.p99.value = std::numeric_limits<double>::infinity();
  ASSERT_TRUE(store->finish_run(*id, figures, json::object(), nullptr));
  EXPECT_EQ(store->run(*id)->ttft_p99_s, std::numeric_limits<double>::infinity());
}

TEST_F(StoreTest, a_run_ends_only_once) {
  const auto store = open();
  const RunId id = finished_run(*store, new_run());
  EXPECT_FALSE(store->finish_run(id, some_figures(), json::object(), nullptr));
  EXPECT_FALSE(store->end_run(id, RunState::failed, "late"));
  EXPECT_EQ(store->run(id)->state, RunState::done);
}

TEST_F(StoreTest, a_failed_run_keeps_its_reason_and_has_no_figures) {
  const auto store = open();
  const auto id = store->begin_run(new_run());
  ASSERT_TRUE(store->end_run(*id, RunState::failed, "out of memory"));
  EXPECT_EQ(store->run(*id)->error, "out of memory");
  const auto figures = store->figures(*id);
  ASSERT_FALSE(figures);
  EXPECT_THAT(figures.error().message, HasSubstr("run 1 (failed) has no figures"));
  EXPECT_EQ(store->environment(99).error().kind, ErrorKind::not_found);
}

TEST_F(StoreTest, lists_are_newest_first_and_every_search_word_must_occur) {
  const auto store = open();
  NewRun llama = new_run();
  llama.model = "llama-3.2-1b";
  llama.precision = "q4_0";
  const RunId first = finished_run(*store, new_run());
  const RunId second = finished_run(*store, llama);
  const auto all = store->runs();
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].id, second);
  EXPECT_EQ((*all)[1].id, first);
  EXPECT_EQ(store->runs("LLAMA q4")->size(), 1u);
  EXPECT_EQ(store->runs("llama q8")->size(), 0u);
  EXPECT_EQ(store->runs("q4_0")->size(), 1u);
  EXPECT_EQ(store->runs("q4%0")->size(), 0u);  // signs of LIKE are plain characters
  EXPECT_EQ(store->runs("'; DROP TABLE runs; --")->size(), 0u);
  EXPECT_EQ(store->runs()->size(), 2u);
}

TEST_F(StoreTest, tags_and_stars_are_kept_and_found) {
  const auto store = open();
  const RunId id = finished_run(*store, new_run());
  finished_run(*store, new_run());
  ASSERT_TRUE(store->set_tags(id, {"nightly", "with space"}));
  ASSERT_TRUE(store->set_starred(id, true));
  const auto found = store->runs("nightly");
  ASSERT_EQ(found->size(), 1u);
  EXPECT_THAT(found->front().tags, ElementsAre("nightly", "with space"));
  EXPECT_TRUE(found->front().starred);
  ASSERT_TRUE(store->set_tags(id, {}));
  EXPECT_TRUE(store->runs("nightly")->empty());
  EXPECT_EQ(store->set_tags(77, {"x"}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(store->set_starred(77, true).error().kind, ErrorKind::not_found);
}

TEST_F(StoreTest, purging_takes_everything_of_a_run_and_nothing_else) {
  const auto store = open();
  const RunId first = finished_run(*store, new_run(0, 1));
  const RunId second = finished_run(*store, new_run(0, 2));
  EXPECT_FALSE(store->remove({first, 99}));  // all or nothing
  EXPECT_EQ(store->runs()->size(), 2u);
  ASSERT_TRUE(store->remove({first}));
  EXPECT_EQ(store->purge(std::chrono::hours(1)), 0);   // it was deleted just now
  EXPECT_EQ(store->purge(std::chrono::seconds(0)), 1);
  EXPECT_EQ(store->run(first).error().kind, ErrorKind::not_found);
  EXPECT_TRUE(store->figures(second));
  EXPECT_TRUE(store->environment(second));  // both shared one
  SQLite::Database database(file.string());
  for (const char* table :
       {"runs", "figures", "figure_details", "event_logs", "configurations", "environments"})
    EXPECT_EQ(database.execAndGet(std::string("SELECT COUNT(*) FROM ") + table).getInt(), 1) << table;
}

TEST_F(StoreTest, environments_of_finished_runs_come_at_once_and_equal_ones_are_one_text) {
  const auto store = open();
  std::vector<RunId> ids;
  for (const char* driver : {"550", "550", "560"}) {
    ids.push_back(*store->begin_run(new_run()));
    ASSERT_TRUE(store->finish_run(ids.back(), some_figures(), {{"driver", driver}}, nullptr));
  }
  ASSERT_TRUE(store->begin_run(new_run()));   // still running: it has none
  const auto found = store->environments();
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ(found->at(ids[0]).get(), found->at(ids[1]).get());
  EXPECT_EQ(*found->at(ids[2]), R"({"driver":"560"})");
}

TEST_F(StoreTest, equal_environments_and_configurations_are_stored_once) {
  const auto store = open();
  for (int repeat = 0; repeat < 3; ++repeat) finished_run(*store, new_run(0, 1, repeat));
  SQLite::Database database(file.string());
  EXPECT_EQ(database.execAndGet("SELECT COUNT(*) FROM environments").getInt(), 1);
  EXPECT_EQ(database.execAndGet("SELECT COUNT(*) FROM configurations").getInt(), 1);
}

TEST_F(StoreTest, a_sweep_is_found_by_its_hash_with_what_is_done) {
  const auto store = open();
  const auto first = store->add_sweep("a", "yaml", "hash", 2);
  const auto second = store->add_sweep("a", "yaml", "hash", 2);
  ASSERT_TRUE(store->add_sweep("b", "yaml", "other", 9));
  finished_run(*store, new_run(*second, 1));
  ASSERT_TRUE(store->begin_run(new_run(*second, 2)));
  const auto found = store->latest_sweep("hash");
  ASSERT_TRUE(found && found->has_value());
  EXPECT_EQ((*found)->id, *second);
  EXPECT_EQ((*found)->done, 1);
  EXPECT_FALSE(store->latest_sweep("unknown")->has_value());
  EXPECT_EQ(store->sweeps()->size(), 3u);
  EXPECT_EQ(store->runs({}, *second)->size(), 2u);
  EXPECT_TRUE(store->runs({}, *first)->empty());
}

TEST_F(StoreTest, the_change_counter_sees_changes_of_other_connections) {
  const auto one = open(), other = open();
  const auto before = one->change_counter();
  EXPECT_EQ(*one->change_counter(), *before);
  finished_run(*other, new_run());
  EXPECT_GT(*one->change_counter(), *before);
}

TEST_F(StoreTest, lists_of_a_sweep_and_of_running_runs_use_an_index) {
  const auto store = open();
  SQLite::Database database(file.string());
  // A list of a sweep must not walk over all runs, nor a list of all runs over the logs.
  SQLite::Statement plan(database, "EXPLAIN QUERY PLAN SELECT id FROM runs WHERE sweep = 1 ORDER BY id DESC");
  ASSERT_TRUE(plan.executeStep());
  EXPECT_THAT(plan.getColumn(3).getString(), HasSubstr("runs_by_sweep"));
  SQLite::Statement running(database,
                            "EXPLAIN QUERY PLAN SELECT id, owner FROM runs WHERE state = 'running'");
  ASSERT_TRUE(running.executeStep());
  EXPECT_THAT(running.getColumn(3).getString(), HasSubstr("runs_running"));
}

TEST_F(StoreTest, quality_is_kept_with_its_run_and_asked_again_replaces_it) {
  const auto store = open();
  const auto first = store->begin_run(new_run()), second = store->begin_run(new_run());
  const QualityResult gpqa{{{"gpqa", "accuracy", 0.5, Interval{0.4, 0.6}, 100}}, 3, 0, "sha256:1"};
  const QualityResult text{{{"text", "perplexity", 7.5, {}, 900}}, 0, 0, "sha256:2"};
  ASSERT_TRUE(store->add_quality(*second, {gpqa, text}));
  ASSERT_TRUE(store->add_quality(*second, {{{{"gpqa", "accuracy", 0.75, Interval{0.7, 0.8}, 100}}, 0, 0, "sha256:1"}}));
  const auto rows = open()->runs();
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_THAT((*rows)[1].quality, testing::IsEmpty());
  EXPECT_THAT((*rows)[0].quality, ElementsAre(text.figures[0], QualityFigure{"gpqa", "accuracy", 0.75, {}, 100}));
  EXPECT_EQ(store->run(*second)->quality[1].interval->low, 0.7);
  EXPECT_EQ(store->add_quality(999, {gpqa}).error().kind, ErrorKind::not_found);
  ASSERT_TRUE(store->remove({*second}));
  ASSERT_TRUE(store->purge(std::chrono::seconds(0)));
  EXPECT_EQ(SQLite::Database(file.string()).execAndGet("SELECT COUNT(*) FROM quality").getInt(), 0);
}

TEST_F(StoreTest, a_failed_quality_task_is_kept_until_it_is_evaluated) {
  const auto store = open();
  const RunId id = finished_run(*store, new_run());
  ASSERT_TRUE(store->add_quality(id, {}, {{"gpqa", "no file"}, {"math", "no answer"}}));
  ASSERT_TRUE(store->add_quality(id, {}, {{"math", "still none"}}));
  EXPECT_THAT(store->run(id)->quality_failures,
              ElementsAre(QualityFailure{"gpqa", "no file"}, QualityFailure{"math", "still none"}));
  ASSERT_TRUE(store->add_quality(id, {{{{"gpqa", "accuracy", 0.5, {}, 100}}, 0, 0, "sha256:1"}}));
  const auto rows = open()->runs();
  EXPECT_THAT(rows->front().quality_failures, ElementsAre(QualityFailure{"math", "still none"}));
  EXPECT_EQ(rows->front().quality.size(), 1u);
}

TEST_F(StoreTest, the_rate_of_an_open_loop_is_in_its_row_and_a_closed_one_has_none) {
  const auto store = open();
  NewRun run = new_run();
  const auto closed = store->begin_run(run);
  run.point.load.arrivals = "poisson";
  run.point.load.rate = 12.5;
  const auto open_loop = store->begin_run(run);
  EXPECT_FALSE(store->run(*closed)->request_rate);
  EXPECT_EQ(store->run(*open_loop)->request_rate, 12.5);
}

constexpr const char* kOld[] = {"CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7);"};

TEST_F(StoreTest, an_older_file_is_migrated_step_by_step_and_keeps_its_rows) {
  SQLite::Database database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  const char* const newer[] = {kOld[0], "ALTER TABLE a ADD COLUMN y INTEGER DEFAULT 8;",
                               "CREATE TABLE b (z INTEGER);"};
  ASSERT_TRUE(migrate(database, kOld));
  ASSERT_TRUE(migrate(database, newer));
  ASSERT_TRUE(migrate(database, newer));  // nothing left to do
  EXPECT_EQ(database.execAndGet("SELECT x + y FROM a").getInt(), 15);
  EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), 3);
}

TEST_F(StoreTest, a_migration_that_fails_leaves_the_older_file_as_it_was) {
  SQLite::Database database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  ASSERT_TRUE(migrate(database, kOld));
  const char* const broken[] = {kOld[0],
                                "CREATE TABLE c (z INTEGER); UPDATE a SET x = 1; SELECT * FROM nowhere;"};
  EXPECT_THROW((void)migrate(database, broken), SQLite::Exception);
  EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), 1);
  EXPECT_EQ(database.execAndGet("SELECT x FROM a").getInt(), 7);
  EXPECT_FALSE(database.tableExists("c"));
}

TEST_F(StoreTest, a_newer_file_is_refused_and_says_so) {
  open();
  SQLite::Database(file.string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
  const auto store = Store::open(file);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(store.error().message, HasSubstr(file.string()));
  EXPECT_THAT(store.error().message, HasSubstr("made by a newer Tokenmark (schema 99"));
}

TEST_F(StoreTest, another_programs_database_is_left_alone) {
  SQLite::Database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE theirs (x)");
  const auto store = Store::open(file);
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().message, HasSubstr("another program's"));
  EXPECT_FALSE(SQLite::Database(file.string()).tableExists("runs"));
}

}  // namespace
}  // namespace tokenmark
