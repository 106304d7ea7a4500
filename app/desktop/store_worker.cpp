#include "app/desktop/store_worker.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/load/api.h"
#include "core/report/samples.h"
#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

constexpr int kPoll_ms = 500, kRetry_ms = 2000;

// The same rule as the store's search: every word must occur somewhere.
bool matches(const RunRow& row, const QString& search) {
  const QString all = QString::fromStdString(row.model + ' ' + row.device + ' ' + row.series + ' ' + row.hardware + ' ' +
                                             row.framework + ' ' + row.precision + ' ' + row.source + ' ' + row.sweep_name);
  for (const QString& word : search.split(' ', Qt::SkipEmptyParts))
    if (!all.contains(word, Qt::CaseInsensitive)) return false;
  return true;
}

}  // namespace

Status StoreWorker::tryOpen() {
  TOKENMARK_TRY(auto store, Store::open(file_));
  TOKENMARK_CHECK(store->mark_interrupted());
  store_ = std::move(store);
  return load();
}

void StoreWorker::open() {
  timer_ = new QTimer(this);
  connect(timer_, &QTimer::timeout, this, &StoreWorker::look);
  report(tryOpen());
  if (!store_) load();   // the samples need no store
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
  if (--waiting_queries > 0) return;
  if (const Status status = load(); !status) report(status);
}

Status StoreWorker::load() {
  auto snapshot = std::make_shared<RunsSnapshot>();
  snapshot->query = query_;
  if (store_) {
    TOKENMARK_TRY(seen_, store_->change_counter());
    TOKENMARK_TRY(snapshot->rows, store_->runs(query_.search.toStdString()));
  }
  snapshot->measured = snapshot->rows.size();
  if (query_.samples) addSamples(snapshot->rows);
  sort_rows(snapshot->rows, query_.sorted_by, query_.order);
  emit runsLoaded(snapshot);
  return {};
}

void StoreWorker::addSamples(std::vector<RunRow>& rows) {
  if (!samples_) {
    Result<std::vector<RunRow>> read = sample_runs();
    if (!read) report(tl::unexpected(read.error()));
    samples_ = std::move(read).value_or(std::vector<RunRow>());
  }
  std::copy_if(samples_->begin(), samples_->end(), std::back_inserter(rows),
               [&](const RunRow& row) { return matches(row, query_.search); });
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
    for (const RunRow& row : samples_.value_or(std::vector<RunRow>()))
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
