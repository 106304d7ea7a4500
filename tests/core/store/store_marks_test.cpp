#include <gmock/gmock.h>

#include <SQLiteCpp/Database.h>

#include "core/store/schema.h"
#include "core/store/store_sweeps.h"
#include "tests/core/store/store_fixture.h"

namespace tokenmark {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<RunId> ids(const std::vector<RowPtr>& rows) {
  std::vector<RunId> out;
  for (const RowPtr& row : rows) out.push_back(row->id);
  return out;
}

TEST_F(StoreTest, notes_are_kept_and_searched) {
  const auto store = open();
  const RunId id = finished_run(*store, new_run());
  finished_run(*store, new_run());
  ASSERT_TRUE(store->set_note(id, "The fan was loud.\nAgain."));
  EXPECT_EQ(store->run(id)->note, "The fan was loud.\nAgain.");
  EXPECT_EQ(store->runs("LOUD")->size(), 1u);
  EXPECT_EQ(store->runs("note:loud")->size(), 1u);
  EXPECT_EQ(store->set_note(77, "x").error().kind, ErrorKind::not_found);
}

TEST_F(StoreTest, marks_of_many_runs_are_set_together_or_not_at_all) {
  const auto store = open();
  const RunId a = finished_run(*store, new_run()), b = finished_run(*store, new_run());
  EXPECT_FALSE(store->set_marks({{a, true, {"x"}, "one"}, {99, true, {}, ""}}));
  EXPECT_FALSE(store->run(a)->starred);
  ASSERT_TRUE(store->set_marks({{a, true, {"x", "y"}, "one"}, {b, false, {"x"}, ""}}));
  EXPECT_TRUE(store->run(a)->starred);
  EXPECT_THAT(store->run(a)->tags, ElementsAre("x", "y"));
  EXPECT_THAT(*store->tag_counts(), ElementsAre(testing::Pair("x", 2), testing::Pair("y", 1)));
  EXPECT_EQ(store->runs("starred tag=y")->size(), 1u);
}

TEST_F(StoreTest, one_mark_of_many_runs_is_set_and_taken_away_together_or_not_at_all) {
  const auto store = open();
  const RunId a = finished_run(*store, new_run()), b = finished_run(*store, new_run()), c = finished_run(*store, new_run());
  const std::int64_t before = *store->change_counter();
  ASSERT_TRUE(store->set_starred(std::vector<RunId>{a, c}, true));
  ASSERT_TRUE(store->set_tag({a, b}, "old", true));
  EXPECT_EQ(store->runs("starred")->size(), 2u);
  EXPECT_EQ(store->runs("tag=old")->size(), 2u);
  EXPECT_EQ(store->runs("old")->size(), 2u) << "searches find the tag";
  EXPECT_THAT(ids(store->changes_since(before)->rows), ElementsAre(a, b, c));
  ASSERT_TRUE(store->set_tag({b}, "old", false));
  ASSERT_TRUE(store->set_starred(std::vector<RunId>{a}, false));
  EXPECT_EQ(store->runs("old")->size(), 1u);
  EXPECT_EQ(store->runs("starred")->front().id, c);
  ASSERT_TRUE(store->remove({c}));
  EXPECT_EQ(store->set_starred(std::vector<RunId>{a, c}, true).error().kind, ErrorKind::not_found);
  EXPECT_EQ(store->set_tag({a, 99}, "new", true).error().kind, ErrorKind::not_found);
  EXPECT_TRUE(store->runs("starred")->empty());
  EXPECT_TRUE(store->runs("tag=new")->empty());
}

TEST_F(StoreTest, estimates_read_what_measured_runs_took_the_newest_first) {
  const auto store = open();
  const RunId first = finished_run(*store, new_run()), gone = finished_run(*store, new_run()), last = finished_run(*store, new_run());
  ASSERT_TRUE(store->end_run(*store->begin_run(new_run()), RunState::failed, "why"));
  ASSERT_TRUE(store->remove({gone}));
  const auto points = store->past_points(10);
  ASSERT_TRUE(points) << points.error().message;
  ASSERT_EQ(points->size(), 2u);
  EXPECT_EQ(points->front().configuration_key, std::string(store->run(last)->configuration_key));
  EXPECT_EQ(points->back().duration_s, *store->run(first)->duration_s);
  EXPECT_EQ(points->back().ttft_p50_s, store->run(first)->ttft_p50_s);
  EXPECT_EQ(store->past_points(1)->size(), 1u);
}

TEST_F(StoreTest, a_deleted_run_is_in_no_list_and_comes_back_as_it_was_even_to_another_program) {
  const auto store = open();
  const auto sweep = store->add_sweep("s", "name: s", "hash", 2);
  const RunId first = finished_run(*store, new_run(*sweep, 1)), second = finished_run(*store, new_run(*sweep, 2));
  ASSERT_TRUE(store->set_tags(first, {"kept"}));
  EXPECT_FALSE(store->remove({first, 99}));   // all or none
  EXPECT_EQ(store->runs()->size(), 2u);
  ASSERT_TRUE(store->remove({first}));
  EXPECT_EQ(store->runs()->size(), 1u);
  EXPECT_EQ(store->runs({}, *sweep)->front().id, second);
  EXPECT_EQ(store->latest_sweep("hash")->value().done, 1);
  EXPECT_EQ(store->environments()->size(), 1u);
  EXPECT_THAT(*store->tag_counts(), IsEmpty());
  EXPECT_THAT(store->run(first).error().message, HasSubstr("run 1 is deleted; `tokenmark-cli runs restore 1`"));
  EXPECT_EQ(store->set_starred(first, true).error().kind, ErrorKind::not_found);
  EXPECT_FALSE(store->remove({first}));

  const auto later = open();
  ASSERT_EQ(later->deleted()->size(), 1u);
  EXPECT_FALSE(later->restore({first, second}));   // the second is not deleted: none
  EXPECT_EQ(later->deleted()->size(), 1u);
  ASSERT_TRUE(later->restore({first}));
  EXPECT_THAT(later->run(first)->tags, ElementsAre("kept"));
  EXPECT_TRUE(later->event_log(first));
  EXPECT_THAT(*later->deleted(), IsEmpty());
}

TEST_F(StoreTest, what_changed_since_a_moment_is_told_and_nothing_else) {
  const auto store = open(), other = open();
  const RunId a = finished_run(*store, new_run()), b = finished_run(*store, new_run());
  const auto all = store->changes_since(0);
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->everything);
  EXPECT_THAT(ids(all->rows), ElementsAre(a, b));
  EXPECT_EQ(all->counter, *store->change_counter());
  EXPECT_EQ(all->rows[0]->configuration_key.place(), all->rows[1]->configuration_key.place()) << "equal texts are shared";

