// How requests get to a server and answers back: the native HTTP/1.1 client (http_transport.h) and libcurl for HTTP/2
// and proxies (curl_transport.h). One a client loop, used from its thread only; everything happens in start() and turn().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/load/event_log.h"

namespace tokenmark {

// What becomes of one call. Times are the run's, taken before anything is read of what arrived.
class CallSink {
 public:
  virtual void on_connected(std::int64_t now) = 0;  // a connection was made for it
  virtual void on_sent(std::int64_t now) = 0;       // the last byte was handed to the system
  // The answer's head is complete. `retry_after`: as the server wrote it, or empty.
  virtual void on_head(int status, std::string_view content_type, std::string_view retry_after, std::int64_t now) = 0;
  // Part of the body; false: nothing more of it is wanted, the connection is closed. 64 readable bytes lie behind.
  virtual bool on_body(std::string_view bytes, std::int64_t now) = 0;
  // The last word; `error` none: the answer is complete, or was refused by on_body. The call may be started again here.
  virtual void on_end(RequestError error, std::string_view text, std::int64_t now) = 0;

 protected:
  ~CallSink() = default;
};

// Belongs to the caller; must stay until its on_end or abandon().
struct Call {
  CallSink* sink = nullptr;
  bool get = false;            // else POST
  std::string_view path;       // of a GET ("/v1/videos/7"); a POST goes to the endpoint's own
  std::string_view body;
  void* transfer = nullptr;    // the transport's own
  bool again = false;          // was sent a second time, since a kept connection turned out to be closed
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual void start(Call& call) = 0;
  virtual void abandon(Call& call) = 0;   // no on_end comes any more
  // Waits at most until `until` (0: not at all), then serves what there is. Between two sockets `between` is called, so
  // that a request that falls due is not late by a whole batch. false: there was nothing.
  virtual bool turn(std::int64_t until) = 0;
  virtual void wake() = 0;                // ends the wait of a turn; any thread
  virtual std::int64_t longest_stall_ns() const = 0;  // between two looks at the sockets
};

class BetweenSockets {
 public:
  virtual void between_sockets(std::int64_t now) = 0;

 protected:
  ~BetweenSockets() = default;
};

// Where calls go, prepared once for all loops.
struct CallTarget {
  bool tls = false, verify = true;
  std::string host, port, path;        // of the URL; path with a leading slash
  std::string url, base_url;           // whole; scheme, host and port only
  std::string root;                    // what stands before the paths of other calls; often empty
  std::vector<std::string> header_lines;  // "Name: value"; the key is in one of them
  std::string ca_file, proxy;
  bool http2 = false;
  std::vector<std::string> addresses;  // sockaddr_in or sockaddr_in6 as bytes
  std::string resolve_error;           // why there are none
};

}  // namespace tokenmark
