// A measurement of the embedded engine: no HTTP between. Answers end in the engine's sinks, on its thread; a request that
// takes the place of one that ended is submitted from there, and one that has a time (an arrival, a later turn) from the
// pacing thread. Both ask the same dispatcher, under one lock, which is taken once a request and never for a token.
#include <sys/prctl.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "core/load/load.h"
#include "core/load/measurement.h"
#include "core/load/pacer.h"
#include "core/load/recording.h"
#include "core/workload/requests.h"
#include "engine/runtime/engine.h"

namespace tokenmark {
namespace {

constexpr std::int64_t kLookEvery_ns = 50'000'000;
constexpr double kFailed_s = std::numeric_limits<double>::infinity();

class EngineLoad {
 public:
  EngineLoad(Engine& engine, const Point& point) : engine_(engine), point_(point) {}

  Status prepare() {
    TOKENMARK_TRY(plan_, plan_requests(point_, engine_.model().tokenizer.get()));
    TOKENMARK_CHECK(check_size(plan_));
    rules_ = dispatch_rules(point_, plan_);
    const Model& model = engine_.model();
    const auto vocabulary = static_cast<std::int32_t>(model.description.vocabulary);
    const auto ordinary = model.tokenizer ? ordinary_tokens(*model.tokenizer, vocabulary) : ordinary_tokens_of_any_vocabulary();
    if (ordinary.empty())
      return fail(ErrorKind::invalid_input, "{}: its vocabulary of {} has no ordinary tokens to make prompts of", model.source, vocabulary);
    for (std::size_t i = 0; i < plan_.requests.size(); ++i) prompts_.push_back(prompt_ids(plan_, i, ordinary, model.tokenizer.get()));
    requests_.resize(plan_.requests.size());
    const auto warmups = split_plan(plan_.requests, true, 1).front(), measured = split_plan(plan_.requests, false, 1).front();
    std::vector<std::uint32_t> all = warmups;
    all.insert(all.end(), measured.begin(), measured.end());
    recording_ = std::make_unique<Recording>(plan_, all);
    dispatchers_[0] = std::make_unique<Dispatcher>(plan_.requests, warmups, DispatchRules{.places = static_cast<std::size_t>(warmup_concurrency(point_.load))});
    dispatchers_[1] = std::make_unique<Dispatcher>(plan_.requests, measured, rules_);
    return {};
  }

  Result<EventLog> run(const LoadProgressSink& progress, std::stop_token stop) {
    TOKENMARK_TRY(Monitor monitor, Monitor::create(point_, measured_count(plan_), clock_, {&live_}));
    // Prompts of an earlier measurement in the same engine would be found otherwise.
    engine_.forget_prefixes();
    const SchedulerCounts before = engine_.counts().scheduler;
    clock_.start();
    std::thread pacing([this] { pace(); });
    const EndReason ended_by = watch(monitor, [this] { return over_.load(); }, [this](RequestError reason) { end_early(reason); }, changed_, progress, stop);
    pacing.join();
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "the measurement was cancelled");
    if (refusal_) return tl::unexpected(*refusal_);
    std::vector<Recording> recordings;
    recordings.push_back(std::move(*recording_));
    Merged merged = merge(std::move(recordings), plan_, clock_);
    note_speculation(before, merged.log);
    if (progress) progress(monitor.progress());
    TOKENMARK_CHECK(judge_end(merged.log, ended_by, point_, plan_));
    if (keeps_answers(point_.load)) merged.log.answers = std::move(merged.texts);
    return std::move(merged.log);
  }

 private:
  // Of a request in flight. Its row's own entries and these are the engine's thread's from submit on.
  struct InFlight {
    RequestId id = 0;
    std::uint32_t row = 0;
    std::int64_t first_token = kAbsent, last_token = kAbsent;
    std::vector<TokenId> output;  // of conversations and kept answers
  };

  // ---- the pacing thread ----

