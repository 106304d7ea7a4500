#include "core/load/server_probe.h"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/load/answer_reader.h"
#include "core/load/call_target.h"
#include "core/load/curl_loop.h"
#include "core/load/endpoint_url.h"
#include "core/load/request_bodies.h"
#include "core/load/sse_parser.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostBody = 8 << 20, kMostHeaders = 100, kMostModels = 1000, kPadding = 64;
constexpr const char* kQuestion = "Write a short story about a lighthouse keeper who measures how fast the waves come in.";

// One HTTP call of libcurl's easy interface, its answer handed over piece by piece.
class Probe {
 public:
  using OnPiece = std::function<void(std::string_view piece, double now_s)>;
  Probe(const CallTarget& target, std::stop_token stop, const ProbeLimits& limits, OnPiece on_piece)
      : target_(target), stop_(std::move(stop)), limits_(limits), on_piece_(std::move(on_piece)) {}

  void run(ProbeCall& call, const std::string& url, const std::string* body) {
    call_ = &call;
    call.url = url;
    if (const Status started = start_curl(); !started) return void(call.problem = started.error().message);
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
    if (!curl) return void(call.problem = "libcurl gives no transfer");
    curl_slist* headers = curl_slist_append(nullptr, "Expect:");
    for (const std::string& line : target_.header_lines)
      if (body || !line.starts_with("Content-Type")) headers = curl_slist_append(headers, line.c_str());
    set_up(curl.get(), url, headers, body);
    begun_ = Clock::now();
    const CURLcode code = curl_easy_perform(curl.get());
    call.end_s = now_s();
    read_facts(curl.get(), code);
    curl_slist_free_all(headers);
  }
  const std::string& body() const { return body_; }

 private:
  double now_s() const { return std::chrono::duration<double>(Clock::now() - begun_).count(); }

  void set_up(CURL* curl, const std::string& url, curl_slist* headers, const std::string* body) {
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    if (target_.proxy == "none" || (target_.proxy.empty() && is_loopback(url))) curl_easy_setopt(curl, CURLOPT_PROXY, "");
    else if (!target_.proxy.empty()) curl_easy_setopt(curl, CURLOPT_PROXY, target_.proxy.c_str());
    if (!target_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, target_.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, target_.verify ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, target_.verify ? 2L : 0L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (body) {
      curl_easy_setopt(curl, CURLOPT_POST, 1L);
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data());
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
    }
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits_.connect_s * 1000));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(limits_.answer_s * 1000));
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, said_);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Probe::on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Probe::on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &Probe::on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  }

  void read_facts(CURL* curl, CURLcode code) {
    long status = 0;
    curl_off_t connect_us = 0, tls_us = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME_T, &connect_us);
    curl_easy_getinfo(curl, CURLINFO_APPCONNECT_TIME_T, &tls_us);
    call_->status = static_cast<int>(status);
    if (connect_us > 0) call_->connected_s = static_cast<double>(std::max(connect_us, tls_us)) / 1e6;
    if (code != CURLE_OK) call_->problem = meaning(code);
    else if (!is_answer(call_->status)) call_->problem = refusal();
  }

  std::string meaning(CURLcode code) const {
    if (stop_.stop_requested()) return "cancelled";
    if (too_large_) return "the answer is larger than 8 MiB; is it a server of models?";
    const std::string said = said_[0] != '\0' ? said_ : curl_easy_strerror(code);
    switch (code) {
      case CURLE_COULDNT_RESOLVE_HOST: return fmt::format("the host name is not known; is the URL spelt right? ({})", said);
      case CURLE_COULDNT_CONNECT: return fmt::format("nothing answers there; does the server run, and on this port? ({})", said);
      case CURLE_OPERATION_TIMEDOUT:
        return fmt::format("{} ({})", call_->connected_s || call_->status ? "the server took the request but gave no whole answer in time" : "the host cannot be reached in time", said);
      case CURLE_PEER_FAILED_VERIFICATION: return fmt::format("its certificate is not trusted; name the CA's file (ca_file), or try http:// ({})", said);
      case CURLE_SSL_CONNECT_ERROR: return fmt::format("no TLS is spoken there; try http:// ({})", said);
      case CURLE_GOT_NOTHING: return fmt::format("the server closed the connection without an answer; try https:// ({})", said);
      default: return said;
    }
  }

  std::string refusal() const {
    const std::string said = error_text_of(body_.substr(0, 64 << 10));
    const char* advice = "";
    if (call_->status == 401 || call_->status == 403) advice = "; the key is missing or wrong";
    if (call_->status == 404) advice = "; the server does not know this path or model";
    if (call_->status == 429) advice = "; the server takes no more requests from you now";
    return fmt::format("HTTP {}{}{}", call_->status, advice, said.empty() ? "" : ": " + said);
  }

  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) { return static_cast<Probe*>(self)->stop_.stop_requested() ? 1 : 0; }

  static std::size_t on_header(char* line, std::size_t, std::size_t size, void* self) {
    auto& probe = *static_cast<Probe*>(self);
    const std::string_view text(line, size);
    if (text.starts_with("HTTP/")) probe.call_->headers.clear();  // of an answer before it ("100 Continue")
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos && probe.call_->headers.size() < kMostHeaders) {
      std::string value(text.substr(colon + 1, 1000));
      while (!value.empty() && static_cast<unsigned char>(value.back()) <= ' ') value.pop_back();
      value.erase(0, std::min(value.find_first_not_of(" \t"), value.size()));
      probe.call_->headers.emplace_back(std::string(text.substr(0, std::min<std::size_t>(colon, 100))), std::move(value));
    }
    if (text == "\r\n") probe.call_->headers_s = probe.now_s();
    return size;
  }

  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& probe = *static_cast<Probe*>(self);
    const double now = probe.now_s();
    if (probe.body_.size() + size > kMostBody) {
      probe.too_large_ = true;
      return 0;
    }
    probe.body_.append(bytes, size);
    if (probe.on_piece_) probe.on_piece_({bytes, size}, now);
    return size;
  }

  const CallTarget& target_;
  std::stop_token stop_;
  ProbeLimits limits_;
  OnPiece on_piece_;
  ProbeCall* call_ = nullptr;
  Clock::time_point begun_;
  std::string body_;
  bool too_large_ = false;
  char said_[CURL_ERROR_SIZE] = "";
};

