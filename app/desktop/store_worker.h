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

 signals:
  void runsLoaded(const tokenmark::RunsPtr& runs);
  void detailLoaded(const tokenmark::DetailPtr& detail);
  void failed(const QString& message);
  void recovered();

 private:
  Status tryOpen();
  Status load();
  Result<RunDetail> detail(RunId id);
  void report(const Status& status);
  void addSamples(std::vector<RunRow>& rows);

  std::filesystem::path file_;
  std::unique_ptr<Store> store_;
  RunsQuery query_;
  std::optional<std::vector<RunRow>> samples_;   // read when first wanted
  std::int64_t seen_ = -1;          // change counter of what was last sent
  std::optional<RunId> shown_;      // the run in the inspector: sent again when it changes
  bool complained_ = false;
  QTimer* timer_ = nullptr;
};

}  // namespace tokenmark
