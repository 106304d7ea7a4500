// The list of runs as a table; rows come ready, searched and sorted, from the store's thread.
#pragma once

#include <QAbstractTableModel>
#include <QColor>

#include "app/desktop/store_link.h"

namespace tokenmark {

class RunsModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  using QAbstractTableModel::QAbstractTableModel;

  void setRuns(RunsPtr runs);
  const RunsPtr& runs() const { return runs_; }
  void setSampleColor(const QColor& color) { sample_color_ = color; }
  const RunRow& row(int index) const { return runs_->rows[static_cast<std::size_t>(index)]; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  RunsPtr runs_ = std::make_shared<RunsSnapshot>();
  QColor sample_color_;
};

bool is_sample(const RunRow& row);
QString run_state_text(RunState state);
QString short_model(const RunRow& row);   // without folders
QString local_time(const std::string& started);

}  // namespace tokenmark
