#include "app/desktop/command_palette.h"

#include <gtest/gtest.h>

#include <QAbstractItemModel>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QListView>
#include <QtTest>

#include "app/desktop/user_settings.h"

namespace tokenmark {
namespace {

class PaletteTest : public testing::Test {
 protected:
  PaletteTest() {
    UserSettings().remove("palette");
    window_.resize(1000, 700);
    palette_ = new CommandPalette(&window_);
    palette_->addSource([this](const QString&) {
      QList<PaletteLine> lines;
      const auto add = [&](const char* text, const char* keys, const char* why) {
        lines << PaletteLine{QString("x/") + text, text, "Menu", QKeySequence(keys), why, [this, text] { ran_ << text; }};
      };
      add("Zoom in", "Ctrl++", "");
      add("Zoom out", "Ctrl+-", "");
      add("Export as PNG", "", "");
      add("Undo", "Ctrl+Z", "nothing to undo");
      return lines;
    });
    window_.show();
    EXPECT_TRUE(QTest::qWaitForWindowActive(&window_));
  }
  QLineEdit* field() { return palette_->findChild<QLineEdit*>("paletteField"); }
  QListView* list() { return palette_->findChild<QListView*>("paletteList"); }
  QString at(int row) { return list()->model()->index(row, 0).data().toString(); }
  int rows() { return list()->model()->rowCount(); }

  QStringList ran_;
  QWidget window_;
  CommandPalette* palette_ = nullptr;
};

TEST_F(PaletteTest, opens_with_everything_and_the_keyboard_in_it) {
  palette_->open();
  EXPECT_TRUE(palette_->isVisible());
  EXPECT_EQ(rows(), 4);
  EXPECT_TRUE(field()->hasFocus());
  EXPECT_EQ(list()->model()->index(0, 0).data(kPaletteKeys).toString(), QKeySequence("Ctrl++").toString(QKeySequence::NativeText));
}

TEST_F(PaletteTest, a_few_letters_find_and_enter_runs_without_the_mouse) {
  palette_->open();
  QTest::keyClicks(field(), "zo");
  EXPECT_EQ(rows(), 2);
  EXPECT_EQ(at(0), "Zoom in");
  EXPECT_EQ(list()->model()->index(0, 0).data(kPaletteLetters).toList(), (QVariantList{0, 1})) << "the letters are shown";
  QTest::keyClick(field(), Qt::Key_Down);
  QTest::keyClick(field(), Qt::Key_Return);
  EXPECT_EQ(ran_, QStringList{"Zoom out"});
  EXPECT_FALSE(palette_->isVisible());
}

TEST_F(PaletteTest, what_was_run_last_stands_first_next_time) {
  palette_->open();
  QTest::keyClicks(field(), "png");
  QTest::keyClick(field(), Qt::Key_Return);
  palette_->open();
  EXPECT_EQ(at(0), "Export as PNG");
  QTest::keyClicks(field(), "out");
  QTest::keyClick(field(), Qt::Key_Return);
  palette_->open();
  EXPECT_EQ(at(0), "Zoom out");
  EXPECT_EQ(at(1), "Export as PNG");
}

TEST_F(PaletteTest, what_cannot_be_run_says_why_and_is_not_run) {
  palette_->open();
  QTest::keyClicks(field(), "undo");
  ASSERT_EQ(at(0), "Undo");
  EXPECT_EQ(list()->model()->index(0, 0).data(kPaletteWhyNot).toString(), "nothing to undo");
  QTest::keyClick(field(), Qt::Key_Return);
  EXPECT_TRUE(ran_.isEmpty());
  EXPECT_TRUE(palette_->isVisible());
}

TEST_F(PaletteTest, escape_and_a_click_elsewhere_close_it) {
  palette_->open();
  QTest::keyClick(field(), Qt::Key_Escape);
  EXPECT_FALSE(palette_->isVisible());
  palette_->open();
  QTest::mouseClick(&window_, Qt::LeftButton, {}, QPoint(5, 690));
  EXPECT_FALSE(palette_->isVisible());
  EXPECT_TRUE(ran_.isEmpty());
}

TEST_F(PaletteTest, the_arrows_go_round_and_nothing_found_runs_nothing) {
  palette_->open();
  QTest::keyClick(field(), Qt::Key_Up);
  EXPECT_EQ(list()->currentIndex().row(), 3);
  QTest::keyClick(field(), Qt::Key_Down);
  EXPECT_EQ(list()->currentIndex().row(), 0);
  QTest::keyClicks(field(), "qqqq");
  EXPECT_EQ(rows(), 0);
  QTest::keyClick(field(), Qt::Key_Return);
  EXPECT_TRUE(ran_.isEmpty());
}

}  // namespace
}  // namespace tokenmark
