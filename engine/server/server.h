// The OpenAI-compatible HTTP server of one engine, on Boost.Beast.
// Listens on 127.0.0.1 unless told otherwise, and on another address only with an API key. One thread of its own;
// a client that goes away frees its slot within one step. It may listen before there is an engine, so that a port or a
// key that cannot be is known before a model is loaded: requests are then answered with 503. Endpoints: /v1/completions, /v1/chat/completions,
// /v1/models, /health, /metrics. Wrong requests get OpenAI-shaped 4xx errors.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "engine/runtime/engine.h"

namespace tokenmark {

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;                       // 0: any free one
  std::string api_key;                             // empty: none asked for; required if host is not loopback
  std::string model_name;                          // in /v1/models; empty: the model's own name
  std::size_t max_body_bytes = 16u << 20;
  std::chrono::seconds idle_limit{60};
};

class Server {
 public:
  static Result<std::unique_ptr<Server>> listen(const ServerOptions& options);
  void serve(Engine& engine);  // once; the engine outlives the server
  static Result<std::unique_ptr<Server>> start(Engine& engine, const ServerOptions& options);  // both
  ~Server();  // closes connections, cancels their requests
  std::uint16_t port() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tokenmark
