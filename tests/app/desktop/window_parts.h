// The whole window in folders of a test's own, driven by keys and by names.
#pragma once

#include <gtest/gtest.h>

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QAction>
#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QDockWidget>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QFileDialog>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QTableWidget>
#include <QToolBar>
#include <QTranslator>
#include <QTemporaryDir>
#include <QTextBrowser>
#include <QtTest>

#include "app/charts/frontier_plot.h"
#include "app/desktop/main_window.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/settings.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/user_settings.h"
#include "tests/app/support/watchdog.h"

namespace tokenmark {

inline SweepMaker two_point_sweep() {
  return [](const auto&, std::stop_token) {
    return parse_sweep("name: This machine\nnode: local\ntarget:\n  engine: {model: \"shape:stories260k:f32\", threads: 1}\n"
                       "workload: {input: 16, output: 32}\nload: {requests_per_concurrency: 4, warmups_per_concurrency: 1}\n"
                       "axes: {concurrency: [1, 2]}\n", "test");
  };
}

class WindowPartsTest : public testing::Test {
 protected:
  WindowPartsTest() {
    UserSettings().clear();
    options_.store = folder_.filePath("runs.db").toStdString();
    options_.prices = folder_.filePath("prices.json").toStdString();
    options_.agent_program = TOKENMARK_BIN "/tokenmark-cli";
    options_.quick_sweep = two_point_sweep();
    options_.models = {};
  }
  ~WindowPartsTest() override { use_own_prices({}); }
  void open() {
    window_ = std::make_unique<MainWindow>(options_);
    window_->resize(1280, 800);
    window_->show();
    EXPECT_TRUE(waitFor([&] { return window_->findChild<SplitTabs*>()->allMade(); }));
    EXPECT_TRUE(waitFor([&] { return !plot().chart().series.empty() || (!plot().isVisible() && find<QTableView>("runsTable")->model()->rowCount() > 0); }));
    window_->activateWindow();
    QTest::qWait(100);
    watchdog_ = std::make_unique<Watchdog>();
  }
  // What is made once and shown for the first time (the guide, a dialog) may take its time.
  void unwatched() { watchdog_.reset(); }
  void TearDown() override {
    if (!watchdog_) return;
    expect_no_stall(*watchdog_);
    watchdog_.reset();
  }
  void reopen() {
    watchdog_.reset();
    window_->close();
    window_.reset();
    open();
  }
  template <class Condition>
  static bool waitFor(Condition condition, int ms = 60000) { return QTest::qWaitFor(condition, ms); }
  template <class T>
  T* find(const char* name) { return window_->findChild<T*>(QString::fromLatin1(name)); }
  FrontierPlot& plot() { return *find<FrontierPlot>("frontierPlot"); }
  QTabWidget& tabs() { return *find<QTabWidget>("chartTabs"); }
  QString notes() { return find<MessageBar>("messageBar")->texts().join('\n'); }
  bool running() { return window_->jobs().unfinished() > 0; }
  void trigger(const char* action) {
    find<QAction>(action)->trigger();
    QTest::qWait(20);   // a person does not do the next thing in the same moment
  }
  void showPage(const char* name) { tabs().setCurrentWidget(find<QWidget>(name)); }
  void press(Qt::Key key, Qt::KeyboardModifiers with = {}) {
    QWidget* at = QApplication::focusWidget();
    QTest::keyClick(at ? at : window_.get(), key, with);
  }
  void type(const QString& text) { QTest::keyClicks(QApplication::focusWidget(), text, Qt::NoModifier, 1); }
  // By the palette, keys only.
  void command(const QString& letters) {
    press(Qt::Key_K, Qt::ControlModifier);
    ASSERT_TRUE(find<QFrame>("commandPalette")->isVisible());
    type(letters);
    press(Qt::Key_Return);
    ASSERT_FALSE(find<QFrame>("commandPalette")->isVisible()) << letters.toStdString() << ": nothing that can be run";
  }
  std::size_t measured() {
    std::size_t points = 0;
    for (const ChartSeries& series : plot().chart().series) points += series.sample ? 0 : series.points.size();
    return points;
  }

  QTemporaryDir folder_;
  WindowOptions options_;
  std::unique_ptr<MainWindow> window_;
  std::unique_ptr<Watchdog> watchdog_;
};

}  // namespace tokenmark
