// Remembers the sweeps of the window's queue, so that those which waited, were paused or in the middle when the program
// ended are offered again at its next start: in a note, never modal. Files and the store are other threads' work.
#pragma once

#include <QObject>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/sweep/runner.h"
#include "core/sweep/unfinished.h"

namespace tokenmark {

class JobQueue;
class MessageBar;
class Tasks;

class UnfinishedSweeps : public QObject {
  Q_OBJECT
 public:
  UnfinishedSweeps(std::filesystem::path store, JobQueue& queue, MessageBar& messages, Tasks& tasks, QObject* parent);
  void look();               // once, when the window has opened
  void closing();            // what the queue loses from now on is to be offered again

 signals:
  void resumeWanted(const tokenmark::Sweep& sweep, const tokenmark::RunnerOptions& runner);
  void quickWanted();        // "Measure this machine", which had not begun
  void failed(const QString& message);

 private:
  std::vector<UnfinishedSweep> ofQueue() const;
  void keep();
  void offer();
  void resumeAll();
  void dismiss();

  std::filesystem::path store_;
  JobQueue& queue_;
  MessageBar& messages_;
  Tasks& tasks_;
  std::shared_ptr<UnfinishedList> list_;   // shared with the threads that write it
  std::vector<UnfinishedSweep> offered_;   // not answered yet
  std::vector<UnfinishedSweep> kept_;      // as they are in the file
  quint64 number_ = 0;
  bool closing_ = false;
};

}  // namespace tokenmark
