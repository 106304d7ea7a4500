// The pages Distributions and Timeline, on a real store with real logs.
#include <gtest/gtest.h>

#include <QAction>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QTemporaryDir>
#include <QUndoStack>
#include <QtTest>
#include <nlohmann/json.hpp>

#include "app/desktop/distributions_page.h"
#include "app/desktop/tasks.h"
#include "app/desktop/timeline_page.h"
#include "tests/app/support/watchdog.h"
#include "tests/core/report/logs.h"

namespace tokenmark {
namespace {

class RunChartsTest : public testing::Test {
 protected:
  RunChartsTest() {
    QWidget* pages[] = {&distributions_, &timeline_};
    for (QWidget* page : pages) page->resize(1000, 700);
  }

  std::filesystem::path file() const { return folder_.filePath("runs.db").toStdString(); }

  // A finished run; without a log: imported figures.
  RunId add_run(const EventLog* log, int concurrency = 2) {
    auto store = Store::open(file());
    EXPECT_TRUE(store) << store.error().message;
    NewRun run;
    run.series = "a model on this machine";
    run.source = log ? "measured" : "import: results.json";
    run.point.target = EngineTarget{"shape:a"};
    run.point.load.concurrency = concurrency;
    run.point.limits.ttft_s = 0.015;
    const auto id = (*store)->begin_run(run);
    EXPECT_TRUE(id) << id.error().message;
    const Figures figures = log ? compute_figures(*log, run.point.limits, 1) : Figures();
    EXPECT_TRUE((*store)->finish_run(*id, figures, nlohmann::json::object(), log));
    return *id;
  }
  RunsPtr snapshot() {
    auto runs = std::make_shared<RunsSnapshot>();
    auto store = Store::open(file());
    runs->rows = (*store)->runs().value_or(std::vector<RunRow>());
    RunRow sample = done_run(-1, "published", 8, 100, 1000);
    runs->rows.push_back(sample);
    return runs;
  }
  template <class Condition>
  static bool waitFor(Condition condition) { return QTest::qWaitFor(condition, 60000); }
  DistributionPlot& curves() { return *distributions_.findChild<DistributionPlot*>("distributionPlot"); }
  TimelinePlot& bars() { return *timeline_.findChild<TimelinePlot*>("timelinePlot"); }
  static QString emptyText(QWidget& page) {
    const auto* label = page.findChild<QLabel*>("emptyChart");
    return label->isVisible() ? label->text() : QString();
  }

