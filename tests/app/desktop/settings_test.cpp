// Settings: what is stored, what holds where nothing or nonsense is stored, broken files; the page that edits them.
#include "app/desktop/settings.h"

#include <gtest/gtest.h>

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFile>
#include <QFileInfo>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QLockFile>
#include <QMainWindow>
#include <QMenuBar>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTreeWidget>
#include <QtTest>
#include <set>

#include "app/desktop/settings_page.h"
#include "app/desktop/user_settings.h"
#include "app/desktop/window_actions.h"

namespace tokenmark {
namespace {

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() { clear(); }
  ~SettingsTest() override { clear(); }
  static void clear() {
    UserSettings().clear();
    UserSettings::flush();
    for (const QFileInfo& file : QFileInfo(path()).dir().entryInfoList({"*.damaged*"})) {
      QFile::remove(file.filePath());
      QDir(file.filePath()).removeRecursively();
    }
  }
  static QString path() { return UserSettings::fileName(); }
  static void write(const QByteArray& bytes) {
    QDir().mkpath(QFileInfo(path()).path());
    QFile file(path());
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(bytes);
  }
};

TEST_F(SettingsTest, every_setting_has_an_own_key_a_title_a_tip_and_an_allowed_fallback) {
  std::set<std::string> keys;
  for (const Setting& entry : all_settings()) {
    EXPECT_TRUE(keys.insert(entry.key).second) << entry.key;
    EXPECT_NE(*entry.title, 0) << entry.key;
    EXPECT_NE(*entry.tip, 0) << entry.key;
    set_setting(QString::fromLatin1(entry.key), entry.fallback);
    EXPECT_EQ(setting(QString::fromLatin1(entry.key)), entry.fallback) << entry.key;
  }
  EXPECT_GE(keys.size(), 9u);
}

TEST_F(SettingsTest, what_is_set_is_there_and_what_is_not_allowed_is_not) {
  set_setting("export/scale", 3.5);
  EXPECT_EQ(setting("export/scale").toDouble(), 3.5);
  set_setting("export/scale", 99);
  EXPECT_EQ(setting("export/scale").toDouble(), 3.5) << "out of range";
  set_setting("theme", 7);
  EXPECT_EQ(setting("theme").toInt(), 0);
  set_setting("no/such", 1);
  EXPECT_FALSE(setting("no/such").isValid());
}

TEST_F(SettingsTest, nonsense_in_the_file_gives_the_fallback_and_stays_in_it) {
  UserSettings settings;
  settings.setValue("export/scale", "very");
  settings.setValue("theme", "42");
  settings.setValue("export/dark", "perhaps");
  settings.setValue("of/a/later/version", "x");
  EXPECT_EQ(setting("export/scale").toDouble(), 2);
  EXPECT_EQ(setting("theme").toInt(), 0);
  EXPECT_EQ(setting("export/dark").toBool(), false);
  set_setting("export/dark", true);
  EXPECT_EQ(settings.value("of/a/later/version").toString(), "x");
  EXPECT_GE(settings.value("version").toInt(), 1);
}

TEST_F(SettingsTest, resetting_brings_the_fallbacks_back_and_leaves_the_rest) {
  set_setting("theme", 2);
  UserSettings().setValue("layouts/named", QVariantMap{{"a", QByteArray("x")}});
  reset_settings();
  EXPECT_EQ(setting("theme").toInt(), 0);
  EXPECT_EQ(UserSettings().value("layouts/named").toMap().size(), 1);
}

TEST_F(SettingsTest, values_survive_the_file) {
  set_setting("theme", 2);
  set_setting("export/dark", true);
  set_setting("files/models", QStringList{"/a, b", "/c;d", "/ä\"e"});
  set_setting("files/store", "/tmp/with = and [x]");
  UserSettings::flush();
  EXPECT_TRUE(set_broken_settings_aside().isEmpty()) << "what the program writes is whole";
  const QSettings file(path(), QSettings::IniFormat);
  EXPECT_EQ(file.value("files/store").toString(), "/tmp/with = and [x]");
  UserSettings::reload();
  EXPECT_EQ(setting("files/models").toStringList(), (QStringList{"/a, b", "/c;d", "/ä\"e"}));
}

TEST_F(SettingsTest, groups_and_removed_keys_are_the_same_in_memory_and_in_the_file) {
  UserSettings settings;
  settings.setValue("a/one", 1);
  settings.setValue("a/two", 2);
  settings.setValue("ab", 3);
  settings.beginGroup("a");
  settings.beginGroup("deep");
  settings.setValue("three", QStringList{"x", "y"});
  settings.endGroup();
  EXPECT_EQ(settings.value("deep/three").toStringList().size(), 2);
  settings.endGroup();
  EXPECT_EQ(settings.value("none", 7).toInt(), 7);
  settings.setValue("b/c/d", 4);
  settings.remove("b");
  settings.remove("a/one");
  for (const bool from_file : {false, true}) {
    if (from_file) UserSettings::reload();
    EXPECT_FALSE(settings.contains("b/c/d"));
    EXPECT_FALSE(settings.contains("a/one"));
    EXPECT_EQ(settings.value("a/two").toInt(), 2);
    EXPECT_EQ(settings.value("ab").toInt(), 3);
    EXPECT_EQ(settings.value("a/deep/three").toStringList(), (QStringList{"x", "y"}));
  }
}

TEST_F(SettingsTest, a_file_that_cannot_be_written_yet_keeps_nobody_waiting) {
  QDir().mkpath(QFileInfo(path()).path());
  QLockFile lock(path() + ".lock");   // QSettings waits for it
  ASSERT_TRUE(lock.tryLock());
  set_setting("theme", 2);
  EXPECT_EQ(setting("theme").toInt(), 2);
  QTest::qWait(50);
  QFile file(path());
  EXPECT_FALSE(file.open(QIODevice::ReadOnly) && file.readAll().contains("theme"));
  lock.unlock();
  UserSettings::flush();
  EXPECT_EQ(QSettings(path(), QSettings::IniFormat).value("theme").toInt(), 2);
}

TEST_F(SettingsTest, a_broken_file_is_set_aside_and_named) {
  const std::pair<QByteArray, const char*> broken[] = {
      {QByteArray("\x00\x01\x02garbage\n", 11), "no text"},
      {"[General]\ntheme=2\n[win", "middle of a line"},
      {"[General]\nthis is not a setting\n", "line 2"},
      {QByteArray(300, '\xff') + "\n", "line 1"},
  };
  int number = 0;
  for (const auto& [bytes, said] : broken) {
    write(bytes);
    const QString note = set_broken_settings_aside();
    EXPECT_TRUE(note.contains(said)) << note.toStdString();
    EXPECT_TRUE(note.contains(path() + (++number == 1 ? ".damaged" : QStringLiteral(".damaged-%1").arg(number)))) << note.toStdString();
    EXPECT_FALSE(QFileInfo::exists(path()));
  }
  QFile first(path() + ".damaged");
  ASSERT_TRUE(first.open(QIODevice::ReadOnly));
  EXPECT_EQ(first.readAll(), broken[0].first) << "nothing was lost";
  EXPECT_TRUE(set_broken_settings_aside().isEmpty()) << "no file is not a broken one";
}

TEST_F(SettingsTest, a_folder_in_the_files_place_is_set_aside) {
  QFile::remove(path());
  ASSERT_TRUE(QDir().mkpath(path() + "/x"));
  EXPECT_TRUE(set_broken_settings_aside().contains("cannot be read"));
  EXPECT_TRUE(QFileInfo::exists(path() + ".damaged/x"));
}

// A window with a menu, as much as the page needs.
class SettingsPageTest : public SettingsTest {
 protected:
  SettingsPageTest() {
    QMenu* menu = window_.menuBar()->addMenu("&File");
    const std::tuple<const char*, const char*, const char*> actions[] = {{"open", "&Open …", "Ctrl+O"}, {"save", "&Save", "Ctrl+S"}, {"bare", "No keys", ""}};
    for (const auto& [name, text, keys] : actions) {
      QAction* action = menu->addAction(text);
      action->setObjectName(name);
      action->setShortcut(QKeySequence(keys));
    }
    shortcuts_.adopt();
    page_ = new SettingsPage(shortcuts_, &window_);
    window_.setCentralWidget(page_);
    window_.resize(900, 700);
    window_.QWidget::show();
  }
  template <class T>
  T* find(const char* name) { return page_->findChild<T*>(QString::fromLatin1(name)); }
  QAction* action(const char* name) { return window_.findChild<QAction*>(QString::fromLatin1(name)); }
  void chooseAction(const QString& text) {
    auto* list = find<QTreeWidget>("shortcutList");
    const auto found = list->findItems(text, Qt::MatchExactly);
    ASSERT_EQ(found.size(), 1) << text.toStdString();
    list->setCurrentItem(found.first());
  }

