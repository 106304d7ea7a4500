// HTTP/1.1 on one thread: connections, framing, limits, deadlines. It knows nothing of what is served.
// Everything is called on the server's thread, `post` and `stop` excepted.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tokenmark::server {

struct HttpRequest {
  std::string method, target, authorization;  // `target` as sent, with its query
  std::string body;
};

struct HttpReply {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::string allow;  // with 405: the methods there are
};

// One request's answer: either `reply`, or `begin_stream`, any number of `write` and `end_stream`.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  virtual void reply(const HttpReply& reply) = 0;
  virtual void begin_stream(std::string_view content_type) = 0;
  virtual void write(std::string_view text) = 0;  // goes out at once; ignored when the client is gone
  virtual void end_stream() = 0;
  // Called once if the client goes away (or reads too slowly) before the answer is complete; never from within a
  // call of this class.
  virtual void when_gone(std::function<void()> callback) = 0;
};

struct HttpHandlers {
  // Before the body is read: a reply here refuses the request and closes the connection.
  std::function<bool(const HttpRequest& without_body, HttpReply& refusal)> refuse;
  std::function<void(HttpRequest request, std::shared_ptr<HttpExchange> exchange)> handle;
  // The body of an error that HTTP itself calls for (400, 413, 431).
  std::function<HttpReply(int status, const std::string& message)> error;
};

struct HttpOptions {
  std::string host;
  std::uint16_t port = 0;
  std::size_t max_body_bytes = 0;
  std::chrono::milliseconds idle_limit{60000};  // for a request to arrive and for a client to take what is sent
  bool loopback_only = true;
};

class HttpServer {
 public:
  // Has the port; nobody is served before `run` starts the thread.
  static Result<std::unique_ptr<HttpServer>> listen(const HttpOptions& options, HttpHandlers handlers);
  ~HttpServer();  // stops

  void run();
  std::uint16_t port() const;
  void post(std::function<void()> task);  // runs it on the server's thread; lost once stopped
  void stop();                            // closes everything (`when_gone` is called) and joins the thread

  struct State;
 private:
  explicit HttpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tokenmark::server
