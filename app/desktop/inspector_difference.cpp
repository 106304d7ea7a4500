// Several runs side by side in the inspector: what differs stands first, what is equal is folded.
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTreeWidget>

#include "app/desktop/inspector_dock.h"
#include "app/desktop/runs_model.h"

namespace tokenmark {
namespace {

QString text(const std::string& s) { return QString::fromStdString(s); }

QString column_name(const RunRow& row) { return row.id > 0 ? InspectorDock::tr("Run %1").arg(row.id) : InspectorDock::tr("Sample"); }

QTreeWidgetItem* add_row(QTreeWidgetItem* parent, const DifferenceRow& row, const QColor& muted) {
  QStringList cells = {text(row.name).replace('_', ' ')};
  for (const std::string& value : row.values) cells << text(value);
  auto* item = new QTreeWidgetItem(parent, cells);
  item->setForeground(0, muted);
  for (int c = 0; c < cells.size(); ++c) item->setToolTip(c, cells[c]);
  if (!row.definition.empty()) item->setToolTip(0, cells[0] + '\n' + text(row.definition));
  return item;
}

}  // namespace

void InspectorDock::setColumns(const QStringList& names) {
  tree_->setColumnCount(static_cast<int>(names.size()));
  tree_->setHeaderLabels(names);
  tree_->setHeaderHidden(names.size() <= 2);
}

void InspectorDock::showDifference(const RunDifference& difference, std::size_t all) {
  detail_.reset();
  difference_ = difference;
  chosen_ = all;
  log_.clear();
  for (QPushButton* button : {reproduce_, timeline_, distributions_}) button->hide();
  error_->hide();
  fillDifference();
}

void InspectorDock::fillDifference() {
  const std::size_t shown = difference_->runs.size();
  title_->setText(tr("%1 runs side by side").arg(shown));
  facts_->setText(chosen_ > shown ? tr("The first %1 of %2 chosen runs. What is equal for all is folded.").arg(shown).arg(chosen_)
                                  : tr("What is equal for all is folded."));
  QStringList names = {QString()};
  for (const RunRow& row : difference_->runs) names << column_name(row);
  tree_->setUpdatesEnabled(false);
  tree_->clear();
  setColumns(names);
  for (const DifferenceSection& each : difference_->sections) {
    QTreeWidgetItem* top = section(text(each.title));
    std::vector<const DifferenceRow*> equal;
    for (const DifferenceRow& row : each.rows) {
      if (row.equal) equal.push_back(&row);
      else add_row(top, row, theme_.muted);
    }
    if (equal.empty()) continue;
    auto* folded = new QTreeWidgetItem(top, {equal.size() == 1 ? tr("1 row is equal") : tr("%1 rows are equal").arg(equal.size())});
    folded->setFirstColumnSpanned(true);
    folded->setForeground(0, theme_.muted);
    for (const DifferenceRow* row : equal) add_row(folded, *row, theme_.muted);
  }
  for (int c = 1; c < names.size(); ++c) tree_->setColumnWidth(c, 110);
  tree_->setUpdatesEnabled(true);
}

}  // namespace tokenmark
