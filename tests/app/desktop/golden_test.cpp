// How the window looks: its pages with a team's runs (example_runs.h), against golden pictures.
#include <gtest/gtest.h>

#include <QAction>
#include <QLabel>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QtTest>

#include "app/charts/frontier_plot.h"
#include "app/desktop/main_window.h"
#include "app/desktop/user_settings.h"
#include "tests/app/support/example_runs.h"
#include "tests/app/support/golden.h"

namespace tokenmark {
namespace {

class GoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    use_golden_look();
    UserSettings().clear();
    UserSettings().setValue("runs/samples", false);   // from the beginning: series keep the colour that they first had
    WindowOptions options;
    options.store = folder_.filePath("runs.db").toStdString();
    options.agent_program = TOKENMARK_BIN "/tokenmark-cli";
    options.models = {};
    options.prices = folder_.filePath("prices.json").toStdString();
    auto store = Store::open(options.store);
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_TRUE((*store)->add_imported(example_runs()));
    window_ = std::make_unique<MainWindow>(options);
    window_->resize(1280, 800);
    window_->show();
    auto* plot = window_->findChild<FrontierPlot*>("frontierPlot");
    window_->findChild<QLabel*>("storeLabel")->setText("~/.local/share/tokenmark/runs.db");
    ASSERT_TRUE(QTest::qWaitFor([&] { return plot->chart().series.size() >= 4 && !plot->chart().series.front().sample; }, 20000));
  }
  void choose(const char* theme) { window_->findChild<QAction*>(QString::fromLatin1(theme))->trigger(); }
  void show(const char* tab) {
    auto* tabs = window_->findChild<QTabWidget*>("chartTabs");
    for (int i = 0; i < tabs->count(); ++i)
      if (tabs->tabText(i) == QString::fromLatin1(tab)) return tabs->setCurrentIndex(i);
    FAIL() << "there is no tab " << tab;
  }
  // What is computed in other threads has come and nothing moves any more.
  QImage picture() {
    QImage last, now;
    for (int still = 0; still < 3; last = now) {
      QTest::qWait(150);
      now = window_->grab().toImage();
      still = now == last ? still + 1 : 0;
    }
    return now;
  }

  QTemporaryDir folder_;
  std::unique_ptr<MainWindow> window_;
};

TEST_F(GoldenTest, the_frontier_in_light_and_dark) {
  choose("themeLight");
  show("Frontier");
  expect_golden(picture(), QStringLiteral("resources/help/frontier.png"));
  choose("themeDark");
  expect_golden(picture(), QStringLiteral("tests/app/golden/frontier-dark.png"));
}

TEST_F(GoldenTest, the_other_charts) {
  choose("themeLight");
  show("Cost");
  expect_golden(picture(), QStringLiteral("resources/help/cost.png"));
  show("Power");
  expect_golden(picture(), QStringLiteral("resources/help/power.png"));
  show("Trend");
  expect_golden(picture(), QStringLiteral("resources/help/trend.png"));
  show("Compare");
  expect_golden(picture(), QStringLiteral("resources/help/compare.png"));
  choose("themeDark");
  expect_golden(picture(), QStringLiteral("tests/app/golden/compare-dark.png"));
}

TEST_F(GoldenTest, the_pages) {
  choose("themeLight");
  show("Prices");
  expect_golden(picture(), QStringLiteral("resources/help/prices.png"));
  show("Settings");
  expect_golden(picture(), QStringLiteral("resources/help/settings.png"));
}

}  // namespace
}  // namespace tokenmark
