#include "core/load/client_loop.h"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include <algorithm>
#include <queue>
#include <unordered_map>

#include "core/load/curl_transport.h"
#include "core/load/http_transport.h"
#include "core/load/pacer.h"
#include "core/load/sse_parser.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMaxErrorBody = 64 << 10, kReadableBehind = 64;
constexpr std::int64_t kHousekeeping_ns = 50'000'000;
constexpr double kFailed_s = std::numeric_limits<double>::infinity();

}  // namespace

class ClientLoop::Loop final : public BetweenSockets {
 public:
  Loop(const ClientSetup& setup, std::vector<std::uint32_t> warmups, std::vector<std::uint32_t> measured,
       std::size_t warmup_places, const DispatchRules& rules)
      : setup_(setup), warmups_(std::move(warmups)), measured_(std::move(measured)), warmup_places_(warmup_places), rules_(rules),
        recording_(*setup.plan, all_requests()) {}

  Status open() {
    const std::size_t most = std::max(warmup_places_, std::min(rules_.places, measured_.size()));
    const bool native = !setup_.target.http2 && !needs_proxy(setup_.target.url, setup_.target.proxy);
    auto made = native ? make_http_transport(setup_.target, setup_.clock, *this)
                       : make_curl_transport(setup_.target, setup_.clock, *this, most + 8);
    if (!made) return tl::unexpected(made.error());
    transport_ = std::move(*made);
    return {};
  }

  void run(Start& start, int core) {
    pin(core);
    // Waits end when they should, not up to 50 µs later.
    prctl(PR_SET_TIMERSLACK, 1);
    const double cpu_before_s = thread_cpu_s();
    run_phase(warmups_, {.places = warmup_places_}, setup_.clock.now());
    run_phase(measured_, rules_, start.wait());
    live.publish();
    recording_.log.client_cpu_s = std::max(0.0, thread_cpu_s() - cpu_before_s - static_cast<double>(pacer_.spun_ns()) * 1e-9);
    recording_.log.longest_stall_ns = transport_->longest_stall_ns();
  }

  void end_early(RequestError reason) {
    int nothing = kRunning;
    ending_.compare_exchange_strong(nothing, static_cast<int>(reason));
    transport_->wake();
  }

  Recording take_recording() { return std::move(recording_); }

  LiveFeed live;

 private:
  static constexpr int kRunning = -1;

  // A place for one request at a time; its buffers are used again.
  struct Slot final : CallSink {
    Slot(Loop& l, const Api& api, const AnswerOptions& options) : loop(l), answer(make_answer_reader(api, options)) { call.sink = this; }
    void on_connected(std::int64_t now) override;
    void on_sent(std::int64_t now) override;
    void on_head(int status, std::string_view content_type, std::string_view retry_after, std::int64_t now) override;
    bool on_body(std::string_view bytes, std::int64_t now) override;
    void on_end(RequestError error, std::string_view text, std::int64_t now) override;
    RequestColumns& log() { return loop.recording_.log.requests; }
    bool refuse(RequestError error, std::string text);
    bool read_events(std::int64_t now);
    bool read_whole(std::int64_t now);
    void judge(RequestError error, std::string_view text, std::int64_t now);
    void note_message(const AnswerMessage& message, std::size_t bytes, std::int64_t now);

    Loop& loop;
    Call call;
    std::unique_ptr<AnswerReader> answer;
    SseParser events;
    std::string whole, body, path, retry_after;  // of an answer that is no stream; of a request made while running
    std::vector<AnswerMessage> messages;
    std::uint32_t planned = 0, row = 0;
    std::uint64_t uses = 0;                      // tells this request from earlier ones of the slot
    std::int64_t first_token = kAbsent, last_token = kAbsent, tokens = 0;
    int status = 0;
    bool stream = false, busy = false, follows = false;
    RequestError problem = RequestError::none;
    std::string problem_text;
  };
  struct Timer {
    std::int64_t at = 0;
    Slot* slot = nullptr;
    std::uint64_t use = 0;
    bool operator>(const Timer& other) const { return at > other.at; }
  };
  using Timers = std::priority_queue<Timer, std::vector<Timer>, std::greater<>>;

  std::vector<std::uint32_t> all_requests() const {
    std::vector<std::uint32_t> all = warmups_;
    all.insert(all.end(), measured_.begin(), measured_.end());
    return all;
  }
  static void pin(int core) {
    if (core < 0) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(core), &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
  }

