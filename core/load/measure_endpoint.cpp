// A closed loop against an HTTP endpoint: one event loop in the calling thread, one slot a concurrent request. A slot
// keeps its handle for the whole run; its next request starts when the last one ended. (An open loop would start
// requests at their `intended` times instead and take any free slot; nothing else here would differ.)
#include <algorithm>
#include <memory>

#include "core/load/answer_reader.h"
#include "core/load/curl_loop.h"
#include "core/load/endpoint_url.h"
#include "core/load/load.h"
#include "core/load/recording.h"
#include "core/load/request_bodies.h"
#include "core/load/sse_parser.h"
#include "core/load/token_counts.h"

namespace tokenmark {
namespace {

constexpr std::int64_t kProgressEvery = 250'000'000;
constexpr long kConnectLimitMs = 30'000;
constexpr std::size_t kMaxErrorBody = 64 << 10;

RequestError class_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return RequestError::dns;
    case CURLE_COULDNT_CONNECT: return RequestError::refused;
    case CURLE_OPERATION_TIMEDOUT: return RequestError::timeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PEER_FAILED_VERIFICATION: return RequestError::tls;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING: return RequestError::malformed;
    default: return RequestError::closed;  // the connection broke: nothing came, or a part
  }
}

struct HeaderList {
  curl_slist* list = nullptr;
  ~HeaderList() { curl_slist_free_all(list); }
  void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
};

class EndpointLoad;

// A place for one request at a time.
struct Slot {
  Slot(EndpointLoad& load, std::unique_ptr<AnswerReader> reader) : load(&load), answer(std::move(reader)) {}
  ~Slot() { curl_easy_cleanup(curl); }

  EndpointLoad* load;
  CURL* curl = nullptr;
  SseParser events;
  std::unique_ptr<AnswerReader> answer;
  std::size_t request = 0;
  bool running = false;
  RequestError problem = RequestError::none;  // seen while reading
  std::string problem_text, error_body;
  std::string whole_body;  // of an answer that is no stream
  char curl_text[CURL_ERROR_SIZE] = "";
};

class EndpointLoad {
 public:
  EndpointLoad(const EndpointTarget& endpoint, const Tokenizer* tokenizer, const Point& point, std::vector<PlannedRequest> plan)
      : tokenizer_(tokenizer), endpoint_(endpoint), stop_rules_(point.stop), plan_(std::move(plan)), recording_(plan_),
        counts_(plan_.size()), concurrency_(static_cast<std::size_t>(point.load.concurrency)) {
    warmups_ = static_cast<std::size_t>(std::count_if(plan_.begin(), plan_.end(), [](const auto& r) { return r.warmup; }));
    allowed_failures_ = allowed_failures(stop_rules_, plan_.size() - warmups_);
  }
  ~EndpointLoad() {
    for (const auto& slot : slots_)
      if (slot->running) loop_->remove(slot->curl);
  }

  Status prepare(const std::string& api_key) {
    TOKENMARK_TRY(api_, api_of(endpoint_));
    streams_ = asks_for_stream(endpoint_, *api_);
    TOKENMARK_TRY(const BodyWriter writer, BodyWriter::create(endpoint_, *api_));
    options_ = writer.answer_options(tokenizer_ != nullptr);
    TOKENMARK_TRY(url_, endpoint_url(endpoint_));
    TOKENMARK_TRY(bodies_, request_bodies(endpoint_, tokenizer_, plan_));
    if (api_key.find_first_of("\r\n") != std::string::npos)
      return fail(ErrorKind::invalid_input, "the API key holds a line break");
    headers_.add(fmt::format("Content-Type: {}", writer.content_type()));
    headers_.add(fmt::format("Accept: {}", accept_header(endpoint_, *api_)));
    headers_.add("Expect:");  // no waiting for permission to send a body
    if (!api_key.empty()) headers_.add("Authorization: Bearer " + api_key);
    TOKENMARK_TRY(loop_, CurlLoop::create(static_cast<long>(concurrency_) + 8, [this](CURL* curl, CURLcode code) { on_done(curl, code); }));
    for (std::size_t i = 0; i < std::min(concurrency_, plan_.size()); ++i) TOKENMARK_CHECK(make_slot());
    return {};
  }

