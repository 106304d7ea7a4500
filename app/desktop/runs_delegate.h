// Paints the list of runs: a group's head is one text over all columns, whatever is scrolled or hidden.
#pragma once

#include <QStyledItemDelegate>

namespace tokenmark {

class RunsModel;

class RunsDelegate : public QStyledItemDelegate {
  Q_OBJECT
 public:
  RunsDelegate(const RunsModel& model, QObject* parent) : QStyledItemDelegate(parent), model_(model) {}
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 private:
  const RunsModel& model_;
};

}  // namespace tokenmark
