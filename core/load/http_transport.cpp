#include "core/load/http_transport.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>

#include "core/load/response_parser.h"

namespace tokenmark {
namespace {

constexpr std::size_t kReadBytes = 256 << 10, kReadableBehind = 64;
constexpr std::int64_t kConnectLimit_ns = 30'000'000'000;

std::string tls_error() {
  char text[200] = "";
  const unsigned long code = ERR_get_error();
  if (code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

struct Connection {
  ~Connection() {
    if (ssl != nullptr) SSL_free(ssl);
    if (fd >= 0) close(fd);
  }
  enum class State : std::uint8_t { connecting, handshake, idle, busy, closed };

  int fd = -1;
  SSL* ssl = nullptr;
  State state = State::connecting;
  bool used_before = false, answered = false;  // by an earlier call; a byte of this call's answer came
  std::size_t address = 0;                     // index of the one that is tried
  std::int64_t give_up_at = 0;                 // connecting
  Call* call = nullptr;
  std::string head;                            // of the request, what is still to be written of it …
  std::string_view body;                       // … and of the body
  std::string carry;                           // bytes of an answer that the parser could not take yet
  std::optional<ResponseParser> parser;
  std::size_t index = 0;                       // in connections_
};

class HttpTransport final : public Transport {
 public:
  HttpTransport(const CallTarget& target, const RunClock& clock, BetweenSockets& between)
      : target_(target), clock_(clock), between_(between), buffer_(kReadBytes + kReadableBehind, '\0') {
    head_ = fmt::format("HTTP/1.1\r\nHost: {}\r\n", host_line());
    for (const std::string& line : target.header_lines) head_ += line + "\r\n";
  }
  ~HttpTransport() override {
    connections_.clear();
    if (context_ != nullptr) SSL_CTX_free(context_);
    if (wake_ >= 0) close(wake_);
    if (epoll_ >= 0) close(epoll_);
  }

  Status open() {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
    if (epoll_ < 0 || wake_ < 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0)
      return fail(ErrorKind::exhausted, "the load generator's event loop cannot be made: {}", std::strerror(errno));
    return target_.tls ? open_tls() : Status();
  }

  void start(Call& call) override {
    call.again = false;
    if (!idle_.empty()) {
      Connection& connection = *idle_.back();
      idle_.pop_back();
      return send(connection, call);
    }
    connect(call);
  }

  void abandon(Call& call) override {
    Connection* const connection = static_cast<Connection*>(call.transfer);
    call.transfer = nullptr;
    if (connection != nullptr) retire(*connection);
  }

  bool turn(std::int64_t until) override;
  void wake() override {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
  }
  std::int64_t longest_stall_ns() const override { return longest_stall_ns_; }

 private:
  std::string host_line() const {
    const std::string host = target_.host.find(':') != std::string::npos ? "[" + target_.host + "]" : target_.host;
    return target_.port == (target_.tls ? "443" : "80") ? host : host + ":" + target_.port;
  }
  Status open_tls();
  void connect(Call& call);
  void try_address(Connection& connection);
  void connect_failed(Connection& connection, int error);
  void begin_tls(Connection& connection);
  void go_on_with_handshake(Connection& connection);
  void send(Connection& connection, Call& call);
  void write_some(Connection& connection);
  std::ptrdiff_t write_bytes(Connection& connection);
  void read_some(Connection& connection, bool to_the_end);
  std::ptrdiff_t read_bytes(Connection& connection, char* to, std::size_t size);
  void take(Connection& connection, std::string_view bytes, std::int64_t now);
  void end_of_stream(Connection& connection, const char* what);
  void answered_whole(Connection& connection, bool bytes_left, std::int64_t now);
  void end(Connection& connection, RequestError error, std::string_view text);
  void retire(Connection& connection);
  void handle(Connection& connection, std::uint32_t events);
  void give_up_connecting(std::int64_t now);

  const CallTarget& target_;
  const RunClock& clock_;
  BetweenSockets& between_;
  std::string head_, buffer_;
  int epoll_ = -1, wake_ = -1;
  SSL_CTX* context_ = nullptr;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> idle_;
  std::vector<std::unique_ptr<Connection>> retired_;  // freed when no event of this turn can name them
  std::size_t connecting_ = 0;
  std::int64_t look_at_connecting_ = 0, left_wait_at_ = -1, longest_stall_ns_ = 0;
};

Status HttpTransport::open_tls() {
  context_ = SSL_CTX_new(TLS_client_method());
  if (context_ == nullptr) return fail(ErrorKind::unavailable, "TLS cannot start: {}", tls_error());
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context_, target_.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_default_verify_paths(context_);
  if (!target_.ca_file.empty() && SSL_CTX_load_verify_locations(context_, target_.ca_file.c_str(), nullptr) != 1)
    return fail(ErrorKind::invalid_input, "{}: no certificates can be read from it ({})", target_.ca_file, tls_error());
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context_, kHttp11, sizeof kHttp11);
  return {};
}

void HttpTransport::connect(Call& call) {
  auto fresh = std::make_unique<Connection>();
  Connection& connection = *fresh;
  connection.index = connections_.size();
  connections_.push_back(std::move(fresh));
  connection.call = &call;
  connection.give_up_at = clock_.now() + kConnectLimit_ns;
  call.transfer = &connection;
  ++connecting_;
  if (target_.addresses.empty()) return end(connection, RequestError::dns, target_.resolve_error);
  try_address(connection);
}

void HttpTransport::try_address(Connection& connection) {
  const std::string& address = target_.addresses[connection.address];
  const auto* where = reinterpret_cast<const sockaddr*>(address.data());
  if (connection.fd >= 0) close(connection.fd);
  connection.state = Connection::State::connecting;
  connection.fd = socket(where->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connection.fd < 0) {
    const bool files = errno == EMFILE || errno == ENFILE;
    return end(connection, RequestError::refused,
               std::string("no socket: ") + std::strerror(errno) + (files ? "; raise the limit of open files (ulimit -n)" : ""));
  }
  const int on = 1;
  setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &connection}};
  if (::connect(connection.fd, where, static_cast<socklen_t>(address.size())) != 0 && errno != EINPROGRESS)
    return connect_failed(connection, errno);
  epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
}

void HttpTransport::connect_failed(Connection& connection, int error) {
  if (++connection.address < target_.addresses.size()) return try_address(connection);
  const bool late = error == ETIMEDOUT;
  end(connection, late ? RequestError::timeout : RequestError::refused,
      fmt::format("cannot connect to {}:{}: {}", target_.host, target_.port, std::strerror(error)));
}

void HttpTransport::begin_tls(Connection& connection) {
  connection.state = Connection::State::handshake;
  connection.ssl = SSL_new(context_);
  SSL_set_fd(connection.ssl, connection.fd);
  SSL_set_tlsext_host_name(connection.ssl, target_.host.c_str());
  if (target_.verify) {
    // A certificate may be for the address itself.
    X509_VERIFY_PARAM* const wanted = SSL_get0_param(connection.ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, target_.host.c_str()) != 1) SSL_set1_host(connection.ssl, target_.host.c_str());
  }
  go_on_with_handshake(connection);
}

