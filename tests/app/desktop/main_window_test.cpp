// The whole window, with real mouse events, the real agent as a child process and the real engine in it.
#include "app/desktop/main_window.h"

#include <gtest/gtest.h>

#include <QAction>
#include <QDropEvent>
#include <QInputDialog>
#include <QMimeData>
#include <QComboBox>
#include <QDockWidget>
#include <QFile>
#include <QFileDialog>
#include <QImage>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QToolBar>
#include <QTreeWidget>
#include <QXmlStreamReader>
#include <QtTest>

#include "app/charts/distribution_plot.h"
#include "app/charts/frontier_plot.h"
#include "app/charts/timeline_plot.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/sweep_editor.h"
#include "app/desktop/user_settings.h"
#include "tests/app/support/watchdog.h"

namespace tokenmark {
namespace {

// The smallest known shape, so that a point takes a moment; `requests`: how long a moment.
SweepMaker small_sweep(int requests = 6, const std::string& concurrency = "1, 2, 4") {
  return [=](const auto& progress, std::stop_token) {
    progress("planning", 0.5);
    return parse_sweep("name: This machine\nnode: local\ntarget:\n"
                       "  engine: {model: \"shape:stories260k:f32\", threads: 1}\n"
                       "workload: {input: 16, output: 32}\n"
                       "load: {requests_per_concurrency: " + std::to_string(requests) + ", warmups_per_concurrency: 1}\n"
                       "axes: {concurrency: [" + concurrency + "]}\n", "test");
  };
}

class MainWindowTest : public testing::Test {
 protected:
  MainWindowTest() {
    UserSettings().clear();
    options_.store = folder_.filePath("runs.db").toStdString();
    options_.agent_program = TOKENMARK_BIN "/tokenmark-cli";
    options_.quick_sweep = small_sweep();
  }
  void open() {
    window_ = std::make_unique<MainWindow>(options_);
    window_->resize(1280, 800);
    window_->show();
    EXPECT_TRUE(waitFor([&] { return window_->findChild<SplitTabs*>()->allMade(); }));
    EXPECT_TRUE(waitFor([&] { return !plot().chart().series.empty(); }));
    QTest::qWait(100);
    watchdog_ = std::make_unique<Watchdog>();
  }
  void TearDown() override {
    expectNoStall();
    window_.reset();
  }
  // Of the window; what a test does afterwards, such as reading the files it wrote, is not watched.
  void expectNoStall() {
    if (!watchdog_) return;
    expect_no_stall(*watchdog_);
    watchdog_.reset();
  }

  template <class Condition>
  static bool waitFor(Condition condition, int ms = 60000) { return QTest::qWaitFor(condition, ms); }
  template <class T>
  T* find(const char* name) { return window_->findChild<T*>(QString::fromLatin1(name)); }
  FrontierPlot& plot() { return *find<FrontierPlot>("frontierPlot"); }
  void click(const char* name) { QTest::mouseClick(find<QWidget>(name), Qt::LeftButton); }
  bool running() { return window_->jobs().unfinished() > 0; }
  QStringList notes() { return find<MessageBar>("messageBar")->texts(); }

  std::size_t measuredPoints() {
    std::size_t points = 0;
    for (const ChartSeries& series : plot().chart().series) points += series.sample ? 0 : series.points.size();
    return points;
  }

  // Triggers an export action and answers its file dialog.
  QString exportTo(const char* action, const char* file) {
    const QString path = folder_.filePath(QString::fromLatin1(file));
    find<QAction>(action)->trigger();
    auto* dialog = find<QFileDialog>("exportDialog");
    EXPECT_NE(dialog, nullptr);
    if (!dialog) return {};
    QTest::qWait(30);   // a person does not choose the file in the same moment
    dialog->selectFile(path);
    static_cast<QDialog*>(dialog)->setResult(QDialog::Accepted);
    QMetaObject::invokeMethod(dialog, "accept");
    EXPECT_TRUE(waitFor([&] { return QFile::exists(path) && !find<QFileDialog>("exportDialog"); }, 10000));
    return path;
  }

