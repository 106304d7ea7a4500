#include "engine/server/http_connection.h"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/status.hpp>

namespace tokenmark::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::uint32_t kMostHeaderBytes = 16 * 1024;
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kMostEarlyBytes = 64 * 1024;   // pipelined behind the request being answered
constexpr std::size_t kMostUnsentBytes = 1024 * 1024;  // of a stream whose client does not read
constexpr std::chrono::milliseconds kLinger{2000};

int status_of(beast::error_code error) {
  if (error == http::error::body_limit) return 413;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
  return 400;
}

std::string explain(beast::error_code error, std::size_t max_body_bytes) {
  if (error == http::error::body_limit) return fmt::format("The request's body is larger than {} bytes.", max_body_bytes);
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return fmt::format("The request's header is larger than {} bytes.", kMostHeaderBytes);
  return fmt::format("The request is not HTTP/1.1: {}.", error.message());
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, const ConnectionContext& context)
    : socket_(std::move(socket)), context_(context) {}

void Connection::start() {
  beast::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  next_request();
}

void Connection::expect_progress() { deadline_ = Clock::now() + context_.idle_limit; }

void Connection::next_request() {
  phase_ = Phase::request;
  header_seen_ = answered_ = false;
  parser_.emplace();
  parser_->header_limit(kMostHeaderBytes);
  parser_->body_limit(context_.max_body_bytes);
  expect_progress();
  if (buffer_.size() > 0) parse();
  read();
}

void Connection::read() {
  if (reading_ || phase_ == Phase::closed) return;
  if (phase_ == Phase::answer && buffer_.size() >= kMostEarlyBytes) return;
  reading_ = true;
  socket_.async_read_some(buffer_.prepare(kReadBytes),
                          [self = shared_from_this()](beast::error_code error, std::size_t bytes) {
                            self->on_read(error, bytes);
                          });
}

void Connection::on_read(beast::error_code error, std::size_t bytes) {
  reading_ = false;
  if (phase_ == Phase::closed) return;
  if (error) return close();
  buffer_.commit(bytes);
  if (phase_ == Phase::lingering) buffer_.consume(buffer_.size());
  if (phase_ == Phase::request) {
    if (!header_seen_ && buffer_.size() == bytes) expect_progress();  // the first bytes of a request
    parse();
  }
  read();
}

void Connection::parse() {
  while (phase_ == Phase::request && buffer_.size() > 0) {
    beast::error_code error;
    const std::size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    if (error == http::error::need_more) {
      if (buffer_.size() <= kMostEarlyBytes) return;
      error = http::error::header_limit;
    }
    if (error) return refuse(context_.handlers.error(status_of(error), explain(error, context_.max_body_bytes)));
    if (parser_->is_header_done() && !header_seen_ && !on_header()) return;
    if (parser_->is_done()) on_request();
  }
}

bool Connection::on_header() {
  header_seen_ = true;
  const auto& message = parser_->get();
  keep_alive_ = message.keep_alive();
  chunked_ = message.version() >= 11;
  head_only_ = message.method() == http::verb::head;
  HttpRequest request{std::string(message.method_string()), std::string(message.target()),
                      std::string(message[http::field::authorization]), {}};
  HttpReply refusal;
  if (context_.handlers.refuse(request, refusal)) {
    refuse(refusal);
    return false;
  }
  if (beast::iequals(message[http::field::expect], "100-continue") && !parser_->is_done())
    send("HTTP/1.1 100 Continue\r\n\r\n");
  return true;
}

void Connection::on_request() {
  auto message = parser_->release();
  phase_ = Phase::answer;
  deadline_ = Clock::time_point::max();
  HttpRequest request{std::string(message.method_string()), std::string(message.target()),
                      std::string(message[http::field::authorization]), std::move(message.body())};
  try {
    context_.handlers.handle(std::move(request), shared_from_this());
  } catch (const std::exception& error) {  // out of memory for one request must not end all the others
    refuse(context_.handlers.error(500, fmt::format("The request could not be served: {}.", error.what())));
  }
}

// The rest of the request is not wanted: nothing after it can be understood.
void Connection::refuse(const HttpReply& reply) {
  phase_ = Phase::answer;
  keep_alive_ = false;
  this->reply(reply);
}

void Connection::reply(const HttpReply& reply) {
  std::string head = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}{}\r\n", reply.status,
      std::string(http::obsolete_reason(static_cast<http::status>(reply.status))), reply.content_type,
      reply.body.size(), reply.allow.empty() ? "" : fmt::format("Allow: {}\r\n", reply.allow),
      keep_alive_ ? (chunked_ ? "" : "Connection: keep-alive\r\n") : "Connection: close\r\n");
  if (!head_only_) head += reply.body;
  answered_ = true;
  gone_ = {};
  send(head);
}

void Connection::begin_stream(std::string_view content_type) {
  if (!chunked_) keep_alive_ = false;  // HTTP/1.0: the end of the connection is the end of the body
  send(fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nCache-Control: no-cache\r\n{}{}\r\n", content_type,
                   chunked_ ? "Transfer-Encoding: chunked\r\n" : "", keep_alive_ ? "" : "Connection: close\r\n"));
}

void Connection::write(std::string_view text) {
  if (text.empty() || phase_ == Phase::closed) return;
  if (unsent_.size() + text.size() > kMostUnsentBytes) {
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->close(); });
    return;
  }
  send(chunked_ ? fmt::format("{:x}\r\n{}\r\n", text.size(), text) : std::string(text));
}

void Connection::end_stream() {
  answered_ = true;
  gone_ = {};
  if (chunked_) return send("0\r\n\r\n");
  if (!writing_) answer_complete();
}

void Connection::send(std::string_view text) {
  if (phase_ == Phase::closed) return;
  unsent_ += text;
  if (!writing_) flush();
}

void Connection::flush() {
  writing_ = true;
  on_the_wire_.swap(unsent_);
  unsent_.clear();
  expect_progress();
  asio::async_write(socket_, asio::buffer(on_the_wire_),
                    [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_written(error); });
}

void Connection::on_written(beast::error_code error) {
  writing_ = false;
  if (phase_ == Phase::closed) return;
  if (error) return close();
  if (!unsent_.empty()) return flush();
  if (answered_) return answer_complete();
  if (phase_ == Phase::answer) deadline_ = Clock::time_point::max();
}

void Connection::answer_complete() {
  if (keep_alive_)
    next_request();
  else
    linger();
}

// Closing with unread input would reset the connection and take the answer from the client; so read on for a while.
void Connection::linger() {
  phase_ = Phase::lingering;
  beast::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  deadline_ = Clock::now() + std::min(kLinger, context_.idle_limit);
  buffer_.consume(buffer_.size());
  read();
}

void Connection::close() {
  if (phase_ == Phase::closed) return;
  const auto self = shared_from_this();
  phase_ = Phase::closed;
  beast::error_code ignored;
  // What a client did not take is thrown away, or the kernel would go on offering it for minutes.
  if (writing_) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  context_.closed(this);
  if (const auto gone = std::exchange(gone_, {})) gone();
}

}  // namespace tokenmark::server
