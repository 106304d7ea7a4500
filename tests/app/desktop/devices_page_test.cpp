// The Devices page with the real program: this machine without a GPU, and with stand-ins for the drivers of GPUs.
#include "app/desktop/devices_page.h"

#include <gtest/gtest.h>

#include <QLabel>
#include <QProcess>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTreeWidget>
#include <QtTest>

#include "app/desktop/facts_view.h"
#include "app/desktop/job_queue.h"

namespace tokenmark {
namespace {

class DevicesPageTest : public testing::Test {
 protected:
  ~DevicesPageTest() override {
    for (const auto& [name, value] : before_) qputenv(name.constData(), value);
  }
  void set(const char* name, const QByteArray& value) {
    before_.push_back({name, qgetenv(name)});
    qputenv(name, value);
  }
  void open(const QString& program = QStringLiteral(TOKENMARK_BIN "/tokenmark-cli")) {
    page_ = std::make_unique<DevicesPage>(program);
    QObject::connect(page_.get(), &DevicesPage::jobWanted, page_.get(), [this](Job* job) { jobs_.add(job); });
    QObject::connect(page_.get(), &DevicesPage::sweepWanted, page_.get(), [this](const QString& device) { sweep_on_ = device; });
    page_->resize(1000, 600);
    page_->show();
  }
  void openAndWait() {
    open();
    ASSERT_TRUE(QTest::qWaitFor([&] { return list()->topLevelItemCount() > 0; }, 60000));
  }
  template <class Widget>
  Widget* child(const char* name) const { return page_->findChild<Widget*>(QString::fromLatin1(name)); }
  QTreeWidget* list() const { return child<QTreeWidget>("deviceList"); }
  FactsView* facts() const { return child<FactsView>("deviceFacts"); }
  QString note() const { return child<QLabel>("deviceNote")->text(); }
  void click(const char* name) { QTest::mouseClick(child<QPushButton>(name), Qt::LeftButton); }

  std::vector<std::pair<QByteArray, QByteArray>> before_;
  JobQueue jobs_;
  QString sweep_on_;
  std::unique_ptr<DevicesPage> page_;
};

TEST_F(DevicesPageTest, without_a_gpu_it_says_what_is_missing_and_why) {
  openAndWait();
  EXPECT_EQ(facts()->value("id"), "cpu");     // the first is chosen
  EXPECT_TRUE(facts()->value("formats at full rate").contains("q4_0"));
  EXPECT_TRUE(child<QPushButton>("sweepDevice")->isEnabled());
  EXPECT_FALSE(child<QPushButton>("tuneDevice")->isEnabled());
  for (const char* id : {"cuda", "hip"}) {
    page_->select(QString::fromLatin1(id));
    if (facts()->value("id") != QString::fromLatin1(id)) continue;  // its plugin was not built: the table says so
    EXPECT_TRUE(note().startsWith("Cannot be used: ")) << note().toStdString();
    EXPECT_GT(note().size(), 30);
    EXPECT_FALSE(child<QPushButton>("sweepDevice")->isEnabled());
    EXPECT_FALSE(child<QPushButton>("calibrateDevices")->isEnabled());
  }
  const QString text = facts()->toPlainText();
  EXPECT_TRUE(text.contains("Plugins"));
  EXPECT_TRUE(text.contains("nvml"));
}

TEST_F(DevicesPageTest, ceilings_are_measured_and_a_sweep_is_wanted_of_the_chosen_device) {
  openAndWait();
  click("calibrateDevices");
  ASSERT_TRUE(QTest::qWaitFor([&] { return !facts()->value("measured bandwidth").isEmpty(); }, 100000));
  EXPECT_TRUE(facts()->value("measured bandwidth").endsWith("B/s"));
  click("sweepDevice");
  EXPECT_EQ(sweep_on_, "cpu");
}

TEST_F(DevicesPageTest, a_gpu_is_there_with_what_it_can_do) {
  set("LD_LIBRARY_PATH", TOKENMARK_FAKES "/cuda");
  openAndWait();
  page_->select(QStringLiteral("cuda:0"));
  if (facts()->value("id") != "cuda:0") GTEST_SKIP() << "the plugin for CUDA was not built";
  EXPECT_EQ(child<QLabel>("deviceTitle")->text(), "Fake GPU");
  EXPECT_EQ(facts()->value("PCI id"), "0000:65:00.0");
  EXPECT_TRUE(facts()->value("formats at full rate").contains("bf16"));
  click("sweepDevice");
  EXPECT_EQ(sweep_on_, "cuda:0");
}

TEST_F(DevicesPageTest, a_driver_that_crashes_or_hangs_leaves_the_window_alone) {
  set("LD_LIBRARY_PATH", TOKENMARK_FAKES "/cuda");
  set("TOKENMARK_FAKE_DRIVER", "hang");
  openAndWait();
  EXPECT_TRUE(facts()->toPlainText().contains("cuda"));
  EXPECT_EQ(facts()->value("id"), "cpu");
}

TEST_F(DevicesPageTest, a_program_that_is_not_there_is_named) {
  open(QStringLiteral("/nowhere/tokenmark-cli"));
  ASSERT_TRUE(QTest::qWaitFor([&] { return child<QLabel>("devicesState")->text().contains("/nowhere/tokenmark-cli"); }, 10000));
  click("lookForDevices");  // again, and nothing breaks
  ASSERT_TRUE(QTest::qWaitFor([&] { return child<QLabel>("devicesState")->text().contains("cannot be started"); }, 10000));
}

}  // namespace
}  // namespace tokenmark
