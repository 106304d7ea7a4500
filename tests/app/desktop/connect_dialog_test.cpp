#include "app/desktop/connect_dialog.h"

#include <gtest/gtest.h>

#include <QAbstractButton>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QtTest>

#include "app/desktop/facts_view.h"
#include "app/desktop/look.h"
#include "app/desktop/tasks.h"
#include "core/sweep/sweep.h"
#include "tests/app/support/watchdog.h"
#include "tests/support/null_server/null_server.h"

namespace tokenmark {
namespace {

class ConnectTest : public testing::Test {
 protected:
  ConnectTest() {
    dialog_.show();
    QTest::qWait(50);
  }
  void type(const char* name, const QString& text) {
    auto* edit = dialog_.findChild<QLineEdit*>(QString::fromLatin1(name));
    edit->selectAll();
    QTest::keyClicks(edit, text);
  }
  void click(const char* name) { QTest::mouseClick(dialog_.findChild<QWidget*>(QString::fromLatin1(name)), Qt::LeftButton); }
  QString state() { return dialog_.findChild<QLabel*>("connectState")->text(); }
  FactsView& answer() { return *dialog_.findChild<FactsView*>("connectAnswer"); }
  template <class Condition>
  static bool waitFor(Condition condition) { return QTest::qWaitFor(condition, 20000); }

