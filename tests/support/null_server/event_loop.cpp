#include "tests/support/null_server/event_loop.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>

namespace tokenmark::test {
namespace {

constexpr std::size_t kLargestRequest = std::size_t{64} << 20;

std::int64_t steady_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Of a request's head; 0 without one.
std::size_t content_length(std::string_view head) {
  constexpr std::string_view kName = "\ncontent-length:";
  for (std::size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1)) {
    if (head.size() - at < kName.size() || strncasecmp(head.data() + at, kName.data(), kName.size()) != 0) continue;
    const std::size_t digits = std::min(head.size(), head.find_first_not_of(' ', at + kName.size()));
    std::size_t length = 0;
    std::from_chars(head.data() + digits, head.data() + head.size(), length);
    return length;
  }
  return 0;
}

// What a request is for. A client that takes this server for its proxy gives the whole URL.
std::string_view path_of(std::string_view head) {
  const std::size_t begin = std::min(head.size(), head.find(' ') + 1);
  std::string_view target = head.substr(begin, head.find_first_of(" \r", begin) - begin);
  if (target.starts_with("http://")) target.remove_prefix(std::min(target.size(), target.find('/', 7)));
  return target;
}

}  // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::create(const NullServerOptions& options, SSL_CTX* tls) {
  std::unique_ptr<EventLoop> loop(new EventLoop(options, tls));
  TOKENMARK_CHECK(loop->listen());
  return loop;
}

Status EventLoop::listen() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(listener_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  setsockopt(listener_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted sockets inherit it
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(options_.port);
  socklen_t size = sizeof address;
  epoll_event listening{.events = EPOLLIN, .data = {.fd = listener_}}, waking{.events = EPOLLIN, .data = {.fd = wake_}};
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 16384) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &listening) != 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &waking) != 0)
    return fail(ErrorKind::unavailable, "cannot listen on 127.0.0.1:{}: {}", options_.port, std::strerror(errno));
  port_ = ntohs(address.sin_port);
  return {};
}

EventLoop::~EventLoop() {
  for (const int fd : {listener_, wake_, epoll_})
    if (fd >= 0) ::close(fd);
}

void EventLoop::stop() {
  stopping_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
}

void EventLoop::run() {
  std::array<epoll_event, 512> events;
  while (!stopping_) {
    now_ns_ = steady_ns();
    const std::int64_t wait_ns = until_due_ns();
    const timespec limit{wait_ns / 1'000'000'000, wait_ns % 1'000'000'000};
    const int n = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &limit, nullptr);
    now_ns_ = steady_ns();
    for (int i = 0; i < n; ++i) serve(events[static_cast<std::size_t>(i)].data.fd, events[static_cast<std::size_t>(i)].events);
    serve_due();
  }
}

std::int64_t EventLoop::until_due_ns() const {
  std::int64_t at = now_ns_ + 1'000'000'000;
  for (const Ring<Due>* queue : {&first_, &following_})
    if (!queue->empty()) at = std::min(at, queue->front().at_ns);
  return std::max<std::int64_t>(0, at - now_ns_);
}

void EventLoop::accept_all() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (open_ >= options_.connections) {
      ::close(fd);
      continue;
    }
    if (connections_.size() <= static_cast<std::size_t>(fd)) connections_.resize(static_cast<std::size_t>(fd) + 1);
    Connection& connection = connections_[static_cast<std::size_t>(fd)];
    connection.socket = Socket(fd, tls_);
    connection.open = true;
    ++open_;
    // Edges of both directions from the start: no call is needed when a client does not keep up.
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.fd = fd}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) close(connection);
  }
}

void EventLoop::serve(int fd, std::uint32_t events) {
  if (fd == listener_) return accept_all();
  if (fd == wake_) return;
  Connection& connection = connections_[static_cast<std::size_t>(fd)];
  if (!connection.open) return;
  bool well = true;
  if ((events & EPOLLOUT) != 0 && connection.blocked) {
    connection.blocked = false;
    well = write_due(fd, connection, now_ns_);
  }
  if (well && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) well = read(fd, connection);
  if (!well) close(connection);
}

void EventLoop::serve_due() {
  for (std::size_t round = first_.size() + following_.size(); round > 0; --round) {
    Ring<Due>& queue = following_.empty() || (!first_.empty() && first_.front().at_ns <= following_.front().at_ns) ? first_ : following_;
    if (queue.empty() || queue.front().at_ns > now_ns_) return;
    const Due due = queue.front();
    queue.pop();
    Connection& connection = connections_[static_cast<std::size_t>(due.fd)];
    if (connection.life == due.life && !write_due(due.fd, connection, due.at_ns)) close(connection);
  }
}

