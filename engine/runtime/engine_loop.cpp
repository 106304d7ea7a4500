#include "engine/runtime/engine_loop.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>

namespace tokenmark {
namespace {

// Kernels run on the calling thread too, so it belongs where they belong.
void settle_thread(const std::vector<std::uint32_t>& cores) {
  pthread_setname_np(pthread_self(), "engine");
  if (cores.empty()) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const std::uint32_t core : cores)
    if (core < CPU_SETSIZE) CPU_SET(core, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

}  // namespace

EngineLoop::EngineLoop(const tm_plugin& plugin, tm_executor* executor, const SchedulerOptions& options,
                       const std::vector<std::uint32_t>& cores)
    : plugin_(&plugin), executor_(executor), options_(options), scheduler_(options) {
  publish_counts();
  thread_ = std::thread([this, cores] { run(cores); });
}

EngineLoop::~EngineLoop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<RequestId> EngineLoop::submit(GenerationRequest request, TokenSink sink) {
  TOKENMARK_CHECK(check_request(options_, request));
  const std::lock_guard lock(mutex_);
  if (!dead_.empty()) return fail(ErrorKind::unavailable, "the engine takes no requests any more: {}", dead_);
  if (stopping_) return fail(ErrorKind::unavailable, "the engine is stopping");
  inbox_.submissions.push_back({++last_id_, std::move(request), std::move(sink)});
  ++counts_.scheduler.waiting;
  changed_.notify_all();
  return last_id_;
}

void EngineLoop::cancel(RequestId id) {
  const std::lock_guard lock(mutex_);
  inbox_.cancellations.push_back(id);
  changed_.notify_all();
}

void EngineLoop::run_when_idle(std::function<void()> job) {
  std::unique_lock lock(mutex_);
  idle_jobs_.push_back(&job);
  changed_.notify_all();
  changed_.wait(lock, [&] { return std::find(idle_jobs_.begin(), idle_jobs_.end(), &job) == idle_jobs_.end(); });
}

EngineCounts EngineLoop::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::string EngineLoop::failure() const {
  const std::lock_guard lock(mutex_);
  return dead_;
}

void EngineLoop::run(const std::vector<std::uint32_t>& cores) {
  settle_thread(cores);
  while (take_inbox()) {
    if (!scheduler_.idle()) step();
    publish_counts();
    deliver();
  }
  end_all(FinishReason::cancelled, {});
  run_idle_jobs();
}

bool EngineLoop::take_inbox() {
  Inbox taken;
  bool stopping;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopping_ || !inbox_.empty() || !idle_jobs_.empty() || !scheduler_.idle(); });
    std::swap(taken, inbox_);
    stopping = stopping_;
  }
  const std::int64_t now = steady_now_ns();
  for (Submission& submission : taken.submissions) {
    sinks_[submission.id] = std::move(submission.sink);
    if (Status added = scheduler_.add(submission.id, std::move(submission.request), now); !added)
      events_.push_back({.request = submission.id, .finish = FinishReason::error, .time_ns = now,
                         .error = std::move(added.error().message)});
  }
  for (const RequestId id : taken.cancellations) scheduler_.cancel(id, now, events_);
  if (scheduler_.idle()) run_idle_jobs();
  return !stopping;
}

void EngineLoop::run_idle_jobs() {
  std::vector<std::function<void()>*> jobs;
  {
    const std::lock_guard lock(mutex_);
    jobs = idle_jobs_;
  }
  for (auto* job : jobs) {
    (*job)();
    const std::lock_guard lock(mutex_);
    std::erase(idle_jobs_, job);
    changed_.notify_all();
  }
}

void EngineLoop::step() {
  const std::int64_t begin = steady_now_ns();
  const PlannedStep& planned = scheduler_.plan(begin);
  const tm_step view = planned.view();
  tokens_.resize(view.n_samples);
  logits_.resize(view.n_logits * static_cast<std::size_t>(options_.vocabulary));
  tm_step_result result{};
  result.size = sizeof result;
  result.version = TM_ABI_VERSION;
  result.tokens = tokens_.data();
  result.logits = view.n_logits > 0 ? logits_.data() : nullptr;

  const std::int64_t planned_at = steady_now_ns();
  tm_status status = plugin_->step(executor_, &view, &result);
  if (status == TM_OK) status = plugin_->wait(executor_);
  const std::int64_t done = steady_now_ns();
  if (status == TM_OK)
    scheduler_.complete(tokens_.data(), logits_.data(), done, events_);
  else
    scheduler_.fail_step(plugin_->last_error(), done, events_);
  ++own_counts_.steps;
  own_counts_.busy += std::chrono::nanoseconds(done - planned_at);
  own_counts_.scheduling += std::chrono::nanoseconds(planned_at - begin + steady_now_ns() - done);
  if (status == TM_DEVICE_LOST) device_lost(plugin_->last_error());
}

// A sink goes with its last event.
void EngineLoop::deliver() {
  for (const TokenEvent& event : events_) {
    const auto found = sinks_.find(event.request);
    if (event.finish == FinishReason::none) {
      found->second(event);
      continue;
    }
    const TokenSink sink = std::move(found->second);
    sinks_.erase(found);
    sink(event);
  }
  events_.clear();
}

void EngineLoop::end_all(FinishReason reason, const std::string& why) {
  std::vector<RequestId> ids;
  for (const auto& [id, sink] : sinks_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  for (const RequestId id : ids) {
    const std::size_t before = events_.size();
    scheduler_.cancel(id, steady_now_ns(), events_);
    for (std::size_t i = before; i < events_.size(); ++i) {
      events_[i].finish = reason;
      events_[i].error = why;
    }
  }
  deliver();
}

void EngineLoop::device_lost(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    dead_ = why;
  }
  end_all(FinishReason::error, why);
}

void EngineLoop::publish_counts() {
  own_counts_.scheduler = scheduler_.counts();
  const std::lock_guard lock(mutex_);
  counts_ = own_counts_;
  counts_.scheduler.waiting += static_cast<std::int32_t>(inbox_.submissions.size());
}

}  // namespace tokenmark
