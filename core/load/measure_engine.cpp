// A closed loop that lives in the engine's sinks: when a request ends, its successor is submitted from the sink, on
// the engine's thread. The calling thread sends the first requests, then only reports progress and watches the time.
//
// Who writes what: the calling thread takes the requests 0 … k − 1 for itself before the first is submitted; from
// then on the engine's thread alone takes the next ones, appends messages and writes ends. `submit` orders the two.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "core/load/load.h"
#include "core/load/recording.h"
#include "core/workload/requests.h"
#include "engine/runtime/engine.h"

namespace tokenmark {
namespace {

constexpr std::chrono::milliseconds kProgressEvery{250}, kCancelEvery{20};

class EngineLoad {
 public:
  EngineLoad(Engine& engine, const Point& point, std::vector<PlannedRequest> plan)
      : engine_(engine), stop_rules_(point.stop), plan_(std::move(plan)), recording_(plan_), ids_(plan_.size()),
        concurrency_(static_cast<std::size_t>(point.load.concurrency)) {
    warmups_ = static_cast<std::size_t>(std::count_if(plan_.begin(), plan_.end(), [](const auto& r) { return r.warmup; }));
    allowed_failures_ = allowed_failures(stop_rules_, plan_.size() - warmups_);
  }

  Status prepare_prompts() {
    const Model& model = engine_.model();
    const auto vocabulary = static_cast<std::int32_t>(model.description.vocabulary);
    const auto ordinary = model.tokenizer ? ordinary_tokens(*model.tokenizer, vocabulary) : ordinary_tokens_of_any_vocabulary();
    if (ordinary.empty())
      return fail(ErrorKind::invalid_input, "{}: its vocabulary of {} has no ordinary tokens to make prompts of", model.source, vocabulary);
    for (const PlannedRequest& request : plan_)
      prompts_.push_back(random_prompt(ordinary, request.input, request.prompt_seed));
    return {};
  }

  Result<EventLog> run(const LoadProgressSink& progress, std::stop_token stop) {
    const double cpu_before_s = thread_cpu_s();
    const auto deadline = static_cast<std::int64_t>(stop_rules_.timeout_s * 1e9);
    // Prompts of an earlier measurement in the same engine would be found otherwise.
    engine_.forget_prefixes();
    const SchedulerCounts before = engine_.counts().scheduler;
    recording_.start();
    kick_off();
    std::unique_lock lock(mutex_);
    while (!over()) {
      const std::chrono::nanoseconds left(std::max<std::int64_t>(0, deadline - recording_.now()));
      changed_.wait_for(lock, stop, ending_ ? kCancelEvery : std::min<std::chrono::nanoseconds>(kProgressEvery, left), [&] { return over(); });
      if (stop.stop_requested()) {
        end_early(RequestError::cancelled);
        stop = {};  // a stop that was seen would end every further wait at once
      }
      if (recording_.now() >= deadline) end_early(RequestError::timeout);
      if (ending_) cancel_all();
      lock.unlock();
      if (progress) progress(progress_now());
      lock.lock();
    }
    if (ending_reason_ == RequestError::cancelled) return fail(ErrorKind::cancelled, "the measurement was cancelled");
    if (refused_) return tl::unexpected(refusal_);
    EventLog log = recording_.finish(sent_);
    log.client_cpu_s = thread_cpu_s() - cpu_before_s;
    const SchedulerCounts after = engine_.counts().scheduler;
    if (after.drafted_tokens > before.drafted_tokens) {
      log.drafted_tokens = static_cast<std::int64_t>(after.drafted_tokens - before.drafted_tokens);
      log.accepted_tokens = static_cast<std::int64_t>(after.accepted_tokens - before.accepted_tokens);
    }
    TOKENMARK_CHECK(check_failures(log, stop_rules_, plan_.size() - warmups_));
    return log;
  }

 private:
  bool over() const { return ended_ == plan_.size() || (ending_ && ended_ == sent_); }

  void kick_off() {
    const std::size_t first = std::min(concurrency_, warmups_ > 0 ? warmups_ : plan_.size());
    next_ = first;
    for (std::size_t i = 0; i < first && !refused_; ++i) send(i, recording_.now());
  }

  // `intended`: when the slot became free. An engine that refuses a request would refuse them all: the run ends.
  void send(std::size_t i, std::int64_t intended) {
    RequestColumns& r = recording_.log.requests;
    r.intended[i] = r.queued[i] = intended;
    r.input_tokens[i] = plan_[i].input;
    r.output_tokens[i] = 0;
    r.token_source[i] = TokenSource::engine;
    GenerationRequest request;
    request.prompt = std::move(prompts_[i]);
    request.max_tokens = plan_[i].output;
    request.sampling.temperature = 0;
    ++sent_;
    r.send_start[i] = r.sent[i] = recording_.now();
    auto id = engine_.submit(std::move(request), [this, i](const TokenEvent& event) { on_event(i, event); });
    if (id) {
      ids_[i] = *id;
      return;
    }
    --sent_;
    refuse(std::move(id.error()));
  }

