#include "app/desktop/runs_dock.h"

#include <QAction>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QTableView>
#include <QVBoxLayout>
#include <unordered_set>

#include "app/desktop/look.h"

namespace tokenmark {

RunsDock::RunsDock(QWidget* parent) : QDockWidget(tr("Runs"), parent) {
  setObjectName(QStringLiteral("runsDock"));
  auto* body = new QWidget(this);
  auto* layout = new QVBoxLayout(body);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);

  search_ = new QLineEdit(body);
  search_->setObjectName(QStringLiteral("runsSearch"));
  search_->setAccessibleName(tr("Search runs"));
  search_->setPlaceholderText(tr("Search model, hardware, sweep, tag …"));
  search_->setToolTip(tr("Words that must all occur in a run (Ctrl+F)"));
  search_->setClearButtonEnabled(true);
  search_->addAction(themed_icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
  auto* search_row = new QHBoxLayout;
  search_row->setContentsMargins(8, 2, 8, 8);
  search_row->addWidget(search_);
  layout->addLayout(search_row);

  setupTable();
  layout->addWidget(table_, 1);
  count_ = new QLabel(body);
  count_->setObjectName(QStringLiteral("runsCount"));
  count_->setProperty("role", "muted");
  auto* count_row = new QHBoxLayout;
  count_row->setContentsMargins(10, 5, 10, 5);
  count_row->addWidget(count_);
  layout->addLayout(count_row);
  setWidget(body);

  typing_.setSingleShot(true);
  typing_.setInterval(150);
  connect(search_, &QLineEdit::textChanged, &typing_, qOverload<>(&QTimer::start));
  connect(&typing_, &QTimer::timeout, this, &RunsDock::askAgain);
}

void RunsDock::setupTable() {
  table_ = new QTableView(this);
  table_->setObjectName(QStringLiteral("runsTable"));
  table_->setAccessibleName(tr("Runs"));
  model_ = new RunsModel(this);
  table_->setModel(model_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table_->setAlternatingRowColors(true);
  table_->setShowGrid(false);
  table_->setWordWrap(false);
  table_->setTabKeyNavigation(false);
  table_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 9);
  QHeaderView* header = table_->horizontalHeader();
  header->setObjectName(QStringLiteral("runsHeader"));
  header->setHighlightSections(false);
  header->setSectionsMovable(true);
  header->setSortIndicatorShown(true);
  header->setSectionsClickable(true);
  header->setSortIndicator(static_cast<int>(RunColumn::started), Qt::DescendingOrder);
  static constexpr int kWidths[] = {150, 48, 74, 70, 56, 84, 76, 80, 76, 122, 150, 52};
  for (int i = 0; i < static_cast<int>(RunColumn::count); ++i) table_->setColumnWidth(i, kWidths[i]);
  connect(header, &QHeaderView::sortIndicatorChanged, this, &RunsDock::askAgain);
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
    if (restoring_) return;
    updateCount();
    emit selectionChanged();
  });
}

void RunsDock::askAgain() {
  const QHeaderView* header = table_->horizontalHeader();
  RunsQuery query;
  query.search = search_->text().trimmed();
  query.sorted_by = static_cast<RunColumn>(header->sortIndicatorSection());
  query.order = header->sortIndicatorOrder();
  emit queryChanged(query);
}

void RunsDock::setRuns(const RunsPtr& runs) {
  const std::vector<RunId> chosen = selected();
  restoring_ = true;
  model_->setRuns(runs);
  restoring_ = false;
  if (!chosen.empty()) select(chosen);
  updateCount();
}

std::vector<RunId> RunsDock::selected() const {
  std::vector<RunId> ids;
  for (const QItemSelectionRange& range : table_->selectionModel()->selection())
    for (int row = range.top(); row <= range.bottom(); ++row) ids.push_back(model_->row(row).id);
  return ids;
}

void RunsDock::select(const std::vector<RunId>& ids) {
  const std::unordered_set<RunId> wanted(ids.begin(), ids.end());
  QItemSelection selection;
  int first = -1, start = -1;
  for (int row = 0; row <= model_->rowCount(); ++row) {
    const bool chosen = row < model_->rowCount() && wanted.contains(model_->row(row).id);
    if (chosen && start < 0) start = row;
    if (chosen || start < 0) continue;
    if (first < 0) first = start;
    selection.select(model_->index(start, 0), model_->index(row - 1, model_->columnCount() - 1));
    start = -1;
  }
  const bool before = std::exchange(restoring_, true);
  table_->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
  restoring_ = before;
  if (first >= 0) table_->scrollTo(model_->index(first, 0));
  updateCount();
  emit selectionChanged();
}

void RunsDock::updateCount() {
  const int all = model_->rowCount();
  const auto chosen = selected().size();
  QString text = all == 1 ? tr("1 run") : tr("%1 runs").arg(all);
  if (all == 0 && !search_->text().isEmpty()) text = tr("No run matches the search.");
  if (chosen > 1) text += tr(" · %1 chosen for the chart").arg(chosen);
  count_->setText(text);
}

void RunsDock::setTheme(const Theme& theme) {
  model_->setSampleColor(theme.muted);
  table_->viewport()->update();
}

void RunsDock::focusSearch() {
  show();
  raise();
  search_->setFocus();
  search_->selectAll();
}

QByteArray RunsDock::columnsState() const { return table_->horizontalHeader()->saveState(); }

void RunsDock::restoreColumns(const QByteArray& state) {
  const QSignalBlocker quiet(table_->horizontalHeader());
  table_->horizontalHeader()->restoreState(state);
}

}  // namespace tokenmark
