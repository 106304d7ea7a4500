// The Nodes page with the real program, over a real sshd on loopback where there is one.
#include "app/desktop/nodes_page.h"

#include <gtest/gtest.h>

#include <QAbstractButton>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTextEdit>
#include <QTemporaryDir>
#include <QTreeWidget>
#include <QUndoStack>
#include <QtTest>

#include "app/desktop/look.h"
#include "app/desktop/tasks.h"
#include "core/node/node_list.h"
#include "core/sweep/sweep.h"
#include "tests/app/support/watchdog.h"
#include "tests/core/node/sshd.h"

namespace tokenmark {
namespace {

class NodesPageTest : public testing::Test {
 protected:
  NodesPageTest() {
    std::filesystem::remove(node_list_path());   // of this test program's own home
    std::filesystem::remove(reports_);
    open();
  }
  void open() {
    page_.emplace(tasks_, QStringLiteral(TOKENMARK_BIN "/tokenmark-cli"), undo_);
    page_->resize(1000, 700);
    page_->show();
    QObject::connect(&*page_, &NodesPage::failed, [this](const QString& text) { said_ << text; });
    QTest::qWait(100);
  }
  template <class Condition>
  static bool waitFor(Condition condition) { return QTest::qWaitFor(condition, 60000); }
  template <class T>
  T* find(const char* name) { return page_->findChild<T*>(QString::fromLatin1(name)); }
  void click(const char* name) { QTest::mouseClick(find<QWidget>(name), Qt::LeftButton); }
  void add(const QString& name, const QString& host, const QString& agent, const QString& options) {
    click("addNode");
    const std::pair<const char*, QString> fields[] = {{"nodeName", name}, {"nodeHost", host}, {"nodeAgent", agent}, {"nodeOptions", options}};
    for (const auto& [key, text] : fields) {
      find<QLineEdit>(key)->clear();
      QTest::keyClicks(find<QLineEdit>(key), text);
    }
    click("applyNode");
  }
  QTreeWidget& list() { return *find<QTreeWidget>("nodeList"); }
  QString state(int row) { return list().topLevelItem(row)->text(2); }

