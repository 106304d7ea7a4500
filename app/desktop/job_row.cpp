#include "app/desktop/job_row.h"

#include <QApplication>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QProgressBar>
#include <QStyle>
#include <QToolButton>
#include <cmath>
#include <utility>

#include "app/desktop/job_queue.h"
#include "app/desktop/jobs_dock.h"
#include "app/desktop/look.h"

namespace tokenmark {
namespace {

void explain(QToolButton& button, const QString& does) {
  button.setToolTip(does);
  button.setAccessibleName(does);
}

}  // namespace

JobRow::JobRow(Job* job, JobQueue& queue, QWidget* parent) : QFrame(parent), job_(job), queue_(queue) {
  setObjectName(QStringLiteral("jobRow"));
  setAccessibleName(job->title());
  setFocusPolicy(Qt::StrongFocus);
  auto* layout = new QGridLayout(this);
  layout->setContentsMargins(12, 7, 8, 8);
  layout->setHorizontalSpacing(4);
  layout->setVerticalSpacing(5);
  const auto label = [&](const char* name) {
    auto* made = new QLabel(this);
    made->setObjectName(QString::fromLatin1(name));
    return made;
  };
  title_ = label("jobTitle");
  title_->setTextFormat(Qt::PlainText);
  title_->setText(job->title());
  title_->setToolTip(job->title());
  title_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  phase_ = label("jobPhase");
  phase_->setTextFormat(Qt::PlainText);
  phase_->setProperty("role", "muted");
  phase_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  left_ = label("jobLeft");
  left_->setProperty("role", "muted");
  bar_ = new QProgressBar(this);
  bar_->setObjectName(QStringLiteral("jobProgress"));
  bar_->setAccessibleName(tr("Progress of %1").arg(job->title()));
  bar_->setRange(0, 1000);
  bar_->setTextVisible(false);
  layout->addWidget(title_, 0, 0);
  layout->addWidget(left_, 0, 1, Qt::AlignRight);
  layout->addWidget(bar_, 1, 0, 1, 2);
  layout->addWidget(phase_, 2, 0, 1, 2);
  layout->setColumnStretch(0, 1);
  setupButtons();
  connect(job, &Job::changed, this, &JobRow::refresh);
  refresh();
}

QToolButton* JobRow::button(const char* name, const QString& icon) {
  auto* made = new QToolButton(this);
  made->setObjectName(QString::fromLatin1(name));
  made->setIcon(themed_icon(icon));
  made->setIconSize({12, 12});
  made->setAutoRaise(true);
  auto* grid = static_cast<QGridLayout*>(layout());
  grid->addWidget(made, 0, grid->columnCount(), 3, 1, Qt::AlignVCenter);
  return made;
}

void JobRow::setupButtons() {
  again_ = button("jobAgain", QStringLiteral("retry"));
  up_ = button("jobEarlier", QStringLiteral("up"));
  down_ = button("jobLater", QStringLiteral("down"));
  at_once_ = button("jobPauseAtOnce", QStringLiteral("pause"));
  pause_ = button("jobPause", QStringLiteral("pause"));
  close_ = button("jobCancel", QStringLiteral("cancel"));
  explain(*up_, tr("Do it earlier (Alt+Up)"));
  explain(*down_, tr("Do it later (Alt+Down)"));
  explain(*at_once_, tr("Pause at once: the point in flight is given up and measured again"));
  connect(again_, &QToolButton::clicked, job_, &Job::again);
  connect(up_, &QToolButton::clicked, this, [this] { moveBy(-1); });
  connect(down_, &QToolButton::clicked, this, [this] { moveBy(1); });
  connect(at_once_, &QToolButton::clicked, job_, [this] { job_->pause(true); });
  connect(pause_, &QToolButton::clicked, this, [this] { togglePause(false); });
  connect(close_, &QToolButton::clicked, this, &JobRow::dismiss);
}

void JobRow::refresh() {
  bar_->setVisible(!job_->over() && job_->begun());   // those that wait are short
  phase_->setVisible(!job_->phase().isEmpty());
  bar_->setValue(static_cast<int>(std::lround(job_->share() * 1000)));
  QString phase = job_->phase();
  if (job_->pausing()) phase = tr("pausing when this point is done · %1").arg(phase);
  if (phase_->text() != phase) {
    phase_->setText(phase);
    phase_->setToolTip(phase);
  }
  const QString left = job_->secondsLeft() ? tr("%1 left").arg(duration_text(*job_->secondsLeft())) : QString();
  left_->setText(job_->state() == JobState::running && !left.isEmpty() ? left : job_state_text(job_->state()));
  refreshButtons();
}

void JobRow::refreshButtons() {
  const bool movable = queue_.movable(job_), over = job_->over(), paused = job_->state() == JobState::paused;
  const bool pausable = job_->canPause() && !job_->stopping() && (job_->state() == JobState::running || paused);
  up_->setVisible(movable);
  down_->setVisible(movable);
  pause_->setVisible(pausable);
  at_once_->setVisible(pausable && job_->pausing());
  if (pausable) {
    pause_->setIcon(themed_icon(paused || job_->pausing() ? QStringLiteral("play") : QStringLiteral("pause")));
    explain(*pause_, paused            ? tr("Go on (Space)")
                     : job_->pausing() ? tr("Do not pause (Space)")
                                       : tr("Pause when this point is done (Space); Shift+Space: at once"));
  }
  again_->setVisible(over && !job_->againText().isEmpty());
  if (over) explain(*again_, job_->againText());
  explain(*close_, over ? tr("Remove from the list (Delete)") : tr("Cancel; what is finished is kept (Delete)"));
  close_->setEnabled(!job_->stopping() || over);
}

void JobRow::togglePause(bool at_once) {
  if (job_->pausing() && at_once)
    job_->pause(true);
  else if (job_->pausing() || job_->state() == JobState::paused)
    job_->resume();
  else
    job_->pause(at_once);
}

void JobRow::dismiss() {
  if (job_->over())
    queue_.forget(job_);
  else
    job_->cancel();
}

void JobRow::moveBy(int places) {
  queue_.move(job_, std::max(0, static_cast<int>(queue_.unfinishedJobs().indexOf(job_)) + places));
}

void JobRow::mousePressEvent(QMouseEvent* event) {
  emit chosen();
  pressed_ = event->pos();
}

void JobRow::mouseMoveEvent(QMouseEvent* event) {
  if (!(event->buttons() & Qt::LeftButton) || !queue_.movable(job_)) return;
  if (!dragging_ && (event->pos() - pressed_).manhattanLength() < QApplication::startDragDistance()) return;
  dragging_ = true;
  setCursor(Qt::ClosedHandCursor);
  emit dragged(mapToParent(event->pos()).y());
}

void JobRow::mouseReleaseEvent(QMouseEvent*) {
  if (!std::exchange(dragging_, false)) return;
  unsetCursor();
  emit dropped();
}

void JobRow::keyPressEvent(QKeyEvent* event) {
  const bool alt = event->modifiers() & Qt::AltModifier;
  if (event->key() == Qt::Key_Space && job_->canPause())
    togglePause(event->modifiers() & Qt::ShiftModifier);
  else if (event->key() == Qt::Key_Delete)
    dismiss();
  else if (alt && event->key() == Qt::Key_Up)
    moveBy(-1);
  else if (alt && event->key() == Qt::Key_Down)
    moveBy(1);
  else if (event->key() == Qt::Key_Up)
    focusPreviousChild();
  else if (event->key() == Qt::Key_Down)
    focusNextChild();
  else
    QFrame::keyPressEvent(event);
}

void JobRow::focusInEvent(QFocusEvent* event) {
  QFrame::focusInEvent(event);
  emit chosen();
}

void JobRow::setChosen(bool chosen) {
  if (property("chosen").toBool() == chosen) return;
  setProperty("chosen", chosen);
  style()->unpolish(this);
  style()->polish(this);
}

}  // namespace tokenmark
