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

EngineLoop::EngineLoop(const tm_plugin& plugin, tm_executor* executor, tm_executor* drafter, const SchedulerOptions& options,
                       std::uint32_t depth, const std::vector<std::uint32_t>& cores)
    : plugin_(&plugin), executor_(executor), drafter_(drafter), options_(options),
      depth_(options.drafting == Drafting::none ? depth : 0), scheduler_(options) {
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

Status EngineLoop::score(const std::vector<TokenId>& tokens, std::size_t first_row, const LogitRowSink& sink) {
  Status status;
  run_when_idle([&] {
    status = score_tokens(*plugin_, executor_, options_, tokens, first_row, sink);
    scheduler_.forget_prefixes();  // its blocks were written over
  });
  return status;
}

void EngineLoop::forget_prefixes() {
  run_when_idle([this] { scheduler_.forget_prefixes(); });
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
    step();
    publish_counts();
    deliver();
  }
  while (!launched_.empty()) finish_oldest();
  end_all(FinishReason::cancelled, {});
  run_idle_jobs();
}

bool EngineLoop::take_inbox() {
  Inbox taken;
  bool stopping;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return stopping_ || !inbox_.empty() || !idle_jobs_.empty() || !scheduler_.idle() || !launched_.empty();
    });
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
  if (scheduler_.idle() && launched_.empty()) run_idle_jobs();
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

// Plans ahead as far as the device takes it, then waits for the oldest step.
void EngineLoop::step() {
  if (launched_.empty()) draft();
  while (launched_.size() <= depth_ && plan_next()) {
  }
  if (!launched_.empty()) finish_oldest();
}

void EngineLoop::launch(Launched& launched, const PlannedStep& planned, tm_executor* executor) {
  launched.step = planned.view();
  launched.tokens.resize(launched.step.n_samples);
  launched.logits.resize(launched.step.n_logits * static_cast<std::size_t>(options_.vocabulary));
  launched.hidden.resize(launched.step.n_hidden * static_cast<std::size_t>(options_.width));
  launched.result = {};
  launched.result.size = sizeof launched.result;
  launched.result.version = TM_ABI_VERSION;
  launched.result.tokens = launched.tokens.data();
  launched.result.logits = launched.step.n_logits > 0 ? launched.logits.data() : nullptr;
  launched.result.hidden = launched.step.n_hidden > 0 ? launched.hidden.data() : nullptr;
  launched.status = plugin_->step(executor, &launched.step, &launched.result);
  if (launched.status != TM_OK) launched.why = plugin_->last_error();
}

void EngineLoop::await(Launched& launched, tm_executor* executor) {
  if (launched.status != TM_OK) return;
  launched.status = plugin_->wait(executor);
  if (launched.status != TM_OK) launched.why = plugin_->last_error();
}

// The MTP layer is the model's own executor's.
void EngineLoop::draft() {
  const std::int64_t begin = steady_now_ns();
  std::int64_t inside = 0;
  while (const PlannedStep* planned = scheduler_.plan_draft()) {
    tm_executor* executor = planned->previous_hidden.empty() ? drafter_ : executor_;
    const std::int64_t launched_at = steady_now_ns();
    launch(drafting_, *planned, executor);
    await(drafting_, executor);
    inside += steady_now_ns() - launched_at;
    ++own_counts_.draft_steps;
    if (drafting_.status != TM_OK) {
      scheduler_.stop_drafting();
      own_counts_.drafting_failed = true;
      break;
    }
    scheduler_.complete_draft(drafting_.output());
  }
  own_counts_.drafting += std::chrono::nanoseconds(inside);
  own_counts_.scheduling += std::chrono::nanoseconds(steady_now_ns() - begin - inside);
}

bool EngineLoop::plan_next() {
  const std::int64_t begin = steady_now_ns();
  const PlannedStep& planned = scheduler_.plan(begin);
  const std::int64_t planned_at = steady_now_ns();
  own_counts_.scheduling += std::chrono::nanoseconds(planned_at - begin);
  if (planned.empty()) return false;
  if (launched_.empty()) last_done_ns_ = planned_at;
  if (spare_.empty()) spare_.push_back(std::make_unique<Launched>());
  launched_.push_back(std::move(spare_.back()));
  spare_.pop_back();
  launch(*launched_.back(), planned, executor_);
  return true;
}

void EngineLoop::finish_oldest() {
  Launched& oldest = *launched_.front();
  await(oldest, executor_);
  const std::int64_t done = steady_now_ns();
  if (oldest.status == TM_OK)
    scheduler_.complete(oldest.output(), done, events_);
  else
    scheduler_.fail_step(oldest.why, done, events_);
  ++own_counts_.steps;
  own_counts_.busy += std::chrono::nanoseconds(done - last_done_ns_);
  own_counts_.scheduling += std::chrono::nanoseconds(steady_now_ns() - done);
  last_done_ns_ = done;
  const bool lost = oldest.status == TM_DEVICE_LOST;
  const std::string why = oldest.why;
  spare_.push_back(std::move(launched_.front()));
  launched_.pop_front();
  if (lost) device_lost(why);
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
  for (; !launched_.empty(); launched_.pop_front()) scheduler_.fail_step(why, steady_now_ns(), events_);
  end_all(FinishReason::error, why);
}

void EngineLoop::publish_counts() {
  own_counts_.scheduler = scheduler_.counts();
  const std::lock_guard lock(mutex_);
  counts_ = own_counts_;
  counts_.scheduler.waiting += static_cast<std::int32_t>(inbox_.submissions.size());
}

}  // namespace tokenmark
