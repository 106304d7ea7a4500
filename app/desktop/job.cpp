#include "app/desktop/job.h"

#include <QTime>
#include <algorithm>

namespace tokenmark {
namespace {

constexpr int kMostLines = 2000;

}  // namespace

bool Job::sharesTurnWith(const Job& other) const {
  return std::any_of(turns_.begin(), turns_.end(), [&](const QString& turn) { return other.turns_.contains(turn); });
}

void Job::start() {
  if (state_ != JobState::waiting || stopping_) return;
  state_ = JobState::running;
  const bool goes_on = std::exchange(begun_, true);
  emit changed();
  if (goes_on) {
    say(tr("goes on"));
    proceed();
  } else {
    begin();
  }
}

void Job::pause(bool at_once) {
  if (stopping_ || !canPause()) return;
  if (state_ == JobState::waiting && begun_) {
    state_ = JobState::paused;
    emit changed();
  }
  if (state_ != JobState::running) return;
  pausing_ = true;
  emit changed();
  hold(at_once);
}

void Job::resume() {
  if (stopping_) return;
  if (std::exchange(pausing_, false)) {   // it has not stood still yet
    emit changed();
    return proceed();
  }
  if (state_ != JobState::paused) return;
  state_ = JobState::waiting;
  emit changed();
  emit ready();
}

void Job::held() {
  if (state_ != JobState::running || !std::exchange(pausing_, false)) return;
  state_ = JobState::paused;
  seconds_left_.reset();
  say(tr("paused"));
  emit changed();
}

void Job::cancel() {
  if (over() || stopping_) return;
  if (!begun_) return end(JobState::cancelled, tr("cancelled before it began"));
  stopping_ = true;
  pausing_ = false;
  phase_ = tr("stopping …");
  emit changed();
  stop();
}

void Job::progress(double share, const QString& phase, std::optional<double> seconds_left) {
  share_ = std::clamp(share, 0.0, 1.0);
  if (!stopping_) phase_ = phase;
  seconds_left_ = seconds_left;
  emit changed();
}

void Job::say(const QString& line) {
  const QString stamped = QTime::currentTime().toString(QStringLiteral("HH:mm:ss  ")) + line;
  if (log_.size() >= kMostLines) log_.removeFirst();
  log_ << stamped;
  emit logged(stamped);
}

void Job::endedAs(JobState state, const QString& phase, const QStringList& log) {
  state_ = state;
  phase_ = phase;
  log_ = log;
  share_ = state == JobState::done ? 1 : 0;
}

void Job::end(JobState state, const QString& phase) {
  state_ = state;
  phase_ = phase;
  pausing_ = false;
  seconds_left_.reset();
  if (state == JobState::done) share_ = 1;
  say(phase);
  emit changed();
  emit finished();
}

}  // namespace tokenmark