  QStringList said_;
  Tasks tasks_;
  QUndoStack undo_;
  std::filesystem::path reports_ = node_list_path().parent_path() / "node-reports.json";
  std::optional<NodesPage> page_;
};

TEST_F(NodesPageTest, this_machine_passes_the_test_and_shows_its_devices) {
  Watchdog watchdog;
  click("testNode");
  EXPECT_EQ(state(0), "testing …");
  ASSERT_TRUE(waitFor([&] { return state(0) != "testing …"; }));
  EXPECT_EQ(state(0), "ready") << said_.join('\n').toStdString();
  EXPECT_GE(find<QTreeWidget>("nodeSteps")->topLevelItemCount(), 4);
  EXPECT_TRUE(find<QTextEdit>("nodeFacts")->toPlainText().contains("cpu"));
  expect_no_stall(watchdog);
}

TEST_F(NodesPageTest, nodes_are_added_changed_and_removed_and_the_file_follows) {
  add("box", "user@box", "/opt/cli", "-p 2222 -o \"ProxyJump=a b\"");
  ASSERT_TRUE(waitFor([&] { return list().topLevelItemCount() == 2; })) << said_.join('\n').toStdString();
  auto nodes = *read_nodes(node_list_path());
  ASSERT_EQ(nodes.size(), 1u);
  EXPECT_EQ(nodes[0].options, (std::vector<std::string>{"-p", "2222", "-o", "ProxyJump=a b"}));
  find<QLineEdit>("nodeHost")->clear();
  QTest::keyClicks(find<QLineEdit>("nodeHost"), "user@other");
  click("applyNode");
  ASSERT_TRUE(waitFor([&] { return list().topLevelItem(1)->text(1) == "user@other"; }));
  QString wanted;
  QObject::connect(&*page_, &NodesPage::sweepWanted, [&](const QString& node) { wanted = node; });
  click("sweepNode");
  EXPECT_EQ(wanted, "box");
  click("removeNode");
  ASSERT_TRUE(waitFor([&] { return list().topLevelItemCount() == 1; }));
  EXPECT_TRUE(read_nodes(node_list_path())->empty());
}

TEST_F(NodesPageTest, a_removed_node_comes_back_by_undo_where_it_was) {
  add("a", "user@a", "cli", "");
  ASSERT_TRUE(waitFor([&] { return list().topLevelItemCount() == 2; }));
  add("b", "user@b", "cli", "");
  ASSERT_TRUE(waitFor([&] { return list().topLevelItemCount() == 3; }));
  list().setCurrentItem(list().topLevelItem(1));
  click("removeNode");
  ASSERT_TRUE(waitFor([&] { return list().topLevelItemCount() == 2; }));
  undo_.undo();
  ASSERT_TRUE(waitFor([&] { return list().topLevelItemCount() == 3; }));
  EXPECT_EQ(list().topLevelItem(1)->text(0), "a");
  EXPECT_EQ(read_nodes(node_list_path())->size(), 2u);
  undo_.redo();
  ASSERT_TRUE(waitFor([&] { return list().topLevelItemCount() == 2; }));
  EXPECT_EQ(list().topLevelItem(1)->text(0), "b");
}

TEST_F(NodesPageTest, what_the_last_test_found_is_there_after_a_restart_while_the_node_is_the_same) {
  add("box", "user@box", "cli", "");
  ASSERT_TRUE(waitFor([&] { return list().topLevelItemCount() == 2; }));
  const nlohmann::json tested = {{"usable", true},
                                 {"version", "tokenmark 0.0.1 (abc, g++)"},
                                 {"tested_unix_s", 1'790'000'000},
                                 {"of", {{"ssh", "user@box"}, {"agent", "cli"}, {"options", nlohmann::json::array()}}}};
  EXPECT_TRUE(write_node_reports(reports_, {{"box", tested}, {"local", {{"usable", "yes"}, {"of", nullptr}}}}));
  open();
  ASSERT_TRUE(waitFor([&] { return list().topLevelItemCount() == 2; }));
  EXPECT_EQ(state(1), "ready, other version");
  EXPECT_EQ(state(0), "not usable") << "what is no truth value is none";
  list().setCurrentItem(list().topLevelItem(1));
  EXPECT_TRUE(find<QLabel>("nodeNote")->text().contains("Tested ")) << find<QLabel>("nodeNote")->text().toStdString();
  auto nodes = *read_nodes(node_list_path());
  nodes[0].host = "user@elsewhere";
  ASSERT_TRUE(write_nodes(node_list_path(), nodes));
  open();
  ASSERT_TRUE(waitFor([&] { return list().topLevelItemCount() == 2; }));
  EXPECT_EQ(state(1), "not tested");
}

TEST_F(NodesPageTest, a_test_is_kept) {
  click("testNode");
  ASSERT_TRUE(waitFor([&] { return state(0) == "ready"; })) << said_.join('\n').toStdString();
  ASSERT_TRUE(waitFor([&] { return std::filesystem::exists(reports_); }));
  open();
  EXPECT_TRUE(waitFor([&] { return state(0) == "ready"; }));
}

TEST_F(NodesPageTest, a_name_that_cannot_be_is_said_and_nothing_is_written) {
  add("a b", "h", "cli", "");
  ASSERT_EQ(said_.size(), 1);
  EXPECT_TRUE(said_.first().contains("'a b'"));
  EXPECT_FALSE(std::filesystem::exists(node_list_path()));
}

TEST_F(NodesPageTest, a_host_over_ssh_passes_and_a_wrong_port_fails_at_its_step) {
  if (const char* why = Sshd::missing()) GTEST_SKIP() << why;
  QTemporaryDir folder;
  Sshd sshd;
  ASSERT_TRUE(sshd.start(folder.path().toStdString()));
  QStringList options;
  for (const std::string& option : sshd.options()) options << QString::fromStdString(option);
  add("box", "root@127.0.0.1", TOKENMARK_BIN "/tokenmark-cli", options.join(' '));
  ASSERT_TRUE(waitFor([&] { return list().topLevelItemCount() == 2; })) << said_.join('\n').toStdString();
  click("testNode");
  ASSERT_TRUE(waitFor([&] { return state(1) == "ready" || state(1) == "not usable"; }));
  EXPECT_EQ(state(1), "ready") << find<QLabel>("nodeNote")->text().toStdString();
  EXPECT_GE(find<QTreeWidget>("nodeSteps")->topLevelItemCount(), 8);
  if (const QString to = qEnvironmentVariable("TOKENMARK_SCREENSHOTS"); !to.isEmpty())
    for (const bool dark : {false, true}) {
      apply_theme(theme(dark));
      QTest::qWait(50);
      page_->grab().save(QStringLiteral("%1/nodes-%2.png").arg(to, dark ? "dark" : "light"));
    }
  options[3] = QString::number(free_port());
  find<QLineEdit>("nodeOptions")->clear();
  QTest::keyClicks(find<QLineEdit>("nodeOptions"), options.join(' '));
  click("applyNode");
  ASSERT_TRUE(waitFor([&] { return state(1) == "not tested"; }));
  click("testNode");
  ASSERT_TRUE(waitFor([&] { return state(1) == "not usable"; }));
  auto* steps = find<QTreeWidget>("nodeSteps");
  EXPECT_EQ(steps->topLevelItem(steps->topLevelItemCount() - 1)->text(0), "Port");
  if (const QString to = qEnvironmentVariable("TOKENMARK_SCREENSHOTS"); !to.isEmpty())
    page_->grab().save(to + "/nodes-failed-dark.png");
  apply_theme(theme(false));
}

TEST_F(NodesPageTest, every_control_has_a_name) {
  for (const QAbstractButton* button : page_->findChildren<QAbstractButton*>())
    EXPECT_FALSE(button->accessibleName().isEmpty());
  for (const QLineEdit* edit : page_->findChildren<QLineEdit*>()) EXPECT_FALSE(edit->accessibleName().isEmpty());
}

}  // namespace
}  // namespace tokenmark
