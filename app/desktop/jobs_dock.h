// Bottom: every running thing with progress, time left and cancel; finished ones stay with their log.
#pragma once

#include <QDockWidget>
#include <QHash>

#include "app/desktop/job.h"

class QFrame;
class QLabel;
class QPlainTextEdit;
class QVBoxLayout;

namespace tokenmark {

class JobRow;

class JobsDock : public QDockWidget {
  Q_OBJECT
 public:
  JobsDock(JobQueue& queue, QWidget* parent = nullptr);

 private:
  void add(Job* job);
  void remove(Job* job);
  void choose(Job* job);

  JobQueue& queue_;
  QVBoxLayout* rows_;
  QLabel* empty_;
  QPlainTextEdit* log_;
  QHash<Job*, JobRow*> row_of_;
  Job* chosen_ = nullptr;
};

QString duration_text(double seconds);   // "1 min 20 s"
QString job_state_text(JobState state);

}  // namespace tokenmark
