#include "app/desktop/jobs_dock.h"

#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QScrollArea>
#include <QSplitter>
#include <QStyle>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "app/desktop/look.h"

namespace tokenmark {

class JobRow : public QFrame {
  Q_OBJECT
 public:
  JobRow(Job* job, QWidget* parent);
  void setChosen(bool chosen);

 signals:
  void chosen();
  void closed();

 protected:
  void mousePressEvent(QMouseEvent*) override { emit chosen(); }

 private:
  void refresh();

  Job* job_;
  QLabel *title_, *phase_, *left_;
  QProgressBar* bar_;
  QToolButton* button_;
};

JobRow::JobRow(Job* job, QWidget* parent) : QFrame(parent), job_(job) {
  setObjectName(QStringLiteral("jobRow"));
  setAccessibleName(job->title());
  auto* layout = new QGridLayout(this);
  layout->setContentsMargins(12, 7, 8, 8);
  layout->setHorizontalSpacing(10);
  layout->setVerticalSpacing(5);
  const auto label = [&](const char* name) {
    auto* made = new QLabel(this);
    made->setObjectName(QString::fromLatin1(name));
    return made;
  };
  title_ = label("jobTitle");
  title_->setText(job->title());
  phase_ = label("jobPhase");
  phase_->setProperty("role", "muted");
  phase_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  left_ = label("jobLeft");
  left_->setProperty("role", "muted");
  bar_ = new QProgressBar(this);
  bar_->setObjectName(QStringLiteral("jobProgress"));
  bar_->setAccessibleName(tr("Progress of %1").arg(job->title()));
  bar_->setRange(0, 1000);
  bar_->setTextVisible(false);
  button_ = new QToolButton(this);
  button_->setObjectName(QStringLiteral("jobCancel"));
  button_->setIcon(themed_icon(QStringLiteral("cancel")));
  button_->setIconSize({12, 12});
  button_->setAutoRaise(true);
  layout->addWidget(title_, 0, 0);
  layout->addWidget(left_, 0, 1, Qt::AlignRight);
  layout->addWidget(button_, 0, 2, 3, 1, Qt::AlignVCenter);
  layout->addWidget(bar_, 1, 0, 1, 2);
  layout->addWidget(phase_, 2, 0, 1, 2);
  layout->setColumnStretch(0, 1);
  connect(button_, &QToolButton::clicked, this, [this] {
    if (job_->over())
      emit closed();
    else
      job_->cancel();
  });
  connect(job, &Job::changed, this, &JobRow::refresh);
  refresh();
}

void JobRow::refresh() {
  bar_->setVisible(!job_->over());
  bar_->setValue(static_cast<int>(std::lround(job_->share() * 1000)));
  phase_->setText(job_->phase());
  phase_->setToolTip(job_->phase());
  const QString left = job_->secondsLeft() ? tr("%1 left").arg(duration_text(*job_->secondsLeft())) : QString();
  left_->setText(job_->state() == JobState::running && !left.isEmpty() ? left : job_state_text(job_->state()));
  const QString does = job_->over() ? tr("Remove from the list") : tr("Cancel; what is finished is kept");
  button_->setToolTip(does);
  button_->setAccessibleName(does);
}

void JobRow::setChosen(bool chosen) {
  setProperty("chosen", chosen);
  style()->unpolish(this);
  style()->polish(this);
}

JobsDock::JobsDock(JobQueue& queue, QWidget* parent) : QDockWidget(tr("Jobs"), parent), queue_(queue) {
  setObjectName(QStringLiteral("jobsDock"));
  auto* split = new QSplitter(Qt::Horizontal, this);
  split->setObjectName(QStringLiteral("jobsSplit"));
  split->setChildrenCollapsible(false);
  auto* area = new QScrollArea(split);
  area->setObjectName(QStringLiteral("jobsList"));
  area->setAccessibleName(tr("Jobs"));
  area->setWidgetResizable(true);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->viewport()->setBackgroundRole(QPalette::Base);
  auto* body = new QWidget(area);
  body->setBackgroundRole(QPalette::Base);
  rows_ = new QVBoxLayout(body);
  rows_->setContentsMargins(0, 0, 0, 0);
  rows_->setSpacing(0);
  empty_ = new QLabel(tr("Nothing is running."), body);
  empty_->setObjectName(QStringLiteral("jobsEmpty"));
  empty_->setProperty("role", "muted");
  empty_->setContentsMargins(12, 10, 12, 10);
  rows_->addWidget(empty_);
  rows_->addStretch(1);
  area->setWidget(body);
  log_ = new QPlainTextEdit(split);
  log_->setObjectName(QStringLiteral("jobLog"));
  log_->setAccessibleName(tr("Log of the chosen job"));
  log_->setReadOnly(true);
  log_->setMaximumBlockCount(2000);
  log_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  log_->setPlaceholderText(tr("Log of the chosen job"));
  split->setStretchFactor(0, 3);
  split->setStretchFactor(1, 2);
  setWidget(split);
  connect(&queue, &JobQueue::added, this, &JobsDock::add);
  connect(&queue, &JobQueue::removed, this, &JobsDock::remove);
}

void JobsDock::add(Job* job) {
  auto* row = new JobRow(job, this);
  row_of_[job] = row;
  rows_->insertWidget(0, row);   // newest first
  empty_->hide();
  connect(row, &JobRow::chosen, this, [this, job] { choose(job); });
  connect(row, &JobRow::closed, this, [this, job] { queue_.forget(job); });
  connect(job, &Job::logged, this, [this, job](const QString& line) {
    if (job == chosen_) log_->appendPlainText(line);
  });
  choose(job);
}

void JobsDock::remove(Job* job) {
  if (JobRow* row = row_of_.take(job)) row->deleteLater();
  if (chosen_ == job) choose(queue_.jobs().isEmpty() ? nullptr : queue_.jobs().last());
  empty_->setVisible(queue_.jobs().isEmpty());
}

void JobsDock::choose(Job* job) {
  chosen_ = job;
  for (auto it = row_of_.begin(); it != row_of_.end(); ++it) it.value()->setChosen(it.key() == job);
  log_->setPlainText(job ? job->log().join('\n') : QString());
}

QString duration_text(double seconds) {
  const auto whole = static_cast<qint64>(std::lround(std::max(0.0, seconds)));
  if (whole >= 3600) return JobsDock::tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
  if (whole >= 60) return JobsDock::tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
  return JobsDock::tr("%1 s").arg(whole);
}

QString job_state_text(JobState state) {
  switch (state) {
    case JobState::waiting: return JobsDock::tr("waiting");
    case JobState::running: return JobsDock::tr("running");
    case JobState::done: return JobsDock::tr("done");
    case JobState::failed: return JobsDock::tr("failed");
    case JobState::cancelled: return JobsDock::tr("cancelled");
  }
  return {};
}

}  // namespace tokenmark

#include "jobs_dock.moc"
