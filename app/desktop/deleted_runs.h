// The runs that were deleted and can still be brought back, the last deleted first. A window of its own; the list is read in
// another thread when it is opened and after each change. The window's thread.
#pragma once

#include <QDialog>
#include <filesystem>

#include "core/store/run_list.h"

class QLabel;
class QPushButton;
class QTableView;

namespace tokenmark {

class RunsModel;
class Tasks;

class DeletedRuns : public QDialog {
  Q_OBJECT
 public:
  DeletedRuns(std::filesystem::path store, Tasks& tasks, QWidget* parent);
  void read();

 signals:
  void restoreWanted(const tokenmark::RunRows& runs);
  void failed(const QString& message);

 private:
  void showRows(RunRows rows);
  RunRows chosen() const;
  void updateButtons();

  std::filesystem::path store_;
  Tasks& tasks_;
  RunsModel* model_;
  QTableView* table_;
  QLabel* count_;
  QPushButton *restore_, *all_;
};

}  // namespace tokenmark