  void between_sockets(std::int64_t now) override {
    if (dispatcher_->next_due() <= now) send_due(now);
  }
  void run_phase(const std::vector<std::uint32_t>& requests, const DispatchRules& rules, std::int64_t begin);
  void send_due(std::int64_t now);
  void send(const Dispatcher::Due& due, std::int64_t now);
  void serve_timers(std::int64_t now);
  void give_up(RequestError reason);
  void give_up(Slot& slot, RequestError reason, std::string_view text);
  std::string_view body_of(Slot& slot);
  void request_ended(Slot& slot, std::int64_t now);
  void note_live(const Slot& slot);
  Slot& free_slot();

  const ClientSetup& setup_;
  std::vector<std::uint32_t> warmups_, measured_;
  std::size_t warmup_places_;
  DispatchRules rules_;
  Recording recording_;
  std::unique_ptr<Transport> transport_;
  Dispatcher* dispatcher_ = nullptr;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> free_;
  Timers follow_ups_, limits_;
  std::unordered_map<std::int32_t, std::vector<Turn>> history_;  // of conversations that go on
  std::string padded_;
  Pacer pacer_;
  std::atomic<int> ending_{kRunning};
};

// ---- one request ----

void ClientLoop::Loop::Slot::on_connected(std::int64_t now) {
  if (log().connected[row] == kAbsent) log().connected[row] = now;
}

void ClientLoop::Loop::Slot::on_sent(std::int64_t now) {
  if (!follows) log().sent[row] = now;
}

void ClientLoop::Loop::Slot::on_head(int code, std::string_view content_type, std::string_view retry, std::int64_t now) {
  status = code;
  retry_after = retry;
  stream = is_answer(code) && content_type.starts_with("text/event-stream");
  log().status[row] = code;
  if (!follows) log().headers[row] = now;
}

bool ClientLoop::Loop::Slot::refuse(RequestError error, std::string text) {
  problem = error;
  problem_text = std::move(text);
  return false;
}

bool ClientLoop::Loop::Slot::on_body(std::string_view bytes, std::int64_t now) {
  // Some servers do not say that theirs is a stream of events.
  if (!stream && is_answer(status) && whole.empty() && loop.setup_.streams && bytes.starts_with("data:")) stream = true;
  if (stream) {
    events.feed(bytes);
    return read_events(now);
  }
  const std::size_t most = is_answer(status) ? largest_answer_bytes(*loop.setup_.api) : kMaxErrorBody;
  if (whole.size() + bytes.size() <= most) {
    whole += bytes;
    return true;
  }
  if (!is_answer(status)) return false;  // enough was read to say what is wrong
  return refuse(RequestError::too_large, fmt::format("the answer is larger than {} MiB", most >> 20));
}

bool ClientLoop::Loop::Slot::read_events(std::int64_t now) {
  SseParser::Event event;
  while (events.next(event)) {
    AnswerMessage message;
    const auto verdict = answer->read(event.data, message);
    if (verdict == AnswerReader::Verdict::bad) return refuse(answer->error(), answer->problem());
    if (verdict == AnswerReader::Verdict::message) note_message(message, event.bytes, now);
  }
  return !events.too_large() || refuse(RequestError::too_large, "an event is larger than 64 MiB");
}

void ClientLoop::Loop::Slot::note_message(const AnswerMessage& message, std::size_t bytes, std::int64_t now) {
  loop.recording_.message(row, now, bytes, message.tokens, message.kind);
  if (message.tokens == 0 && message.kind != MessageKind::media) return;
  if (first_token == kAbsent) first_token = now;
  last_token = now;
  tokens += message.tokens;
}

// A body that is no stream. false: it is bad.
bool ClientLoop::Loop::Slot::read_whole(std::int64_t now) {
  const std::size_t size = whole.size();
  whole.resize(size + kReadableBehind);
  messages.clear();
  const bool good = answer->read_whole(std::string_view(whole).substr(0, size), messages);
  for (const AnswerMessage& message : messages) note_message(message, message.bytes, now);
  whole.clear();
  return good || refuse(answer->error(), answer->problem());
}

// What became of a call that has ended.
void ClientLoop::Loop::Slot::judge(RequestError error, std::string_view text, std::int64_t now) {
  if (problem != RequestError::none) return;
  if (status != 0 && !is_answer(status) && error != RequestError::malformed) {
    const RequestError kind = status == 429 ? RequestError::rate_limited : status >= 500 ? RequestError::server_error : RequestError::http_status;
    refuse(kind, fmt::format("HTTP {}: {}", status, error_text_of(whole, retry_after)));
  } else if (error != RequestError::none) {
    refuse(error == RequestError::closed && stream && events.unfinished() ? RequestError::truncated : error, std::string(text));
  } else if (!stream && !read_whole(now)) {
    return;
  } else if (FollowUp next; !stream && answer->follow_up(next)) {
    path = loop.setup_.target.root + next.path;
    loop.follow_ups_.push({now + next.delay_ns, this, uses});
    follows = true;
  } else if (!answer->end(stream && events.unfinished())) {
    refuse(answer->error(), answer->problem());
  }
}

