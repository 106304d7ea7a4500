#include "core/load/curl_transport.h"

#include <strings.h>

#include <algorithm>
#include <cstdlib>

#include "core/load/curl_loop.h"
#include "core/load/endpoint_url.h"

namespace tokenmark {
namespace {

constexpr long kConnectLimitMs = 30'000;

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

// libcurl 7.88 breaks the second request on a connection that began with HTTP/2 in the clear (curl/curl#10634): there each
// request gets a connection of its own. Under TLS, where servers speak HTTP/2, it shares them as it should.
bool breaks_kept_http2() {
  const unsigned version = curl_version_info(CURLVERSION_NOW)->version_num;
  return version >= 0x075800 && version < 0x080000;
}

class CurlTransport final : public Transport {
 public:
  CurlTransport(const CallTarget& target, const RunClock& clock, BetweenSockets& between)
      : target_(target), clock_(clock), between_(between) {
    for (const std::string& line : target.header_lines) headers_ = curl_slist_append(headers_, line.c_str());
    headers_ = curl_slist_append(headers_, "Expect:");  // no waiting for permission to send a body
  }
  ~CurlTransport() override {
    for (const auto& transfer : transfers_) {
      if (transfer->call != nullptr) loop_->remove(transfer->curl);
      curl_easy_cleanup(transfer->curl);
    }
    curl_slist_free_all(headers_);
  }

  Status open(std::size_t connections) {
    TOKENMARK_TRY(loop_, CurlLoop::create(static_cast<long>(connections), [this](CURL* curl, CURLcode code) { on_done(curl, code); }, target_.http2));
    return {};
  }

  void start(Call& call) override {
    Transfer* const transfer = free_transfer();
    if (transfer == nullptr) return call.sink->on_end(RequestError::closed, "libcurl has no memory for one more transfer", clock_.now());
    transfer->call = &call;
    transfer->started = clock_.now();
    transfer->sent = transfer->headed = false;
    transfer->retry_after.clear();
    transfer->text[0] = '\0';
    call.transfer = transfer;
    curl_easy_setopt(transfer->curl, CURLOPT_URL, call.get ? (target_.base_url + std::string(call.path)).c_str() : target_.url.c_str());
    if (call.get) {
      curl_easy_setopt(transfer->curl, CURLOPT_HTTPGET, 1L);
    } else {
      curl_easy_setopt(transfer->curl, CURLOPT_POST, 1L);
      curl_easy_setopt(transfer->curl, CURLOPT_POSTFIELDS, call.body.data());
      curl_easy_setopt(transfer->curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    }
    if (const Status added = loop_->add(transfer->curl); !added) {
      release(*transfer);
      call.sink->on_end(RequestError::closed, added.error().message, clock_.now());
    }
  }

  void abandon(Call& call) override {
    auto* const transfer = static_cast<Transfer*>(call.transfer);
    if (transfer == nullptr) return;
    loop_->remove(transfer->curl);
    release(*transfer);
  }

  bool turn(std::int64_t until) override {
    const bool served = loop_->turn(until - clock_.now());
    between_.between_sockets(clock_.now());
    return served;
  }
  void wake() override { loop_->wake(); }
  std::int64_t longest_stall_ns() const override { return loop_->longest_stall_ns(); }

 private:
  struct Transfer {
    CurlTransport* transport = nullptr;
    CURL* curl = nullptr;
    Call* call = nullptr;
    std::int64_t started = 0;
    bool sent = false, headed = false;
    std::string retry_after;
    char text[CURL_ERROR_SIZE] = "";
  };

  Transfer* free_transfer() {
    if (!free_.empty()) {
      Transfer* const transfer = free_.back();
      free_.pop_back();
      return transfer;
    }
    CURL* const curl = curl_easy_init();
    if (curl == nullptr) return nullptr;
    transfers_.push_back(std::make_unique<Transfer>());
    Transfer& transfer = *transfers_.back();
    transfer.transport = this;
    transfer.curl = curl;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    // An empty text is no proxy, whatever the environment says; none given leaves it to the environment.
    if (target_.proxy == "none" || (target_.proxy.empty() && is_loopback(target_.url))) curl_easy_setopt(curl, CURLOPT_PROXY, "");
    else if (!target_.proxy.empty()) curl_easy_setopt(curl, CURLOPT_PROXY, target_.proxy.c_str());
    const long plain_http2 = target_.tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, target_.http2 ? plain_http2 : static_cast<long>(CURL_HTTP_VERSION_1_1));
    if (target_.http2) curl_easy_setopt(curl, CURLOPT_PIPEWAIT, 1L);
    if (target_.http2 && !target_.tls && breaks_kept_http2()) {
      curl_easy_setopt(curl, CURLOPT_PIPEWAIT, 0L);
      curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
      curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    }
    if (!target_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, target_.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, target_.verify ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, target_.verify ? 2L : 0L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectLimitMs);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer.text);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &CurlTransport::on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &CurlTransport::on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &CurlTransport::on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    return &transfer;
  }
  void release(Transfer& transfer) {
    transfer.call->transfer = nullptr;
    transfer.call = nullptr;
    free_.push_back(&transfer);
  }

