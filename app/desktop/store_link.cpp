#include "app/desktop/store_link.h"

#include <algorithm>
#include <unordered_set>

#include "app/desktop/store_worker.h"

namespace tokenmark {

RunRows charted_rows(const RunsSnapshot& runs, const std::vector<RunId>& chosen) {
  if (chosen.size() < 2) return runs.rows;
  const std::unordered_set<RunId> wanted(chosen.begin(), chosen.end());
  RunRows rows;
  for (const RowPtr& row : runs.rows.shared())
    if (wanted.contains(row->id)) rows.push_back(row);
  return rows;
}

std::vector<RunRow> rows_of(const RunsSnapshot& runs, const std::vector<RunId>& ids, std::size_t most) {
  std::vector<RunId> first(std::min(ids.size(), most));
  std::partial_sort_copy(ids.begin(), ids.end(), first.begin(), first.end());
  std::vector<RunRow> rows;
  if (first.empty()) return rows;
  for (auto row = runs.rows.begin(); row != runs.rows.end() && rows.size() < first.size(); ++row)
    if (std::binary_search(first.begin(), first.end(), row->id)) rows.push_back(*row);
  std::sort(rows.begin(), rows.end(), [](const RunRow& a, const RunRow& b) { return a.id < b.id; });
  return rows;
}

StoreLink::StoreLink(std::filesystem::path file, QObject* parent)
    : QObject(parent), file_(std::move(file)), worker_(new StoreWorker(file_)) {
  qRegisterMetaType<RunsPtr>();
  qRegisterMetaType<DetailPtr>();
  qRegisterMetaType<FieldValues>();
  worker_->moveToThread(&thread_);
  connect(&thread_, &QThread::finished, worker_, &QObject::deleteLater);
  connect(worker_, &StoreWorker::runsLoaded, this, &StoreLink::runsLoaded);
  connect(worker_, &StoreWorker::detailLoaded, this, &StoreLink::detailLoaded);
  connect(worker_, &StoreWorker::valuesLoaded, this, &StoreLink::valuesLoaded);
  connect(worker_, &StoreWorker::failed, this, &StoreLink::failed);
  connect(worker_, &StoreWorker::recovered, this, &StoreLink::recovered);
  thread_.setObjectName(QStringLiteral("store"));
  thread_.start();
}

StoreLink::~StoreLink() {
  // What was asked to be changed is changed before the thread ends.
  QMetaObject::invokeMethod(worker_, [] {}, Qt::BlockingQueuedConnection);
  thread_.quit();
  thread_.wait();
}

void StoreLink::open() { QMetaObject::invokeMethod(worker_, &StoreWorker::open); }

void StoreLink::setQuery(const RunsQuery& query) {
  ++worker_->waiting_queries;
  QMetaObject::invokeMethod(worker_, [worker = worker_, query] { worker->answer(query); });
}

void StoreLink::fetch(RunId id) {
  QMetaObject::invokeMethod(worker_, [worker = worker_, id] { worker->fetch(id); });
}

void StoreLink::change(StoreWork work) {
  QMetaObject::invokeMethod(worker_, [worker = worker_, work = std::move(work)] { worker->change(work); });
}

void StoreLink::release(RunsPtr runs) {
  QMetaObject::invokeMethod(worker_, [runs = std::move(runs)] {}, Qt::QueuedConnection);
}

void StoreLink::askValues(RunKey key, const RunsQuery& query) {
  QMetaObject::invokeMethod(worker_, [worker = worker_, key, query] { worker->count(key, query); });
}

void StoreLink::look() { QMetaObject::invokeMethod(worker_, &StoreWorker::look); }

}  // namespace tokenmark
