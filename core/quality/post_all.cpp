#include "core/quality/post_all.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "core/load/curl_loop.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMaxBody = 64 << 20;
constexpr long kConnectLimitMs = 30'000;
constexpr std::int64_t kTurn = 200'000'000;  // how often a stop is looked for

struct Transfer {
  CURL* curl = nullptr;
  std::size_t index = 0;
  bool running = false;
  std::string sent, received;
  char problem[CURL_ERROR_SIZE] = "";
  ~Transfer() { curl_easy_cleanup(curl); }
};

std::size_t take(char* bytes, std::size_t, std::size_t size, void* self) {
  auto& received = static_cast<Transfer*>(self)->received;
  if (received.size() + size > kMaxBody) return 0;  // ends the transfer
  received.append(bytes, size);
  return size;
}

class Sender {
 public:
  explicit Sender(const Posts& posts) : posts_(posts) {}
  ~Sender() {
    for (const auto& transfer : transfers_)
      if (transfer->running) loop_->remove(transfer->curl);
    curl_slist_free_all(headers_);
  }

  Status run(const std::stop_token& stop) {
    if (posts_.api_key.find_first_of("\r\n") != std::string::npos)
      return fail(ErrorKind::invalid_input, "the API key holds a line break");
    headers_ = curl_slist_append(headers_, "Content-Type: application/json");
    headers_ = curl_slist_append(headers_, "Expect:");
    if (!posts_.api_key.empty()) headers_ = curl_slist_append(headers_, ("Authorization: Bearer " + posts_.api_key).c_str());
    TOKENMARK_TRY(loop_, CurlLoop::create(static_cast<long>(posts_.at_once) + 4, [this](CURL* curl, CURLcode code) { ended(curl, code); }));
    for (std::size_t i = 0; i < std::min(posts_.at_once, posts_.count); ++i) {
      transfers_.push_back(std::make_unique<Transfer>());
      if (!(transfers_.back()->curl = curl_easy_init())) return fail(ErrorKind::exhausted, "libcurl gives no more transfers");
      start(*transfers_.back());
    }
    const std::stop_callback wake(stop, [this] { loop_->wake(); });
    while (running_ > 0 && !stop.stop_requested()) loop_->turn(kTurn);
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "the evaluation was cancelled");
    return {};
  }

 private:
  void start(Transfer& transfer) {
    if (next_ == posts_.count) return;
    transfer.index = next_++;
    transfer.sent = posts_.body(transfer.index);
    transfer.received.clear();
    CURL* curl = transfer.curl;
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, posts_.url.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, transfer.sent.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.sent.size()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer.problem);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectLimitMs);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    transfer.running = true;
    ++running_;
    if (const Status added = loop_->add(curl); !added) end(transfer, {0, {}, added.error().message});
  }

  void ended(CURL* curl, CURLcode code) {
    Transfer* transfer = nullptr;
    curl_easy_getinfo(curl, CURLINFO_PRIVATE, &transfer);
    loop_->remove(curl);
    HttpAnswer answer;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    answer.body = std::move(transfer->received);
    if (code != CURLE_OK) answer.error = transfer->problem[0] ? transfer->problem : curl_easy_strerror(code);
    end(*transfer, std::move(answer));
  }

  void end(Transfer& transfer, HttpAnswer answer) {
    transfer.running = false;
    --running_;
    posts_.done(transfer.index, std::move(answer));
    start(transfer);
  }

  const Posts& posts_;
  std::unique_ptr<CurlLoop> loop_;
  curl_slist* headers_ = nullptr;
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::size_t next_ = 0, running_ = 0;
};

}  // namespace

Status post_all(const Posts& posts, const std::stop_token& stop) { return Sender(posts).run(stop); }

}  // namespace tokenmark