void EventLoop::close(Connection& connection) {
  connection = {.life = connection.life + 1};
  --open_;
}

bool EventLoop::read(int fd, Connection& connection) {
  static thread_local std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t n = connection.socket.receive(buffer);
    if (n == Socket::kLater) return true;
    if (n <= 0) return false;
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(n));
    if (connection.unread.empty() && !take_requests(fd, connection, bytes)) return false;
    if (!bytes.empty()) {
      if (connection.unread.size() + bytes.size() > kLargestRequest) return false;
      connection.unread += bytes;
      if (!take_unread(fd, connection)) return false;
    }
    // Less than there was room for: nothing is left, and what comes later is a new edge.
    if (tls_ == nullptr && static_cast<std::size_t>(n) < buffer.size()) return true;
  }
}

bool EventLoop::take_unread(int fd, Connection& connection) {
  std::string_view bytes = connection.unread;
  if (!take_requests(fd, connection, bytes)) return false;
  connection.unread.erase(0, connection.unread.size() - bytes.size());
  return true;
}

// Takes complete requests off the front of `bytes` while none is being answered.
bool EventLoop::take_requests(int fd, Connection& connection, std::string_view& bytes) {
  while (!connection.busy && !bytes.empty()) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return true;
    const std::string_view head = bytes.substr(0, end);
    const std::size_t length = content_length(head);
    if (length > kLargestRequest) return false;
    if (bytes.size() < end + 4 + length) return true;
    const std::string_view body = bytes.substr(end + 4, length);
    bytes.remove_prefix(end + 4 + length);
    if (!begin(fd, connection, head, body)) return false;
  }
  return true;
}

bool EventLoop::begin(int fd, Connection& connection, std::string_view head, std::string_view body) {
  requests_.fetch_add(1, std::memory_order_relaxed);
  const std::string_view path = path_of(head);
  const bool chat = path == "/v1/chat/completions";
  if (!chat && path != "/v1/completions")
    return say(connection, path == "/v1/models" ? answers_.models() : path == "/health" ? answers_.healthy() : answers_.not_found());
  const Asked asked = connection.asked = what_is_asked(body);
  connection.stream = {.api = chat ? Answers::Api::chat : Answers::Api::completions, .usage = asked.usage,
                       .tokens = asked.stream ? asked.max_tokens : 0, .prompt_tokens = asked.prompt_tokens};
  connection.busy = true;
  if (options_.first_token.count() == 0) return write_due(fd, connection, now_ns_);
  first_.push({now_ns_ + options_.first_token.count(), fd, connection.life});
  return true;
}

// An answer this short always fits, unless the client sends requests and reads nothing.
bool EventLoop::say(Connection& connection, std::string_view text) {
  iovec piece{const_cast<char*>(text.data()), text.size()};
  return connection.socket.send({&piece, 1}) == static_cast<ssize_t>(text.size());
}

bool EventLoop::write_due(int fd, Connection& connection, std::int64_t due_ns) {
  if (connection.stream.tokens > 0) {
    if (!write_tokens(fd, connection, due_ns)) return false;
  } else {
    std::array<char, Answers::kScratch> scratch;
    connection.busy = false;
    if (!say(connection, answers_.whole(connection.stream.api, connection.asked, scratch))) return false;
  }
  return connection.busy || connection.unread.empty() || take_unread(fd, connection);
}

bool EventLoop::write_tokens(int fd, Connection& connection, std::int64_t due_ns) {
  Answers::Stream& stream = connection.stream;
  const auto coalesce = static_cast<std::uint64_t>(options_.coalesce);
  const std::uint64_t end = answers_.length(stream, std::min<std::uint64_t>(stream.tokens, answers_.tokens_sent(stream) + coalesce));
  std::array<iovec, 3> room;
  std::array<char, Answers::kScratch> scratch;
  while (stream.position < end) {
    const ssize_t n = connection.socket.send(answers_.pieces(stream, end, room, scratch));
    if (n == Socket::kLater) connection.blocked = true;
    if (n <= 0) return n == Socket::kLater;
    stream.position += static_cast<std::uint64_t>(n);
  }
  connection.busy = stream.position < answers_.length(stream, stream.tokens);
  const std::int64_t wait_ns = options_.token_interval.count() * options_.coalesce;
  if (connection.busy) following_.push({wait_ns == 0 ? now_ns_ : due_ns + wait_ns, fd, connection.life});
  return true;
}

}  // namespace tokenmark::test
