// Prices as a person edits them: own sets, own devices, undo, files; the bar that asks for a price.
#include "app/desktop/prices_page.h"

#include <gtest/gtest.h>

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTreeWidget>
#include <QUndoStack>
#include <QtTest>

#include "app/desktop/look.h"
#include "app/desktop/price_question.h"
#include "app/desktop/tasks.h"
#include "app/desktop/user_prices.h"
#include "app/desktop/user_settings.h"

namespace tokenmark {
namespace {

class PricesPageTest : public testing::Test {
 protected:
  PricesPageTest() {
    UserSettings().clear();
    prices_ = std::make_unique<UserPrices>(file(), tasks_, undo_, nullptr);
    EXPECT_EQ(prices_->load(), "");
    page_ = std::make_unique<PricesPage>(*prices_, nullptr);
    page_->resize(1100, 700);
    page_->show();
    QObject::connect(page_.get(), &PricesPage::failed, page_.get(), [this](const QString& text) { said_ << text; });
  }
  ~PricesPageTest() override {
    page_.reset();
    prices_.reset();
    use_own_prices({});
  }
  std::filesystem::path file() const { return folder_.filePath("deep/prices.json").toStdString(); }
  template <class T>
  T* find(const char* name) { return page_->findChild<T*>(QString::fromLatin1(name)); }
  void click(const char* name) { QTest::mouseClick(find<QPushButton>(name), Qt::LeftButton); }
  QTableWidget& rows() { return *find<QTableWidget>("priceRows"); }
  int rowOf(const QString& device) {
    for (int row = 0; row < rows().rowCount(); ++row)
      if (rows().item(row, 0)->text() == device) return row;
    return -1;
  }
  // Types into a cell as a person does.
  void type(int row, int column, const QString& text) {
    rows().setCurrentCell(row, column);
    rows().editItem(rows().item(row, column));
    auto* editor = rows().findChild<QLineEdit*>();
    ASSERT_NE(editor, nullptr) << "the cell cannot be edited";
    editor->selectAll();
    QTest::keyClicks(editor, text);
    QTest::keyClick(editor, Qt::Key_Return);
    EXPECT_TRUE(QTest::qWaitFor([&] { return rows().findChild<QLineEdit*>() == nullptr; }));
    for (int i = 0; i < 3; ++i) QCoreApplication::processEvents();
  }
  bool written(const OwnPrices& wanted) {
    return QTest::qWaitFor([&] {
      const auto read = read_own_prices(file());
      return read && read->devices == wanted.devices && read->sets.size() == wanted.sets.size();
    }, 10000);
  }

