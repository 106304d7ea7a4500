#include "tests/support/null_server/null_server.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <vector>

#include "tests/support/null_server/event_loop.h"

namespace tokenmark::test {
namespace {

// The process's limit of open files, raised as far as `connections` need.
Status raise_open_files(std::size_t connections) {
  const rlim_t needed = connections + 64;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed) return {};
  const rlimit raised{needed, std::max(limit.rlim_max, needed)};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return {};
  return fail(ErrorKind::exhausted, "{} connections need {} open files and the limit is {}: raise it (ulimit -Hn, or LimitNOFILE= of the service)",
              connections, needed, limit.rlim_max);
}

class Threads final : public NullServer {
 public:
  Threads(TlsContext tls, std::vector<std::unique_ptr<EventLoop>> loops) : tls_(std::move(tls)), loops_(std::move(loops)) {
    for (const auto& loop : loops_) threads_.emplace_back([&loop = *loop] { loop.run(); });
  }
  ~Threads() override {
    for (const auto& loop : loops_) loop->stop();
    for (std::thread& thread : threads_) thread.join();
  }
  std::string url() const override { return fmt::format("{}://127.0.0.1:{}", tls_ != nullptr ? "https" : "http", port()); }
  std::uint16_t port() const override { return loops_.front()->port(); }
  std::uint64_t requests() const override {
    std::uint64_t sum = 0;
    for (const auto& loop : loops_) sum += loop->requests();
    return sum;
  }

 private:
  TlsContext tls_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<NullServer>> NullServer::start(const NullServerOptions& options) {
  if (options.threads < 1 || options.coalesce < 1 || options.coalesce > 1024)
    return fail(ErrorKind::invalid_input, "the null server takes at least one thread and 1 to 1024 tokens a write");
  TOKENMARK_CHECK(raise_open_files(options.connections));
  TlsContext tls;
  if (!options.certificate_file.empty()) {
    TOKENMARK_TRY(tls, tls_context(options.certificate_file, options.key_file));
  }
  NullServerOptions same_port = options;
  std::vector<std::unique_ptr<EventLoop>> loops;
  for (int i = 0; i < options.threads; ++i) {
    TOKENMARK_TRY(std::unique_ptr<EventLoop> loop, EventLoop::create(same_port, tls.get()));
    same_port.port = loop->port();
    loops.push_back(std::move(loop));
  }
  return std::make_unique<Threads>(std::move(tls), std::move(loops));
}

}  // namespace tokenmark::test
