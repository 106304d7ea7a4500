#include "engine/server/server.h"

#include "engine/server/api.h"
#include "engine/server/http_server.h"

namespace tokenmark {

struct Server::State {
  explicit State(const ServerOptions& options) : api(options) {}

  server::Api api;
  std::shared_ptr<server::Mailbox> mailbox;  // shared with the sinks in the engine, which may live longer
  std::unique_ptr<server::HttpServer> http;
};

Result<std::unique_ptr<Server>> Server::listen(const ServerOptions& options) {
  auto state = std::make_unique<State>(options);
  State* raw = state.get();
  raw->mailbox = std::make_shared<server::Mailbox>([raw] { raw->http->post([raw] { raw->api.deliver(); }); });
  raw->api.use(raw->mailbox);

  const server::HttpOptions http_options{.host = options.host, .port = options.port,
                                         .max_body_bytes = options.max_body_bytes, .idle_limit = options.idle_limit,
                                         .loopback_only = options.api_key.empty()};
  server::HttpHandlers handlers{
      .refuse = [raw](const server::HttpRequest& request, server::HttpReply& refusal) { return raw->api.refuse(request, refusal); },
      .handle = [raw](server::HttpRequest request, std::shared_ptr<server::HttpExchange> exchange) {
        raw->api.handle(std::move(request), std::move(exchange));
      },
      .error = [raw](int status, const std::string& message) { return raw->api.http_error(status, message); }};
  TOKENMARK_TRY(raw->http, server::HttpServer::listen(http_options, std::move(handlers)));
  raw->http->run();
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

void Server::serve(Engine& engine) {
  state_->http->post([state = state_.get(), &engine] { state->api.serve(engine); });
}

Result<std::unique_ptr<Server>> Server::start(Engine& engine, const ServerOptions& options) {
  auto server = listen(options);
  if (server) (*server)->serve(engine);
  return server;
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
  state_->http->stop();  // every connection is dropped and its requests cancelled
  state_->mailbox->close();
}

std::uint16_t Server::port() const { return state_->http->port(); }

}  // namespace tokenmark
