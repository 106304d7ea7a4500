// The window's side of the store: a thread with its own connection answers what the window asks, watches for changes
// by anyone, and says what is wrong with the file. Every answer is a signal; nothing here waits.
#pragma once

#include <QObject>
#include <QStringList>
#include <QThread>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "core/metrics/figures.h"
#include "core/store/run_list.h"

namespace tokenmark {

struct RunsQuery {
  QString search;               // core/store/run_filter.h
  bool samples = true;          // published results beside the measured ones
  RunColumn sorted_by = RunColumn::started;
  Qt::SortOrder order = Qt::DescendingOrder;
  RunKey group_by = RunKey::word;   // word: not grouped
};

// Rows as the query wants them, shared with the charts' threads. Immutable.
struct RunsSnapshot {
  RunsQuery query;
  RunRows rows;
  std::vector<RunGroup> groups;
  std::size_t measured = 0;     // of the rows, measured here or elsewhere: not samples
  bool complete = true;         // false: only the newest, the others are being read
  QString problem;              // of the search text; the rows are those of the last one that could be read
  QStringList tags;             // all that there are
};
using RunsPtr = std::shared_ptr<const RunsSnapshot>;

// Those chosen, in the list's order; all where fewer than two are.
RunRows charted_rows(const RunsSnapshot& runs, const std::vector<RunId>& chosen);
// The first of those runs in the order of their ids.
std::vector<RunRow> rows_of(const RunsSnapshot& runs, const std::vector<RunId>& ids, std::size_t most);

// How many runs have which value of a field, most first.
struct FieldValues {
  RunKey key = RunKey::word;
  std::vector<std::pair<std::string, std::size_t>> counts;
};
using StoreWork = std::function<Status(Store&)>;

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
  // `work` runs in the store's thread, what it changed is read at once; where it fails `failed` says why.
  void change(StoreWork work);
  // Lets go of what was shown, in the store's thread: freeing 100,000 rows takes its time.
  void release(RunsPtr runs);
  void askValues(RunKey key, const RunsQuery& query);   // of the runs that match
  const std::filesystem::path& file() const { return file_; }

 signals:
  void runsLoaded(const tokenmark::RunsPtr& runs);
  void detailLoaded(const tokenmark::DetailPtr& detail);
  void valuesLoaded(const tokenmark::FieldValues& values);
  void failed(const QString& message);
  void recovered();

 private:
  std::filesystem::path file_;
  QThread thread_;
  StoreWorker* worker_;
};

}  // namespace tokenmark
