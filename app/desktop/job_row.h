// One job of the Jobs dock: title, progress, what it does now, time left, and its buttons.
#pragma once

#include <QFrame>

class QLabel;
class QProgressBar;
class QToolButton;

namespace tokenmark {

class Job;
class JobQueue;

class JobRow : public QFrame {
  Q_OBJECT
 public:
  JobRow(Job* job, JobQueue& queue, QWidget* parent);
  void setChosen(bool chosen);
  void refresh();
  Job* job() const { return job_; }

 signals:
  void chosen();
  void dragged(int y);        // held with the mouse, at this place of the row's parent
  void dropped();

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;

 private:
  QToolButton* button(const char* name, const QString& icon);
  void setupButtons();
  void refreshButtons();
  void togglePause(bool at_once);
  void dismiss();             // cancels it, or removes it from the list
  void moveBy(int places);

  Job* job_;
  JobQueue& queue_;
  QLabel *title_, *phase_, *left_;
  QProgressBar* bar_;
  QToolButton *pause_, *at_once_, *up_, *down_, *again_, *close_;
  QPoint pressed_;
  bool dragging_ = false;
};

}  // namespace tokenmark
