#include "app/desktop/help_window.h"

#include <gtest/gtest.h>

#include <QLineEdit>
#include <QListWidget>
#include <QMainWindow>
#include <QMenuBar>
#include <QRegularExpression>
#include <QTextBrowser>
#include <QToolButton>
#include <QtTest>
#include <set>

#include "app/desktop/figure_texts.h"
#include "app/desktop/look.h"
#include "app/desktop/window_actions.h"
#include "core/report/chart.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

QString plain(const QString& key) {
  for (const HelpChapter& chapter : help_chapters())
    if (chapter.key == key) {
      QTextDocument document;
      document.setMarkdown(chapter.text);
      return document.toPlainText();
    }
  return {};
}

TEST(Help, every_chapter_has_a_title_and_every_link_leads_to_one) {
  std::set<QString> keys;
  for (const HelpChapter& chapter : help_chapters()) {
    EXPECT_TRUE(keys.insert(chapter.key).second) << chapter.key.toStdString();
    EXPECT_FALSE(chapter.title.isEmpty());
    EXPECT_FALSE(chapter.title.startsWith('#'));
  }
  EXPECT_GE(keys.size(), 12u);
  static const QRegularExpression link(QStringLiteral("\\]\\(([^)]+)\\)"));
  for (const HelpChapter& chapter : help_chapters())
    for (auto found = link.globalMatch(chapter.text); found.hasNext();) {
      const QString target = found.next().captured(1);
      EXPECT_TRUE(target.endsWith(".png") ? !resource("help/" + target.toStdString()).empty() : keys.contains(target))
          << chapter.key.toStdString() << ": " << target.toStdString();
    }
}

TEST(Help, only_the_shortcuts_are_left_to_fill) {
  for (const HelpChapter& chapter : help_chapters())
    EXPECT_FALSE(QString(chapter.text).remove("{{shortcuts}}").contains("{{")) << chapter.key.toStdString();
}

TEST(Help, every_axis_and_every_figure_stands_in_it_with_the_programs_own_words) {
  const QString axes = plain("frontier").simplified(), figures = plain("figures").simplified();
  for (const AxisMeaning& axis : axis_meanings()) {
    EXPECT_TRUE(axes.contains(QString::fromUtf8(axis.label.data(), static_cast<int>(axis.label.size())))) << axis.key;
    EXPECT_TRUE(axes.contains(QString::fromUtf8(axis.definition.data(), static_cast<int>(axis.definition.size())).simplified())) << axis.key;
  }
  EXPECT_GE(figure_definitions().size(), 30);
  for (const FigureText& figure : figure_definitions())
    EXPECT_TRUE(figures.contains(figure.definition.simplified())) << figure.name.toStdString();
}

TEST(Help, a_page_has_its_chapter_and_an_unknown_one_the_first) {
  std::set<QString> keys;
  for (const HelpChapter& chapter : help_chapters()) keys.insert(chapter.key);
  for (const char* page : {"frontierPage", "distributionsPage", "timelinePage", "trendPage", "modelsPage", "devicesPage", "pricesPage", "settingsPage",
                           "sweepEditor", "runsDock", "inspectorDock", "jobsDock"}) {
    EXPECT_TRUE(keys.contains(help_chapter_of(page))) << page;
    EXPECT_NE(help_chapter_of(page), "first-run") << page;
  }
  EXPECT_EQ(help_chapter_of("nothing"), "first-run");
}

class HelpWindowTest : public testing::Test {
 protected:
  HelpWindowTest() {
    QAction* action = window_.menuBar()->addMenu("&File")->addAction("&Open …");
    action->setObjectName("open");
    action->setShortcut(QKeySequence("Ctrl+O"));
    shortcuts_.adopt();
    help_ = new HelpWindow(shortcuts_, &window_);
  }
  QString page() { return help_->findChild<QTextBrowser*>("helpPage")->toPlainText(); }
  QListWidget* list() { return help_->findChild<QListWidget*>("helpChapters"); }

  QMainWindow window_;
  Shortcuts shortcuts_{window_};
  HelpWindow* help_ = nullptr;
};

TEST_F(HelpWindowTest, opens_at_a_chapter_follows_links_and_goes_back) {
  help_->open("prices");
  EXPECT_TRUE(page().startsWith("Prices and power")) << page().left(40).toStdString();
  EXPECT_EQ(list()->currentItem()->text(), "Prices and power");
  emit help_->findChild<QTextBrowser*>("helpPage")->anchorClicked(QUrl("figures"));
  EXPECT_TRUE(page().startsWith("Figures"));
  QTest::mouseClick(help_->findChild<QToolButton*>("helpBack"), Qt::LeftButton);
  EXPECT_TRUE(page().startsWith("Prices and power"));
  QTest::mouseClick(help_->findChild<QToolButton*>("helpForward"), Qt::LeftButton);
  EXPECT_TRUE(page().startsWith("Figures"));
}

TEST_F(HelpWindowTest, search_leaves_the_chapters_that_have_all_words_and_enter_goes_to_them) {
  help_->open("first-run");
  auto* search = help_->findChild<QLineEdit*>("helpSearch");
  const int all = list()->count();
  QTest::keyClicks(search, "neocloud");
  ASSERT_GE(list()->count(), 1);
  EXPECT_LT(list()->count(), all);
  QTest::keyClick(search, Qt::Key_Return);
  list()->setCurrentRow(0);
  EXPECT_TRUE(page().contains("neocloud"));
  search->setText("qqqqq");
  EXPECT_EQ(list()->count(), 0);
  search->clear();
  EXPECT_EQ(list()->count(), all);
}

TEST_F(HelpWindowTest, the_shortcuts_are_those_of_the_window_as_they_are_now) {
  help_->open("shortcuts");
  EXPECT_TRUE(page().contains("Ctrl+O"));
  shortcuts_.set("open", QKeySequence("F7"));
  help_->open("shortcuts");
  EXPECT_TRUE(page().contains("F7"));
  shortcuts_.resetAll();
}

// For people to look at: TOKENMARK_SCREENSHOTS names a folder.
TEST_F(HelpWindowTest, pictures_for_people) {
  const QString to = qEnvironmentVariable("TOKENMARK_SCREENSHOTS");
  if (to.isEmpty()) GTEST_SKIP() << "TOKENMARK_SCREENSHOTS is not set";
  for (const bool dark : {false, true}) {
    apply_theme(theme(dark));
    for (const char* chapter : {"frontier", "shortcuts"}) {
      help_->open(chapter);
      help_->refresh();
      QTest::qWait(100);
      help_->grab().save(QStringLiteral("%1/help-%2%3.png").arg(to, chapter, dark ? "-dark" : ""));
    }
  }
}

}  // namespace
}  // namespace tokenmark