  void pace() {
    prctl(PR_SET_TIMERSLACK, 1);
    const double cpu_before_s = thread_cpu_s();
    for (const auto& dispatcher : dispatchers_) {
      {
        const std::lock_guard lock(mutex_);
        dispatcher_ = dispatcher.get();
        dispatcher->begin(clock_.now());
      }
      serve();
    }
    live_.publish();
    recording_->log.client_cpu_s = std::max(0.0, thread_cpu_s() - cpu_before_s - static_cast<double>(pacer_.spun_ns()) * 1e-9);
    over_ = true;
    changed_.notify_all();
  }

  // Sends what is due until the dispatcher has nothing more.
  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (ending_) give_up();
      send_due();
      if (dispatcher_->over()) return;
      const std::int64_t due = waits_for_ = dispatcher_->next_due(), now = clock_.now();
      lock.unlock();
      pacer_.wait(due, now + kLookEvery_ns, now, clock_, [this](std::int64_t until) { return sleep_until(until); });
      lock.lock();
    }
  }

  // Ends early, and gives true, when an answer has ended or the run is to end. 0: no sleep at all.
  bool sleep_until(std::int64_t until) {
    const std::int64_t left = until - clock_.now();
    if (left <= 0) return false;
    std::unique_lock lock(wake_mutex_);
    return wake_.wait_for(lock, std::chrono::nanoseconds(left), [this] { return std::exchange(woken_, false); });
  }
  void wake_pacing() {
    const std::lock_guard lock(wake_mutex_);
    woken_ = true;
    wake_.notify_one();
  }

  void end_early(RequestError reason) {
    {
      const std::lock_guard lock(mutex_);
      if (!ending_) ending_ = reason;
    }
    wake_pacing();
  }

  // Under the lock. Ids that are over already are ignored by the engine.
  void give_up() {
    dispatcher_->stop();
    if (*ending_ == RequestError::none) return;
    for (const InFlight& request : requests_)
      if (request.id != 0) engine_.cancel(request.id);
  }

  // ---- either thread, under the lock ----

  void send_due() {
    Dispatcher::Due due;
    while (!refusal_ && dispatcher_->take(clock_.now(), due)) send(due);
  }

  // An engine that refuses a request would refuse them all: the run ends.
  void send(const Dispatcher::Due& due) {
    const std::size_t i = due.request;
    RequestColumns& r = recording_->log.requests;
    const std::uint32_t row = requests_[i].row = recording_->add(i, due.intended, clock_.now());
    GenerationRequest request;
    request.prompt = std::move(prompts_[i]);
    const PlannedRequest& planned = plan_.requests[i];
    if (planned.turn > 0) {
      std::vector<TokenId>& history = history_[planned.group];
      request.prompt.insert(request.prompt.begin(), history.begin(), history.end());
    }
    if (continues(i)) history_[planned.group] = request.prompt;
    r.input_tokens[row] = static_cast<std::int32_t>(request.prompt.size());
    r.output_tokens[row] = 0;
    r.token_source[row] = TokenSource::engine;
    request.max_tokens = planned.output;
    request.sampling.temperature = 0;
    r.send_start[row] = r.sent[row] = clock_.now();
    auto id = engine_.submit(std::move(request), [this, i](const TokenEvent& event) { on_event(i, event); });
    if (id) {
      requests_[i].id = *id;
      return;
    }
    refusal_ = std::move(id.error());
    ending_ = RequestError::engine;
    dispatcher_->stop();
    dispatcher_->ended(i, clock_.now(), true);
  }

  bool continues(std::size_t i) const {
    return i + 1 < plan_.requests.size() && plan_.requests[i + 1].turn > 0 && plan_.requests[i + 1].group == plan_.requests[i].group;
  }

  // ---- the engine's thread ----

  void on_event(std::size_t i, const TokenEvent& event) {
    const std::int64_t now = clock_.now();
    InFlight& request = requests_[i];
    if (event.token >= 0) on_token(i, request, event, now);
    if (event.finish != FinishReason::none) on_end(i, request, event, now);
  }

  void on_token(std::size_t i, InFlight& request, const TokenEvent& event, std::int64_t now) {
    // Rows are added by the pacing thread too; columns were reserved in full, so this one stays where it is.
    recording_->message(request.row, now, 0, 1, MessageKind::content);
    if (request.first_token == kAbsent) request.first_token = now;
    request.last_token = now;
    ++recording_->log.requests.output_tokens[request.row];
    recording_->log.requests.cached_tokens[request.row] = event.cached_tokens;
    if (keeps_answers(point_.load) || continues(i)) request.output.push_back(event.token);
  }

  void on_end(std::size_t i, InFlight& request, const TokenEvent& event, std::int64_t now) {
    const std::lock_guard lock(mutex_);
    RequestColumns& r = recording_->log.requests;
    r.end[request.row] = now;
    const bool failed = event.finish == FinishReason::error || event.finish == FinishReason::cancelled;
    if (!failed) r.status[request.row] = 200;
    if (event.finish == FinishReason::error) recording_->failed(request.row, RequestError::engine, event.error);
    if (event.finish == FinishReason::cancelled)
      recording_->failed(request.row, ending_.value_or(RequestError::cancelled), "the request was still running when the measurement ended");
    if (!failed) keep_output(i, request);
    if (!plan_.requests[i].warmup) note_live(request, failed);
    request.id = 0;
    dispatcher_->ended(i, now, failed);
    if (!ending_) send_due();
    if (dispatcher_->over() || dispatcher_->next_due() < waits_for_) wake_pacing();
  }

  void keep_output(std::size_t i, InFlight& request) {
    if (continues(i)) {
      std::vector<TokenId>& history = history_[plan_.requests[i].group];
      history.insert(history.end(), request.output.begin(), request.output.end());
    }
    const auto& tokenizer = engine_.model().tokenizer;
    if (keeps_answers(point_.load) && tokenizer) recording_->keep_text(request.row, tokenizer->decode(request.output));
    request.output = {};
  }

  void note_live(const InFlight& request, bool failed) {
    const RequestColumns& r = recording_->log.requests;
    const std::int64_t tokens = r.output_tokens[request.row], start = r.send_start[request.row];
    const auto seconds = [](std::int64_t ns) { return static_cast<double>(ns) * 1e-9; };
    ++(failed ? live_.failed : live_.completed);
    if (failed || tokens == 0) {
      live_.finished({kFailed_s, kFailed_s, kFailed_s});
    } else {
      live_.output_tokens += tokens;
      live_.finished({seconds(request.first_token - start), tokens > 1 ? seconds(request.last_token - request.first_token) / static_cast<double>(tokens - 1) : 0,
                      seconds(request.last_token - start)});
    }
    live_.publish();
  }

  void note_speculation(const SchedulerCounts& before, EventLog& log) const {
    const SchedulerCounts after = engine_.counts().scheduler;
    if (after.drafted_tokens <= before.drafted_tokens) return;
    log.drafted_tokens = static_cast<std::int64_t>(after.drafted_tokens - before.drafted_tokens);
    log.accepted_tokens = static_cast<std::int64_t>(after.accepted_tokens - before.accepted_tokens);
  }

  Engine& engine_;
  const Point& point_;
  Plan plan_;
  DispatchRules rules_;
  RunClock clock_;
  LiveFeed live_;
  Pacer pacer_;
  std::vector<std::vector<TokenId>> prompts_;  // by request; moved out when it is sent
  std::vector<InFlight> requests_;             // by request
  std::unique_ptr<Recording> recording_;
  std::unique_ptr<Dispatcher> dispatchers_[2];  // warm-ups, which drain before the measurement begins; measurement

  std::mutex mutex_;  // of what follows
  Dispatcher* dispatcher_ = nullptr;
  std::unordered_map<std::int32_t, std::vector<TokenId>> history_;  // of conversations that go on: prompts and answers
  std::optional<RequestError> ending_;
  std::optional<Error> refusal_;
  std::int64_t waits_for_ = kNever;  // what the pacing thread will wake for

  std::mutex wake_mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  std::atomic<bool> over_{false};
  std::condition_variable_any changed_;
};

}  // namespace

Result<EventLog> measure_engine(Engine& engine, const Point& point, const LoadProgressSink& progress, std::stop_token stop) {
  EngineLoad load(engine, point);
  TOKENMARK_CHECK(load.prepare());
  return load.run(progress, std::move(stop));
}

}  // namespace tokenmark
