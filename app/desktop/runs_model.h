// The list of runs as a table of lines; rows come ready, searched, sorted and grouped, from the store's thread. A line is
// a run or the head of a group, whose runs follow unless it is folded.
#pragma once

#include <QAbstractTableModel>
#include <QColor>
#include <QSet>

#include "app/desktop/store_link.h"

namespace tokenmark {

class RunsModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  using QAbstractTableModel::QAbstractTableModel;

  void setRuns(RunsPtr runs);
  const RunsPtr& runs() const { return runs_; }
  void setSampleColor(const QColor& color) { sample_color_ = color; }
  void setBaseline(RunId run);                     // is marked; 0: none

  const RunRow* row(int line) const;               // null: the head of a group
  std::int32_t rowIndex(int line) const;           // into the snapshot's rows; negative: the head of a group
  const RunGroup* group(int line) const;           // null: a run
  QString groupText(int line) const;               // "llama-3.1-8b · 240 runs"
  bool isFolded(int line) const;
  void fold(int line, bool folded);
  void foldAll(bool folded);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  Qt::DropActions supportedDragActions() const override { return Qt::CopyAction; }

 private:
  void arrange();

  RunsPtr runs_ = std::make_shared<RunsSnapshot>();
  std::vector<std::int32_t> lines_;                // index of a row, or -1 - index of a group; unused where not grouped
  QSet<QString> folded_;                           // titles of groups
  QColor sample_color_;
  RunId baseline_ = 0;
};

// "Model"; empty: no column's field can be grouped or filtered by that.
QString field_title(RunKey key);
bool is_sample(const RunRow& row);
QString run_state_text(RunState state);
QString short_model(const RunRow& row);   // without folders
QString local_time(const std::string& started);

}  // namespace tokenmark
