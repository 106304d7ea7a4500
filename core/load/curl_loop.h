// libcurl's transfers on one epoll set in the calling thread. The cost of a turn depends on the sockets that have
// something to say, not on how many there are.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>

#include "base/result.h"

namespace tokenmark {

class CurlLoop {
 public:
  using Done = std::function<void(CURL* transfer, CURLcode code)>;

  // `connections`: how many are kept open for reuse. `multiplex`: HTTP/2 requests share one.
  static Result<std::unique_ptr<CurlLoop>> create(long connections, Done done, bool multiplex = false);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  Status add(CURL* transfer);
  void remove(CURL* transfer);  // also one that runs: its connection is closed
  // Waits for sockets, at most `limit_ns` (a stop ends the wait), moves transfers on and reports those that ended;
  // `done` may add and remove transfers. false: no socket had anything.
  bool turn(std::int64_t limit_ns);
  // The longest time between two looks at the sockets.
  std::int64_t longest_stall_ns() const { return longest_stall_ns_; }
  // Ends the wait of a turn; any thread.
  void wake();

 private:
  CurlLoop() = default;
  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known);
  static int on_timer(CURLM*, long timeout_ms, void* self);
  void drive(curl_socket_t socket, int events);
  void report_done();

  Done done_;
  CURLM* multi_ = nullptr;
  int epoll_ = -1, wake_ = -1;
  std::int64_t timer_at_ns_ = -1;  // when libcurl wants to be called; -1: not
  std::int64_t left_wait_at_ns_ = -1, longest_stall_ns_ = 0;
};

// libcurl's process-wide start, once; an error if it cannot.
Status start_curl();

}  // namespace tokenmark
