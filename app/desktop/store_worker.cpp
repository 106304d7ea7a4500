#include "app/desktop/store_worker.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/load/api.h"
#include "core/report/samples.h"
#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

constexpr int kPoll_ms = 500, kRetry_ms = 2000;

constexpr std::size_t kFirstPage = 300;             // shown while the others are read
constexpr auto kKeepDeleted = std::chrono::days(30);

}  // namespace

Status StoreWorker::tryOpen() {
  TOKENMARK_TRY(auto store, Store::open(file_));
  TOKENMARK_CHECK(store->mark_interrupted());
  store_ = std::move(store);
  publishNewest();
  readSamples();
  TOKENMARK_CHECK(load());
  TOKENMARK_TRY(const std::int64_t purged, store_->purge(kKeepDeleted));
  return purged > 0 ? load() : Status();
}

void StoreWorker::open() {
  timer_ = new QTimer(this);
  connect(timer_, &QTimer::timeout, this, &StoreWorker::look);
  report(tryOpen());
  readSamples();
  if (!store_) publish(list_, true);   // the samples need no store
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
  if (--waiting_queries == 0 && timer_) publish(list_, true);   // before it is open there is nothing to show
}

void StoreWorker::change(const StoreWork& work) {
  const Status done = store_ ? work(*store_) : fail(ErrorKind::unavailable, "{}: the store is not open, nothing was changed", file_.string());
  if (!done) emit failed(QString::fromStdString(done.error().message));   // of this change: the store itself is well
  look();
}

void StoreWorker::count(RunKey key, const RunsQuery& query) {
  const auto filter = parse_run_filter(query.search.toStdString());
  emit valuesLoaded({key, filter ? list_.value_counts(key, *filter, query.samples) : decltype(FieldValues::counts)()});
}

// The list is there at once, however many runs there are.
void StoreWorker::publishNewest() {
  Result<std::vector<RowPtr>> newest = store_->newest(kFirstPage);
  if (!newest || newest->size() < kFirstPage) return;
  RunList first;
  first.add(*newest);
  publish(first, false);
}

Status StoreWorker::load() {
  TOKENMARK_TRY(const RunChanges changes, store_->changes_since(seen_));
  list_.update(changes);
  seen_ = changes.counter;
  tags_.clear();
  for (const auto& [tag, count] : list_.value_counts(RunKey::tag, {}, false)) tags_ << QString::fromStdString(tag);
  publish(list_, true);
  return {};
}

void StoreWorker::publish(RunList& list, bool complete) {
  auto snapshot = std::make_shared<RunsSnapshot>();
  if (auto filter = parse_run_filter(query_.search.toStdString()))
    filter_ = *std::move(filter);
  else
    snapshot->problem = QString::fromStdString(filter.error().message);
  RunSelection selection = list.select(filter_, {query_.sorted_by, query_.order == Qt::DescendingOrder}, query_.group_by, query_.samples);
  snapshot->query = query_;
  snapshot->rows = std::move(selection.rows);
  snapshot->groups = std::move(selection.groups);
  snapshot->measured = static_cast<std::size_t>(
      std::count_if(snapshot->rows.begin(), snapshot->rows.end(), [](const RunRow& row) { return !is_sample_id(row.id); }));
  snapshot->complete = complete;
  snapshot->tags = tags_;
  emit runsLoaded(snapshot);
}

// Once; after the first of the runs are shown.
void StoreWorker::readSamples() {
  if (samples_) return;
  Result<std::vector<RunRow>> read = sample_runs();
  if (!read) report(tl::unexpected(read.error()));
  samples_ = std::move(read).value_or(std::vector<RunRow>());
  list_.add(samples_->shared());
}

void StoreWorker::fetch(qint64 id) {
  shown_ = id;
  if (!store_ && id >= 0) return;
  Result<RunDetail> found = detail(id);
  if (!found) return report(tl::unexpected(found.error()));
  emit detailLoaded(std::make_shared<const RunDetail>(*std::move(found)));
}

Result<RunDetail> StoreWorker::detail(RunId id) {
  RunDetail detail;
  if (id < 0) {   // a sample: its row is all there is
    for (const RunRow& row : samples_.value_or(RunRows()))
      if (row.id == id) detail.row = row;
    return detail;
  }
  TOKENMARK_TRY(detail.row, store_->run(id));
  if (const auto point = store_->point(id)) {
    detail.configuration = QString::fromStdString(to_json(*point).dump());
    detail.not_mlperf_comparable = QString::fromStdString(not_mlperf_comparable(point->target));
  }
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
