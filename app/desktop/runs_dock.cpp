#include "app/desktop/runs_dock.h"

#include <QHeaderView>
#include <QInputDialog>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <set>
#include <unordered_set>

#include "app/desktop/runs_filter_menu.h"
#include "app/desktop/theme_sheet.h"

namespace tokenmark {

RunsDock::RunsDock(QWidget* parent) : QDockWidget(tr("Runs"), parent) {
  setObjectName(QStringLiteral("runsDock"));
  dress(*this);
  auto* body = new QWidget(this);
  auto* layout = new QVBoxLayout(body);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  auto* search_row = new QHBoxLayout;
  search_row->setContentsMargins(8, 2, 8, 8);
  search_row->setSpacing(2);
  layout->addLayout(search_row);
  setupTable();
  setupSearch(*search_row);
  setupGroups(*search_row);
  setupEdits();
  layout->addWidget(table_, 1);
  count_ = new QLabel(body);
  count_->setObjectName(QStringLiteral("runsCount"));
  count_->setProperty("role", "muted");
  count_->setWordWrap(true);
  auto* count_row = new QHBoxLayout;
  count_row->setContentsMargins(10, 5, 10, 5);
  count_row->addWidget(count_);
  layout->addLayout(count_row);
  setWidget(body);
  setTabOrder(search_, table_);   // what is searched for is looked at next

  typing_.setSingleShot(true);
  typing_.setInterval(0);   // as soon as the letters that are waiting have been typed
  connect(search_, &QLineEdit::textChanged, &typing_, qOverload<>(&QTimer::start));
  connect(&typing_, &QTimer::timeout, this, &RunsDock::askAgain);
}

RunsQuery RunsDock::query() const {
  const QHeaderView* header = table_->horizontalHeader();
  RunsQuery query;
  query.search = search_->text().trimmed();
  query.sorted_by = static_cast<RunColumn>(header->sortIndicatorSection());
  query.order = header->sortIndicatorOrder();
  query.group_by = group_by_;
  return query;
}

void RunsDock::askAgain() { emit queryChanged(query()); }

void RunsDock::groupBy(int key) {
  const QList<QAction*> choices = groups_->menu()->actions();
  const auto found = std::find_if(choices.begin(), choices.end(), [&](QAction* a) { return a->data().isValid() && a->data().toInt() == key; });
  group_by_ = found == choices.end() ? RunKey::word : static_cast<RunKey>(key);
  (found == choices.end() ? choices.front() : *found)->setChecked(true);
  askAgain();
}

void RunsDock::setRuns(const RunsPtr& runs) {
  const std::vector<RunId> chosen = selected();
  restoring_ = true;
  model_->setRuns(runs);
  restoring_ = false;
  if (!chosen.empty()) select(chosen);
  if (known_tags_.stringList() != runs->tags) known_tags_.setStringList(runs->tags);
  updateCount();
}

void RunsDock::showValues(const FieldValues& values) { filters_->showValues(values); }

// By indices, without looking at the runs: all of 100,000 are chosen in a moment. A run of two tags is in two places.
std::vector<std::uint32_t> RunsDock::chosenRows() const {
  std::vector<bool> chosen(model_->runs()->rows.size());
  std::size_t count = 0;
  for (const QItemSelectionRange& range : table_->selectionModel()->selection())
    for (int line = range.top(); line <= range.bottom(); ++line) {
      const std::int32_t row = model_->rowIndex(line);
      if (row < 0 || chosen[static_cast<std::size_t>(row)]) continue;
      chosen[static_cast<std::size_t>(row)] = true;
      ++count;
    }
  std::vector<std::uint32_t> rows;
  rows.reserve(count);
  for (std::uint32_t row = 0; rows.size() < count; ++row)
    if (chosen[row]) rows.push_back(row);
  return rows;
}

std::vector<RunId> RunsDock::selected() const {
  const std::vector<std::uint32_t> rows = chosenRows();
  std::vector<RunId> ids;
  ids.reserve(rows.size());
  for (const std::uint32_t row : rows) ids.push_back(model_->runs()->rows[row].id);
  return ids;
}

RunRows RunsDock::selectedRuns() const {
  const std::vector<std::uint32_t> rows = chosenRows();
  RunRows runs;
  runs.reserve(rows.size());
  for (const std::uint32_t row : rows) runs.push_back(model_->runs()->rows.shared()[row]);
  return runs;
}

void RunsDock::select(const std::vector<RunId>& ids) {
  const std::unordered_set<RunId> wanted(ids.begin(), ids.end());
  QItemSelection selection;
  int first = -1, start = -1;
  for (int line = 0; line <= model_->rowCount(); ++line) {
    const RunRow* row = line < model_->rowCount() ? model_->row(line) : nullptr;
    const bool chosen = row && wanted.contains(row->id);
    if (chosen && start < 0) start = line;
    if (chosen || start < 0) continue;
    if (first < 0) first = start;
    selection.select(model_->index(start, 0), model_->index(line - 1, model_->columnCount() - 1));
    start = -1;
  }
  const bool before = std::exchange(restoring_, true);
  table_->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
  restoring_ = before;
  if (first >= 0) table_->scrollTo(model_->index(first, static_cast<int>(RunColumn::model)));
  updateCount();
  emit selectionChanged();
}

void RunsDock::updateCount() {
  const RunsSnapshot& runs = *model_->runs();
  const auto all = runs.rows.size();
  const std::vector<std::uint32_t> rows = chosenRows();
  const auto chosen = rows.size();
  QString text = all == 1 ? tr("1 run") : tr("%1 runs").arg(QLocale().toString(static_cast<qulonglong>(all)));
  if (!runs.complete) text = tr("Reading the runs …");
  if (all == 0 && !search_->text().isEmpty()) text = tr("No run matches the search.");
  if (!runs.groups.empty()) text += tr(" in %1 groups").arg(runs.groups.size());
  if (!runs.problem.isEmpty()) text = runs.problem;
  if (chosen > 1) text += tr(" · %1 chosen for the chart").arg(chosen);
  if (!baseline_.isEmpty()) text += tr(" · baseline: %1").arg(baseline_);
  count_->setText(text);
  const bool any = std::any_of(rows.begin(), rows.end(), [&](std::uint32_t row) { return !is_sample(runs.rows[row]); });
  for (QAction* action : edit_actions_) action->setEnabled(any);
}

void RunsDock::onClick(const QModelIndex& index) {
  const RunRow* row = model_->row(index.row());
  if (!row) return model_->fold(index.row(), !model_->isFolded(index.row()));
  if (index.column() != static_cast<int>(RunColumn::starred) || is_sample(*row)) return;
  RunRows one;
  one.push_back(*row);
  emit starWanted(one, !row->starred);
}

bool RunsDock::eventFilter(QObject* object, QEvent* event) {
  const QModelIndex current = table_->currentIndex();
  if (object != table_ || event->type() != QEvent::KeyPress || !current.isValid() || !model_->group(current.row()))
    return QDockWidget::eventFilter(object, event);
  const int key = static_cast<QKeyEvent*>(event)->key();
  if (key != Qt::Key_Left && key != Qt::Key_Right && key != Qt::Key_Space) return QDockWidget::eventFilter(object, event);
  model_->fold(current.row(), key == Qt::Key_Left || (key == Qt::Key_Space && !model_->isFolded(current.row())));
  return true;
}

void RunsDock::showRunsMenu(const QPoint& position) {
  const QModelIndex index = table_->indexAt(position);
  if (!index.isValid() || model_->group(index.row())) return;
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("runsMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  emit menuOpening(menu, selected());
  menu->addSeparator();
  menu->addActions({star_, tag_});
  addTagsMenu(*menu);
  menu->addSeparator();
  menu->addActions({bundle_, delete_});
  menu->popup(table_->viewport()->mapToGlobal(position));
}

void RunsDock::addTagsMenu(QMenu& menu) {
  const auto runs = std::make_shared<const RunRows>(selectedRuns());   // shared by the menu's entries
  std::set<std::string> tags;
  for (const RunRow& row : *runs) tags.insert(row.tags.begin(), row.tags.end());
  QMenu* away = menu.addMenu(tr("&Remove tag"));
  away->setObjectName(QStringLiteral("removeTagMenu"));
  away->setEnabled(!tags.empty());
  for (const std::string& tag : tags)
    connect(away->addAction(QString::fromStdString(tag).replace('&', QLatin1String("&&"))), &QAction::triggered, this,
            [this, runs, tag] { emit tagWanted(*runs, QString::fromStdString(tag), false); });
}

void RunsDock::askForTag() {
  auto* dialog = new QInputDialog(this);
  dialog->setObjectName(QStringLiteral("tagDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  const RunRows runs = selectedRuns();
  dialog->setWindowTitle(tr("Add tag"));
  dialog->setLabelText(runs.size() == 1 ? tr("Tag of run %1:").arg(runs.front().id) : tr("Tag of %1 runs:").arg(runs.size()));
  dialog->setComboBoxItems(QStringList{QString()} + known_tags_.stringList());   // its line completes what is typed
  dialog->setComboBoxEditable(true);
  connect(dialog, &QInputDialog::textValueSelected, this, [this, runs](const QString& tag) { emit tagWanted(runs, tag, true); });
  dialog->open();
}

void RunsDock::setTheme(const Theme& theme) {
  model_->setSampleColor(theme.muted);
  table_->viewport()->update();
}

void RunsDock::setBaseline(const QString& series, RunId run) {
  baseline_ = run > 0 ? tr("run %1").arg(run) : series;
  model_->setBaseline(run);
  updateCount();
}

void RunsDock::focusSearch() {
  show();
  raise();
  search_->setFocus();
  search_->selectAll();
}

void RunsDock::setSearch(const QString& text) {
  search_->setText(text);
  filters_->setText(text);
}

QString RunsDock::search() const { return search_->text(); }

QByteArray RunsDock::columnsState() const { return table_->horizontalHeader()->saveState(); }

void RunsDock::restoreColumns(const QByteArray& state) {
  const QSignalBlocker quiet(table_->horizontalHeader());
  table_->horizontalHeader()->restoreState(state);
}

}  // namespace tokenmark
