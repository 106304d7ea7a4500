// The page Trend, on a real store: versions of one engine with their environments.
#include <gtest/gtest.h>

#include <QAction>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QTemporaryDir>
#include <QUndoStack>
#include <QtTest>
#include <nlohmann/json.hpp>

#include "app/desktop/look.h"
#include "app/desktop/tasks.h"
#include "app/desktop/trend_page.h"
#include "app/desktop/user_settings.h"
#include "core/store/imported_run.h"
#include "tests/app/support/watchdog.h"

namespace tokenmark {
namespace {

class TrendPageTest : public testing::Test {
 protected:
  TrendPageTest() { page_.resize(1100, 760); }

  std::filesystem::path file() const { return folder_.filePath("runs.db").toStdString(); }

  // Sixteen versions, three concurrencies and three repeats each; a tenth slower with the driver that came with the tenth.
  void fill() {
    std::vector<ImportedRun> runs;
    for (int version = 0; version < 16; ++version)
      for (int repeat = 0; repeat < 3; ++repeat)
        for (const int concurrency : {1, 2, 4}) {
          ImportedRun imported;
          NewRun& run = imported.run;
          run.framework = fmt::format("tokenmark 0.9.{}", version);
          run.series = "llama-3.2-1b · q4_0 · EPYC 9654 · " + run.framework;
          run.model = "llama-3.2-1b";
          run.precision = "q4_0";
          run.device = "cpu";
          run.hardware = "EPYC 9654";
          run.source = "measured";
          run.gpus = 1;
          run.point.target = EngineTarget{"shape:llama-3.2-1b:q4_0"};
          run.point.load.concurrency = imported.concurrency = concurrency;
          run.point.repeat = repeat;
          imported.input = imported.output = 128;
          imported.started = fmt::format("2026-03-{:02}T08:{:02}:00Z", version + 1, repeat);
          const double speed = (version < 10 ? 1.0 : 0.9) * (1 + 0.006 * ((version * 7 + repeat * 3) % 5 - 2));
          imported.figures.interactivity_p50.value = 40.0 / concurrency * speed + 10;
          imported.figures.total_tok_s_gpu = 80.0 * (0.5 + 0.5 * concurrency) * speed;
          imported.environment = {{"tokenmark", {{"version", fmt::format("0.9.{}", version)}, {"commit", fmt::format("{:07x}", version * 77 + 0xabc000)}}},
                                  {"kernel", version < 10 ? "Linux 6.1.0" : "Linux 6.5.0"}, {"cpu", {{"governor", "performance"}}}};
          imported.format = "test";
          imported.document = fmt::format("{} {} {}", version, repeat, concurrency);
          runs.push_back(std::move(imported));
        }
    auto store = Store::open(file());
    ASSERT_TRUE(store) << store.error().message;
    const auto added = (*store)->add_imported(runs);
    ASSERT_TRUE(added) << added.error().message;
  }
  RunsPtr snapshot() {
    auto runs = std::make_shared<RunsSnapshot>();
    auto store = Store::open(file());
    runs->rows = (*store)->runs().value_or(std::vector<RunRow>());
    return runs;
  }
  template <class Condition>
  static bool waitFor(Condition condition) { return QTest::qWaitFor(condition, 60000); }
  const Trend& chart() { return plot().chart(); }
  TrendPlot& plot() { return *page_.findChild<TrendPlot*>("trendPlot"); }
  QString text(const char* name) { return page_.findChild<QLabel*>(name)->text(); }
  void choose_by(const char* key) {
    auto* by = page_.findChild<QComboBox*>("trendBy");
    by->setCurrentIndex(by->findData(key));
  }

