#include "app/desktop/deleted_runs.h"

#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include "app/desktop/runs_model.h"
#include "app/desktop/tasks.h"
#include "app/desktop/widgets.h"

namespace tokenmark {
namespace {

constexpr RunColumn kColumns[] = {RunColumn::id, RunColumn::model, RunColumn::hardware, RunColumn::precision,
                                  RunColumn::lengths, RunColumn::concurrency, RunColumn::started, RunColumn::sweep};

}  // namespace

DeletedRuns::DeletedRuns(std::filesystem::path store, Tasks& tasks, QWidget* parent)
    : QDialog(parent), store_(std::move(store)), tasks_(tasks) {
  setObjectName(QStringLiteral("deletedRuns"));
  setWindowTitle(tr("Recently deleted runs"));
  resize(900, 480);
  auto* layout = new QVBoxLayout(this);
  count_ = new QLabel(this);
  count_->setObjectName(QStringLiteral("deletedCount"));
  count_->setWordWrap(true);
  model_ = new RunsModel(this);
  table_ = new QTableView(this);
  table_->setObjectName(QStringLiteral("deletedTable"));
  table_->setAccessibleName(tr("Deleted runs, the last deleted first"));
  table_->setModel(model_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setShowGrid(false);
  table_->setWordWrap(false);
  table_->setTabKeyNavigation(false);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table_->horizontalHeader()->setHighlightSections(false);
  for (int i = 0; i < model_->columnCount(); ++i) table_->setColumnHidden(i, true);
  table_->horizontalHeader()->setStretchLastSection(true);
  table_->setColumnWidth(static_cast<int>(RunColumn::model), 170);
  table_->setColumnWidth(static_cast<int>(RunColumn::started), 130);
  int place = 0;
  for (const RunColumn column : kColumns) {
    const int section = static_cast<int>(column);
    table_->setColumnHidden(section, false);
    table_->horizontalHeader()->moveSection(table_->horizontalHeader()->visualIndex(section), place++);
  }
  auto* row = new QHBoxLayout;
  restore_ = make_button(this, "restoreRuns", tr("&Restore"), tr("Bring the chosen runs back"));
  all_ = make_button(this, "restoreAllRuns", tr("Restore &all"), tr("Bring all of these runs back"));
  auto* close = make_button(this, "deletedClose", tr("Close"), tr("Close this window"));
  row->addWidget(restore_);
  row->addWidget(all_);
  row->addStretch(1);
  row->addWidget(close);
  layout->addWidget(count_);
  layout->addWidget(table_, 1);
  layout->addLayout(row);
  connect(close, &QPushButton::clicked, this, &QDialog::close);
  connect(restore_, &QPushButton::clicked, this, [this] { emit restoreWanted(chosen()); });
  connect(all_, &QPushButton::clicked, this, [this] { emit restoreWanted(model_->runs()->rows); });
  connect(table_, &QTableView::doubleClicked, restore_, &QPushButton::click);
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this, &DeletedRuns::updateButtons);
  updateButtons();
}

void DeletedRuns::read() {
  tasks_.start(QStringLiteral("deleted runs"),
               [store = store_](std::stop_token) -> Result<RunRows> {
                 TOKENMARK_TRY(const auto opened, Store::open(store));
                 TOKENMARK_TRY(std::vector<RunRow> rows, opened->deleted());
                 return RunRows(std::move(rows));
               },
               [this](Result<RunRows> rows) {
                 if (rows) return showRows(*std::move(rows));
                 emit failed(QString::fromStdString(rows.error().message));
               });
}

void DeletedRuns::showRows(RunRows rows) {
  const auto count = static_cast<qulonglong>(rows.size());
  auto snapshot = std::make_shared<RunsSnapshot>();
  snapshot->rows = std::move(rows);
  model_->setRuns(snapshot);
  table_->resizeColumnToContents(static_cast<int>(RunColumn::id));
  count_->setText(count == 0 ? tr("No run was deleted in the last 30 days.")
                             : tr("%1 runs, the last deleted first. 30 days after it was deleted a run is gone for good.").arg(QLocale().toString(count)));
  updateButtons();
}

RunRows DeletedRuns::chosen() const {
  RunRows rows;
  for (const QItemSelectionRange& range : table_->selectionModel()->selection())
    for (int line = range.top(); line <= range.bottom(); ++line) rows.push_back(model_->runs()->rows.shared()[static_cast<std::size_t>(line)]);
  return rows;
}

void DeletedRuns::updateButtons() {
  restore_->setEnabled(table_->selectionModel()->hasSelection());
  all_->setEnabled(!model_->runs()->rows.empty());
}

}  // namespace tokenmark