void HttpTransport::go_on_with_handshake(Connection& connection) {
  ERR_clear_error();
  const int done = SSL_connect(connection.ssl);
  if (done == 1) {
    --connecting_;
    connection.call->sink->on_connected(clock_.now());
    return send(connection, *connection.call);
  }
  const int why = SSL_get_error(connection.ssl, done);
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return;
  const long verified = SSL_get_verify_result(connection.ssl);
  const std::string text = verified != X509_V_OK ? X509_verify_cert_error_string(verified) : tls_error();
  end(connection, RequestError::tls, "TLS with " + target_.host + " failed: " + (text.empty() ? "the connection was closed" : text));
}

void HttpTransport::send(Connection& connection, Call& call) {
  connection.state = Connection::State::busy;
  connection.answered = false;
  connection.call = &call;
  call.transfer = &connection;
  connection.parser.emplace(*call.sink);
  connection.head = call.get ? fmt::format("GET {} {}\r\n", call.path, head_)
                             : fmt::format("POST {} {}Content-Length: {}\r\n\r\n", target_.path, head_, call.body.size());
  connection.body = call.get ? std::string_view() : call.body;
  write_some(connection);
}

// Bytes that went out; 0: none can now, −1: the connection is broken.
std::ptrdiff_t HttpTransport::write_bytes(Connection& connection) {
  if (connection.ssl != nullptr) {
    const std::string_view piece = connection.head.empty() ? connection.body : std::string_view(connection.head);
    ERR_clear_error();
    const int done = SSL_write(connection.ssl, piece.data(), static_cast<int>(std::min<std::size_t>(piece.size(), 1 << 30)));
    if (done > 0) return done;
    const int why = SSL_get_error(connection.ssl, done);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
  }
  iovec pieces[2] = {{connection.head.data(), connection.head.size()}, {const_cast<char*>(connection.body.data()), connection.body.size()}};
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = 2;
  const ssize_t done = sendmsg(connection.fd, &message, MSG_NOSIGNAL);
  if (done >= 0) return done;
  return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

void HttpTransport::write_some(Connection& connection) {
  while (!connection.head.empty() || !connection.body.empty()) {
    const std::ptrdiff_t done = write_bytes(connection);
    if (done == 0) return;
    // What was answered before the connection broke (an early refusal) is still to be read.
    if (done < 0) return connection.used_before ? end_of_stream(connection, std::strerror(errno)) : read_some(connection, true);
    const std::size_t of_head = std::min(static_cast<std::size_t>(done), connection.head.size());
    connection.head.erase(0, of_head);
    connection.body.remove_prefix(static_cast<std::size_t>(done) - of_head);
  }
  connection.call->sink->on_sent(clock_.now());
}

// As recv: 0 at the end of the stream, −1 with errno else.
std::ptrdiff_t HttpTransport::read_bytes(Connection& connection, char* to, std::size_t size) {
  if (connection.ssl == nullptr) return recv(connection.fd, to, size, 0);
  ERR_clear_error();
  const int done = SSL_read(connection.ssl, to, static_cast<int>(size));
  if (done > 0) return done;
  const int why = SSL_get_error(connection.ssl, done);
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
    errno = EAGAIN;
    return -1;
  }
  if (why == SSL_ERROR_SYSCALL && errno != 0) return -1;
  return 0;  // closed, in order or not
}