  ASSERT_TRUE(other->set_starred(b, true));
  const RunId c = finished_run(*other, new_run());
  const auto more = store->changes_since(all->counter);
  EXPECT_FALSE(more->everything);
  EXPECT_THAT(ids(more->rows), ElementsAre(b, c));
  EXPECT_TRUE(more->rows[0]->starred);
  EXPECT_EQ(more->rows[1]->completed, 12);

  ASSERT_TRUE(other->remove({a, c}));
  const auto gone = store->changes_since(more->counter);
  EXPECT_THAT(gone->rows, IsEmpty());
  EXPECT_THAT(gone->gone, ElementsAre(a, c));
  ASSERT_TRUE(other->restore({c}));
  const auto back = store->changes_since(gone->counter);
  EXPECT_THAT(ids(back->rows), ElementsAre(c));
  ASSERT_TRUE(other->add_quality(b, {}, {{"task", "no file"}}));
  EXPECT_EQ(store->changes_since(back->counter)->rows.at(0)->quality_failures.size(), 1u);
  ASSERT_TRUE(other->purge(std::chrono::seconds(0)));   // leaves nothing to tell of: everything is told again
  const auto purged = store->changes_since(back->counter);
  EXPECT_TRUE(purged->everything);
  EXPECT_THAT(ids(purged->rows), ElementsAre(b, c));
  EXPECT_THAT(ids(*store->newest(1)), ElementsAre(c));
}

TEST_F(StoreTest, together_is_one_change_or_none) {
  const auto store = open();
  const std::int64_t before = *store->change_counter();
  ASSERT_TRUE(store->together([&]() -> Status {
    finished_run(*store, new_run());
    finished_run(*store, new_run());
    return {};
  }));
  EXPECT_EQ(store->runs()->size(), 2u);
  EXPECT_EQ(*store->change_counter(), before + 1);
  EXPECT_FALSE(store->together([&]() -> Status {
    finished_run(*store, new_run());
    return fail(ErrorKind::internal, "no");
  }));
  EXPECT_EQ(store->runs()->size(), 2u);
}

TEST_F(StoreTest, a_store_of_the_time_before_marks_keeps_its_runs_and_each_gets_a_name_of_its_own) {
  {
    SQLite::Database old(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    ASSERT_TRUE(migrate(old, store_migrations().first(4)));
    old.exec("INSERT INTO configurations (id, key, point) VALUES (1, '{}', '{}')");
    for (int i = 0; i < 3; ++i)
      old.exec("INSERT INTO runs (configuration, series, state, source, model, device, precision, framework, hardware, node, gpus, "
               "input, output, concurrency, repeat, random_weights) VALUES (1, 's', 'done', 'measured', 'm', 'd', 'p', 'f', 'h', "
               "'n', 1, 1, 1, 1, 0, 0)");
  }
  const auto store = open();
  EXPECT_EQ(store->runs()->size(), 3u);
  EXPECT_EQ(store->changes_since(0)->rows.size(), 3u);
  EXPECT_EQ(SQLite::Database(file.string()).execAndGet("SELECT COUNT(DISTINCT uid) FROM runs WHERE length(uid) = 32").getInt(), 3);
}

}  // namespace
}  // namespace tokenmark