  Result<EventLog> run(const LoadProgressSink& progress, const std::stop_token& stop) {
    const std::stop_callback wake(stop, [this] { loop_->wake(); });
    const auto deadline = static_cast<std::int64_t>(stop_rules_.timeout_s * 1e9);
    const double cpu_before_s = thread_cpu_s();
    recording_.start();
    start_phase(warmups_ > 0 ? warmups_ : plan_.size());
    std::int64_t now = 0, progress_at = kProgressEvery;
    while (running_ > 0 && !ending_ && now < deadline && !stop.stop_requested()) {
      loop_->turn(std::min(deadline, progress_at) - now);
      now = recording_.now();
      if (now < progress_at) continue;
      if (progress) progress(progress_now(now));
      progress_at = now + kProgressEvery;
    }
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "the measurement was cancelled");
    end_all(now >= deadline ? RequestError::timeout : RequestError::cancelled);
    if (!failure_.message.empty()) return tl::unexpected(failure_);
    EventLog log = recording_.finish(next_);
    log.client_cpu_s = thread_cpu_s() - cpu_before_s;
    log.longest_stall_ns = loop_->longest_stall_ns();
    counts_.settle(log, tokenizer_);
    if (progress) progress(progress_now(now));
    TOKENMARK_CHECK(check_failures(log, stop_rules_, plan_.size() - warmups_));
    return log;
  }

 private:
  Status make_slot() {
    slots_.push_back(std::make_unique<Slot>(*this, make_answer_reader(*api_, options_)));
    Slot& slot = *slots_.back();
    CURL* const curl = slot.curl = curl_easy_init();
    if (curl == nullptr) return fail(ErrorKind::exhausted, "libcurl has no memory for {} transfers", concurrency_);
    curl_easy_setopt(curl, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    if (is_loopback(url_)) curl_easy_setopt(curl, CURLOPT_PROXY, "");  // whatever the environment says
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers_.list);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectLimitMs);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, &slot);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, slot.curl_text);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &EndpointLoad::on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &slot);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &EndpointLoad::on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &slot);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &EndpointLoad::on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &slot);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    return {};
  }

  // Warm-ups drain before the measurement begins, which then starts all its slots at once.
  void start_phase(std::size_t until) {
    phase_end_ = until;
    const std::int64_t now = recording_.now();
    for (const auto& slot : slots_)
      if (next_ < phase_end_) start(*slot, now);
  }

  // `intended`: when the slot became free.
  void start(Slot& slot, std::int64_t intended) {
    const std::size_t i = slot.request = next_++;
    slot.events.reset();
    slot.answer->begin(plan_[i].output);
    slot.problem = RequestError::none;
    slot.problem_text.clear();
    slot.error_body.clear();
    slot.whole_body.clear();
    slot.curl_text[0] = '\0';
    curl_easy_setopt(slot.curl, CURLOPT_POSTFIELDS, bodies_[i].data());
    curl_easy_setopt(slot.curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(bodies_[i].size()));
    RequestColumns& r = recording_.log.requests;
    r.intended[i] = intended;
    r.queued[i] = recording_.now();
    slot.running = true;
    ++running_;
    r.send_start[i] = recording_.now();
    if (Status added = loop_->add(slot.curl); !added) {
      failure_ = std::move(added.error());
      ending_ = true;
    }
  }

  static int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t uploaded) {
    Slot& slot = *static_cast<Slot*>(user);
    EndpointLoad& load = *slot.load;
    std::int64_t& sent = load.recording_.log.requests.sent[slot.request];
    if (sent == kAbsent && uploaded >= static_cast<curl_off_t>(load.bodies_[slot.request].size())) sent = load.recording_.now();
    return 0;
  }

  static std::size_t on_header(char* line, std::size_t, std::size_t size, void* user) {
    Slot& slot = *static_cast<Slot*>(user);
    if (std::string_view(line, size).substr(0, 5) == "HTTP/")
      slot.load->recording_.log.requests.headers[slot.request] = slot.load->recording_.now();
    return size;
  }

  // Any other count than `size` makes libcurl end the transfer.
  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* user) {
    Slot& slot = *static_cast<Slot*>(user);
    const std::int64_t received = slot.load->recording_.now();
    long status = 0;
    curl_easy_getinfo(slot.curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
      slot.error_body.append(bytes, std::min(size, kMaxErrorBody - std::min(kMaxErrorBody, slot.error_body.size())));
      return slot.error_body.size() < kMaxErrorBody ? size : 0;
    }
    if (!slot.load->streams_) {
      if (slot.whole_body.size() + size > largest_answer_bytes(*slot.load->api_)) return refuse(slot, RequestError::too_large, "the answer is too large");
      slot.whole_body.append(bytes, size);
      return size;
    }
    slot.events.feed({bytes, size});
    return slot.load->read_events(slot, received) ? size : 0;
  }

  bool read_events(Slot& slot, std::int64_t received) {
    SseParser::Event event;
    while (slot.events.next(event)) {
      AnswerMessage message;
      const auto verdict = slot.answer->read(event.data, message);
      if (verdict == AnswerReader::Verdict::done) continue;
      if (verdict == AnswerReader::Verdict::bad) return refuse(slot, slot.answer->error(), slot.answer->problem());
      recording_.message(slot.request, received, event.bytes, message.tokens, message.kind);
      if (!plan_[slot.request].warmup) output_tokens_ += message.tokens;
    }
    return !slot.events.too_large() || refuse(slot, RequestError::too_large, "an event is larger than 64 MiB");
  }

  static bool refuse(Slot& slot, RequestError problem, std::string text) {
    slot.problem = problem;
    slot.problem_text = std::move(text);
    return false;
  }

  void on_done(CURL* curl, CURLcode code) {
    const std::int64_t now = recording_.now();
    char* user = nullptr;
    curl_easy_getinfo(curl, CURLINFO_PRIVATE, &user);
    Slot& slot = *reinterpret_cast<Slot*>(user);
    judge(slot, code);
    note_end(slot, now);
    loop_->remove(curl);
    if (ending_) return;
    if (next_ < phase_end_) start(slot, now);
    else if (running_ == 0 && phase_end_ < plan_.size()) start_phase(plan_.size());
  }

  // What became of a transfer that libcurl has finished.
  void judge(Slot& slot, CURLcode code) {
    long status = 0;
    curl_easy_getinfo(slot.curl, CURLINFO_RESPONSE_CODE, &status);
    recording_.log.requests.status[slot.request] = static_cast<std::int32_t>(status);
    if (slot.problem != RequestError::none) return;
    if (status != 0 && status != 200) {
      refuse(slot, RequestError::http_status, fmt::format("HTTP {}: {}", status, error_text_of(slot.error_body)));
    } else if (code != CURLE_OK) {
      refuse(slot, class_of(code), slot.curl_text[0] != '\0' ? slot.curl_text : curl_easy_strerror(code));
    } else {
      if (!streams_) read_whole(slot);
      if (!slot.answer->end(slot.events.unfinished())) refuse(slot, slot.answer->error(), slot.answer->problem());
    }
  }

  void read_whole(Slot& slot) {
    std::vector<AnswerMessage> messages;
    slot.whole_body.reserve(slot.whole_body.size() + 64);  // readable bytes behind it
    if (!slot.answer->read_whole(slot.whole_body, messages)) return;
    for (const AnswerMessage& message : messages)
      recording_.message(slot.request, recording_.now(), message.bytes, message.tokens, message.kind);
  }

  void note_end(Slot& slot, std::int64_t now) {
    const std::size_t i = slot.request;
    RequestColumns& r = recording_.log.requests;
    r.end[i] = now;
    long connections = 0;
    curl_off_t connect_us = 0, tls_us = 0;
    curl_easy_getinfo(slot.curl, CURLINFO_NUM_CONNECTS, &connections);
    curl_easy_getinfo(slot.curl, CURLINFO_CONNECT_TIME_T, &connect_us);
    curl_easy_getinfo(slot.curl, CURLINFO_APPCONNECT_TIME_T, &tls_us);
    if (connections > 0 && connect_us > 0) r.connected[i] = std::min(now, r.send_start[i] + std::max(connect_us, tls_us) * 1000);
    if (slot.problem == RequestError::none) {
      counts_.note(i, recording_.log, *slot.answer);
    } else {
      recording_.failed(i, slot.problem, url_ + ": " + slot.problem_text);
    }
    if (!plan_[i].warmup) ++(slot.problem == RequestError::none ? completed_ : failed_);
    if (failed_ > allowed_failures_) ending_ = true;
    slot.running = false;
    --running_;
  }

  // What still runs is over; its connections are closed.
  void end_all(RequestError reason) {
    const std::int64_t now = recording_.now();
    for (const auto& slot : slots_) {
      if (!slot->running) continue;
      refuse(*slot, reason, reason == RequestError::timeout
                                ? fmt::format("the point's time limit of {} s passed", stop_rules_.timeout_s)
                                : "the request was still running when the measurement ended");
      note_end(*slot, now);
      loop_->remove(slot->curl);
    }
  }

  LoadProgress progress_now(std::int64_t now) const {
    return {static_cast<std::int32_t>(plan_.size() - warmups_), completed_, failed_, output_tokens_, static_cast<double>(now) * 1e-9};
  }

  const Tokenizer* tokenizer_;
  EndpointTarget endpoint_;
  StopRules stop_rules_;
  std::vector<PlannedRequest> plan_;
  Recording recording_;
  TokenCounts counts_;
  const Api* api_ = nullptr;
  AnswerOptions options_;
  bool streams_ = true;
  std::string url_;
  std::vector<std::string> bodies_;
  HeaderList headers_;
  std::unique_ptr<CurlLoop> loop_;
  std::vector<std::unique_ptr<Slot>> slots_;  // gone before the loop they are in
  std::size_t concurrency_, warmups_ = 0, next_ = 0, phase_end_ = 0, running_ = 0;
  std::int64_t allowed_failures_ = 0, output_tokens_ = 0;
  std::int32_t completed_ = 0, failed_ = 0;  // measured ones
  bool ending_ = false;
  Error failure_;
};

}  // namespace

Result<EventLog> measure_endpoint(const EndpointTarget& endpoint, const Tokenizer* tokenizer, const std::string& api_key,
                                  const Point& point, const LoadProgressSink& progress, std::stop_token stop) {
  TOKENMARK_TRY(Plan plan, plan_requests(point));
  TOKENMARK_CHECK(check_size(plan.requests));
  EndpointLoad load(endpoint, tokenizer, point, std::move(plan.requests));
  TOKENMARK_CHECK(load.prepare(api_key));
  return load.run(progress, stop);
}

}  // namespace tokenmark
