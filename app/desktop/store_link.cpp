#include "app/desktop/store_link.h"

#include <algorithm>
#include <tuple>

#include "app/desktop/store_worker.h"

namespace tokenmark {
namespace {

// Rows without the figure come last, whatever the order.
template <class Key>
void sort_by(std::vector<RunRow>& rows, Qt::SortOrder order, Key key) {
  std::stable_sort(rows.begin(), rows.end(), [&](const RunRow& a, const RunRow& b) {
    return order == Qt::AscendingOrder ? key(a) < key(b) : key(b) < key(a);
  });
}

template <class Figure>
void sort_by_figure(std::vector<RunRow>& rows, Qt::SortOrder order, Figure figure) {
  const auto without = std::stable_partition(rows.begin(), rows.end(),
                                             [&](const RunRow& row) { return figure(row).has_value(); });
  std::stable_sort(rows.begin(), without, [&](const RunRow& a, const RunRow& b) {
    return order == Qt::AscendingOrder ? *figure(a) < *figure(b) : *figure(b) < *figure(a);
  });
}

}  // namespace

void sort_rows(std::vector<RunRow>& rows, RunColumn column, Qt::SortOrder order) {
  switch (column) {
    case RunColumn::model: return sort_by(rows, order, [](const RunRow& r) -> const auto& { return r.model; });
    case RunColumn::concurrency: return sort_by(rows, order, [](const RunRow& r) { return r.concurrency; });
    case RunColumn::interactivity: return sort_by_figure(rows, order, [](const RunRow& r) { return r.interactivity; });
    case RunColumn::throughput: return sort_by_figure(rows, order, [](const RunRow& r) { return r.total_tok_s_gpu; });
    case RunColumn::ttft: return sort_by_figure(rows, order, [](const RunRow& r) { return r.ttft_p50_s; });
    case RunColumn::hardware: return sort_by(rows, order, [](const RunRow& r) -> const auto& { return r.hardware; });
    case RunColumn::precision: return sort_by(rows, order, [](const RunRow& r) -> const auto& { return r.precision; });
    case RunColumn::lengths: return sort_by(rows, order, [](const RunRow& r) { return std::tuple(r.input, r.output); });
    case RunColumn::state: return sort_by(rows, order, [](const RunRow& r) { return r.state; });
    case RunColumn::started: return sort_by(rows, order, [](const RunRow& r) { return std::tie(r.started, r.id); });
    case RunColumn::sweep: return sort_by(rows, order, [](const RunRow& r) -> const auto& { return r.sweep_name; });
    case RunColumn::id:
    case RunColumn::count: return sort_by(rows, order, [](const RunRow& r) { return r.id; });
  }
}

StoreLink::StoreLink(std::filesystem::path file, QObject* parent)
    : QObject(parent), file_(std::move(file)), worker_(new StoreWorker(file_)) {
  qRegisterMetaType<RunsPtr>();
  qRegisterMetaType<DetailPtr>();
  worker_->moveToThread(&thread_);
  connect(&thread_, &QThread::finished, worker_, &QObject::deleteLater);
  connect(worker_, &StoreWorker::runsLoaded, this, &StoreLink::runsLoaded);
  connect(worker_, &StoreWorker::detailLoaded, this, &StoreLink::detailLoaded);
  connect(worker_, &StoreWorker::failed, this, &StoreLink::failed);
  connect(worker_, &StoreWorker::recovered, this, &StoreLink::recovered);
  thread_.setObjectName(QStringLiteral("store"));
  thread_.start();
}

StoreLink::~StoreLink() {
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

void StoreLink::look() { QMetaObject::invokeMethod(worker_, &StoreWorker::look); }

}  // namespace tokenmark