  QTemporaryDir folder_;
  EventLog log_ = large_log(300, 6, 4);
  Tasks tasks_;
  std::shared_ptr<RunLogs> logs_ = std::make_shared<RunLogs>(file());
  QUndoStack undo_;
  DistributionsPage distributions_{tasks_, undo_, logs_};
  TimelinePage timeline_{tasks_, undo_, logs_};
};

TEST_F(RunChartsTest, without_a_choice_the_pages_say_what_to_do) {
  distributions_.show();
  timeline_.show();
  ASSERT_TRUE(waitFor([&] { return !emptyText(distributions_).isEmpty() && !emptyText(timeline_).isEmpty(); }));
  EXPECT_TRUE(emptyText(distributions_).contains("Choose a run"));
  EXPECT_TRUE(emptyText(timeline_).contains("Choose a run"));
}

TEST_F(RunChartsTest, several_runs_lie_over_each_other_and_figure_and_form_can_be_chosen) {
  const RunId first = add_run(&log_), second = add_run(&log_, 4);
  distributions_.show();
  distributions_.setRuns(snapshot(), {first, second});
  ASSERT_TRUE(waitFor([&] { return curves().chart().series.size() == 2; }));
  EXPECT_EQ(curves().chart().series[0].name, "Run 1, concurrency 2");
  EXPECT_EQ(curves().chart().limits.size(), 1u);
  ASSERT_TRUE(waitFor([&] { return emptyText(distributions_).isEmpty(); }));  // it goes with the next redraw
  auto* figure = distributions_.findChild<QComboBox*>("distributionsFigure");
  figure->setCurrentIndex(figure->findData("itl"));
  ASSERT_TRUE(waitFor([&] { return curves().chart().figure == LatencyFigure::itl; }));
  distributions_.findChild<QAction*>("distributionsHistogram")->trigger();
  ASSERT_TRUE(waitFor([&] { return curves().chart().histogram; }));
  EXPECT_FALSE(curves().chart().series[0].bin_shares.empty());
}

TEST_F(RunChartsTest, runs_without_a_log_are_named_with_the_reason) {
  const RunId with = add_run(&log_), without = add_run(nullptr);
  distributions_.show();
  distributions_.setRuns(snapshot(), {with, without, -1});
  ASSERT_TRUE(waitFor([&] { return curves().chart().series.size() == 1; }));
  const QString notes = distributions_.findChild<QLabel*>("distributionsChartNotes")->text();
  EXPECT_TRUE(notes.contains("Run 2 has no event log")) << notes.toStdString();
  EXPECT_TRUE(notes.contains("published sample")) << notes.toStdString();
  timeline_.show();
  timeline_.setRuns(snapshot(), {without});
  ASSERT_TRUE(waitFor([&] { return emptyText(timeline_).contains("Run 2 has no event log"); })) << emptyText(timeline_).toStdString();
  EXPECT_TRUE(emptyText(timeline_).contains("results.json"));
}

TEST_F(RunChartsTest, nothing_is_read_until_a_page_is_seen) {
  const RunId id = add_run(&log_);
  distributions_.setRuns(snapshot(), {id});
  QTest::qWait(100);
  EXPECT_TRUE(curves().chart().series.empty());
  distributions_.show();
  EXPECT_TRUE(waitFor([&] { return curves().chart().series.size() == 1; }));
}

TEST_F(RunChartsTest, the_timeline_shows_the_run_that_is_chosen_and_what_is_zoomed_to) {
  const RunId first = add_run(&log_), second = add_run(&log_, 4);
  timeline_.show();
  timeline_.setRuns(snapshot(), {second, first});
  ASSERT_TRUE(waitFor([&] { return bars().timeline().run == first; }));
  EXPECT_EQ(bars().timeline().bars.size(), 300u);
  auto* run = timeline_.findChild<QComboBox*>("timelineRun");
  ASSERT_EQ(run->count(), 2);
  run->setCurrentIndex(1);
  ASSERT_TRUE(waitFor([&] { return bars().timeline().run == second; }));
  QTest::qWait(100);
  bars().zoomIn();
  ASSERT_TRUE(waitFor([&] { return bars().timeline().bars.size() < 300; })) << "the part that is seen is made anew";
  timeline_.setRuns(snapshot(), {second});
  QTest::qWait(100);
  EXPECT_EQ(bars().timeline().run, second);
  timeline_.setRuns(snapshot(), {});
  ASSERT_TRUE(waitFor([&] { return bars().timeline().requests == 0; }));
}

TEST_F(RunChartsTest, the_last_of_many_choices_is_shown) {
  std::vector<RunId> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(add_run(&log_, i + 1));
  const RunsPtr runs = snapshot();
  distributions_.show();
  timeline_.show();
  for (const RunId id : ids) {
    distributions_.setRuns(runs, {id});
    timeline_.setRuns(runs, {id});
  }
  ASSERT_TRUE(waitFor([&] { return bars().timeline().run == ids.back() && !curves().chart().series.empty(); }));
  QTest::qWait(200);
  EXPECT_EQ(bars().timeline().run, ids.back());
  EXPECT_EQ(curves().chart().series.at(0).run, ids.back());
}

TEST_F(RunChartsTest, a_run_of_a_million_requests_leaves_the_window_responsive) {
  log_ = large_log(1'000'000, 2, 1000);
  const RunId id = add_run(&log_);
  log_ = {};
  const RunsPtr runs = snapshot();
  distributions_.show();
  timeline_.show();
  QTest::qWait(100);
  const Watchdog watchdog;
  timeline_.setRuns(runs, {id});
  ASSERT_TRUE(waitFor([&] { return bars().timeline().run == id; }));
  EXPECT_TRUE(bars().timeline().grid);
  for (int i = 0; i < 8; ++i) {
    bars().zoomIn();
    QTest::qWait(30);
  }
  distributions_.setRuns(runs, {id});
  ASSERT_TRUE(waitFor([&] { return !curves().chart().series.empty(); }));
  EXPECT_EQ(curves().chart().series[0].samples, 1'000'000u);
  QTest::qWait(100);
  expect_no_stall(watchdog);
}

TEST_F(RunChartsTest, what_is_chosen_is_undone_and_a_saved_chart_opens_with_its_runs) {
  const RunId first = add_run(&log_), second = add_run(&log_, 4);
  distributions_.show();
  distributions_.setRuns(snapshot(), {first});
  ASSERT_TRUE(waitFor([&] { return curves().chart().series.size() == 1; }));
  EXPECT_EQ(undo_.count(), 0) << "what the list shows is no step";
  distributions_.findChild<QAction*>("distributionsHistogram")->trigger();
  ASSERT_TRUE(waitFor([&] { return curves().chart().histogram; }));
  QTest::qWait(50);
  curves().zoomIn();
  const ChartDefinition zoomed = distributions_.definition(true);
  EXPECT_EQ(zoomed.runs, std::vector<RunId>{first});
  EXPECT_TRUE(zoomed.view && zoomed.distribution.histogram);
  EXPECT_EQ(undo_.count(), 2);
  undo_.undo();
  undo_.undo();
  ASSERT_TRUE(waitFor([&] { return !curves().chart().histogram; }));
  EXPECT_FALSE(distributions_.definition().view);
  distributions_.setRuns(snapshot(), {second});
  distributions_.change(zoomed);
  ASSERT_TRUE(waitFor([&] { return curves().chart().histogram && curves().chart().series.at(0).run == first; }));
  EXPECT_TRUE(waitFor([&] { return curves().chosenView() == zoomed.view; }));
  EXPECT_EQ(distributions_.definition(true), zoomed);
  auto* own = distributions_.findChild<QAction*>("distributionsAllRuns");
  EXPECT_TRUE(own->isVisible());
  own->trigger();
  ASSERT_TRUE(waitFor([&] { return curves().chart().series.at(0).run == second; })) << "the list's runs again";
  undo_.undo();
  ASSERT_TRUE(waitFor([&] { return curves().chart().series.at(0).run == first; }));
}

TEST_F(RunChartsTest, the_run_on_the_timeline_and_its_view_are_steps) {
  const RunId first = add_run(&log_), second = add_run(&log_, 4);
  timeline_.show();
  timeline_.setRuns(snapshot(), {first, second});
  ASSERT_TRUE(waitFor([&] { return bars().timeline().run == first; }));
  QTest::qWait(100);
  EXPECT_EQ(undo_.count(), 0);
  bars().zoomIn();
  QTest::qWait(100);
  const std::optional<ViewRange> view = timeline_.definition().view;
  ASSERT_TRUE(view);
  timeline_.findChild<QComboBox*>("timelineRun")->setCurrentIndex(1);
  ASSERT_TRUE(waitFor([&] { return bars().timeline().run == second; }));
  QTest::qWait(100);
  EXPECT_EQ(undo_.count(), 2);
  EXPECT_FALSE(timeline_.definition().view) << "another run: all of it";
  undo_.undo();
  ASSERT_TRUE(waitFor([&] { return bars().timeline().run == first && bars().chosenView(); }));
  EXPECT_NEAR(bars().view().x_high, view->x_high, 1e-9);
  timeline_.setRuns(snapshot(), {first});
  timeline_.change({.kind = "timeline", .runs = {second}});
  ASSERT_TRUE(waitFor([&] { return bars().timeline().run == second; })) << "a run that the list does not show";
  EXPECT_TRUE(timeline_.findChild<QAction*>("timelineAllRuns")->isVisible());
}

TEST_F(RunChartsTest, all_data_of_a_timeline_is_every_request_whatever_is_seen) {
  const RunId id = add_run(&log_);
  timeline_.show();
  timeline_.setRuns(snapshot(), {id});
  ASSERT_TRUE(waitFor([&] { return bars().timeline().run == id; }));
  QTest::qWait(100);
  for (int i = 0; i < 5; ++i) bars().zoomIn();
  ASSERT_TRUE(waitFor([&] { return bars().timeline().bars.size() < 250; }));
  QStringList exported;
  QObject::connect(&timeline_, &ChartPage::exported, &timeline_, [&](const QString& path) { exported << path; });
  const auto requests = [&](const char* action) {
    const QString path = folder_.filePath(QStringLiteral("%1.csv").arg(action));
    timeline_.findChild<QAction*>(QString::fromLatin1(action))->trigger();
    auto* dialog = timeline_.findChild<QFileDialog*>("exportDialog");
    emit dialog->fileSelected(path);
    dialog->close();
    EXPECT_TRUE(waitFor([&] { return exported.contains(path); }));
    QTest::qWait(30);
    QFile file(path);
    EXPECT_TRUE(file.open(QIODevice::ReadOnly));
    return file.readAll().count("\nrequest,");
  };
  EXPECT_EQ(requests("timelineExportAllCsv"), 300);
  EXPECT_LT(requests("timelineExportCsv"), 300);
}

TEST_F(RunChartsTest, every_control_has_names) {
  for (QWidget* page : {static_cast<QWidget*>(&distributions_), static_cast<QWidget*>(&timeline_)}) {
    for (const QComboBox* box : page->findChildren<QComboBox*>()) {
      EXPECT_FALSE(box->objectName().isEmpty());
      EXPECT_FALSE(box->accessibleName().isEmpty()) << box->objectName().toStdString();
    }
    for (const PlotView* plot : page->findChildren<PlotView*>()) EXPECT_FALSE(plot->accessibleName().isEmpty());
  }
}

}  // namespace
}  // namespace tokenmark
