#include "app/desktop/unfinished_sweeps.h"

#include <QStringList>
#include <algorithm>

#include "app/desktop/job_queue.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/sweep_job.h"
#include "app/desktop/tasks.h"
#include "app/desktop/user_settings.h"

namespace tokenmark {
namespace {

constexpr auto kTopic = "unfinished sweeps", kDismissed = "sweeps/dismissed";
constexpr int kMostDismissed = 1000, kMostNamed = 3;

QString text(const std::string& s) { return QString::fromStdString(s); }

bool same(const UnfinishedSweep& a, const UnfinishedSweep& b) {
  return a.title == b.title && a.hash == b.hash && a.begun == b.begun && a.failed_only == b.failed_only;
}

}  // namespace

UnfinishedSweeps::UnfinishedSweeps(std::filesystem::path store, JobQueue& queue, MessageBar& messages, Tasks& tasks, QObject* parent)
    : QObject(parent), store_(std::move(store)), queue_(queue), messages_(messages), tasks_(tasks), list_(std::make_shared<UnfinishedList>(store_)) {
  connect(&queue, &JobQueue::added, this, [this](Job* job) {
    if (auto* sweep = qobject_cast<SweepJob*>(job)) connect(sweep, &SweepJob::sweepMade, this, &UnfinishedSweeps::keep);
    keep();
  });
  connect(&queue, &JobQueue::changed, this, &UnfinishedSweeps::keep);
  connect(&queue, &JobQueue::reordered, this, &UnfinishedSweeps::keep);
}

std::vector<UnfinishedSweep> UnfinishedSweeps::ofQueue() const {
  std::vector<UnfinishedSweep> sweeps;
  for (const Job* job : queue_.unfinishedJobs()) {
    const auto* sweep = qobject_cast<const SweepJob*>(job);
    if (!sweep || sweep->stopping()) continue;
    UnfinishedSweep one{.title = job->title().toStdString()};
    one.begun = job->begun() || sweep->runner().resume || sweep->runner().failed_only;
    one.failed_only = sweep->runner().failed_only;
    one.sweep = sweep->runner().earlier;
    if (const auto& made = sweep->sweep()) {
      one.yaml = made->yaml;
      one.hash = made->hash;
      one.node = node_name(made->node);
      one.points = static_cast<std::int32_t>(made->points.size());
    }
    sweeps.push_back(std::move(one));
  }
  return sweeps;
}

// Progress changes nothing here, so most calls end at the comparison.
void UnfinishedSweeps::keep() {
  if (closing_) return;
  std::vector<UnfinishedSweep> now = ofQueue();
  now.insert(now.end(), offered_.begin(), offered_.end());
  if (std::equal(now.begin(), now.end(), kept_.begin(), kept_.end(), same)) return;
  kept_ = now;
  ++number_;
  tasks_.start(QStringLiteral("keep unfinished %1").arg(number_),
               [list = list_, number = number_, now = std::move(now)](std::stop_token) { return list->keep(number, now); },
               [this](const Status& status) {
                 if (!status) emit failed(text(status.error().message));
               });
}

void UnfinishedSweeps::closing() { closing_ = true; }

void UnfinishedSweeps::look() {
  tasks_.start(QStringLiteral("unfinished"),
               [file = store_](std::stop_token) -> Result<std::vector<UnfinishedSweep>> {
                 std::error_code error;
                 if (!std::filesystem::exists(file, error)) return std::vector<UnfinishedSweep>{};
                 TOKENMARK_TRY(const auto store, Store::open(file));
                 return take_unfinished(file, *store);
               },
               [this](Result<std::vector<UnfinishedSweep>> found) {
                 if (!found) return;   // the list of runs says what is wrong with the store
                 const QStringList dismissed = UserSettings().value(kDismissed).toStringList();
                 std::erase_if(*found, [&](const UnfinishedSweep& one) { return one.sweep != 0 && dismissed.contains(QString::number(one.sweep)); });
                 offered_ = *std::move(found);
                 keep();
                 offer();
               });
}

void UnfinishedSweeps::offer() {
  if (offered_.empty()) return;
  QStringList names;
  for (const UnfinishedSweep& one : offered_) {
    if (names.size() == kMostNamed) break;
    names << (one.begun && one.points > 0 ? tr("“%1” (%2 of %3 points)").arg(text(one.title)).arg(one.done).arg(one.points) : tr("“%1”").arg(text(one.title)));
  }
  const auto more = static_cast<int>(offered_.size()) - static_cast<int>(names.size());
  QString list = names.join(QStringLiteral(", "));
  if (more > 0) list += tr(" and %1 more").arg(more);
  const QString said = offered_.size() == 1 ? tr("A sweep was not finished when the program ended: %1. What was measured is kept.").arg(list)
                                            : tr("%1 sweeps were not finished when the program ended: %2. What was measured is kept.").arg(offered_.size()).arg(list);
  messages_.ask(said, offered_.size() == 1 ? tr("Resume") : tr("Resume all"), QString::fromLatin1(kTopic), [this] { resumeAll(); }, [this] { dismiss(); });
}

void UnfinishedSweeps::resumeAll() {
  const std::vector<UnfinishedSweep> wanted = std::exchange(offered_, {});
  for (const UnfinishedSweep& one : wanted) {
    if (one.yaml.empty()) {
      emit quickWanted();
      continue;
    }
    const auto sweep = sweep_again(one);
    if (!sweep) {
      emit failed(text(sweep.error().message));
      continue;
    }
    RunnerOptions runner;
    runner.resume = one.begun;
    runner.failed_only = one.failed_only;
    runner.earlier = one.begun ? one.sweep : 0;
    emit resumeWanted(*sweep, runner);
  }
  keep();
}

void UnfinishedSweeps::dismiss() {
  UserSettings settings;
  QStringList dismissed = settings.value(kDismissed).toStringList();
  for (const UnfinishedSweep& one : std::exchange(offered_, {}))
    if (one.sweep != 0) dismissed << QString::number(one.sweep);
  settings.setValue(kDismissed, dismissed.mid(std::max<qsizetype>(0, dismissed.size() - kMostDismissed)));
  keep();
}

}  // namespace tokenmark
