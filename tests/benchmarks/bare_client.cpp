// The least that a client of a stream can do, as the reference that the load generator is measured beside: send a
// request, read what comes, count it. No HTTP, no JSON, no log. Speaks with the null server only. Prints one JSON line.
//   bare_client streams  URL: an epoll loop; counts messages by their blank lines, takes the time of every read
//   bare_client requests URL: the same with short answers in one piece
//   bare_client ttft     URL: one request at a time over a blocking socket: from before it is sent to its first byte
#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Options {
  std::string mode, url;
  int connections = 64, tokens = 1000, requests = 256, buffer_kib = 64, pause_us = 200;
  bool edge = false;
};

// What came so far, and what is needed to know where an answer ends.
struct Connection {
  int socket = -1;
  int messages = 0;  // of the present answer
  char last = 0;     // the last byte of the last read: a blank line may be cut by reads
};

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

[[noreturn]] void give_up(const char* what) {
  fmt::print(stderr, "bare_client: {}: {}\n", what, std::strerror(errno));
  std::exit(1);
}

int connected(const std::string& url) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(url.substr(url.rfind(':') + 1).c_str())));
  const int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) give_up("cannot connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

std::string request_of(const Options& options, bool stream) {
  const std::string body = fmt::format(
      R"({{"model":"null","prompt":[1,2,3,4,5,6,7,8],"max_tokens":{},"temperature":0,"ignore_eos":true,"stream":{}{}}})",
      options.tokens, stream, stream ? R"(,"stream_options":{"include_usage":true})" : "");
  return fmt::format("POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                     body.size(), body);
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) give_up("cannot send");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

int blank_lines(std::string_view bytes, char& last) {
  int count = last == '\n' && bytes.front() == '\n' ? 1 : 0;
  const char* const end = bytes.data() + bytes.size();
  for (const char* at = bytes.data(); at + 1 < end; ++at) {
    at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at - 1)));
    if (at == nullptr) break;
    if (at[1] == '\n') {
      ++count;
      ++at;
    }
  }
  last = bytes.back();
  return count;
}

double cpu_s(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; }

void print_rates(const char* what, std::int64_t count, std::int64_t bytes, std::int64_t reads, std::int64_t wall_ns) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double cpu = cpu_s(usage.ru_utime) + cpu_s(usage.ru_stime), wall = static_cast<double>(wall_ns) * 1e-9;
  fmt::print(R"({{"{0}":{1},"bytes":{2},"reads":{3},"wall_s":{4:.6f},"user_s":{5:.6f},"system_s":{6:.6f},"{0}_s":{7:.1f},"ns_cpu":{8:.1f},"max_rss_kib":{9}}})"
             "\n", what, count, bytes, reads, wall, cpu_s(usage.ru_utime), cpu_s(usage.ru_stime), static_cast<double>(count) / wall,
             cpu * 1e9 / static_cast<double>(count), usage.ru_maxrss);
}

// A closed loop over all connections until all requests are answered. An answer is over after its tokens, its last
// message, usage and [DONE], or with stream off after one read.
void run_loop(const Options& options, bool stream) {
  const std::string request = request_of(options, stream);
  const int whole = stream ? options.tokens + 3 : 1;
  const int epoll = epoll_create1(0);
  std::vector<Connection> connections(static_cast<std::size_t>(options.connections));
  for (std::size_t i = 0; i < connections.size(); ++i) {
    connections[i].socket = connected(options.url);
    epoll_event event{.events = EPOLLIN | (options.edge ? EPOLLET : 0u), .data = {.u64 = i}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].socket, &event) != 0) give_up("cannot watch a socket");
  }
  std::vector<char> buffer(static_cast<std::size_t>(options.buffer_kib) << 10);
  std::array<epoll_event, 512> events;
  std::int64_t messages = 0, bytes = 0, reads = 0, last_read_ns = 0;
  int started = std::min(options.requests, options.connections), ended = 0;
  const std::int64_t begin = now_ns();
  for (int i = 0; i < started; ++i) send_all(connections[static_cast<std::size_t>(i)].socket, request);
  while (ended < options.requests) {
    const int n = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < n; ++i) {
      Connection& connection = connections[events[static_cast<std::size_t>(i)].data.u64];
      for (;;) {
        const ssize_t got = recv(connection.socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN) break;
        if (got <= 0) give_up("the server closed a connection");
        last_read_ns = now_ns();
        ++reads;
        bytes += got;
        const int found = stream ? blank_lines({buffer.data(), static_cast<std::size_t>(got)}, connection.last) : 1;
        messages += found;
        connection.messages += found;
        if (connection.messages == whole) {
          connection.messages = 0;
          ++ended;
          if (started < options.requests) {
            ++started;
            send_all(connection.socket, request);
          }
        }
        if (!options.edge || static_cast<std::size_t>(got) < buffer.size()) break;
      }
    }
  }
  print_rates(stream ? "messages" : "requests", messages, bytes, reads, last_read_ns - begin);
}

void run_ttft(Options options) {
  options.tokens = 1;
  const std::string request = request_of(options, true);
  const int fd = connected(options.url);
  std::array<char, 65536> buffer;
  std::vector<double> us;
  for (int i = 0; i < options.requests; ++i) {
    const std::int64_t begin = now_ns();
    send_all(fd, request);
    std::string answer;
    std::int64_t first = 0;
    while (answer.find("[DONE]") == std::string::npos) {
      const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) give_up("the server closed the connection");
      if (first == 0) first = now_ns();
      answer.append(buffer.data(), static_cast<std::size_t>(got));
    }
    us.push_back(static_cast<double>(first - begin) * 1e-3);
    usleep(static_cast<useconds_t>(options.pause_us));
  }
  std::sort(us.begin(), us.end());
  fmt::print(R"({{"requests":{},"ttft_p50_us":{:.2f},"ttft_p99_us":{:.2f}}})" "\n", us.size(), us[us.size() / 2], us[us.size() * 99 / 100]);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("The least that a client of a stream can do: reads and counts");
  app.add_option("mode", options.mode)->required()->check(CLI::IsMember({"streams", "requests", "ttft"}));
  app.add_option("url", options.url, "Of the null server")->required();
  app.add_option("--connections", options.connections)->check(CLI::Range(1, 100000));
  app.add_option("--tokens", options.tokens, "Of each answer")->check(CLI::Range(1, 1 << 24));
  app.add_option("--requests", options.requests, "In all")->check(CLI::Range(1, 1 << 30));
  app.add_option("--buffer-kib", options.buffer_kib, "Of one read")->check(CLI::Range(1, 1 << 20));
  app.add_option("--pause-us", options.pause_us, "ttft: between an answer and the next request")->check(CLI::Range(0, 1'000'000));
  app.add_flag("--edge", options.edge, "Edge-triggered, and read until nothing is left");
  CLI11_PARSE(app, argc, argv);
  const rlimit files{static_cast<rlim_t>(options.connections) + 64, std::max<rlim_t>(static_cast<rlim_t>(options.connections) + 64, 4096)};
  rlimit now{};
  if (getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur < files.rlim_cur && setrlimit(RLIMIT_NOFILE, &files) != 0)
    give_up("cannot raise the limit of open files");
  if (options.mode == "ttft") run_ttft(options);
  else run_loop(options, options.mode == "streams");
}
