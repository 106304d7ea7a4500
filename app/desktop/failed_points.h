// Measures failed points again: the sweeps that chosen runs of the list belong to, with only the points that failed.
#pragma once

#include <QObject>
#include <filesystem>

#include "core/store/run_rows.h"
#include "core/sweep/runner.h"

namespace tokenmark {

class Tasks;

class FailedPoints : public QObject {
  Q_OBJECT
 public:
  FailedPoints(std::filesystem::path store, Tasks& tasks, QObject* parent);
  void retry(const RunRows& runs);   // found and read in another thread

 signals:
  void startWanted(const tokenmark::Sweep& sweep, const tokenmark::RunnerOptions& runner);
  void failed(const QString& message);

 private:
  std::filesystem::path store_;
  Tasks& tasks_;
};

}  // namespace tokenmark