  QMainWindow window_;
  Shortcuts shortcuts_{window_};
  SettingsPage* page_ = nullptr;
};

TEST_F(SettingsPageTest, every_setting_has_a_control_with_names_and_a_change_is_kept_at_once) {
  QSignalSpy changed(page_, &SettingsPage::changed);
  for (const Setting& entry : all_settings()) {
    auto* control = find<QWidget>(("setting/" + std::string(entry.key)).c_str());
    ASSERT_NE(control, nullptr) << entry.key;
    EXPECT_FALSE(control->accessibleName().isEmpty());
  }
  find<QComboBox>("setting/theme")->setCurrentIndex(2);
  find<QDoubleSpinBox>("setting/export/scale")->setValue(3);
  find<QCheckBox>("setting/export/dark")->setChecked(true);
  find<QPlainTextEdit>("setting/files/models")->setPlainText("/a\n\n /b \n");
  EXPECT_EQ(setting("theme").toInt(), 2);
  EXPECT_EQ(setting("export/scale").toDouble(), 3);
  EXPECT_TRUE(setting("export/dark").toBool());
  EXPECT_EQ(setting("files/models").toStringList(), (QStringList{"/a", "/b"}));
  EXPECT_EQ(changed.size(), 4);
  EXPECT_FALSE(find<QLabel>("settingsAtStart")->isVisible());
  find<QLineEdit>("setting/files/store")->setText("/runs.db");
  EXPECT_TRUE(find<QLabel>("settingsAtStart")->isVisible())
      << "another store takes effect at the next start, and it says so";
}

TEST_F(SettingsPageTest, typing_leaves_what_is_searched) {
  auto* search = find<QLineEdit>("settingsSearch");
  search->setFocus();
  QTest::keyClicks(search, "dark");
  EXPECT_TRUE(find<QWidget>("setting/export/dark")->isVisible());
  EXPECT_FALSE(find<QWidget>("setting/theme")->isVisible());
  search->setText("nothing is called that");
  EXPECT_TRUE(find<QLabel>("settingsNothing")->isVisible());
  search->setText("save");
  EXPECT_TRUE(find<QTreeWidget>("shortcutList")->isVisible()) << "actions are found too";
  search->clear();
  EXPECT_TRUE(find<QWidget>("setting/theme")->isVisible());
}

TEST_F(SettingsPageTest, a_shortcut_is_given_taken_and_brought_back) {
  chooseAction("No keys");
  auto* keys = find<QKeySequenceEdit>("shortcutKeys");
  keys->setFocus();
  QTest::keyClick(keys, Qt::Key_B, Qt::ControlModifier | Qt::ShiftModifier);
  EXPECT_EQ(keys->keySequence().toString().toStdString(), "Ctrl+Shift+B");
  QTest::mouseClick(find<QPushButton>("shortcutSet"), Qt::LeftButton);
  EXPECT_EQ(action("bare")->shortcut().toString().toStdString(), "Ctrl+Shift+B");
  Shortcuts next(window_);   // as the next start sees it
  action("bare")->setShortcut({});
  next.adopt();
  EXPECT_EQ(action("bare")->shortcut().toString().toStdString(), "Ctrl+Shift+B");
  chooseAction("Open");
  QTest::mouseClick(find<QPushButton>("shortcutClear"), Qt::LeftButton);
  EXPECT_TRUE(action("open")->shortcut().isEmpty());
  QTest::mouseClick(find<QPushButton>("shortcutUsual"), Qt::LeftButton);
  EXPECT_EQ(action("open")->shortcut(), QKeySequence("Ctrl+O"));
}

TEST_F(SettingsPageTest, keys_that_two_actions_have_are_said_and_marked) {
  chooseAction("No keys");
  find<QKeySequenceEdit>("shortcutKeys")->setKeySequence(QKeySequence("Ctrl+S"));
  EXPECT_TRUE(find<QLabel>("shortcutSaid")->text().contains("Save")) << find<QLabel>("shortcutSaid")->text().toStdString();
  QTest::mouseClick(find<QPushButton>("shortcutSet"), Qt::LeftButton);
  int marked = 0;
  auto* list = find<QTreeWidget>("shortcutList");
  for (int i = 0; i < list->topLevelItemCount(); ++i) marked += list->topLevelItem(i)->text(2).contains(QStringLiteral("⚠"));
  EXPECT_EQ(marked, 2);
}

TEST_F(SettingsPageTest, reset_all_brings_settings_and_shortcuts_back) {
  set_setting("theme", 1);
  shortcuts_.set("open", QKeySequence("F7"));
  QSignalSpy reset(page_, &SettingsPage::resetAsked);
  QTest::mouseClick(find<QPushButton>("settingsReset"), Qt::LeftButton);
  EXPECT_EQ(setting("theme").toInt(), 0);
  EXPECT_EQ(action("open")->shortcut(), QKeySequence("Ctrl+O"));
  EXPECT_EQ(find<QComboBox>("setting/theme")->currentIndex(), 0);
  EXPECT_EQ(reset.size(), 1);
}

}  // namespace
}  // namespace tokenmark