// A read that does not fill the buffer has emptied the socket, and the next byte makes a new event; TLS holds bytes of
// its own and is read until it says that it has none.
void HttpTransport::read_some(Connection& connection, bool to_the_end) {
  for (;;) {
    const std::size_t kept = connection.carry.size();
    if (buffer_.size() < kept + kReadBytes + kReadableBehind) buffer_.resize(kept + kReadBytes + kReadableBehind);
    const std::ptrdiff_t size = read_bytes(connection, buffer_.data() + kept, kReadBytes);
    const std::int64_t now = clock_.now();
    if (size < 0) {
      if (errno == EAGAIN) return;
      if (errno == EINTR) continue;
      return end_of_stream(connection, std::strerror(errno));
    }
    if (size == 0) return end_of_stream(connection, "the server closed the connection");
    if (connection.state != Connection::State::busy) return retire(connection);  // nobody asked
    connection.answered = true;
    if (kept > 0) buffer_.replace(0, kept, connection.carry);
    connection.carry.clear();
    take(connection, std::string_view(buffer_).substr(0, kept + static_cast<std::size_t>(size)), now);
    if (connection.state == Connection::State::closed) return;
    if (connection.ssl == nullptr && !to_the_end && static_cast<std::size_t>(size) < kReadBytes) return;
  }
}

