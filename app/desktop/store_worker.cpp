#include "app/desktop/store_worker.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/report/samples.h"
#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

constexpr int kPoll_ms = 500, kRetry_ms = 2000;

Status add_samples_to_new(Store& store) {
  TOKENMARK_TRY(const std::int64_t changes, store.change_counter());
  (void)changes;
  TOKENMARK_TRY(const std::vector<RunRow> rows, store.runs());
  if (!rows.empty()) return {};
  return add_samples(store);
}

}  // namespace

Status StoreWorker::tryOpen() {
  TOKENMARK_TRY(auto store, Store::open(file_));
  TOKENMARK_CHECK(store->mark_interrupted());
  TOKENMARK_CHECK(add_samples_to_new(*store));
  store_ = std::move(store);
  return load();
}

void StoreWorker::open() {
  timer_ = new QTimer(this);
  connect(timer_, &QTimer::timeout, this, &StoreWorker::look);
  report(tryOpen());
  timer_->start(store_ ? kPoll_ms : kRetry_ms);
}

// A store that could not be opened, or went away, is tried again: the disk may be back, the lock gone.
void StoreWorker::look() {
  if (!store_) {
    report(tryOpen());
    if (store_ && timer_) timer_->start(kPoll_ms);
    return;
  }
  const Result<std::int64_t> changes = store_->change_counter();
  if (!changes) return report(tl::unexpected(changes.error()));
  if (*changes != seen_) {
    report(load());
    if (shown_) fetch(*shown_);
  }
}

void StoreWorker::answer(const RunsQuery& query) {
  query_ = query;
  if (--waiting_queries > 0 || !store_) return;
  report(load());
}

Status StoreWorker::load() {
  TOKENMARK_TRY(seen_, store_->change_counter());
  auto snapshot = std::make_shared<RunsSnapshot>();
  snapshot->query = query_;
  TOKENMARK_TRY(snapshot->rows, store_->runs(query_.search.toStdString()));
  snapshot->measured = static_cast<std::size_t>(std::count_if(
      snapshot->rows.begin(), snapshot->rows.end(), [](const RunRow& row) { return row.source == "measured"; }));
  sort_rows(snapshot->rows, query_.sorted_by, query_.order);
  emit runsLoaded(snapshot);
  return {};
}

void StoreWorker::fetch(qint64 id) {
  shown_ = id;
  if (!store_) return;
  Result<RunDetail> found = detail(id);
  if (!found) return report(tl::unexpected(found.error()));
  emit detailLoaded(std::make_shared<const RunDetail>(*std::move(found)));
}

Result<RunDetail> StoreWorker::detail(RunId id) {
  RunDetail detail;
  TOKENMARK_TRY(detail.row, store_->run(id));
  if (const auto point = store_->point(id)) detail.configuration = QString::fromStdString(to_json(*point).dump());
  if (detail.row.state != RunState::done) return detail;
  TOKENMARK_TRY(detail.figures, store_->figures(id));
  detail.has_figures = true;
  if (const auto environment = store_->environment(id))
    detail.environment = QString::fromStdString(environment->dump());
  return detail;
}

void StoreWorker::report(const Status& status) {
  if (!status) {
    complained_ = true;
    emit failed(QString::fromStdString(status.error().message));
  } else if (complained_) {
    complained_ = false;
    emit recovered();
  }
}

}  // namespace tokenmark