  void on_event(std::size_t i, const TokenEvent& event) {
    const std::int64_t now = recording_.now();
    if (event.token >= 0) {
      recording_.message(i, now, 0, 1, MessageKind::content);
      ++recording_.log.requests.output_tokens[i];
      recording_.log.requests.cached_tokens[i] = event.cached_tokens;
      if (!plan_[i].warmup) output_tokens_.store(output_tokens_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    if (event.finish != FinishReason::none) on_end(i, event, now);
  }

  void on_end(std::size_t i, const TokenEvent& event, std::int64_t now) {
    RequestColumns& r = recording_.log.requests;
    r.end[i] = now;
    const bool failed = event.finish == FinishReason::error || event.finish == FinishReason::cancelled;
    if (!failed) r.status[i] = 200;
    if (event.finish == FinishReason::error) recording_.failed(i, RequestError::engine, event.error);
    if (event.finish == FinishReason::cancelled)
      recording_.failed(i, ending_reason_.load(), "the request was still running when the measurement ended");
    if (!plan_[i].warmup) ++(failed ? failed_ : completed_);
    if (failed_ > allowed_failures_) end_early(RequestError::engine);
    if (!ending_) send_successors(now);
    finish_request();
  }

  // Warm-ups drain before the measurement begins, which then starts all its slots at once.
  void send_successors(std::int64_t now) {
    const std::size_t ended = ended_ + 1;  // with this one
    if (ended < warmups_) {
      if (next_ < warmups_) send(next_++, now);
    } else if (ended == warmups_) {
      const std::size_t until = std::min(plan_.size(), warmups_ + concurrency_);
      while (next_ < until && !refused_) send(next_++, now);
    } else if (next_ < plan_.size()) {
      send(next_++, now);
    }
  }

  // Only this thread counts ends. The last end is counted and told under the lock, for the waiting thread, which
  // looks under the lock, destroys this object right after.
  void finish_request() {
    const std::size_t ended = ended_ + 1;
    if (ended != plan_.size() && !(ending_ && ended == sent_)) {
      ++ended_;
      return;
    }
    const std::lock_guard lock(mutex_);
    ++ended_;
    changed_.notify_all();
  }

  void refuse(Error error) {
    const std::lock_guard lock(refusal_mutex_);
    if (!refused_) refusal_ = std::move(error);
    refused_ = true;
    end_early(RequestError::engine);
  }

  // The first reason stays.
  void end_early(RequestError reason) {
    RequestError none = RequestError::none;
    ending_reason_.compare_exchange_strong(none, reason);
    ending_ = true;
  }

  // Ids that are over already are ignored by the engine; one that is just being submitted is caught the next time.
  void cancel_all() {
    for (const auto& id : ids_)
      if (const RequestId known = id.load()) engine_.cancel(known);
  }

  LoadProgress progress_now() const {
    return {static_cast<std::int32_t>(plan_.size() - warmups_), completed_, failed_, output_tokens_,
            static_cast<double>(recording_.now()) * 1e-9};
  }

  Engine& engine_;
  StopRules stop_rules_;
  std::vector<PlannedRequest> plan_;
  std::vector<std::vector<TokenId>> prompts_;
  Recording recording_;
  std::vector<std::atomic<RequestId>> ids_;  // of the requests sent so far; 0: none yet
  std::size_t concurrency_, warmups_ = 0, next_ = 0;
  std::int64_t allowed_failures_ = 0;

  std::atomic<std::size_t> sent_{0}, ended_{0};
  std::atomic<std::int32_t> completed_{0}, failed_{0};  // measured ones
  std::atomic<std::int64_t> output_tokens_{0};
  std::atomic<bool> ending_{false};  // no successors any more
  std::atomic<RequestError> ending_reason_{RequestError::none};
  std::mutex refusal_mutex_;
  Error refusal_;
  std::atomic<bool> refused_{false};
  std::mutex mutex_;
  std::condition_variable_any changed_;
};

}  // namespace

Result<EventLog> measure_engine(Engine& engine, const Point& point, const LoadProgressSink& progress, std::stop_token stop) {
  TOKENMARK_TRY(Plan plan, plan_requests(point));
  TOKENMARK_CHECK(check_size(plan.requests));
  EngineLoad load(engine, point, std::move(plan.requests));
  TOKENMARK_CHECK(load.prepare_prompts());
  return load.run(progress, std::move(stop));
}

}  // namespace tokenmark
