#include "app/desktop/store_link.h"

#include <gtest/gtest.h>

#include <QFile>
#include <QTemporaryDir>
#include <QUndoStack>
#include <QtTest>
#include <nlohmann/json.hpp>

#include "app/desktop/run_edits.h"
#include "app/desktop/runs_model.h"
#include "tests/tools/many_runs.h"

namespace tokenmark {
namespace {

class StoreLinkTest : public testing::Test {
 protected:
  explicit StoreLinkTest() { watch(link_); }
  void watch(StoreLink& link) {
    QObject::connect(&link, &StoreLink::runsLoaded, [this](const RunsPtr& runs) { runs_ = runs; });
    QObject::connect(&link, &StoreLink::detailLoaded, [this](const DetailPtr& detail) { detail_ = detail; });
    QObject::connect(&link, &StoreLink::failed, [this](const QString& message) { failures_ << message; });
    QObject::connect(&link, &StoreLink::recovered, [this] { ++recovered_; });
  }
  template <class Condition>
  static bool waitFor(Condition condition) { return QTest::qWaitFor(condition, 10000); }
  std::filesystem::path file() const { return folder_.filePath("runs.db").toStdString(); }

  // A finished run, stored by someone else.
  RunId add_run(const std::string& model) {
    auto store = Store::open(file());
    EXPECT_TRUE(store) << store.error().message;
    NewRun run;
    run.model = run.series = model;
    run.point.target = EngineTarget{model};
    const auto id = (*store)->begin_run(run);
    EXPECT_TRUE(id) << id.error().message;
    Figures figures;
    figures.completed = 3;
    figures.interactivity_p50.value = 12;
    EXPECT_TRUE((*store)->finish_run(*id, figures, {{"kernel", "6.1"}}, nullptr));
    return *id;
  }

