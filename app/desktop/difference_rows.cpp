#include "app/desktop/difference_rows.h"

#include <QCoreApplication>
#include <QHeaderView>
#include <QTreeWidget>

namespace tokenmark {
namespace {

QString text(const std::string& s) { return QString::fromStdString(s); }
QString tr(const char* words) { return QCoreApplication::translate("DifferenceRows", words); }

void add_row(QTreeWidgetItem& parent, const DifferenceRow& row, const QColor& muted) {
  QStringList cells = {text(row.name).replace('_', ' ')};
  for (const std::string& value : row.values) cells << text(value);
  auto* item = new QTreeWidgetItem(&parent, cells);
  item->setForeground(0, muted);
  for (int c = 0; c < cells.size(); ++c) item->setToolTip(c, cells[c]);
  if (!row.definition.empty()) item->setToolTip(0, cells[0] + '\n' + text(row.definition));
}

}  // namespace

void set_difference_columns(QTreeWidget& tree, const RunDifference& difference, const QString& first) {
  QStringList names = {first};
  for (const RunRow& row : difference.runs) names << (row.id > 0 ? tr("Run %1").arg(row.id) : tr("Sample"));
  tree.setColumnCount(static_cast<int>(names.size()));
  tree.setHeaderLabels(names);
  tree.setHeaderHidden(names.size() <= 2);
  for (int c = 1; c < names.size(); ++c) tree.setColumnWidth(c, 110);
}

void add_difference(QTreeWidgetItem& parent, const DifferenceSection& section, const QColor& muted) {
  std::vector<const DifferenceRow*> equal;
  for (const DifferenceRow& row : section.rows) {
    if (row.equal) equal.push_back(&row);
    else add_row(parent, row, muted);
  }
  if (equal.empty()) return;
  auto* folded =
      new QTreeWidgetItem(&parent, {equal.size() == 1 ? tr("1 row is equal") : tr("%1 rows are equal").arg(equal.size())});
  folded->setFirstColumnSpanned(true);
  folded->setForeground(0, muted);
  for (const DifferenceRow* row : equal) add_row(*folded, *row, muted);
}

}  // namespace tokenmark