  QTemporaryDir folder_;
  WindowOptions options_;
  std::unique_ptr<MainWindow> window_;
  std::unique_ptr<Watchdog> watchdog_;
};

TEST_F(MainWindowTest, measuring_this_machine_draws_points_live_beside_the_samples_and_they_can_be_exported) {
  open();
  ASSERT_TRUE(find<QWidget>("firstRunBanner")->isVisible());
  EXPECT_EQ(measuredPoints(), 0u);
  const std::size_t samples = plot().chart().series.size();

  click("measureButton");
  ASSERT_TRUE(running());
  ASSERT_TRUE(waitFor([&] { return measuredPoints() > 0 || !running(); })) << notes().join('\n').toStdString();
  EXPECT_LT(measuredPoints(), 3u) << "points come one by one";
  ASSERT_TRUE(waitFor([&] { return !running() && measuredPoints() == 3; })) << notes().join('\n').toStdString();
  EXPECT_EQ(plot().chart().series.size(), samples + 1);
  EXPECT_FALSE(find<QWidget>("firstRunBanner")->isVisible());
  EXPECT_EQ(window_->jobs().jobs().first()->state(), JobState::done);

  const QString png = exportTo("exportPng", "frontier.png");
  QFile svg(exportTo("exportSvg", "frontier.svg"));
  expectNoStall();
  const QImage picture(png);
  EXPECT_GT(picture.width(), 1000);
  EXPECT_TRUE(picture.text("Description").contains("Runs 1"));
  ASSERT_TRUE(svg.open(QIODevice::ReadOnly));
  QXmlStreamReader xml(&svg);
  while (!xml.atEnd()) xml.readNext();
  EXPECT_FALSE(xml.hasError()) << xml.errorString().toStdString();
}

TEST_F(MainWindowTest, distributions_and_timeline_of_measured_runs_are_shown_and_exported) {
  open();
  click("measureButton");
  ASSERT_TRUE(waitFor([&] { return !running() && measuredPoints() == 3; })) << notes().join('\n').toStdString();
  auto* table = find<QTableView>("runsTable");
  auto* tabs = find<QTabWidget>("chartTabs");
  table->selectionModel()->select(QItemSelection(table->model()->index(0, 0), table->model()->index(2, 5)),
                                  QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
  tabs->setCurrentWidget(find<QWidget>("distributionsPage"));
  auto* distributions = find<DistributionPlot>("distributionPlot");
  ASSERT_TRUE(waitFor([&] { return distributions->chart().series.size() == 3; }, 10000));
  EXPECT_FALSE(find<QAction>("exportPng")->isVisible()) << "the actions are those of the chart that is seen";
  const QString png = exportTo("distributionsExportPng", "distributions.png");
  tabs->setCurrentWidget(find<QWidget>("timelinePage"));
  auto* timeline = find<TimelinePlot>("timelinePlot");
  ASSERT_TRUE(waitFor([&] { return !timeline->timeline().bars.empty(); }, 10000));
  QFile csv(exportTo("timelineExportCsv", "timeline.csv"));
  ASSERT_TRUE(csv.open(QIODevice::ReadOnly));
  EXPECT_TRUE(csv.readAll().contains("\nrequest,0,"));
  tabs->setCurrentIndex(0);
  EXPECT_TRUE(find<QAction>("exportPng")->isVisible());
  expectNoStall();
  const QImage picture(png);
  EXPECT_TRUE(picture.text("Description").contains("Runs 1–3")) << picture.text("Description").toStdString();
}

TEST_F(MainWindowTest, files_to_open_are_edited_imported_or_named) {
  open();
  const QString sweep = folder_.filePath("mine.sweep.yaml"), results = folder_.filePath("results.json");
  QFile file(sweep);
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write("name: Of a file\ntarget: {engine: {model: \"shape:stories260k:f32\"}}\naxes: {concurrency: [1]}\n");
  file.close();
  QFile(results).open(QIODevice::WriteOnly);
  window_->openFiles({sweep, results, folder_.filePath("nowhere.json")});
  EXPECT_TRUE(waitFor([&] { return find<SweepEditor>("sweepEditor") && find<SweepEditor>("sweepEditor")->yaml().contains("Of a file"); }));
  EXPECT_NE(find<QInputDialog>("importFacts"), nullptr);
  EXPECT_TRUE(find<MessageBar>("messageBar")->texts().join(' ').contains("nowhere.json is not there"));
}

TEST_F(MainWindowTest, dropped_results_are_points_and_a_bad_file_is_a_note) {
  open();
  const auto write = [&](const char* name, const char* text) {
    QFile file(folder_.filePath(QString::fromLatin1(name)));
    EXPECT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(text);
    return file.fileName();
  };
  const QString good = write("result.json", R"({"endpoint_type": "openai", "backend": "vllm", "model_id": "m", "max_concurrency": 4, "duration": 10.0,
    "completed": 40, "total_input_tokens": 4000, "total_output_tokens": 2000, "output_throughput": 200.0, "total_token_throughput": 600.0,
    "median_ttft_ms": 38.0, "median_tpot_ms": 10.0})");
  QMimeData dropped;
  dropped.setUrls({QUrl::fromLocalFile(good)});
  QDragEnterEvent enter(QPoint(10, 10), Qt::CopyAction, &dropped, Qt::LeftButton, Qt::NoModifier);
  QCoreApplication::sendEvent(window_.get(), &enter);
  EXPECT_TRUE(enter.isAccepted());
  QDropEvent drop(QPointF(10, 10), Qt::CopyAction, &dropped, Qt::LeftButton, Qt::NoModifier);
  QCoreApplication::sendEvent(window_.get(), &drop);
  auto* facts = find<QInputDialog>("importFacts");
  ASSERT_NE(facts, nullptr);
  facts->setTextValue(QStringLiteral("gpus=2 hw=h200"));
  facts->accept();
  ASSERT_TRUE(waitFor([&] { return measuredPoints() == 1; })) << notes().join('\n').toStdString();

  ASSERT_TRUE(waitFor([&] { return !running(); }));
  window_->importResults({write("bad.json", R"({"completed": "x", "duration": 1, "total_output_tokens": 1})")}, {});
  ASSERT_TRUE(waitFor([&] { return notes().join(' ').contains("bad.json: 'completed'"); })) << notes().join('\n').toStdString();
}

TEST_F(MainWindowTest, a_click_on_a_point_shows_its_run_in_list_and_inspector) {
  open();
  QTest::mouseClick(plot().findChild<QWidget*>("chartCanvas"), Qt::LeftButton, {}, plot().pointPosition(0, 0));
  EXPECT_TRUE(waitFor([&] { return find<QTreeWidget>("inspectorTree")->topLevelItemCount() > 0; }, 5000));
  EXPECT_EQ(find<QTableView>("runsTable")->selectionModel()->selectedRows().size(), 1);
}

TEST_F(MainWindowTest, choosing_several_runs_charts_only_those) {
  open();
  auto* table = find<QTableView>("runsTable");
  const auto points = [&] {
    std::size_t count = 0;
    for (const ChartSeries& series : plot().chart().series) count += series.points.size();
    return count;
  };
  const std::size_t all = points();
  table->selectionModel()->select(QItemSelection(table->model()->index(0, 0), table->model()->index(1, 5)),
                                  QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
  EXPECT_TRUE(waitFor([&] { return points() <= 2; }, 5000));
  table->clearSelection();
  EXPECT_TRUE(waitFor([&] { return points() == all; }, 5000));
}

TEST_F(MainWindowTest, the_axes_can_be_chosen_and_prices_only_where_they_count) {
  open();
  EXPECT_FALSE(find<QComboBox>("priceTier")->isEnabled());
  auto* y = find<QComboBox>("yAxis");
  y->setCurrentIndex(y->findData("dollars_per_mtok"));
  EXPECT_TRUE(waitFor([&] { return plot().chart().y == AxisFigure::dollars_per_mtok; }, 5000));
  EXPECT_TRUE(find<QComboBox>("priceTier")->isEnabled());
  EXPECT_FALSE(plot().chart().price_set.empty());
  find<QAction>("logY")->trigger();
  EXPECT_TRUE(waitFor([&] { return plot().chart().log_y; }, 5000));
}

TEST_F(MainWindowTest, a_chart_is_saved_opened_from_its_file_and_the_opening_undone) {
  open();
  find<QAction>("showDevices")->trigger();
  EXPECT_FALSE(find<QAction>("saveChart")->isEnabled()) << "no chart";
  find<QTabWidget>("chartTabs")->setCurrentWidget(find<QWidget>("costPage"));
  auto* cost = find<FrontierPlot>("costPlot");
  ASSERT_TRUE(waitFor([&] { return !cost->chart().series.empty(); }, 10000));
  find<QAction>("costLogY")->setChecked(true);
  const QString path = folder_.filePath("mine.chart.json");
  window_->saveChart(path);
  ASSERT_TRUE(waitFor([&] { return QFile::exists(path); }, 10000));
  find<QAction>("costLogY")->setChecked(false);
  find<QTabWidget>("chartTabs")->setCurrentIndex(0);
  window_->openFiles({path});
  ASSERT_TRUE(waitFor([&] { return cost->chart().log_y && cost->isVisible(); }, 10000));
  find<QAction>("undo")->trigger();
  EXPECT_TRUE(waitFor([&] { return !cost->chart().log_y; }, 10000));
  QFile bad(folder_.filePath("bad.chart.json"));
  ASSERT_TRUE(bad.open(QIODevice::WriteOnly));
  bad.write("{\"tokenmark_chart\": 7}");
  bad.close();
  window_->openFiles({bad.fileName()});
  EXPECT_TRUE(waitFor([&] { return notes().join(' ').contains("bad.chart.json"); }, 10000));
}

TEST_F(MainWindowTest, every_tab_with_a_chart_is_saved_and_opened_again) {
  open();
  const char* pages[] = {"latencyPage",       "loadPage",     "qualityPage", "comparePage",
                         "distributionsPage", "timelinePage", "trendPage"};
  for (const char* page : pages) {
    find<QTabWidget>("chartTabs")->setCurrentWidget(find<QWidget>(page));
    ASSERT_TRUE(find<QAction>("saveChart")->isEnabled()) << page;
    const QString path = folder_.filePath(QStringLiteral("%1.chart.json").arg(page));
    window_->saveChart(path);
    ASSERT_TRUE(waitFor([&] { return QFile::exists(path); }, 10000)) << page;
    find<QTabWidget>("chartTabs")->setCurrentIndex(0);
    window_->openFiles({path});
    EXPECT_TRUE(waitFor([&] { return find<QWidget>(page)->isVisible(); }, 10000))
        << page << notes().join('\n').toStdString();
  }
}

TEST_F(MainWindowTest, a_baseline_is_the_same_on_all_pages_and_two_charts_stand_side_by_side) {
  open();
  const QString series = QString::fromStdString(plot().chart().series.at(0).name);
  emit find<FrontierPlot>("frontierPlot")->legendMenuWanted(series, window_->mapToGlobal(QPoint(300, 300)));
  auto* menu = find<QMenu>("legendMenu");
  ASSERT_NE(menu, nullptr);
  menu->findChild<QAction*>("pinBaseline")->trigger();
  menu->close();
  EXPECT_EQ(find<FrontierPlot>("latencyPlot")->line().baseline(), series.toStdString());
  find<QTabWidget>("chartTabs")->setCurrentWidget(find<QWidget>("latencyPage"));
  find<QAction>("moveTab")->trigger();
  EXPECT_TRUE(find<QWidget>("latencyPage")->isVisible());
  EXPECT_TRUE(find<QWidget>("rightTabs")->isVisible());
  EXPECT_TRUE(find<QAction>("latencyExportPng")->isVisible());
  find<QAction>("undo")->trigger();
  EXPECT_TRUE(find<FrontierPlot>("latencyPlot")->line().baseline().empty());
}

TEST_F(MainWindowTest, cancel_stops_the_sweep_and_keeps_what_is_finished) {
  options_.quick_sweep = small_sweep(400, "1, 2, 4, 8, 16");
  open();
  click("measureButton");
  ASSERT_TRUE(waitFor([&] { return measuredPoints() > 0 || !running(); })) << notes().join('\n').toStdString();
  click("jobCancel");
  ASSERT_TRUE(waitFor([&] { return !running(); }));
  EXPECT_EQ(window_->jobs().jobs().first()->state(), JobState::cancelled);
  EXPECT_GE(measuredPoints(), 1u);
  EXPECT_TRUE(find<QAction>("measure")->isEnabled());
}

TEST_F(MainWindowTest, closing_asks_while_something_runs_and_stops_it_when_agreed) {
  options_.quick_sweep = small_sweep(400, "1, 2, 4, 8, 16");
  open();
  click("measureButton");
  EXPECT_FALSE(window_->close());
  EXPECT_TRUE(window_->isVisible());
  click("stopAndClose");
  EXPECT_TRUE(waitFor([&] { return !running(); }));
  EXPECT_FALSE(window_->isVisible());
}

TEST_F(MainWindowTest, a_missing_agent_is_a_note_and_the_job_failed) {
  options_.agent_program = folder_.filePath("no-such-program").toStdString();
  open();
  click("measureButton");
  ASSERT_TRUE(waitFor([&] { return !running(); }));
  EXPECT_EQ(window_->jobs().jobs().first()->state(), JobState::failed);
  ASSERT_EQ(notes().size(), 1);
  EXPECT_TRUE(notes().first().contains("no-such-program")) << notes().first().toStdString();
}

TEST_F(MainWindowTest, a_store_that_cannot_be_is_a_note_and_the_samples_are_shown) {
  QFile file(folder_.filePath("file"));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  options_.store = (file.fileName() + "/runs.db").toStdString();
  open();
  ASSERT_TRUE(waitFor([&] { return !notes().isEmpty(); }, 10000));
  QTest::qWait(2500);   // it is tried again, and the note does not stack
  EXPECT_EQ(notes().size(), 1);
  EXPECT_TRUE(notes().first().contains("runs.db")) << notes().first().toStdString();
}

TEST_F(MainWindowTest, the_layout_comes_back_and_themes_colour_window_and_chart) {
  open();
  find<QDockWidget>("inspectorDock")->close();
  find<QAction>("resetLayout")->trigger();
  EXPECT_TRUE(find<QDockWidget>("inspectorDock")->isVisible());
  find<QAction>("themeDark")->trigger();
  EXPECT_LT(QApplication::palette().window().color().lightness(), 80);
  QTest::qWait(100);
  EXPECT_LT(plot().grab().toImage().pixelColor(3, 3).lightness(), 80);
  find<QAction>("themeLight")->trigger();
  EXPECT_GT(QApplication::palette().window().color().lightness(), 180);
}

TEST_F(MainWindowTest, settings_are_there_again_next_time) {
  open();
  auto* x = find<QComboBox>("xAxis");
  x->setCurrentIndex(x->findData("ttft"));
  find<QDockWidget>("jobsDock")->close();
  window_->close();
  watchdog_.reset();
  window_.reset();
  open();
  EXPECT_EQ(find<QComboBox>("xAxis")->currentData().toString(), "ttft");
  EXPECT_FALSE(find<QDockWidget>("jobsDock")->isVisible());
}

TEST_F(MainWindowTest, every_action_and_control_has_a_name) {
  open();
  for (const QAction* action : window_->findChildren<QAction*>()) {
    if (action->isSeparator() || action->text().isEmpty() || action->objectName().startsWith("qt_")) continue;
    if (action->menu() || qobject_cast<QDockWidget*>(action->parent()) || qobject_cast<QToolBar*>(action->parent()))
      continue;   // Qt's own: submenus and the switches of panels
    EXPECT_FALSE(action->objectName().isEmpty()) << action->text().toStdString();
  }
  for (const QPushButton* button : window_->findChildren<QPushButton*>())
    EXPECT_FALSE(button->accessibleName().isEmpty()) << button->objectName().toStdString();
}

// Developers' pictures: TOKENMARK_SCREENSHOTS=FOLDER window_test --gtest_filter=*screenshots
TEST_F(MainWindowTest, screenshots) {
  const QString to = qEnvironmentVariable("TOKENMARK_SCREENSHOTS");
  if (to.isEmpty()) GTEST_SKIP() << "TOKENMARK_SCREENSHOTS names no folder";
  open();
  QTest::mouseClick(plot().findChild<QWidget*>("chartCanvas"), Qt::LeftButton, {}, plot().pointPosition(0, 2));
  QTest::qWait(300);
  find<QLabel>("storeLabel")->setText("~/.local/share/tokenmark/runs.db");
  window_->grab().save(to + "/first-run.png");
  click("measureButton");
  ASSERT_TRUE(waitFor([&] { return measuredPoints() > 1 || !running(); }));
  QTest::qWait(200);
  window_->grab().save(to + "/live.png");
  ASSERT_TRUE(waitFor([&] { return !running(); }));
  QTest::mouseClick(plot().findChild<QWidget*>("chartCanvas"), Qt::LeftButton, {}, plot().pointPosition(0, 1));
  QTest::qWait(300);
  window_->grab().save(to + "/light.png");
  window_->resize(1920, 1080);
  find<QAction>("themeDark")->trigger();
  QTest::qWait(400);
  window_->grab().save(to + "/dark-large.png");
  window_->resize(1280, 800);
  QTest::qWait(300);
  window_->grab().save(to + "/dark.png");
  find<QAction>("newSweep")->trigger();
  QTest::qWait(500);
  find<QDialog>("sweepEditor")->grab().save(to + "/editor-dark.png");
  find<QAction>("themeLight")->trigger();
  QTest::qWait(300);
  find<QDialog>("sweepEditor")->grab().save(to + "/editor.png");
  find<QTableView>("runsTable")->selectRow(0);
  for (const char* theme : {"themeLight", "themeDark"}) {
    find<QAction>(theme)->trigger();
    for (int tab = 1; tab < find<QTabWidget>("chartTabs")->count(); ++tab) {
      find<QTabWidget>("chartTabs")->setCurrentIndex(tab);
      QTest::qWait(1500);
      window_->grab().save(QStringLiteral("%1/tab%2-%3.png").arg(to).arg(tab).arg(QString::fromLatin1(theme)));
    }
  }
  watchdog_.reset();   // grabbing pictures is no part of the window's work
}

}  // namespace
}  // namespace tokenmark
