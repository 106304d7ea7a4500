// The whole window: prices, settings, session, layouts, recent files, language.
#include "app/desktop/translation.h"
#include "tests/app/desktop/window_parts.h"

namespace tokenmark {
namespace {

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
  showPage("frontierPage");   // charts are made when they are seen
  ASSERT_TRUE(waitFor([&] { return plot().chart().price_set == copy.toStdString(); }, 5000));
  auto* rows = find<QTableWidget>("priceRows");
  const int count = rows->rowCount();
  for (int row = 0; row < count; ++row) {
    rows->item(row, 2)->setText("100");
    QCoreApplication::processEvents();
  }
  EXPECT_TRUE(waitFor([&] { return plot().chart().series[0].points[0].y > before * 5; }, 5000));
  for (int row = 0; row < count; ++row) {
    find<QAction>("undo")->trigger();
    QCoreApplication::processEvents();
  }
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
  UserSettings::flush();
  const QString path = UserSettings::fileName();
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

TEST_F(WindowPartsTest, the_search_the_sweep_in_the_editor_and_finished_jobs_come_back_too) {
  open();
  press(Qt::Key_M, Qt::ControlModifier);
  ASSERT_TRUE(waitFor([&] { return !running() && measured() == 2; })) << notes().toStdString();
  find<QLineEdit>("runsSearch")->setText("h200");
  find<QAction>("newSweep")->trigger();
  find<QPlainTextEdit>("sweepYaml")->setPlainText("name: half written");
  reopen();
  EXPECT_EQ(find<QLineEdit>("runsSearch")->text(), "h200");
  find<QAction>("newSweep")->trigger();
  EXPECT_EQ(find<QPlainTextEdit>("sweepYaml")->toPlainText(), "name: half written");
  ASSERT_EQ(window_->jobs().jobs().size(), 1);
  const Job& job = *window_->jobs().jobs().first();
  EXPECT_TRUE(job.over());
  EXPECT_EQ(job.title(), "Measure this machine");
  EXPECT_GE(job.log().size(), 3);
  EXPECT_FALSE(running()) << "it is not begun again";
}

TEST_F(WindowPartsTest, help_and_palette_answer_to_their_keys_in_other_windows_too) {
  open();
  find<QAction>("newSweep")->trigger();
  auto* editor = find<QDialog>("sweepEditor");
  editor->activateWindow();
  find<QPlainTextEdit>("sweepYaml")->setFocus();
  ASSERT_TRUE(waitFor([&] { return QApplication::focusWidget() == find<QPlainTextEdit>("sweepYaml"); }, 5000));
  QTest::keyClick(find<QPlainTextEdit>("sweepYaml"), Qt::Key_F1);
  auto* help = find<QWidget>("helpWindow");
  ASSERT_NE(help, nullptr);
  const QString chapter = help->findChild<QTextBrowser*>("helpPage")->toPlainText();
  EXPECT_TRUE(chapter.startsWith("Sweeps")) << chapter.left(60).toStdString();
  help->close();
  editor->activateWindow();
  QTest::keyClick(find<QPlainTextEdit>("sweepYaml"), Qt::Key_K, Qt::ControlModifier);
  EXPECT_TRUE(find<QWidget>("commandPalette")->isVisible());
}

TEST_F(WindowPartsTest, settings_of_another_version_are_kept_and_do_no_harm) {
  UserSettings settings;
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
  EXPECT_EQ(UserSettings().value("future/key").toString(), "value");
  EXPECT_EQ(UserSettings().value("shortcuts/actionOfTheFuture").toString(), "Ctrl+K");
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

TEST_F(WindowPartsTest, layouts_hold_the_tabs_too_and_reset_puts_them_back) {
  open();
  press(Qt::Key_PageDown, Qt::ControlModifier);   // the next tab
  ASSERT_EQ(tabs().currentWidget()->objectName(), "latencyPage");
  trigger("moveTab");
  ASSERT_TRUE(find<QWidget>("rightTabs")->isVisible());
  trigger("saveLayout");
  find<QInputDialog>("layoutName")->setTextValue("two charts");
  find<QInputDialog>("layoutName")->accept();
  trigger("resetLayout");
  EXPECT_FALSE(find<QWidget>("rightTabs")->isVisible());
  EXPECT_EQ(tabs().widget(1)->objectName(), "latencyPage") << "in its first place";
  trigger("layout");
  EXPECT_TRUE(find<QWidget>("rightTabs")->isVisible()) << notes().toStdString();
  EXPECT_TRUE(find<QWidget>("latencyPage")->isVisible());
}

TEST_F(WindowPartsTest, the_chosen_run_becomes_the_baseline_by_its_keys) {
  open();
  auto* table = find<QTableView>("runsTable");
  table->setFocus();
  press(Qt::Key_Home, Qt::ControlModifier);
  press(Qt::Key_Down, Qt::ShiftModifier);
  press(Qt::Key_B, Qt::ControlModifier);
  EXPECT_TRUE(waitFor([&] { return !plot().line().baseline().empty(); }, 5000)) << notes().toStdString();
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
  EXPECT_EQ(UserSettings().value("recent/pinned").toStringList(), QStringList{path});
  find<QAction>("forgetRecent")->trigger();
  QTest::qWait(20);
  EXPECT_EQ(find<QMenu>("pinnedMenu")->actions().size(), 1) << "pinned ones stay";
  reopen();
  command("open file a & b");
  EXPECT_TRUE(waitFor([&] { return find<QDialog>("sweepEditor") && find<QDialog>("sweepEditor")->isVisible(); }, 5000));
}

TEST_F(WindowPartsTest, the_window_speaks_german) {
  if (!shipped_languages().contains("de")) GTEST_SKIP() << "built without Qt's translation tools";
  ASSERT_EQ(use_language("de"), "de");
  open();
  EXPECT_EQ(find<QMenu>("fileMenu")->title(), "&Datei");
  EXPECT_EQ(find<QComboBox>("setting/theme")->itemText(1), "Hell");
  EXPECT_TRUE(find<QAction>("measure")->text().contains("Rechner"));
  unwatched();
  window_.reset();
  for (QTranslator* translator : qApp->findChildren<QTranslator*>()) delete translator;
}

// For people to look at: TOKENMARK_SCREENSHOTS names a folder.
TEST_F(WindowPartsTest, pictures_for_people) {
  const QString to = qEnvironmentVariable("TOKENMARK_SCREENSHOTS");
  if (to.isEmpty()) GTEST_SKIP() << "TOKENMARK_SCREENSHOTS is not set";
  open();
  unwatched();
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