void ClientLoop::Loop::Slot::on_end(RequestError error, std::string_view text, std::int64_t now) {
  follows = false;
  judge(error, text, now);
  if (!follows) loop.request_ended(*this, now);
}

// ---- the loop ----

ClientLoop::Loop::Slot& ClientLoop::Loop::free_slot() {
  if (free_.empty()) {
    slots_.push_back(std::make_unique<Slot>(*this, *setup_.api, setup_.answers));
    return *slots_.back();
  }
  Slot& slot = *free_.back();
  free_.pop_back();
  return slot;
}

void ClientLoop::Loop::send_due(std::int64_t now) {
  Dispatcher::Due due;
  while (dispatcher_->take(now, due)) {
    send(due, now);
    now = setup_.clock.now();
  }
}

std::string_view ClientLoop::Loop::body_of(Slot& slot) {
  const std::uint32_t i = slot.planned;
  const PlannedRequest& request = setup_.plan->requests[i];
  if (request.turn == 0) return setup_.bodies[i];
  Prompt prompt = setup_.prompts[i];
  prompt.history = history_[request.group];
  slot.body = setup_.writer->body(prompt, request.output);
  return slot.body;
}

void ClientLoop::Loop::send(const Dispatcher::Due& due, std::int64_t now) {
  Slot& slot = free_slot();
  const PlannedRequest& request = setup_.plan->requests[due.request];
  slot.planned = static_cast<std::uint32_t>(due.request);
  slot.row = recording_.add(due.request, due.intended, now);
  ++slot.uses;
  slot.busy = true;
  slot.status = 0;
  slot.stream = slot.follows = false;
  slot.problem = RequestError::none;
  slot.problem_text.clear();
  slot.whole.clear();
  slot.events.reset();
  slot.answer->begin(request.output);
  slot.first_token = slot.last_token = kAbsent;
  slot.tokens = 0;
  slot.call.get = false;
  slot.call.body = body_of(slot);
  if (setup_.request_limit_ns != kNever) limits_.push({now + setup_.request_limit_ns, &slot, slot.uses});
  recording_.log.requests.send_start[slot.row] = setup_.clock.now();
  transport_->start(slot.call);
}

void ClientLoop::Loop::serve_timers(std::int64_t now) {
  while (!follow_ups_.empty() && follow_ups_.top().at <= now) {
    const Timer timer = follow_ups_.top();
    follow_ups_.pop();
    if (!timer.slot->busy || timer.slot->uses != timer.use) continue;
    timer.slot->status = 0;
    timer.slot->call.get = true;
    timer.slot->call.path = timer.slot->path;
    timer.slot->call.body = {};
    transport_->start(timer.slot->call);
  }
  while (!limits_.empty() && limits_.top().at <= now) {
    const Timer timer = limits_.top();
    limits_.pop();
    if (timer.slot->busy && timer.slot->uses == timer.use)
      give_up(*timer.slot, RequestError::timeout, fmt::format("no complete answer within {:g} s", static_cast<double>(setup_.request_limit_ns) * 1e-9));
  }
}

void ClientLoop::Loop::give_up(Slot& slot, RequestError reason, std::string_view text) {
  transport_->abandon(slot.call);
  if (slot.problem == RequestError::none) slot.refuse(reason, std::string(text));
  slot.follows = false;
  request_ended(slot, setup_.clock.now());
}

void ClientLoop::Loop::give_up(RequestError reason) {
  for (const auto& slot : slots_)
    if (slot->busy)
      give_up(*slot, reason, reason == RequestError::timeout ? setup_.limit_text : "the request was still running when the measurement ended");
}

