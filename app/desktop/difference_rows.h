// What differs between runs (core/report/run_difference.h) as rows of a tree, as the inspector and the comparison show it: a
// column a run, what is equal for all folded into one row.
#pragma once

#include <QColor>
#include <QString>

#include "core/report/run_difference.h"

class QTreeWidget;
class QTreeWidgetItem;

namespace tokenmark {

// `first`: the head of the column of names.
void set_difference_columns(QTreeWidget& tree, const RunDifference& difference, const QString& first);
void add_difference(QTreeWidgetItem& parent, const DifferenceSection& section, const QColor& muted);

}  // namespace tokenmark
