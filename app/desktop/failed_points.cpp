#include "app/desktop/failed_points.h"

#include <map>

#include "app/desktop/tasks.h"
#include "core/store/store_sweeps.h"
#include "core/sweep/unfinished.h"

namespace tokenmark {
namespace {

struct Found {
  std::vector<std::pair<SweepId, Sweep>> sweeps;
  std::vector<std::string> problems;
};

Found sweeps_of(const std::filesystem::path& file, const std::map<SweepId, std::string>& wanted) {
  Found found;
  const auto store = Store::open(file);
  if (!store) return {{}, {store.error().message}};
  for (const auto& [id, node] : wanted) {
    const auto row = find_sweep(**store, id);
    auto sweep = row ? sweep_again(*row, node) : Result<Sweep>(tl::unexpected(row.error()));
    if (sweep)
      found.sweeps.emplace_back(id, *std::move(sweep));
    else
      found.problems.push_back(sweep.error().message);
  }
  return found;
}

}  // namespace

FailedPoints::FailedPoints(std::filesystem::path store, Tasks& tasks, QObject* parent)
    : QObject(parent), store_(std::move(store)), tasks_(tasks) {}

void FailedPoints::retry(const RunRows& runs) {
  std::map<SweepId, std::string> wanted;   // and the node it ran on
  for (const RunRow& row : runs)
    if (row.state == RunState::failed && row.sweep != 0) wanted[row.sweep] = row.node;
  if (wanted.empty()) {
    emit failed(tr("None of the chosen runs is a failed point of a sweep."));
    return;
  }
  tasks_.start(QStringLiteral("failed points"), [file = store_, wanted](std::stop_token) { return sweeps_of(file, wanted); },
               [this](const Found& found) {
                 for (const std::string& problem : found.problems) emit failed(QString::fromStdString(problem));
                 for (const auto& [id, sweep] : found.sweeps) {
                   RunnerOptions runner;
                   runner.failed_only = true;
                   runner.earlier = id;
                   emit startWanted(sweep, runner);
                 }
               });
}

}  // namespace tokenmark