  QTemporaryDir folder_;
  Tasks tasks_;
  QUndoStack undo_;
  TrendPage page_{tasks_, undo_, file()};
};

TEST_F(TrendPageTest, nothing_is_read_until_the_page_is_seen_and_then_the_change_is_said) {
  fill();
  page_.setRuns(snapshot(), {});
  QTest::qWait(100);
  EXPECT_TRUE(chart().series.empty());
  const Watchdog watchdog;
  page_.show();
  ASSERT_TRUE(waitFor([&] { return chart().series.size() == 1; }));
  EXPECT_EQ(chart().states.size(), 16u);
  ASSERT_EQ(chart().series[0].changes.size(), 1u);
  EXPECT_EQ(chart().states[chart().series[0].changes[0].after].name, "0.9.10");
  EXPECT_TRUE(chart().series[0].points[0].range);
  const QString notes = text("trendChartNotes");
  EXPECT_TRUE(notes.contains("From 0.9.10 on (before: 0.9.9)")) << notes.toStdString();
  EXPECT_TRUE(notes.contains("kernel: Linux 6.1.0 → Linux 6.5.0")) << notes.toStdString();
  QTest::qWait(100);
  expect_no_stall(watchdog);
}

TEST_F(TrendPageTest, figure_value_and_axis_can_be_chosen) {
  fill();
  page_.show();
  page_.setRuns(snapshot(), {});
  ASSERT_TRUE(waitFor([&] { return chart().series.size() == 1; }));
  choose_by("commit");
  ASSERT_TRUE(waitFor([&] { return chart().by == TrendBy::commit; }));
  EXPECT_EQ(chart().states.at(0).name, "0abc000");
  choose_by("driver");
  ASSERT_TRUE(waitFor([&] { return chart().by == TrendBy::driver; }));
  EXPECT_TRUE(text("trendChartNotes").contains("named no driver"));
  auto* x = page_.findChild<QComboBox*>("trendXAxis");
  x->setCurrentIndex(x->findData("concurrency"));
  auto* at = page_.findChild<QLineEdit*>("trendAt");
  QTest::keyClicks(at, "4");
  ASSERT_TRUE(waitFor([&] { return chart().x == AxisFigure::concurrency && chart().at == 4; }));
  EXPECT_TRUE(chart().title.find("concurrency 4") != std::string::npos) << chart().title;
  QTest::keyClicks(at, "00");
  ASSERT_TRUE(waitFor([&] { return chart().at == 400; }));
  QTest::qWait(100);
  EXPECT_TRUE(page_.findChild<QLabel*>("emptyChart")->isVisible()) << "nothing was measured there";
  at->clear();
  ASSERT_TRUE(waitFor([&] { return chart().at == 2; })) << "the middle one of what was measured";
  auto* figure = page_.findChild<QComboBox*>("trendFigure");
  figure->setCurrentIndex(figure->findData("dollars_per_mtok"));
  ASSERT_TRUE(waitFor([&] { return chart().figure == AxisFigure::dollars_per_mtok; }));
  EXPECT_TRUE(page_.findChild<QComboBox*>("trendPriceSet")->isEnabled());
}

TEST_F(TrendPageTest, two_or_more_chosen_runs_are_shown_alone) {
  fill();
  const RunsPtr runs = snapshot();
  page_.show();
  std::vector<RunId> some;
  for (const RunRow& row : runs->rows)
    if (row.framework == "tokenmark 0.9.1" || row.framework == "tokenmark 0.9.2") some.push_back(row.id);
  page_.setRuns(runs, some);
  ASSERT_TRUE(waitFor([&] { return chart().states.size() == 2; }));
  EXPECT_TRUE(text("trendChartSubtitle").contains("18 of 144 runs")) << text("trendChartSubtitle").toStdString();
  page_.setRuns(runs, {some.front()});
  ASSERT_TRUE(waitFor([&] { return chart().states.size() == 16; })) << "one alone is no history";
}

TEST_F(TrendPageTest, a_point_is_read_by_the_mouse_and_the_chart_is_exported) {
  fill();
  page_.show();
  page_.setRuns(snapshot(), {});
  ASSERT_TRUE(waitFor([&] { return chart().series.size() == 1; }));
  QTest::qWait(100);
  QWidget* canvas = plot().findChild<QWidget*>("chartCanvas");
  const QPoint at = plot().changePosition(0, 0);
  QMouseEvent move(QEvent::MouseMove, at, plot().mapToGlobal(at), Qt::NoButton, Qt::NoButton, {});
  QApplication::sendEvent(canvas, &move);
  EXPECT_TRUE(plot().hoverText().contains("0.9.9 → 0.9.10")) << plot().hoverText().toStdString();
  QStringList exported;
  QObject::connect(&page_, &ChartPage::exported, &page_, [&](const QString& path) { exported << path; });
  for (const char* name : {"trendExportCsv", "trendExportSvg"}) {
    page_.findChild<QAction*>(name)->trigger();
    auto* dialog = page_.findChild<QFileDialog*>("exportDialog");
    ASSERT_TRUE(dialog);
    emit dialog->fileSelected(folder_.filePath(QString(name) + (QString(name).endsWith("Csv") ? ".csv" : ".svg")));
    dialog->close();
    ASSERT_TRUE(waitFor([&] { return !exported.isEmpty(); }));
    exported.clear();
    QTest::qWait(50);
  }
  QFile csv(folder_.filePath("trendExportCsv.csv"));
  ASSERT_TRUE(csv.open(QIODevice::ReadOnly));
  EXPECT_TRUE(csv.readAll().contains("difference,"));
}

TEST_F(TrendPageTest, choices_are_undone_and_a_saved_trend_opens_with_its_runs) {
  fill();
  const RunsPtr runs = snapshot();
  page_.show();
  page_.setRuns(runs, {});
  ASSERT_TRUE(waitFor([&] { return chart().series.size() == 1; }));
  EXPECT_EQ(undo_.count(), 0);
  choose_by("commit");
  ASSERT_TRUE(waitFor([&] { return chart().by == TrendBy::commit; }));
  EXPECT_EQ(undo_.count(), 1);
  const ChartDefinition saved = page_.definition(true);
  undo_.undo();
  ASSERT_TRUE(waitFor([&] { return chart().by == TrendBy::version; }));
  ChartDefinition some = saved;
  for (const RunRow& row : runs->rows)
    if (row.framework == "tokenmark 0.9.1" || row.framework == "tokenmark 0.9.2") some.runs.push_back(row.id);
  page_.change(some);
  ASSERT_TRUE(waitFor([&] { return chart().states.size() == 2 && chart().by == TrendBy::commit; }));
  EXPECT_EQ(page_.definition(true), some);
  undo_.undo();
  ASSERT_TRUE(waitFor([&] { return chart().states.size() == 16; }));
}

TEST_F(TrendPageTest, choices_are_kept) {
  UserSettings settings;
  choose_by("date");
  page_.findChild<QLineEdit*>("trendAt")->setText("25");
  page_.save(settings);
  UserSettings::reload();
  TrendPage other(tasks_, undo_, file());
  other.restore(settings);
  EXPECT_EQ(other.findChild<QComboBox*>("trendBy")->currentData().toString(), "date");
  EXPECT_EQ(other.findChild<QLineEdit*>("trendAt")->text(), "25");
}

TEST_F(TrendPageTest, every_control_has_names) {
  for (const QComboBox* box : page_.findChildren<QComboBox*>()) {
    EXPECT_FALSE(box->objectName().isEmpty());
    EXPECT_FALSE(box->accessibleName().isEmpty()) << box->objectName().toStdString();
  }
  EXPECT_FALSE(page_.findChild<QLineEdit*>("trendAt")->accessibleName().isEmpty());
  EXPECT_FALSE(plot().accessibleName().isEmpty());
}

// For people to look at: TOKENMARK_SCREENSHOTS names a folder.
TEST_F(TrendPageTest, pictures_for_people) {
  const QString to = qEnvironmentVariable("TOKENMARK_SCREENSHOTS");
  if (to.isEmpty()) GTEST_SKIP() << "TOKENMARK_SCREENSHOTS is not set";
  fill();
  page_.show();
  page_.setRuns(snapshot(), {});
  ASSERT_TRUE(waitFor([&] { return chart().series.size() == 1; }));
  for (const bool dark : {false, true}) {
    apply_theme(theme(dark));
    page_.setTheme(theme(dark));
    QTest::qWait(200);
    const QPoint at = plot().changePosition(0, 0);
    QMouseEvent move(QEvent::MouseMove, at, plot().mapToGlobal(at), Qt::NoButton, Qt::NoButton, {});
    QApplication::sendEvent(plot().findChild<QWidget*>("chartCanvas"), &move);
    QTest::qWait(100);
    page_.grab().save(to + (dark ? "/trend-page-dark.png" : "/trend-page.png"));
  }
}

}  // namespace
}  // namespace tokenmark
