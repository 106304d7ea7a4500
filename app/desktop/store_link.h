// The window's side of the store: a thread with its own connection answers what the window asks, watches for changes
// by anyone, and says what is wrong with the file. Every answer is a signal; nothing here waits.
#pragma once

#include <QObject>
#include <QThread>
#include <memory>
#include <vector>

#include "base/result.h"
#include "core/metrics/figures.h"
#include "core/store/store.h"

namespace tokenmark {

enum class RunColumn {
  model, concurrency, interactivity, throughput, ttft, hardware, precision, lengths, state, started, sweep, id, count
};

struct RunsQuery {
  QString search;
  bool samples = true;          // published results beside the measured ones
  RunColumn sorted_by = RunColumn::started;
  Qt::SortOrder order = Qt::DescendingOrder;
};

// Rows as the query wants them, shared with the charts' threads. Immutable.
struct RunsSnapshot {
  RunsQuery query;
  std::vector<RunRow> rows;
  std::size_t measured = 0;     // of them, measured here or elsewhere: not samples
};
using RunsPtr = std::shared_ptr<const RunsSnapshot>;

// Everything about one run, for the inspector.
struct RunDetail {
  RunRow row;
  Figures figures;
  bool has_figures = false;
  QString configuration;        // JSON texts
  QString environment;
  QString not_mlperf_comparable;  // why, or empty
};
using DetailPtr = std::shared_ptr<const RunDetail>;

void sort_rows(std::vector<RunRow>& rows, RunColumn column, Qt::SortOrder order);

class StoreWorker;

class StoreLink : public QObject {
  Q_OBJECT
 public:
  StoreLink(std::filesystem::path file, QObject* parent);
  ~StoreLink() override;

  void open();
  void setQuery(const RunsQuery& query);
  void fetch(RunId id);
  void look();                      // something has changed: read now
  const std::filesystem::path& file() const { return file_; }

 signals:
  void runsLoaded(const tokenmark::RunsPtr& runs);
  void detailLoaded(const tokenmark::DetailPtr& detail);
  void failed(const QString& message);
  void recovered();

 private:
  std::filesystem::path file_;
  QThread thread_;
  StoreWorker* worker_;
};

}  // namespace tokenmark
