// A server that computes nothing: it answers OpenAI requests with bytes prepared before it started, as fast as sockets
// go or at a given pace. Benchmarks measure clients against it, tests use it where the server is to play no part.
//   POST /v1/completions, /v1/chat/completions   "stream":true: max_tokens events of a usual length (about 250 bytes),
//       each an HTTP chunk of its own, then usage (if asked for) and [DONE]; otherwise one short JSON document
//   GET  /v1/models, /health
// It also takes whole URLs, as a proxy does, so that clients which go through one can be measured.
// One epoll loop a thread, HTTP/1.1 with keep-alive, nothing allocated for a request that arrives in one piece.
// Start and destroy it in any thread; everything else happens in its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace tokenmark::test {

struct NullServerOptions {
  std::uint16_t port = 0;  // 0: any that is free
  int threads = 1;
  std::size_t connections = 1024;             // that can be open at once; the limit of open files is raised for them
  std::chrono::nanoseconds first_token{0};    // from the request to its first token; also before an answer in one piece
  std::chrono::nanoseconds token_interval{0};  // between tokens; 0: as fast as the client takes them, streams in turn
  int coalesce = 1;                           // tokens of one write, which then come `coalesce` intervals apart
  std::string certificate_file, key_file;     // PEM; given: TLS
};

class NullServer {
 public:
  static Result<std::unique_ptr<NullServer>> start(const NullServerOptions& options);
  virtual ~NullServer() = default;  // closes all connections

  virtual std::string url() const = 0;   // http://127.0.0.1:PORT or https://…
  virtual std::uint16_t port() const = 0;
  virtual std::uint64_t requests() const = 0;  // answered or being answered, so far
};

}  // namespace tokenmark::test
