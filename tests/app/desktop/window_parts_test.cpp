// The whole window: palette, prices, settings, session, guide, and the keyboard alone.
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
#include <QSettings>
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
#include "app/desktop/translation.h"
#include "app/desktop/window_actions.h"
#include "tests/app/support/watchdog.h"

namespace tokenmark {
namespace {

SweepMaker small_sweep() {
  return [](const auto&, std::stop_token) {
    return parse_sweep("name: This machine\nnode: local\ntarget:\n  engine: {model: \"shape:stories260k:f32\", threads: 1}\n"
                       "workload: {input: 16, output: 32}\nload: {requests_per_concurrency: 4, warmups_per_concurrency: 1}\n"
                       "axes: {concurrency: [1, 2]}\n", "test");
  };
}

class WindowPartsTest : public testing::Test {
 protected:
  WindowPartsTest() {
    QSettings().clear();
    options_.store = folder_.filePath("runs.db").toStdString();
    options_.prices = folder_.filePath("prices.json").toStdString();
    options_.agent_program = TOKENMARK_BIN "/tokenmark-cli";
    options_.quick_sweep = small_sweep();
    options_.models = {};
  }
  ~WindowPartsTest() override { use_own_prices({}); }
  void open() {
    window_ = std::make_unique<MainWindow>(options_);
    window_->resize(1280, 800);
    window_->show();
    EXPECT_TRUE(waitFor([&] { return !plot().chart().series.empty(); }));
    window_->activateWindow();
    QTest::qWait(50);
  }
  void reopen() {
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
  void showPage(const char* name) { tabs().setCurrentWidget(find<QWidget>(name)); }
  void press(Qt::Key key, Qt::KeyboardModifiers with = {}) {
    QWidget* at = QApplication::focusWidget();
    QTest::keyClick(at ? at : window_.get(), key, with);
  }
  void type(const QString& text) { QTest::keyClicks(QApplication::focusWidget(), text); }
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
};

TEST_F(WindowPartsTest, the_first_run_needs_no_mouse) {
  open();
  press(Qt::Key_M, Qt::ControlModifier);
  ASSERT_TRUE(waitFor([&] { return !running() && measured() == 2; })) << notes().toStdString();
  command("vertical output throughput per gpu");
  EXPECT_TRUE(waitFor([&] { return plot().chart().y == AxisFigure::output_tok_s_gpu; }, 5000));
  press(Qt::Key_X, Qt::ControlModifier | Qt::ShiftModifier);
  EXPECT_TRUE(waitFor([&] { return plot().chart().log_x; }, 5000));
  press(Qt::Key_F, Qt::ControlModifier);               // the list of runs: search, then into the table
  ASSERT_TRUE(qobject_cast<QLineEdit*>(QApplication::focusWidget()));
  auto* table = find<QTableView>("runsTable");
  for (int i = 0; i < 8 && !table->hasFocus(); ++i) press(Qt::Key_Tab);
  ASSERT_TRUE(table->hasFocus()) << "Tab goes from the search into the list";
  press(Qt::Key_Home, Qt::ControlModifier);
  press(Qt::Key_Down, Qt::ShiftModifier);
  EXPECT_TRUE(waitFor([&] { return table->selectionModel()->selectedRows().size() == 2; }, 5000));
  EXPECT_TRUE(waitFor([&] { return plot().chart().series.size() == 1 && measured() == 2; }, 5000)) << "only the two are drawn";
  press(Qt::Key_E, Qt::ControlModifier);
  auto* dialog = find<QFileDialog>("exportDialog");
  ASSERT_NE(dialog, nullptr);
  QTest::qWait(50);
  auto* name = dialog->findChild<QLineEdit*>("fileNameEdit");
  ASSERT_NE(name, nullptr);
  const QString path = folder_.filePath("by-keys.png");
  name->setFocus();
  name->selectAll();
  QTest::keyClicks(name, path);
  QTest::keyClick(name, Qt::Key_Return);
  EXPECT_TRUE(waitFor([&] { return QFile::exists(path); }, 10000));
}

TEST_F(WindowPartsTest, the_palette_reaches_every_action_and_opens_within_50_ms) {
  open();
  QElapsedTimer clock;
  std::vector<qint64> took;
  for (int i = 0; i < 5; ++i) {
    clock.start();
    find<QAction>("palette")->trigger();
    QCoreApplication::processEvents(QEventLoop::ExcludeUserInputEvents);
    took.push_back(clock.elapsed());
    press(Qt::Key_Escape);
  }
  EXPECT_LT(*std::min_element(took.begin(), took.end()), 50);
  find<QAction>("palette")->trigger();
  auto* list = find<QListView>("paletteList");
  for (const QAction* action : named_actions(*window_)) {
    if (!action->isVisible() || action->objectName() == "palette") continue;
    auto* field = find<QLineEdit>("paletteField");
    field->setText(action_text(*action));
    bool there = false;
    for (int row = 0; row < list->model()->rowCount(); ++row) there = there || list->model()->index(row, 0).data().toString().startsWith(action_text(*action));
    EXPECT_TRUE(there) << action->objectName().toStdString();
  }
}

TEST_F(WindowPartsTest, the_palette_finds_pages_settings_price_sets_runs_and_the_guide) {
  open();
  command("open devices");
  EXPECT_EQ(tabs().currentWidget()->objectName(), "devicesPage");
  command("setting sharpness");
  EXPECT_EQ(tabs().currentWidget()->objectName(), "settingsPage");
  EXPECT_FALSE(find<QLineEdit>("settingsSearch")->text().isEmpty());
  command("price set inferencemax 2025");
  EXPECT_EQ(tabs().currentWidget()->objectName(), "pricesPage");
  EXPECT_EQ(find<QLineEdit>("priceName")->text(), "InferenceMAX 2025-08");
  command("open frontier");
  command("search the runs for b200");
  EXPECT_TRUE(QApplication::focusWidget() != nullptr);
  command("guide sweeps");
  ASSERT_NE(find<QWidget>("helpWindow"), nullptr);
  EXPECT_TRUE(find<QTextBrowser>("helpPage")->toPlainText().startsWith("Sweeps"));
}

TEST_F(WindowPartsTest, f1_explains_what_is_in_front) {
  open();
  showPage("pricesPage");
  find<QAction>("help")->trigger();
  EXPECT_TRUE(find<QTextBrowser>("helpPage")->toPlainText().startsWith("Prices and power"));
  showPage("devicesPage");
  find<QAction>("help")->trigger();
  EXPECT_TRUE(find<QTextBrowser>("helpPage")->toPlainText().startsWith("Devices"));
}

TEST_F(WindowPartsTest, an_edited_price_redraws_the_cost_chart_at_once_and_undo_brings_it_back) {
  open();
  auto* y = find<QComboBox>("yAxis");
  y->setCurrentIndex(y->findData("dollars_per_mtok"));
  ASSERT_TRUE(waitFor([&] { return plot().chart().y == AxisFigure::dollars_per_mtok && !plot().chart().series.empty(); }, 5000));
  EXPECT_TRUE(find<QLabel>("chartSubtitle")->text().contains(QString::fromStdString(plot().chart().price_set))) << "the chart names its prices";
  const double before = plot().chart().series[0].points[0].y;
  showPage("pricesPage");
  find<QPushButton>("priceCopy")->click();   // any edit by the page
  ASSERT_EQ(own_prices()->sets.size(), 1u);
  auto* choice = find<QComboBox>("priceSet");
  const QString copy = QString::fromStdString(own_prices()->sets[0].name);
  ASSERT_GE(choice->findData(copy), 0) << "the charts' choosers follow";
  choice->setCurrentIndex(choice->findData(copy));
  ASSERT_TRUE(waitFor([&] { return plot().chart().price_set == copy.toStdString(); }, 5000));
  auto* rows = find<QTableWidget>("priceRows");
  const int count = rows->rowCount();
  for (int row = 0; row < count; ++row) {
    rows->item(row, 2)->setText("100");
    QCoreApplication::processEvents();
  }
  EXPECT_TRUE(waitFor([&] { return plot().chart().series[0].points[0].y > before * 5; }, 5000));
  for (int row = 0; row < count; ++row) find<QAction>("undo")->trigger();
  EXPECT_TRUE(waitFor([&] { return plot().chart().series[0].points[0].y == before; }, 5000));
}

TEST_F(WindowPartsTest, a_device_without_a_price_is_asked_for_once_in_a_bar_and_then_drawn) {
  open();
  press(Qt::Key_M, Qt::ControlModifier);
  ASSERT_TRUE(waitFor([&] { return !running() && measured() == 2; })) << notes().toStdString();
  EXPECT_FALSE(find<QWidget>("priceQuestion")->isVisible());
  auto* y = find<QComboBox>("yAxis");
  y->setCurrentIndex(y->findData("dollars_per_mtok"));
  ASSERT_TRUE(waitFor([&] { return find<QWidget>("priceQuestion")->isVisible(); }, 5000));
  EXPECT_EQ(measured(), 0u);
  EXPECT_EQ(QApplication::activeModalWidget(), nullptr);
  find<QDoubleSpinBox>("priceQuestionDollars")->setValue(0.5);
  find<QDoubleSpinBox>("priceQuestionKw")->setValue(0.2);
  QTest::mouseClick(find<QPushButton>("priceQuestionKeep"), Qt::LeftButton);
  EXPECT_TRUE(waitFor([&] { return measured() == 2; }, 5000));
  EXPECT_FALSE(find<QWidget>("priceQuestion")->isVisible());
  EXPECT_TRUE(find<QLabel>("chartNotes")->text().contains("your own") || find<QLabel>("chartNotes")->toolTip().contains("your own"))
      << find<QLabel>("chartNotes")->text().toStdString();
  reopen();
  ASSERT_TRUE(waitFor([&] { return measured() == 2; }, 10000)) << "it is remembered";
}

TEST_F(WindowPartsTest, damaged_prices_and_settings_are_notes_that_name_the_file_and_the_window_opens) {
  QFile prices(folder_.filePath("prices.json"));
  ASSERT_TRUE(prices.open(QIODevice::WriteOnly));
  prices.write("{\"version\": 1, \"se");
  prices.close();
  const QString path = QSettings().fileName();
  QDir().mkpath(QFileInfo(path).path());
  QFile settings(path);
  ASSERT_TRUE(settings.open(QIODevice::WriteOnly));
  settings.write("[window]\nlayout=@ByteArr");
  settings.close();
  options_.notes << set_broken_settings_aside();
  open();
  EXPECT_TRUE(notes().contains("prices.json.damaged")) << notes().toStdString();
  EXPECT_TRUE(notes().contains(path + ".damaged")) << notes().toStdString();
  QFile::remove(path + ".damaged");
}

TEST_F(WindowPartsTest, the_session_comes_back_with_tab_choices_and_chosen_runs) {
  open();
  auto* table = find<QTableView>("runsTable");
  table->selectionModel()->select(QItemSelection(table->model()->index(1, 0), table->model()->index(3, 5)), QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
  find<QAction>("logX")->setChecked(true);
  showPage("pricesPage");
  reopen();
  EXPECT_EQ(tabs().currentWidget()->objectName(), "pricesPage");
  EXPECT_TRUE(find<QAction>("logX")->isChecked());
  EXPECT_TRUE(waitFor([&] { return find<QTableView>("runsTable")->selectionModel()->selectedRows().size() == 3; }, 5000));
  set_setting("session/restore", false);
  reopen();
  EXPECT_EQ(tabs().currentIndex(), 0);
  EXPECT_FALSE(find<QAction>("logX")->isChecked());
}

TEST_F(WindowPartsTest, settings_of_another_version_are_kept_and_do_no_harm) {
  QSettings settings;
  settings.setValue("version", 99);
  settings.setValue("window/layout", QByteArray("layout of the future"));
  settings.setValue("window/geometry", QByteArray("xyz"));
  settings.setValue("window/page", "pageOfTheFuture");
  settings.setValue("future/key", "value");
  settings.setValue("frontier/x", "figure_of_the_future");
  settings.setValue("shortcuts/actionOfTheFuture", "Ctrl+K");
  settings.setValue("session/runs", QStringList{"one", "-99999"});
  open();
  EXPECT_EQ(tabs().currentIndex(), 0);
  reopen();
  EXPECT_EQ(QSettings().value("future/key").toString(), "value");
  EXPECT_EQ(QSettings().value("shortcuts/actionOfTheFuture").toString(), "Ctrl+K");
}

TEST_F(WindowPartsTest, layouts_are_kept_under_names) {
  open();
  find<QDockWidget>("inspectorDock")->close();
  find<QAction>("saveLayout")->trigger();
  auto* ask = find<QInputDialog>("layoutName");
  ASSERT_NE(ask, nullptr);
  ask->setTextValue("wide & bare");
  ask->accept();
  find<QAction>("resetLayout")->trigger();
  EXPECT_TRUE(find<QDockWidget>("inspectorDock")->isVisible());
  reopen();
  command("layout wide");
  EXPECT_FALSE(find<QDockWidget>("inspectorDock")->isVisible());
  ASSERT_NE(find<QAction>("deleteLayout"), nullptr);
  find<QAction>("deleteLayout")->trigger();
  EXPECT_TRUE(waitFor([&] { return find<QAction>("layout") == nullptr; }, 2000));
}

TEST_F(WindowPartsTest, opened_files_are_recent_can_be_pinned_and_are_opened_again) {
  open();
  const QString path = folder_.filePath("a & b.yaml");
  QFile file(path);
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write("name: Of a file\ntarget: {engine: {model: \"shape:stories260k:f32\"}}\naxes: {concurrency: [1]}\n");
  file.close();
  window_->openFiles({path, folder_.filePath("nowhere.yaml")});
  auto* pins = find<QMenu>("pinnedMenu");
  ASSERT_EQ(pins->actions().size(), 1) << "what is not there is no recent file";
  pins->actions().first()->trigger();
  QTest::qWait(20);
  EXPECT_EQ(QSettings().value("recent/pinned").toStringList(), QStringList{path});
  find<QAction>("forgetRecent")->trigger();
  QTest::qWait(20);
  EXPECT_EQ(find<QMenu>("pinnedMenu")->actions().size(), 1) << "pinned ones stay";
  reopen();
  command("open file a & b");
  EXPECT_TRUE(waitFor([&] { return find<QDialog>("sweepEditor") && find<QDialog>("sweepEditor")->isVisible(); }, 5000));
}

// Every control that a person can reach: on all pages, in all dialogs and docks.
QStringList unnamed(const QWidget& root) {
  QStringList found;
  for (const QWidget* widget : root.findChildren<QWidget*>()) {
    const bool control = qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QComboBox*>(widget) || qobject_cast<const QLineEdit*>(widget) ||
                         qobject_cast<const QAbstractSpinBox*>(widget) || qobject_cast<const QAbstractItemView*>(widget) ||
                         qobject_cast<const QPlainTextEdit*>(widget) || qobject_cast<const QTextBrowser*>(widget);
    if (!control || widget->focusPolicy() == Qt::NoFocus) continue;
    bool part_of_qt = false;   // of a combo box, a spin box, a table's corner, a title bar, a file dialog
    for (const QWidget* above = widget->parentWidget(); above != nullptr && above != &root; above = above->parentWidget())
      part_of_qt = part_of_qt || qobject_cast<const QComboBox*>(above) || qobject_cast<const QAbstractSpinBox*>(above) || above->inherits("QKeySequenceEdit") ||
                   qobject_cast<const QFileDialog*>(above) || above->inherits("QInputDialog") || above->inherits("QMessageBox") ||
                   qobject_cast<const QLineEdit*>(above) || above->inherits("QTabBar") || above->inherits("QComboBoxPrivateContainer");
    part_of_qt = part_of_qt || widget->inherits("QTableCornerButton") || widget->inherits("QDockWidgetTitleButton") || widget->objectName().startsWith("qt_") ||
                 qobject_cast<const QToolBar*>(widget->parentWidget()) != nullptr || widget->inherits("QHeaderView");
    if (part_of_qt) continue;
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    const bool named = !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty());
    if (widget->objectName().isEmpty() || !named)
      found << QStringLiteral("%1 '%2' in '%3'").arg(widget->metaObject()->className(), widget->objectName(), widget->parentWidget()->objectName());
  }
  return found;
}

TEST_F(WindowPartsTest, every_control_of_all_pages_and_dialogs_has_an_object_name_and_an_accessible_name) {
  open();
  find<QAction>("newSweep")->trigger();
  find<QAction>("help")->trigger();
  find<QAction>("saveLayout")->trigger();
  find<QAction>("about")->trigger();
  QTest::qWait(100);
  EXPECT_EQ(unnamed(*window_).join('\n').toStdString(), "");
}

TEST_F(WindowPartsTest, every_action_has_a_shortcut_or_is_reached_by_the_palette_and_none_shares_its_keys) {
  open();
  Shortcuts shortcuts(*window_);
  shortcuts.adopt();
  const QList<ShortcutEntry> entries = shortcuts.entries();
  EXPECT_GT(entries.size(), 30);
  for (const ShortcutEntry& entry : entries) EXPECT_TRUE(conflicts(entries, entry.name, entry.keys).isEmpty()) << entry.text.toStdString();
  for (const QMenu* menu : window_->findChildren<QMenu*>())
    for (const QAction* action : menu->actions()) {
      const bool listed = action->isSeparator() || action->menu() || action->property("passing").toBool() || named_actions(*window_).contains(action);
      EXPECT_TRUE(listed || action->text().isEmpty()) << menu->objectName().toStdString() << ": " << action->text().toStdString();
    }
}

TEST_F(WindowPartsTest, tab_goes_through_the_settings_in_their_order) {
  open();
  showPage("settingsPage");
  find<QLineEdit>("settingsSearch")->setFocus();
  int last = -1000, steps = 0;
  for (int i = 0; i < 12; ++i) {
    press(Qt::Key_Tab);
    const QWidget* at = QApplication::focusWidget();
    ASSERT_NE(at, nullptr);
    if (!at->objectName().startsWith("setting/")) continue;
    const int y = at->mapTo(find<QWidget>("settingsBody"), QPoint()).y();
    EXPECT_GE(y, last) << at->objectName().toStdString();
    last = y;
    ++steps;
  }
  EXPECT_GE(steps, 5);
}

TEST_F(WindowPartsTest, the_window_speaks_german) {
  if (!shipped_languages().contains("de")) GTEST_SKIP() << "built without Qt's translation tools";
  ASSERT_EQ(use_language("de"), "de");
  open();
  EXPECT_EQ(find<QMenu>("fileMenu")->title(), "&Datei");
  EXPECT_EQ(find<QComboBox>("setting/theme")->itemText(1), "Hell");
  EXPECT_TRUE(find<QAction>("measure")->text().contains("Rechner"));
  window_.reset();
  for (QTranslator* translator : qApp->findChildren<QTranslator*>()) delete translator;
}

// For people to look at: TOKENMARK_SCREENSHOTS names a folder.
TEST_F(WindowPartsTest, pictures_for_people) {
  const QString to = qEnvironmentVariable("TOKENMARK_SCREENSHOTS");
  if (to.isEmpty()) GTEST_SKIP() << "TOKENMARK_SCREENSHOTS is not set";
  open();
  for (const char* look : {"themeLight", "themeDark"}) {
    find<QAction>(look)->trigger();
    showPage("settingsPage");
    QTest::qWait(300);
    window_->grab().save(QStringLiteral("%1/settings-%2.png").arg(to, look));
    showPage("pricesPage");
    QTest::qWait(200);
    window_->grab().save(QStringLiteral("%1/prices-page-%2.png").arg(to, look));
    showPage("frontierPage");
    find<QAction>("palette")->trigger();
    type("exp");
    QTest::qWait(200);
    window_->grab().save(QStringLiteral("%1/palette-%2.png").arg(to, look));
    press(Qt::Key_Escape);
  }
}

}  // namespace
}  // namespace tokenmark
