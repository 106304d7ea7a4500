// Everything in the window is reached by the keyboard, by names, by the palette and by the guide.
#include "app/desktop/window_actions.h"
#include "tests/app/desktop/window_parts.h"

namespace tokenmark {
namespace {

using WindowReachTest = WindowPartsTest;

TEST_F(WindowReachTest, the_first_run_needs_no_mouse) {
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


TEST_F(WindowReachTest, the_palette_reaches_every_action_and_opens_within_50_ms) {
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
    QCoreApplication::processEvents();   // a person does not type them all in one moment
    bool there = false;
    for (int row = 0; row < list->model()->rowCount(); ++row) there = there || list->model()->index(row, 0).data().toString().startsWith(action_text(*action));
    EXPECT_TRUE(there) << action->objectName().toStdString();
  }
}


TEST_F(WindowReachTest, the_palette_finds_pages_settings_price_sets_runs_and_the_guide) {
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


TEST_F(WindowReachTest, f1_explains_what_is_in_front) {
  open();
  showPage("pricesPage");
  find<QAction>("help")->trigger();
  EXPECT_TRUE(find<QTextBrowser>("helpPage")->toPlainText().startsWith("Prices and power"));
  showPage("devicesPage");
  find<QAction>("help")->trigger();
  EXPECT_TRUE(find<QTextBrowser>("helpPage")->toPlainText().startsWith("Devices"));
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

TEST_F(WindowReachTest, every_control_of_all_pages_and_dialogs_has_an_object_name_and_an_accessible_name) {
  open();
  unwatched();
  find<QAction>("newSweep")->trigger();
  find<QAction>("help")->trigger();
  find<QAction>("saveLayout")->trigger();
  find<QAction>("about")->trigger();
  QTest::qWait(100);
  EXPECT_EQ(unnamed(*window_).join('\n').toStdString(), "");
}


TEST_F(WindowReachTest, every_action_has_a_shortcut_or_is_reached_by_the_palette_and_none_shares_its_keys) {
  open();
  Shortcuts shortcuts(*window_);
  shortcuts.adopt();
  const QList<ShortcutEntry> entries = shortcuts.entries();
  EXPECT_GT(entries.size(), 30);
  for (const ShortcutEntry& entry : entries) EXPECT_TRUE(conflicts(entries, entry.name, entry.keys).isEmpty()) << entry.text.toStdString();
  const QList<QAction*> named = named_actions(*window_);
  for (const QMenu* menu : window_->findChildren<QMenu*>())
    for (QAction* action : menu->actions()) {
      const bool listed = action->isSeparator() || action->menu() || action->property("passing").toBool() || named.contains(action);
      EXPECT_TRUE(listed || action->text().isEmpty()) << menu->objectName().toStdString() << ": " << action->text().toStdString();
    }
}


TEST_F(WindowReachTest, tab_goes_through_the_settings_in_their_order) {
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

}  // namespace
}  // namespace tokenmark
