#include "engine/server/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>
#include <unordered_map>

#include "engine/server/http_connection.h"

namespace tokenmark::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kMostConnections = 4096;
constexpr std::chrono::milliseconds kAcceptPause{100};  // when the process has no descriptors left

}  // namespace

struct HttpServer::State {
  State(const HttpOptions& given, HttpHandlers wanted)
      : options(given), handlers(std::move(wanted)),
        context{handlers, options.max_body_bytes, options.idle_limit,
                [this](HttpExchange* connection) { connections.erase(connection); }} {}

  Status listen();
  void accept();
  void tick();
  void close_all();

  HttpOptions options;
  HttpHandlers handlers;
  ConnectionContext context;
  asio::io_context io{1};
  tcp::acceptor acceptor{io};
  asio::steady_timer timer{io}, pause{io};
  std::unordered_map<HttpExchange*, std::shared_ptr<Connection>> connections;
  std::uint16_t port = 0;
  std::thread thread;
};

Status HttpServer::State::listen() {
  const std::string where = fmt::format("{}:{}", options.host, options.port);
  error_code error;
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(options.host, std::to_string(options.port),
                                      tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (error || found.empty()) return fail(ErrorKind::invalid_input, "{}: the address is not known: {}", where, error.message());
  const tcp::endpoint endpoint = *found.begin();
  if (options.loopback_only && !endpoint.address().is_loopback())
    return fail(ErrorKind::invalid_input,
                "{}: listening on an address others can reach needs an API key; give one or use 127.0.0.1", where);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return fail(ErrorKind::io, "{}: cannot listen: {}", where, error.message());
  port = acceptor.local_endpoint().port();
  return {};
}

void HttpServer::State::accept() {
  acceptor.async_accept([this](error_code error, tcp::socket socket) {
    if (error == asio::error::operation_aborted || !acceptor.is_open()) return;
    if (error) {
      pause.expires_after(kAcceptPause);
      pause.async_wait([this](error_code aborted) {
        if (!aborted) accept();
      });
      return;
    }
    if (connections.size() < kMostConnections) {
      auto connection = std::make_shared<Connection>(std::move(socket), context);
      connections.emplace(connection.get(), connection);
      connection->start();
    }
    accept();
  });
}

// One timer looks after the deadlines of all connections.
void HttpServer::State::tick() {
  timer.expires_after(std::clamp(options.idle_limit / 10, std::chrono::milliseconds(10), std::chrono::milliseconds(1000)));
  timer.async_wait([this](error_code aborted) {
    // A timer that had run out before close_all still comes without an error: it must not start the next one.
    if (aborted || !acceptor.is_open()) return;
    const auto now = Connection::Clock::now();
    std::vector<std::shared_ptr<Connection>> overdue;
    for (const auto& [key, connection] : connections)
      if (connection->overdue(now)) overdue.push_back(connection);
    for (const auto& connection : overdue) connection->close();
    tick();
  });
}

void HttpServer::State::close_all() {
  error_code ignored;
  acceptor.close(ignored);
  timer.cancel();
  pause.cancel();
  const auto open = connections;
  for (const auto& [key, connection] : open) connection->close();
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const HttpOptions& options, HttpHandlers handlers) {
  auto state = std::make_unique<State>(options, std::move(handlers));
  TOKENMARK_CHECK(state->listen());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

void HttpServer::run() {
  state_->accept();
  state_->tick();
  state_->thread = std::thread([state = state_.get()] {
    pthread_setname_np(pthread_self(), "server");
    state->io.run();
  });
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() { stop(); }
std::uint16_t HttpServer::port() const { return state_->port; }
void HttpServer::post(std::function<void()> task) { asio::post(state_->io, std::move(task)); }

void HttpServer::stop() {
  if (!state_->thread.joinable()) return;
  asio::post(state_->io, [this] { state_->close_all(); });
  state_->thread.join();  // with everything closed there is no work left
}

}  // namespace tokenmark::server
