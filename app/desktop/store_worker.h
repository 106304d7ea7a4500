// The store's thread (see store_link.h). Every slot runs in it.
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <atomic>
#include <optional>

#include "app/desktop/store_link.h"

namespace tokenmark {

class StoreWorker : public QObject {
  Q_OBJECT
 public:
  explicit StoreWorker(std::filesystem::path file) : file_(std::move(file)) {}

  std::atomic<int> waiting_queries = 0;   // asked for and not begun: only the last one is answered

 public slots:
  void open();
  void answer(const tokenmark::RunsQuery& query);
  void fetch(qint64 id);
  void look();
  void change(const tokenmark::StoreWork& work);
  void count(tokenmark::RunKey key, const tokenmark::RunsQuery& query);

 signals:
  void runsLoaded(const tokenmark::RunsPtr& runs);
  void detailLoaded(const tokenmark::DetailPtr& detail);
  void valuesLoaded(const tokenmark::FieldValues& values);
  void failed(const QString& message);
  void recovered();

 private:
  Status tryOpen();
  Status load();                  // what has changed
  void publishNewest();
  void publish(RunList& list, bool complete);
  Result<RunDetail> detail(RunId id);
  void report(const Status& status);
  void readSamples();

  std::filesystem::path file_;
  std::unique_ptr<Store> store_;
  RunsQuery query_;
  RunFilter filter_;                // of its search, or of the last one that could be read
  RunList list_;                    // all runs and samples
  std::optional<RunRows> samples_;
  QStringList tags_;
  std::int64_t seen_ = 0;           // change counter of what list_ holds
  std::optional<RunId> shown_;      // the run in the inspector: sent again when it changes
  bool complained_ = false;
  QTimer* timer_ = nullptr;
};

}  // namespace tokenmark
