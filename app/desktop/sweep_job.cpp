#include "app/desktop/sweep_job.h"

#include <QUrl>

#include "app/charts/core_text.h"
#include "app/desktop/tasks.h"
#include "core/load/endpoint_url.h"

namespace tokenmark {
namespace {

constexpr double kMakingShare = 0.1;

QString text(const std::string& s) { return QString::fromStdString(s); }

// The node, and servers that other nodes reach too. A host that is in the list under two names is one node.
QStringList turns_of(const Sweep& sweep) {
  const auto* ssh = std::get_if<SshNode>(&sweep.node);
  QStringList turns{ssh ? QStringLiteral("ssh ") + text(ssh->host) : Job::thisMachine()};
  for (const Point& point : sweep.points) {
    const auto* endpoint = std::get_if<EndpointTarget>(&point.target);
    if (!endpoint || is_loopback(endpoint->url)) continue;
    const QString server = QUrl(text(endpoint->url)).authority().toLower();
    if (!turns.contains(server)) turns << server;
  }
  return turns;
}

}  // namespace

SweepJob::SweepJob(QString title, SweepMaker maker, SweepJobOptions options, Tasks& tasks)
    : Job(std::move(title)), maker_(std::move(maker)), options_(std::move(options)), tasks_(tasks) {
  options_.runner.pause = &pause_;
}

void SweepJob::setSweep(const Sweep& sweep) {
  sweep_ = sweep;
  setTurns(turns_of(sweep));
}

QString SweepJob::againText() const {
  if (!sweep_) return {};
  if (state() == JobState::done || (state() == JobState::failed && failed_points_ > 0))
    return failed_points_ > 0 ? tr("Retry failed points") : QString();
  return state() == JobState::cancelled || state() == JobState::failed ? tr("Resume") : QString();
}

void SweepJob::again() {
  if (againText().isEmpty()) return;
  RunnerOptions runner = options_.runner;
  runner.earlier = stored_;
  runner.failed_only = failed_points_ > 0;
  runner.resume = true;
  emit againWanted(*sweep_, runner);
}

void SweepJob::begin() {
  say(tr("started"));
  progress(0, tr("starting …"), std::nullopt);
  const QString tag = QStringLiteral("sweep %1").arg(reinterpret_cast<quintptr>(this));
  tasks_.start(tag,
               [this](std::stop_token ending) {
                 std::stop_callback link(ending, [this] { stop_.request_stop(); });
                 return work(stop_.get_token());
               },
               [this](const Result<SweepOutcome>& outcome) { conclude(outcome); });
}

void SweepJob::stop() { stop_.request_stop(); }

// In the task's thread.
Result<SweepOutcome> SweepJob::work(std::stop_token stop) {
  const auto report = [this](const std::string& phase, double share) {
    post([this, phase, share] {
      making_share_ = kMakingShare;
      progress(share * kMakingShare, core_text(phase), std::nullopt);
    });
  };
  TOKENMARK_TRY(const Sweep sweep, maker_(report, stop));
  post([this, sweep] {
    sweep_ = sweep;
    emit sweepMade();
  });
  TOKENMARK_TRY(const auto store, Store::open(options_.store));
  SweepObserver observer;
  observer.progress = [this](const SweepProgress& progress) { post([this, progress] { take(progress); }); };
  observer.run_stored = [this](RunId id) {
    post([this, id] {
      say(tr("run %1 stored").arg(id));
      emit runStored();
    });
  };
  observer.paused = [this](bool paused) {
    if (paused) post([this] { held(); });
  };
  return run_sweep(sweep, *store, options_.runner, observer, stop);
}

void SweepJob::take(const SweepProgress& at) {
  const QString label = core_text(at.label), doing = core_text(at.phase);
  QString phase = label.isEmpty() ? doing : QStringLiteral("%1: %2").arg(label, doing);
  if (at.points > 0) phase = tr("point %1 of %2 · %3").arg(std::min(at.point + 1, at.points)).arg(at.points).arg(phase);
  if (at.load.requests > 0) phase += tr(" · %1 of %2 requests").arg(at.load.completed).arg(at.load.requests);
  if (label != last_label_ && !label.isEmpty()) say(label);
  last_label_ = label;
  progress(making_share_ + at.share * (1 - making_share_), phase, at.seconds_left);
}

void SweepJob::conclude(const Result<SweepOutcome>& outcome) {
  if (!outcome) {
    if (outcome.error().kind == ErrorKind::cancelled)
      return end(JobState::cancelled, tr("cancelled; what was finished is kept"));
    emit failed(core_text(outcome.error().message));
    return end(JobState::failed, core_text(outcome.error().message));
  }
  stored_ = outcome->sweep;
  failed_points_ = outcome->failed;
  for (const auto* errors : {&outcome->errors, &outcome->quality_errors})
    for (const std::string& error : *errors) say(core_text(error));
  const auto points = outcome->runs.size();
  if (outcome->failed == 0 && !outcome->quality_errors.empty()) {
    const QString summary = tr("%1 points done; %2").arg(points).arg(core_text(outcome->quality_errors.front()));
    emit failed(summary);
    return end(JobState::done, summary);
  }
  if (outcome->failed == 0) return end(JobState::done, tr("done, %1 points").arg(points));
  const QString why = outcome->errors.empty() ? QString() : QStringLiteral(": ") + core_text(outcome->errors.front());
  const QString summary = tr("%1 points done, %2 failed%3").arg(points).arg(outcome->failed).arg(why);
  emit failed(summary);
  end(points > 0 ? JobState::done : JobState::failed, summary);
}

}  // namespace tokenmark