Result<CallTarget> target_for(const EndpointTarget& endpoint, const std::string& key) {
  TOKENMARK_TRY(const Api* api, api_of(endpoint));
  return call_target(endpoint, *api, "application/json", key);
}

// A stream's tokens with their times, or a whole answer.
class TrialReader {
 public:
  TrialReader(TrialAnswer& trial, const Api& api, const AnswerOptions& options, bool streams, std::int32_t output)
      : trial_(trial), reader_(make_answer_reader(api, options)), streams_(streams) {
    reader_->begin(output);
  }

  void piece(std::string_view piece, double now) {
    last_s_ = now;
    if (!streams_) return;
    padded_.assign(piece).append(kPadding, '\0');
    parser_.feed({padded_.data(), piece.size()});
    SseParser::Event event;
    while (!over_ && parser_.next(event)) {
      AnswerMessage message;
      over_ = reader_->read(event.data, message) != AnswerReader::Verdict::message;
      if (!over_ && message.tokens > 0) {
        if (!trial_.ttft_s) trial_.ttft_s = now;
        trial_.e2e_s = now;
        trial_.output_tokens += message.tokens;
      }
    }
  }

  // `body`: all of it. Why it is no answer, or nothing.
  std::string end(const std::string& body) {
    if (!streams_ || trial_.call.headers_s == std::nullopt) read_whole(body);
    if (reader_->error() == RequestError::none && !reader_->end(parser_.unfinished()) && reader_->problem().empty())
      return "the answer ended before it was complete";
    if (reader_->error() != RequestError::none) return reader_->problem();
    trial_.input_tokens = reader_->input_tokens();
    if (reader_->output_tokens() >= 0) {
      trial_.output_tokens = reader_->output_tokens();
      trial_.counted = true;
    }
    trial_.text = reader_->take_text().substr(0, 4000);
    if (!trial_.e2e_s && !reader_->has_messages()) return "the answer holds no text";
    if (trial_.ttft_s && *trial_.e2e_s > *trial_.ttft_s && trial_.output_tokens > 1)
      trial_.tok_s = static_cast<double>(trial_.output_tokens - 1) / (*trial_.e2e_s - *trial_.ttft_s);
    return {};
  }

 private:
  void read_whole(const std::string& body) {
    padded_.assign(body).append(kPadding, '\0');
    std::vector<AnswerMessage> messages;
    if (!reader_->read_whole({padded_.data(), body.size()}, messages)) return;
    for (const AnswerMessage& message : messages) trial_.output_tokens += message.tokens;
    trial_.e2e_s = last_s_;
  }

  TrialAnswer& trial_;
  std::unique_ptr<AnswerReader> reader_;
  SseParser parser_;
  std::string padded_;
  double last_s_ = 0;
  bool streams_, over_ = false;
};

}  // namespace

ServerModels list_server_models(const EndpointTarget& endpoint, const std::string& key, std::stop_token stop, const ProbeLimits& limits) {
  ServerModels models;
  const auto target = target_for(endpoint, key);
  const auto url = endpoint_url(endpoint, "/v1/models");
  if (!target || !url) {
    models.call.problem = target ? url.error().message : target.error().message;
    return models;
  }
  Probe probe(*target, std::move(stop), limits, {});
  probe.run(models.call, *url, nullptr);
  if (!models.call.ok()) return models;
  const json document = json::parse(probe.body(), nullptr, false);
  const auto list = document.is_object() ? document.find("data") : document.end();
  if (!document.is_object() || list == document.end() || !list->is_array()) {
    models.call.problem = "what answers there gives no list of models; is it an OpenAI-compatible server?";
    return models;
  }
  for (const json& one : *list)
    if (const auto id = one.is_object() ? one.find("id") : one.end(); one.is_object() && id != one.end() && id->is_string() && models.ids.size() < kMostModels)
      models.ids.push_back(id->get<std::string>().substr(0, 500));
  return models;
}

TrialAnswer try_server(const EndpointTarget& endpoint, const std::string& key, std::int32_t output, std::stop_token stop, const ProbeLimits& limits) {
  TrialAnswer trial;
  const auto refuse = [&](const Error& error) {
    trial.call.problem = error.message;
    return trial;
  };
  const auto api = api_of(endpoint);
  if (!api) return refuse(api.error());
  const auto target = target_for(endpoint, key);
  if (!target) return refuse(target.error());
  const auto writer = BodyWriter::create(endpoint, **api);
  if (!writer) return refuse(writer.error());
  const std::string body = writer->body({.text = kQuestion, .ids = {}, .history = {}}, output);
  const bool streams = asks_for_stream(endpoint, **api);
  TrialReader reader(trial, **api, writer->answer_options(true), streams, output);
  Probe probe(*target, std::move(stop), limits, [&](std::string_view piece, double now) {
    if (trial.call.headers_s) reader.piece(piece, now);
  });
  probe.run(trial.call, target->url, &body);
  if (trial.call.ok()) trial.call.problem = reader.end(probe.body());
  return trial;
}

}  // namespace tokenmark