  QTemporaryDir folder_;
  Tasks tasks_;
  QUndoStack undo_;
  std::unique_ptr<UserPrices> prices_;
  std::unique_ptr<PricesPage> page_;
  QStringList said_;
};

TEST_F(PricesPageTest, a_set_of_the_project_is_shown_with_date_and_source_and_cannot_be_edited) {
  page_->choose("InferenceX 2026-07");
  EXPECT_EQ(find<QLineEdit>("priceDate")->text(), "2026-07");
  EXPECT_FALSE(find<QLineEdit>("priceSource")->text().isEmpty());
  EXPECT_TRUE(find<QLineEdit>("priceName")->isReadOnly());
  EXPECT_FALSE(find<QPushButton>("priceDelete")->isEnabled());
  ASSERT_GT(rows().rowCount(), 5);
  EXPECT_FALSE(rows().item(0, 1)->flags() & Qt::ItemIsEditable);
  EXPECT_EQ(rows().columnCount(), 2 + 3) << "device, kW, three tiers";
}

TEST_F(PricesPageTest, a_copy_is_edited_cell_by_cell_in_use_at_once_and_undone) {
  page_->choose("InferenceX 2026-07");
  click("priceCopy");
  const std::string name = find<QLineEdit>("priceName")->text().toStdString();
  ASSERT_EQ(prices_->prices().sets.size(), 1u);
  const std::string key = prices_->prices().sets[0].rows[0].accelerator;
  type(0, 2, "7,25");
  EXPECT_EQ(find_price_set(name)->dollars_per_hour(key, "hyperscaler"), 7.25) << "a comma is a point";
  type(0, 1, "0.5");
  EXPECT_EQ(find_price_set(name)->kw(key), 0.5);
  type(0, 3, " ");
  EXPECT_FALSE(find_price_set(name)->dollars_per_hour(key, "neocloud")) << "a tier that does not have the device";
  EXPECT_TRUE(written(prices_->prices()));
  ASSERT_EQ(undo_.count(), 4);
  undo_.undo();
  undo_.undo();
  EXPECT_NE(find_price_set(name)->kw(key), 0.5);
  EXPECT_EQ(rows().item(0, 1)->text().toDouble(), *find_price_set(name)->kw(key)) << "the page follows";
  undo_.redo();
  EXPECT_EQ(find_price_set(name)->kw(key), 0.5);
}

TEST_F(PricesPageTest, what_is_no_price_is_refused_with_a_word_and_changes_nothing) {
  page_->choose("InferenceX 2026-07");
  click("priceCopy");
  const OwnPrices before = prices_->prices();
  for (const char* typed : {"abc", "-3", "0", "1e400"}) {
    said_.clear();
    type(0, 2, typed);
    ASSERT_EQ(said_.size(), 1) << typed;
    EXPECT_TRUE(said_.first().contains(typed)) << said_.first().toStdString();
    EXPECT_EQ(prices_->prices(), before) << typed;
  }
}

TEST_F(PricesPageTest, name_date_and_source_are_edited_and_a_taken_name_is_not) {
  page_->choose("InferenceX 2026-07");
  click("priceCopy");
  auto* name = find<QLineEdit>("priceName");
  name->selectAll();
  QTest::keyClicks(name, "Our invoices");
  QTest::keyClick(name, Qt::Key_Return);
  find<QLineEdit>("priceDate")->selectAll();
  QTest::keyClicks(find<QLineEdit>("priceDate"), "2026-11-28");
  QTest::keyClick(find<QLineEdit>("priceDate"), Qt::Key_Return);
  ASSERT_TRUE(find_price_set("Our invoices"));
  EXPECT_EQ(find_price_set("Our invoices")->date, "2026-11-28");
  EXPECT_TRUE(find_price_set("Our invoices")->source.find("InferenceX") != std::string::npos) << "a copy says of what";
  name->selectAll();
  QTest::keyClicks(name, "InferenceX 2026-07");
  QTest::keyClick(name, Qt::Key_Return);
  EXPECT_FALSE(said_.isEmpty());
  EXPECT_EQ(name->text(), "Our invoices");
}

TEST_F(PricesPageTest, the_default_set_and_tier_are_chosen_and_a_deleted_set_is_no_default) {
  page_->choose("InferenceX 2026-07");
  click("priceCopy");
  const std::string name = prices_->prices().sets[0].name;
  find<QComboBox>("priceDefaultTier")->setCurrentIndex(2);
  click("priceDefault");
  EXPECT_EQ(find_price_set("")->name, name);
  EXPECT_EQ(find_price_tier(""), "rental_3y");
  click("priceDelete");
  EXPECT_FALSE(find_price_set("")->own);
  undo_.undo();
  EXPECT_EQ(find_price_set("")->name, name) << "undo brings set and default back";
}

TEST_F(PricesPageTest, devices_are_added_with_their_power_and_removed) {
  page_->choose("");
  EXPECT_FALSE(find<QPushButton>("priceAddDevice")->isEnabled());
  find<QComboBox>("priceDevice")->setEditText("EPYC 9654");
  find<QDoubleSpinBox>("priceDeviceKw")->setValue(0.45);
  click("priceAddDevice");
  ASSERT_EQ(prices_->prices().devices.size(), 1u);
  EXPECT_EQ(find_price_set("")->kw("EPYC 9654"), 0.45);
  type(rowOf("EPYC 9654"), 2, "0.9");
  EXPECT_EQ(find_price_set("")->dollars_per_hour("EPYC 9654", "hyperscaler"), 0.9);
  rows().setCurrentCell(0, 0);
  click("priceRemoveDevice");
  EXPECT_TRUE(prices_->prices().devices.empty());
}

TEST_F(PricesPageTest, a_set_goes_into_a_file_and_comes_back_and_a_bad_file_is_named) {
  page_->choose("InferenceX 2026-07");
  click("priceExport");
  const QString path = folder_.filePath("out.json");
  emit find<QFileDialog>("priceFileDialog")->fileSelected(path);
  find<QFileDialog>("priceFileDialog")->close();
  ASSERT_TRUE(QFile::exists(path));
  QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
  click("priceImport");
  emit find<QFileDialog>("priceFileDialog")->fileSelected(path);
  find<QFileDialog>("priceFileDialog")->close();
  QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
  ASSERT_EQ(prices_->prices().sets.size(), 1u);
  EXPECT_EQ(prices_->prices().sets[0].name, "InferenceX 2026-07 2") << "nothing is overwritten";
  QFile bad(folder_.filePath("bad.json"));
  ASSERT_TRUE(bad.open(QIODevice::WriteOnly));
  bad.write(R"({"tiers": {"spot": "x"}, "sets": []})");
  bad.close();
  click("priceImport");
  emit find<QFileDialog>("priceFileDialog")->fileSelected(bad.fileName());
  ASSERT_FALSE(said_.isEmpty());
  EXPECT_TRUE(said_.last().contains("bad.json") && said_.last().contains("spot")) << said_.last().toStdString();
}

TEST_F(PricesPageTest, a_place_that_cannot_be_written_is_said_and_the_edit_holds) {
  QFile blocker(folder_.filePath("deep"));
  ASSERT_TRUE(blocker.open(QIODevice::WriteOnly));
  QString failed;
  QObject::connect(prices_.get(), &UserPrices::failed, page_.get(), [&](const QString& text) { failed = text; });
  prices_->change("x", {{}, {{"cpu", 0.1, {}, true}}, "", ""});
  EXPECT_TRUE(QTest::qWaitFor([&] { return failed.contains("deep"); }, 10000)) << failed.toStdString();
  EXPECT_EQ(find_price_set("")->kw("cpu"), 0.1);
}

TEST_F(PricesPageTest, the_bar_asks_once_keeps_the_answer_and_can_be_waved_off) {
  PriceQuestion bar(*prices_, nullptr);
  bar.ask({"EPYC 9654", "abacus", ""});
  ASSERT_TRUE(bar.isVisible());
  EXPECT_TRUE(bar.findChild<QLabel*>("priceQuestionText")->text().contains("EPYC 9654"));
  auto* keep = bar.findChild<QPushButton*>("priceQuestionKeep");
  EXPECT_FALSE(keep->isEnabled()) << "nothing is typed yet";
  bar.findChild<QDoubleSpinBox*>("priceQuestionDollars")->setValue(0.9);
  bar.ask({"EPYC 9654", "abacus"});   // the chart was drawn anew
  EXPECT_EQ(bar.findChild<QDoubleSpinBox*>("priceQuestionDollars")->value(), 0.9);
  bar.findChild<QDoubleSpinBox*>("priceQuestionKw")->setValue(0.4);
  QTest::mouseClick(keep, Qt::LeftButton);
  for (const std::string& tier : price_tiers()) EXPECT_EQ(find_price_set("")->dollars_per_hour("EPYC 9654", tier), 0.9);
  EXPECT_TRUE(bar.findChild<QLabel*>("priceQuestionText")->text().contains("abacus"));
  QTest::mouseClick(bar.findChild<QPushButton*>("priceQuestionNever"), Qt::LeftButton);
  EXPECT_FALSE(bar.isVisible());
  bar.ask({"abacus"});
  EXPECT_FALSE(bar.isVisible()) << "it was waved off";
  EXPECT_TRUE(written(prices_->prices()));
}

// For people to look at: TOKENMARK_SCREENSHOTS names a folder.
TEST_F(PricesPageTest, pictures_for_people) {
  const QString to = qEnvironmentVariable("TOKENMARK_SCREENSHOTS");
  if (to.isEmpty()) GTEST_SKIP() << "TOKENMARK_SCREENSHOTS is not set";
  for (const bool dark : {false, true}) {
    apply_theme(theme(dark));
    page_->choose("InferenceX 2026-07");
    QTest::qWait(100);
    page_->grab().save(to + (dark ? "/prices-dark.png" : "/prices.png"));
    click("priceCopy");
    QTest::qWait(100);
    page_->grab().save(to + (dark ? "/prices-own-dark.png" : "/prices-own.png"));
  }
}

}  // namespace
}  // namespace tokenmark