  static int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t uploaded) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (transfer.call == nullptr || transfer.sent || uploaded < static_cast<curl_off_t>(transfer.call->body.size())) return 0;
    transfer.sent = true;
    transfer.call->sink->on_sent(transfer.transport->clock_.now());
    return 0;
  }

  static std::size_t on_header(char* line, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    std::string_view text(line, size);
    constexpr std::string_view kRetry = "retry-after:";
    if (text.size() > kRetry.size() && strncasecmp(line, kRetry.data(), kRetry.size()) == 0) {
      text.remove_prefix(kRetry.size());
      while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
      while (!text.empty() && (text.back() == '\r' || text.back() == '\n')) text.remove_suffix(1);
      transfer.retry_after = text;
    }
    if (text == "\r\n") transfer.transport->on_head(transfer);
    return size;
  }

  void on_head(Transfer& transfer) {
    long status = 0;
    char* type = nullptr;
    curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer.curl, CURLINFO_CONTENT_TYPE, &type);
    if (status / 100 == 1 && status != 101) return;  // "100 Continue"
    const std::int64_t now = clock_.now();
    long connections = 0;
    curl_off_t connect_us = 0, tls_us = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_NUM_CONNECTS, &connections);
    curl_easy_getinfo(transfer.curl, CURLINFO_CONNECT_TIME_T, &connect_us);
    curl_easy_getinfo(transfer.curl, CURLINFO_APPCONNECT_TIME_T, &tls_us);
    if (connections > 0 && !transfer.headed)
      transfer.call->sink->on_connected(std::min(now, transfer.started + std::max(connect_us, tls_us) * 1000));
    transfer.headed = true;
    transfer.call->sink->on_head(static_cast<int>(status), type != nullptr ? type : "", transfer.retry_after, now);
  }

  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::int64_t now = transfer.transport->clock_.now();
    return transfer.call->sink->on_body(transfer.transport->padded({bytes, size}), now) ? size : 0;
  }

  // libcurl's buffer ends where its bytes do.
  std::string_view padded(std::string_view bytes) {
    if (buffer_.size() < bytes.size() + 64) buffer_.resize(bytes.size() + 64);
    buffer_.replace(0, bytes.size(), bytes);
    return std::string_view(buffer_).substr(0, bytes.size());
  }

  void on_done(CURL* curl, CURLcode code) {
    const std::int64_t now = clock_.now();
    char* user = nullptr;
    curl_easy_getinfo(curl, CURLINFO_PRIVATE, &user);
    Transfer& transfer = *reinterpret_cast<Transfer*>(user);
    Call& call = *transfer.call;
    loop_->remove(curl);
    release(transfer);
    // A refused body ends the transfer with an error of libcurl's; the sink knows the reason.
    if (code == CURLE_OK || code == CURLE_WRITE_ERROR) return call.sink->on_end(RequestError::none, "", now);
    call.sink->on_end(class_of(code), transfer.text[0] != '\0' ? transfer.text : curl_easy_strerror(code), now);
  }

  const CallTarget& target_;
  const RunClock& clock_;
  BetweenSockets& between_;
  curl_slist* headers_ = nullptr;
  std::unique_ptr<CurlLoop> loop_;
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::vector<Transfer*> free_;
  std::string buffer_;
};

}  // namespace

Result<std::unique_ptr<Transport>> make_curl_transport(const CallTarget& target, const RunClock& clock, BetweenSockets& between,
                                                       std::size_t connections) {
  auto transport = std::make_unique<CurlTransport>(target, clock, between);
  TOKENMARK_CHECK(transport->open(connections));
  return transport;
}

bool needs_proxy(const std::string& url, const std::string& proxy) {
  if (proxy == "none") return false;
  if (!proxy.empty()) return true;
  if (is_loopback(url)) return false;
  // Which of these holds, and for which hosts, is libcurl's to know (NO_PROXY and the like).
  const char* const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
  return std::any_of(std::begin(names), std::end(names), [](const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr && *value != '\0';
  });
}

}  // namespace tokenmark
