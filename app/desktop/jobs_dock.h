// Bottom: every running thing with progress, time left, pause and cancel; those that wait, in an order that buttons, the
// mouse and Alt+Up, Alt+Down change; finished ones stay with their log.
#pragma once

#include <QDockWidget>
#include <QHash>

#include "app/desktop/job.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QScrollArea;
class QVBoxLayout;

namespace tokenmark {

class JobQueue;
class JobRow;

class JobsDock : public QDockWidget {
  Q_OBJECT
 public:
  JobsDock(JobQueue& queue, QWidget* parent = nullptr);

 private:
  void add(Job* job);
  void remove(Job* job);
  void choose(Job* job);
  QWidget* setupList();
  void arrange();
  QList<Job*> shownOrder() const;
  void drag(JobRow* row, int y);
  void drop(JobRow* row);

  JobQueue& queue_;
  QScrollArea* area_;
  QPushButton* forget_;
  QVBoxLayout* rows_;
  QLabel* empty_;
  QPlainTextEdit* log_;
  QHash<Job*, JobRow*> row_of_;
  Job* chosen_ = nullptr;
};

QString duration_text(double seconds);   // "1 min 20 s"
QString job_state_text(JobState state);

}  // namespace tokenmark
