#include "app/desktop/message_bar.h"

#include <gtest/gtest.h>

#include <QLabel>
#include <QtTest>

namespace tokenmark {
namespace {

TEST(MessageBar, the_same_error_is_counted_and_does_not_stack) {
  MessageBar bar;
  for (int i = 0; i < 3; ++i) bar.say(Severity::error, "the disk is full");
  ASSERT_EQ(bar.texts(), QStringList{"the disk is full"});
  EXPECT_TRUE(bar.findChild<QLabel*>("noteText")->text().contains("3"));
}

TEST(MessageBar, a_newer_message_of_a_topic_replaces_the_older) {
  MessageBar bar;
  bar.say(Severity::error, "locked", "store");
  bar.say(Severity::error, "unwritable", "store");
  bar.say(Severity::note, "other");
  EXPECT_EQ(bar.texts(), (QStringList{"unwritable", "other"}));
  bar.clear("store");
  EXPECT_EQ(bar.texts(), QStringList{"other"});
}

TEST(MessageBar, a_note_can_be_closed_and_many_do_not_fill_the_window) {
  MessageBar bar;
  bar.show();
  for (int i = 0; i < 20; ++i) bar.say(Severity::warning, QString::number(i));
  EXPECT_LE(bar.texts().size(), 4);
  EXPECT_EQ(bar.texts().last(), "19");
  const auto before = bar.texts().size();
  QTest::mouseClick(bar.findChild<QWidget*>("noteClose"), Qt::LeftButton);
  QTest::qWait(10);
  EXPECT_EQ(bar.texts().size(), before - 1);
}

}  // namespace
}  // namespace tokenmark