  Tasks tasks_;
  ConnectDialog dialog_{tasks_, nullptr};
};

TEST_F(ConnectTest, models_are_listed_one_request_is_timed_and_becomes_a_sweep) {
  const auto server = *test::NullServer::start({.first_token = std::chrono::milliseconds(20), .token_interval = std::chrono::milliseconds(2)});
  Watchdog watchdog;
  EXPECT_FALSE(dialog_.findChild<QPushButton*>("connectAsk")->isEnabled());
  type("connectUrl", QString::fromStdString(server->url()));
  click("connectAsk");
  ASSERT_TRUE(waitFor([&] { return dialog_.findChild<QListWidget*>("connectModels")->count() == 1; })) << state().toStdString();
  EXPECT_EQ(dialog_.findChild<QLineEdit*>("connectModel")->text(), "null");
  click("connectTry");
  ASSERT_TRUE(waitFor([&] { return state().contains("tokens/s"); })) << state().toStdString();
  EXPECT_EQ(answer().value("status"), "200");
  EXPECT_TRUE(answer().value("output tokens").startsWith("64"));
  QString yaml;
  QObject::connect(&dialog_, &ConnectDialog::sweepWanted, [&](const QString& text) { yaml = text; });
  click("connectSweep");
  const auto sweep = parse_sweep(yaml.toStdString(), "connected");
  ASSERT_TRUE(sweep) << sweep.error().message;
  EXPECT_EQ(std::get<EndpointTarget>(sweep->points[0].target).url, server->url());
  EXPECT_EQ(std::get<EndpointTarget>(sweep->points[0].target).api, "chat");
  expect_no_stall(watchdog);
}

TEST_F(ConnectTest, api_and_number_of_tokens_are_chosen_by_keys_and_sent) {
  const auto server = *test::NullServer::start(
      {.first_token = std::chrono::milliseconds(1), .token_interval = std::chrono::milliseconds(1)});
  auto* api = dialog_.findChild<QComboBox*>("connectApi");
  EXPECT_EQ(api->currentText(), "chat");
  api->setFocus();
  while (api->currentText() != "completions" && api->currentIndex() > 0) QTest::keyClick(api, Qt::Key_Up);
  ASSERT_EQ(api->currentText(), "completions");
  auto* output = dialog_.findChild<QSpinBox*>("connectOutput");
  output->selectAll();
  QTest::keyClicks(output, "7");
  type("connectUrl", QString::fromStdString(server->url()));
  type("connectModel", "null");
  click("connectTry");
  ASSERT_TRUE(waitFor([&] { return answer().value("status") == "200"; })) << state().toStdString();
  EXPECT_TRUE(answer().value("asked").endsWith("/v1/completions")) << answer().value("asked").toStdString();
  EXPECT_TRUE(answer().value("output tokens").startsWith("7")) << answer().value("output tokens").toStdString();
  QString yaml;
  QObject::connect(&dialog_, &ConnectDialog::sweepWanted, [&](const QString& text) { yaml = text; });
  click("connectSweep");
  EXPECT_TRUE(yaml.contains("api: completions")) << yaml.toStdString();
}

TEST_F(ConnectTest, what_does_not_answer_is_said_with_its_reason) {
  type("connectUrl", "http://127.0.0.1:1");
  click("connectAsk");
  ASSERT_TRUE(waitFor([&] { return state().contains("nothing answers there"); })) << state().toStdString();
  EXPECT_EQ(answer().value("status"), "no answer");
  type("connectModel", "m");
  click("connectTry");
  ASSERT_TRUE(waitFor([&] { return answer().value("first token (TTFT)") == "not reached"; }));
}

TEST_F(ConnectTest, a_variable_that_is_not_set_is_named_and_a_typed_key_is_never_stored) {
  type("connectUrl", "http://127.0.0.1:1");
  type("connectKeyEnv", "TOKENMARK_NO_SUCH_KEY");
  click("connectAsk");
  EXPECT_TRUE(state().contains("TOKENMARK_NO_SUCH_KEY")) << state().toStdString();
  dialog_.findChild<QLineEdit*>("connectKeyEnv")->clear();
  type("connectKey", "very-secret");
  type("connectModel", "m");
  EXPECT_TRUE(dialog_.findChild<QLabel*>("connectKeyNote")->isVisible());
  EXPECT_EQ(dialog_.findChild<QLineEdit*>("connectKey")->echoMode(), QLineEdit::Password);
  QString yaml;
  QObject::connect(&dialog_, &ConnectDialog::sweepWanted, [&](const QString& text) { yaml = text; });
  click("connectSweep");
  EXPECT_FALSE(yaml.contains("very-secret"));
  EXPECT_TRUE(yaml.contains("TOKENMARK_API_KEY"));
  EXPECT_EQ(qEnvironmentVariable("TOKENMARK_API_KEY"), "very-secret");
  qunsetenv("TOKENMARK_API_KEY");
}

TEST_F(ConnectTest, every_control_has_a_name) {
  for (const QAbstractButton* button : dialog_.findChildren<QAbstractButton*>()) EXPECT_FALSE(button->accessibleName().isEmpty());
  for (const QLineEdit* edit : dialog_.findChildren<QLineEdit*>())
    EXPECT_FALSE(edit->accessibleName().isEmpty() && !edit->objectName().startsWith("qt_")) << edit->objectName().toStdString();
}

// Developers' pictures, as of window_test.
TEST_F(ConnectTest, screenshots) {
  const QString to = qEnvironmentVariable("TOKENMARK_SCREENSHOTS");
  if (to.isEmpty()) GTEST_SKIP() << "TOKENMARK_SCREENSHOTS names no folder";
  const auto server = *test::NullServer::start({.first_token = std::chrono::milliseconds(20), .token_interval = std::chrono::milliseconds(2)});
  for (const bool dark : {false, true}) {
    apply_theme(theme(dark));
    type("connectUrl", QString::fromStdString(server->url()));
    click("connectAsk");
    ASSERT_TRUE(waitFor([&] { return state().contains("model"); }));
    click("connectTry");
    ASSERT_TRUE(waitFor([&] { return state().contains("tokens/s"); }));
    QTest::qWait(50);
    dialog_.grab().save(QStringLiteral("%1/connect-%2.png").arg(to, dark ? "dark" : "light"));
    type("connectUrl", "http://127.0.0.1:1");
    click("connectAsk");
    ASSERT_TRUE(waitFor([&] { return state().contains("nothing"); }));
    QTest::qWait(50);
    dialog_.grab().save(QStringLiteral("%1/connect-failed-%2.png").arg(to, dark ? "dark" : "light"));
  }
  apply_theme(theme(false));
}

}  // namespace
}  // namespace tokenmark
