#include "core/load/curl_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "engine/runtime/engine.h"

namespace tokenmark {

Status start_curl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) return fail(ErrorKind::unavailable, "libcurl cannot start: {}", curl_easy_strerror(code));
  return {};
}

Result<std::unique_ptr<CurlLoop>> CurlLoop::create(long connections, Done done, bool multiplex) {
  TOKENMARK_CHECK(start_curl());
  std::unique_ptr<CurlLoop> loop(new CurlLoop);
  loop->done_ = std::move(done);
  loop->epoll_ = epoll_create1(EPOLL_CLOEXEC);
  loop->wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  loop->multi_ = curl_multi_init();
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = loop->wake_;
  if (loop->epoll_ < 0 || loop->wake_ < 0 || loop->multi_ == nullptr ||
      epoll_ctl(loop->epoll_, EPOLL_CTL_ADD, loop->wake_, &event) != 0)
    return fail(ErrorKind::exhausted, "the load generator's event loop cannot be made: {}", std::strerror(errno));
  curl_multi_setopt(loop->multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
  curl_multi_setopt(loop->multi_, CURLMOPT_SOCKETDATA, loop.get());
  curl_multi_setopt(loop->multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
  curl_multi_setopt(loop->multi_, CURLMOPT_TIMERDATA, loop.get());
  curl_multi_setopt(loop->multi_, CURLMOPT_MAXCONNECTS, connections);
  curl_multi_setopt(loop->multi_, CURLMOPT_PIPELINING, multiplex ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING);
  if (multiplex) curl_multi_setopt(loop->multi_, CURLMOPT_MAX_CONCURRENT_STREAMS, 1000L);
  return loop;
}

CurlLoop::~CurlLoop() {
  if (multi_ != nullptr) curl_multi_cleanup(multi_);
  if (wake_ >= 0) close(wake_);
  if (epoll_ >= 0) close(epoll_);
}

Status CurlLoop::add(CURL* transfer) {
  if (const CURLMcode code = curl_multi_add_handle(multi_, transfer); code != CURLM_OK)
    return fail(ErrorKind::internal, "libcurl takes no transfer: {}", curl_multi_strerror(code));
  return {};
}

void CurlLoop::remove(CURL* transfer) { curl_multi_remove_handle(multi_, transfer); }

void CurlLoop::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
}

int CurlLoop::on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
  CurlLoop& loop = *static_cast<CurlLoop*>(self);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(loop.epoll_, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.events = ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0u) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0u);
  event.data.fd = socket;
  epoll_ctl(loop.epoll_, known != nullptr ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
  if (known == nullptr) curl_multi_assign(loop.multi_, socket, self);  // any pointer: "known from now on"
  return 0;
}

int CurlLoop::on_timer(CURLM*, long timeout_ms, void* self) {
  static_cast<CurlLoop*>(self)->timer_at_ns_ = timeout_ms < 0 ? -1 : steady_now_ns() + timeout_ms * 1'000'000;
  return 0;
}

void CurlLoop::drive(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
}

void CurlLoop::report_done() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left))
    if (message->msg == CURLMSG_DONE) done_(message->easy_handle, message->data.result);
}

bool CurlLoop::turn(std::int64_t limit_ns) {
  std::int64_t now = steady_now_ns();
  if (left_wait_at_ns_ >= 0) longest_stall_ns_ = std::max(longest_stall_ns_, now - left_wait_at_ns_);
  if (timer_at_ns_ >= 0) limit_ns = std::min(limit_ns, timer_at_ns_ - now);
  limit_ns = std::clamp<std::int64_t>(limit_ns, 0, 10'000'000'000);
  const timespec limit{limit_ns / 1'000'000'000, limit_ns % 1'000'000'000};
  std::array<epoll_event, 256> events;
  const int n = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &limit, nullptr);
  left_wait_at_ns_ = now = steady_now_ns();
  for (int i = 0; i < n; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd == wake_) {
      std::uint64_t count;
      [[maybe_unused]] const auto taken = read(wake_, &count, sizeof count);
      continue;
    }
    int ready = 0;
    if ((event.events & (EPOLLIN | EPOLLHUP)) != 0) ready |= CURL_CSELECT_IN;
    if ((event.events & EPOLLOUT) != 0) ready |= CURL_CSELECT_OUT;
    if ((event.events & EPOLLERR) != 0) ready |= CURL_CSELECT_ERR;
    drive(event.data.fd, ready);
  }
  if (timer_at_ns_ >= 0 && now >= timer_at_ns_) {
    timer_at_ns_ = -1;
    drive(CURL_SOCKET_TIMEOUT, 0);
  }
  report_done();
  return n > 0;
}

}  // namespace tokenmark