void ClientLoop::Loop::request_ended(Slot& slot, std::int64_t now) {
  RequestColumns& r = recording_.log.requests;
  const PlannedRequest& request = setup_.plan->requests[slot.planned];
  r.end[slot.row] = now;
  const bool failed = slot.problem != RequestError::none;
  if (failed) {
    recording_.failed(slot.row, slot.problem, setup_.target.url + ": " + slot.problem_text);
  } else {
    const AnswerReader& answer = *slot.answer;
    const bool counted = answer.output_tokens() >= 0 || answer.input_tokens() >= 0, has_tokens = answer.has_tokens();
    r.token_source[slot.row] = counted ? TokenSource::usage : has_tokens ? TokenSource::messages : TokenSource::none;
    if (answer.input_tokens() >= 0) r.input_tokens[slot.row] = static_cast<std::int32_t>(answer.input_tokens());
    if (answer.output_tokens() >= 0) r.output_tokens[slot.row] = static_cast<std::int32_t>(answer.output_tokens());
    else if (!has_tokens) r.output_tokens[slot.row] = 0;  // images, videos, embeddings
    r.cached_tokens[slot.row] = static_cast<std::int32_t>(answer.cached_tokens());
    if (setup_.answers.keep_text) {
      std::string text = slot.answer->take_text();
      if (!setup_.prompts.empty() && request.group >= 0) history_[request.group].push_back({setup_.prompts[slot.planned].text, text});
      recording_.keep_text(slot.row, std::move(text));
    }
  }
  if (!request.warmup) note_live(slot);
  if (live.failed.load(std::memory_order_relaxed) > setup_.allowed_failures) end_early(RequestError::cancelled);
  slot.busy = false;
  free_.push_back(&slot);
  dispatcher_->ended(slot.planned, now, failed);
}

void ClientLoop::Loop::note_live(const Slot& slot) {
  const auto add = [](auto& counter, auto more) { counter.store(counter.load(std::memory_order_relaxed) + more, std::memory_order_relaxed); };
  if (slot.problem != RequestError::none) {
    add(live.failed, 1);
    return live.finished({kFailed_s, kFailed_s, kFailed_s});
  }
  add(live.completed, 1);
  add(live.output_tokens, slot.tokens);
  if (slot.first_token == kAbsent) return;
  const std::int64_t start = recording_.log.requests.send_start[slot.row];
  const auto seconds = [](std::int64_t ns) { return static_cast<double>(ns) * 1e-9; };
  const double tpot_s = slot.tokens > 1 ? seconds(slot.last_token - slot.first_token) / static_cast<double>(slot.tokens - 1) : 0;
  live.finished({seconds(slot.first_token - start), tpot_s, seconds(slot.last_token - start)});
}

void ClientLoop::Loop::run_phase(const std::vector<std::uint32_t>& requests, const DispatchRules& rules, std::int64_t begin) {
  Dispatcher dispatcher(setup_.plan->requests, requests, rules);
  dispatcher_ = &dispatcher;
  dispatcher.begin(begin);
  std::int64_t housekeeping_at = begin + kHousekeeping_ns;
  for (;;) {
    std::int64_t now = setup_.clock.now();
    if (const int ending = ending_.load(std::memory_order_relaxed); ending != kRunning) {
      dispatcher.stop();
      if (ending != static_cast<int>(RequestError::none)) give_up(static_cast<RequestError>(ending));
    }
    send_due(now);
    if (dispatcher.over()) return;
    now = setup_.clock.now();
    if (now >= housekeeping_at) {
      live.publish();
      housekeeping_at = now + kHousekeeping_ns;
    }
    serve_timers(now);
    const std::int64_t timers = std::min(follow_ups_.empty() ? kNever : follow_ups_.top().at, limits_.empty() ? kNever : limits_.top().at);
    pacer_.wait(dispatcher.next_due(), std::min(timers, housekeeping_at), now, setup_.clock, [&](std::int64_t until) { return transport_->turn(until); });
  }
}

// ---- the public face ----

ClientLoop::ClientLoop(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
ClientLoop::~ClientLoop() = default;

Result<std::unique_ptr<ClientLoop>> ClientLoop::create(const ClientSetup& setup, std::vector<std::uint32_t> warmups,
                                                       std::vector<std::uint32_t> measured, std::size_t warmup_places,
                                                       const DispatchRules& rules) {
  auto loop = std::make_unique<Loop>(setup, std::move(warmups), std::move(measured), warmup_places, rules);
  TOKENMARK_CHECK(loop->open());
  return std::unique_ptr<ClientLoop>(new ClientLoop(std::move(loop)));
}

void ClientLoop::run(Start& start, int core) { loop_->run(start, core); }
void ClientLoop::end_early(RequestError reason) { loop_->end_early(reason); }
LiveFeed& ClientLoop::live() { return loop_->live; }
Recording ClientLoop::take_recording() { return loop_->take_recording(); }

}  // namespace tokenmark