void HttpTransport::take(Connection& connection, std::string_view bytes, std::int64_t now) {
  for (;;) {
    ResponseParser::ErrorCode error;
    const std::size_t taken = connection.parser->feed(bytes, now, error);
    bytes.remove_prefix(std::min(taken, bytes.size()));
    if (connection.parser->refused()) return end(connection, RequestError::none, "");
    if (error) return end(connection, RequestError::malformed, "the answer is not HTTP: " + error.message());
    if (!connection.parser->is_done()) {
      connection.carry = bytes;
      return;
    }
    if (connection.parser->status() / 100 != 1 || connection.parser->status() == 101) return answered_whole(connection, !bytes.empty(), now);
    connection.parser.emplace(*connection.call->sink);  // "100 Continue": the answer follows
  }
}

void HttpTransport::answered_whole(Connection& connection, bool bytes_left, std::int64_t now) {
  Call& call = *connection.call;
  const bool keep = connection.parser->keep_alive() && !bytes_left && connection.head.empty() && connection.body.empty();
  call.transfer = nullptr;
  connection.call = nullptr;
  connection.used_before = true;
  if (keep) {
    connection.state = Connection::State::idle;
    idle_.push_back(&connection);
  } else {
    retire(connection);
  }
  call.sink->on_end(RequestError::none, "", now);
}

void HttpTransport::end_of_stream(Connection& connection, const char* what) {
  if (connection.state != Connection::State::busy) return retire(connection);
  if (!connection.answered && connection.used_before && !connection.call->again) {
    // The server closed a kept connection while the request was on its way: it goes out once more.
    Call& call = *connection.call;
    call.again = true;
    connection.call = nullptr;
    retire(connection);
    return connect(call);
  }
  if (connection.answered) {
    ResponseParser::ErrorCode error;
    connection.parser->put_eof(error);
    if (!error && connection.parser->is_done()) return answered_whole(connection, true, clock_.now());
  }
  end(connection, RequestError::closed, what);
}

void HttpTransport::end(Connection& connection, RequestError error, std::string_view text) {
  Call& call = *connection.call;
  const std::string kept(text);  // it may lie in what is freed
  connection.call = nullptr;
  call.transfer = nullptr;
  retire(connection);
  call.sink->on_end(error, kept, clock_.now());
}

void HttpTransport::retire(Connection& connection) {
  if (connection.state == Connection::State::closed) return;
  if (connection.state == Connection::State::connecting || connection.state == Connection::State::handshake) --connecting_;
  if (connection.state == Connection::State::idle) std::erase(idle_, &connection);
  connection.state = Connection::State::closed;
  if (connection.fd >= 0) close(connection.fd);  // leaves the epoll set
  connection.fd = -1;
  std::unique_ptr<Connection>& place = connections_[connection.index];
  retired_.push_back(std::move(place));
  place = std::move(connections_.back());
  connections_.pop_back();
  if (connection.index < connections_.size()) connections_[connection.index]->index = connection.index;
}

