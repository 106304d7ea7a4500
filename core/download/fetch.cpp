#include "core/download/fetch.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>

#include "core/load/curl_loop.h"
#include "core/load/endpoint_url.h"

namespace tokenmark {
namespace {

using Clock = std::chrono::steady_clock;

constexpr long kConnectLimit_s = 30, kSilenceLimit_s = 60, kBuffer = 512 << 10;
constexpr std::size_t kLongestHeader = 4096;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// "bytes 100-999/1000", "bytes 100-999/*", "bytes */1000".
void read_range(std::string_view text, AnswerHead& head) {
  if (!text.starts_with("bytes ")) return;
  text.remove_prefix(6);
  const std::size_t slash = text.find('/'), dash = text.find('-');
  if (slash == std::string_view::npos) return;
  head.range_total = number(text.substr(slash + 1));
  if (dash < slash) head.range_start = number(text.substr(0, dash));
}

class Transfer {
 public:
  Transfer(const Get& get, const std::stop_token& stop, Fetched& fetched)
      : get_(get),
        stop_(stop),
        fetched_(fetched),
        curl_(curl_easy_init(), curl_easy_cleanup),
        headers_(nullptr, curl_slist_free_all) {}

  Status run() {
    TOKENMARK_CHECK(start_curl());
    if (!curl_) return fail(ErrorKind::exhausted, "libcurl gives no transfer");
    set_up();
    const CURLcode code = curl_easy_perform(curl_.get());
    read_head();
    if (!ended_) return ended_;
    if (stop_.stop_requested()) return fail(ErrorKind::cancelled, "cancelled");
    if (code != CURLE_OK) {
      fetched_.broke =
          code != CURLE_PEER_FAILED_VERIFICATION && code != CURLE_SSL_CACERT_BADFILE && code != CURLE_URL_MALFORMAT;
      return fail(fetched_.broke ? ErrorKind::io : ErrorKind::unavailable, "{}", meaning(code));
    }
    return begin_body();  // where it has none
  }

 private:
  void set_up() {
    CURL* curl = curl_.get();
    for (const std::string& line : get_.header_lines) headers_.reset(curl_slist_append(headers_.release(), line.c_str()));
    curl_easy_setopt(curl, CURLOPT_URL, get_.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    if (is_loopback(get_.url)) curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (!get_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, get_.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "tokenmark");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, kBuffer);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectLimit_s);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kSilenceLimit_s);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, said_);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  }

  void read_head() {
    long status = 0;
    char* location = nullptr;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl_.get(), CURLINFO_REDIRECT_URL, &location);
    fetched_.head.status = static_cast<int>(status);
    if (location != nullptr) fetched_.head.location = location;
  }

  bool good() const { return fetched_.head.status / 100 == 2; }

  Status begin_body() {
    if (std::exchange(begun_, true)) return {};
    read_head();
    if (good()) ended_ = get_.on_head(fetched_.head);
    return ended_;
  }

  std::string meaning(CURLcode code) const {
    const std::string said = said_[0] != '\0' ? said_ : curl_easy_strerror(code);
    switch (code) {
      case CURLE_COULDNT_RESOLVE_HOST:
        return fmt::format("the host name is not known; is the URL spelt right, and is there a network? ({})", said);
      case CURLE_COULDNT_CONNECT: return fmt::format("nothing answers there ({})", said);
      case CURLE_OPERATION_TIMEDOUT: return fmt::format("the server says nothing any more ({})", said);
      case CURLE_PEER_FAILED_VERIFICATION: return fmt::format("its certificate is not trusted ({})", said);
      case CURLE_SSL_CACERT_BADFILE:
        return fmt::format("the file of certificates {} cannot be read ({})", get_.ca_file, said);
      case CURLE_SSL_CONNECT_ERROR: return fmt::format("no TLS is spoken there ({})", said);
      case CURLE_PARTIAL_FILE:
      case CURLE_RECV_ERROR:
      case CURLE_GOT_NOTHING: return fmt::format("the link broke ({})", said);
      default: return said;
    }
  }

  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.stop_.stop_requested()) return 1;
    if (const auto now = Clock::now(); now - transfer.ticked_ > std::chrono::milliseconds(100)) {
      transfer.ticked_ = now;
      transfer.get_.on_tick();
    }
    return 0;
  }

  static std::size_t on_header(char* line, std::size_t, std::size_t size, void* self) {
    AnswerHead& head = static_cast<Transfer*>(self)->fetched_.head;
    const std::string_view text(line, size);
    if (text.starts_with("HTTP/")) head = {};  // of an answer before it ("100 Continue")
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || size > kLongestHeader) return size;
    std::string name(text.substr(0, colon)), value(text.substr(colon + 1));
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    value.erase(value.find_last_not_of(" \t\r\n") + 1);
    value.erase(0, std::min(value.find_first_not_of(" \t"), value.size()));
    if (name == "etag") head.etag = value;
    else if (name == "last-modified") head.last_modified = value;
    else if (name == "x-linked-etag") head.linked_etag = value;
    else if (name == "x-error-message") head.said = value;
    else if (name == "content-length") head.length = number(value);
    else if (name == "x-linked-size") head.linked_size = number(value);
    else if (name == "content-range") read_range(value, head);
    else if (name == "retry-after")
      head.retry_after_s = static_cast<int>(std::min<std::uint64_t>(60, number(value).value_or(0)));
    return size;
  }

  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.begin_body() && transfer.good()) transfer.ended_ = transfer.get_.on_body({bytes, size});
    return transfer.ended_ ? size : 0;  // 0 ends the transfer
  }

  const Get& get_;
  const std::stop_token& stop_;
  Fetched& fetched_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_;
  Clock::time_point ticked_{};
  Status ended_;
  bool begun_ = false;
  char said_[CURL_ERROR_SIZE] = "";
};

}  // namespace

Status fetch(const Get& get, const std::stop_token& stop, Fetched& fetched) {
  fetched = {};
  return Transfer(get, stop, fetched).run();
}

}  // namespace tokenmark