  QTemporaryDir folder_;
  RunsPtr runs_;
  DetailPtr detail_;
  QStringList failures_;
  int recovered_ = 0;
  StoreLink link_{file(), nullptr};
};

TEST_F(StoreLinkTest, a_new_store_shows_the_samples_and_runs_by_others_appear) {
  link_.open();
  ASSERT_TRUE(waitFor([&] { return runs_ != nullptr; }));
  const std::size_t samples = runs_->rows.size();
  EXPECT_GT(samples, 3u);
  EXPECT_EQ(runs_->measured, 0u);
  for (const RunRow& row : runs_->rows) EXPECT_TRUE(is_sample(row));
  const RunId id = add_run("somebody's model");
  ASSERT_TRUE(waitFor([&] { return runs_->rows.size() == samples + 1; }));
  EXPECT_EQ(runs_->measured, 1u);
  link_.fetch(id);
  ASSERT_TRUE(waitFor([&] { return detail_ != nullptr; }));
  EXPECT_TRUE(detail_->has_figures);
  EXPECT_EQ(detail_->figures.completed, 3);
  EXPECT_TRUE(detail_->environment.contains("6.1"));
}

TEST_F(StoreLinkTest, the_last_of_many_searches_is_answered_for_runs_and_samples) {
  add_run("needle in a haystack");
  link_.open();
  for (const char* words : {"n", "ne", "needle", "needle haystack"}) {
    RunsQuery query;
    query.search = words;
    link_.setQuery(query);
  }
  ASSERT_TRUE(waitFor([&] { return runs_ && runs_->query.search == "needle haystack"; }));
  ASSERT_EQ(runs_->rows.size(), 1u);
  RunsQuery none;
  none.samples = false;
  link_.setQuery(none);
  ASSERT_TRUE(waitFor([&] { return runs_->query.search.isEmpty(); }));
  EXPECT_EQ(runs_->rows.size(), 1u);
}

TEST_F(StoreLinkTest, changes_are_made_undone_and_told_at_once) {
  const RunId id = add_run("model a");
  add_run("model b");
  QUndoStack undo;
  RunEdits edits(link_, undo, nullptr);
  link_.open();
  RunsQuery none;
  none.samples = false;
  link_.setQuery(none);
  ASSERT_TRUE(waitFor([&] { return runs_ && runs_->rows.size() == 2; }));
  const auto find = [&] {
    return std::find_if(runs_->rows.begin(), runs_->rows.end(), [&](const RunRow& row) { return row.id == id; });
  };
  const auto one = [&] {
    RunRows rows;
    rows.push_back(*find());
    return rows;
  };
  edits.addTag(one(), " nightly ");
  ASSERT_TRUE(waitFor([&] { return find()->tags == std::vector<std::string>{"nightly"}; }));
  EXPECT_EQ(runs_->tags, QStringList{"nightly"});
  edits.addTag(one(), "nightly");   // has it: no step
  EXPECT_EQ(undo.count(), 1);
  edits.setStarred(runs_->rows, true);
  ASSERT_TRUE(waitFor([&] { return runs_->rows[0].starred && runs_->rows[1].starred; }));
  undo.undo();
  ASSERT_TRUE(waitFor([&] { return !find()->starred; }));
  edits.remove(one());
  ASSERT_TRUE(waitFor([&] { return runs_->rows.size() == 1; }));
  undo.undo();
  ASSERT_TRUE(waitFor([&] { return runs_->rows.size() == 2; }));
  EXPECT_EQ(find()->tags, (std::vector<std::string>{"nightly"}));
  undo.redo();
  ASSERT_TRUE(waitFor([&] { return runs_->rows.size() == 1; }));
  EXPECT_TRUE(failures_.isEmpty()) << failures_.join('\n').toStdString();
  link_.change([](Store& store) { return store.restore({99}); });
  ASSERT_TRUE(waitFor([&] { return !failures_.isEmpty(); }));
  EXPECT_TRUE(failures_.first().contains("no deleted run 99"));
}

TEST_F(StoreLinkTest, a_search_that_cannot_be_read_says_so_and_leaves_the_list_and_values_are_counted) {
  add_run("model a");
  add_run("model b");
  FieldValues values;
  QObject::connect(&link_, &StoreLink::valuesLoaded, [&](const FieldValues& loaded) { values = loaded; });
  link_.open();
  RunsQuery query;
  query.samples = false;
  query.search = "model:b";
  link_.setQuery(query);
  ASSERT_TRUE(waitFor([&] { return runs_ && runs_->rows.size() == 1; }));
  query.search = "model:b before:yester";
  link_.setQuery(query);
  ASSERT_TRUE(waitFor([&] { return runs_->query.search == query.search; }));
  EXPECT_TRUE(runs_->problem.contains("not a date"));
  EXPECT_EQ(runs_->rows.size(), 1u);
  query.search.clear();
  link_.askValues(RunKey::model, query);
  ASSERT_TRUE(waitFor([&] { return !values.counts.empty(); }));
  EXPECT_EQ(values.counts.size(), 2u);
}

TEST_F(StoreLinkTest, of_many_runs_the_newest_come_first_and_then_all) {
  {
    const auto store = Store::open(file());
    ASSERT_TRUE(add_many_runs(**store, {.runs = 900, .logs = 0}));
  }
  QList<std::pair<std::size_t, bool>> seen;
  QObject::connect(&link_, &StoreLink::runsLoaded, [&](const RunsPtr& runs) { seen << std::pair(runs->measured, runs->complete); });
  link_.open();
  ASSERT_TRUE(waitFor([&] { return seen.size() >= 2; }));
  EXPECT_FALSE(seen[0].second);
  EXPECT_LT(seen[0].first, 900u);
  EXPECT_EQ(seen[1], std::pair(std::size_t{900}, true));
}

TEST_F(StoreLinkTest, a_file_that_is_no_store_is_named_and_taken_once_it_is_gone) {
  QFile broken(QString::fromStdString(file().string()));
  ASSERT_TRUE(broken.open(QIODevice::WriteOnly));
  broken.write(QByteArray(4096, 'x'));
  broken.close();
  link_.open();
  ASSERT_TRUE(waitFor([&] { return !failures_.isEmpty(); }));
  EXPECT_TRUE(failures_.first().contains("runs.db")) << failures_.first().toStdString();
  ASSERT_TRUE(waitFor([&] { return runs_ != nullptr; }));   // the samples all the same
  ASSERT_TRUE(broken.remove());
  link_.look();
  EXPECT_TRUE(waitFor([&] { return recovered_ == 1; }));
}

}  // namespace
}  // namespace tokenmark