void HttpTransport::handle(Connection& connection, std::uint32_t events) {
  using State = Connection::State;
  if (connection.state == State::closed) return;
  if (connection.state == State::connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return connect_failed(connection, error);
    if ((events & EPOLLOUT) == 0) return;
    if (target_.tls) return begin_tls(connection);
    --connecting_;
    connection.call->sink->on_connected(clock_.now());
    return send(connection, *connection.call);
  }
  if (connection.state == State::handshake) return go_on_with_handshake(connection);
  if (connection.state == State::busy && (!connection.head.empty() || !connection.body.empty()) && (events & EPOLLOUT) != 0)
    write_some(connection);
  if (connection.state != State::closed && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
    read_some(connection, (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
}

void HttpTransport::give_up_connecting(std::int64_t now) {
  look_at_connecting_ = now + 1'000'000'000;
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    Connection& connection = *connections_[i];
    const bool waits = connection.state == Connection::State::connecting || connection.state == Connection::State::handshake;
    if (waits && now >= connection.give_up_at)
      end(connection, RequestError::timeout, fmt::format("no connection to {}:{} within 30 s", target_.host, target_.port));
  }
}

bool HttpTransport::turn(std::int64_t until) {
  std::int64_t now = clock_.now();
  if (left_wait_at_ >= 0) longest_stall_ns_ = std::max(longest_stall_ns_, now - left_wait_at_);
  if (connecting_ > 0) until = std::min(until, now + 1'000'000'000);
  const std::int64_t wait = std::max<std::int64_t>(0, until - now);
  const timespec limit{wait / 1'000'000'000, wait % 1'000'000'000};
  std::array<epoll_event, 256> events;
  const int n = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &limit, nullptr);
  left_wait_at_ = clock_.now();
  for (int i = 0; i < n; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr == nullptr) {
      std::uint64_t count;
      [[maybe_unused]] const auto taken = read(wake_, &count, sizeof count);
      continue;
    }
    handle(*static_cast<Connection*>(event.data.ptr), event.events);
    if (i + 1 < n) between_.between_sockets(clock_.now());
  }
  if (connecting_ > 0 && left_wait_at_ >= look_at_connecting_) give_up_connecting(left_wait_at_);
  retired_.clear();
  return n > 0;
}

}  // namespace

Result<std::unique_ptr<Transport>> make_http_transport(const CallTarget& target, const RunClock& clock, BetweenSockets& between) {
  auto transport = std::make_unique<HttpTransport>(target, clock, between);
  TOKENMARK_CHECK(transport->open());
  return transport;
}

void resolve(CallTarget& target) {
  struct Lookup {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    int code = 0;
    std::vector<std::string> addresses;
  };
  // Shared with a thread that may still be asking when nobody waits for it any more.
  const auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host = target.host, port = target.port] {
    addrinfo wanted{}, *found = nullptr;
    wanted.ai_socktype = SOCK_STREAM;
    const int code = getaddrinfo(host.c_str(), port.c_str(), &wanted, &found);
    const std::lock_guard lock(lookup->mutex);
    for (const addrinfo* a = found; a != nullptr; a = a->ai_next)
      lookup->addresses.emplace_back(reinterpret_cast<const char*>(a->ai_addr), a->ai_addrlen);
    if (found != nullptr) freeaddrinfo(found);
    lookup->code = code;
    lookup->done = true;
    lookup->changed.notify_all();
  }).detach();
  std::unique_lock lock(lookup->mutex);
  lookup->changed.wait_for(lock, std::chrono::seconds(30), [&] { return lookup->done; });
  target.addresses = lookup->addresses;
  if (target.addresses.empty())
    target.resolve_error = fmt::format("the host {} cannot be found: {}", target.host,
                                       lookup->done ? gai_strerror(lookup->code) : "no answer from the name server within 30 s");
}

Status allow_connections(std::size_t count) {
  constexpr rlim_t kOtherFiles = 64;
  const rlim_t needed = count + kOtherFiles;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed) return {};
  if (limit.rlim_max < needed) {  // only root may raise this one
    rlimit higher{needed, needed};
    if (setrlimit(RLIMIT_NOFILE, &higher) == 0) return {};
    return fail(ErrorKind::exhausted, "{} connections at once need {} open files, this system allows {}: raise it (ulimit -n {}, or "
                "LimitNOFILE of the service), or ask for less concurrency", count, needed, limit.rlim_max, needed);
  }
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, std::max<rlim_t>(needed, 65'536));
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    return fail(ErrorKind::exhausted, "the limit of open files cannot be raised to {}: {}", needed, std::strerror(errno));
  return {};
}

}  // namespace tokenmark
