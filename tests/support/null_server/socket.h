// A connected socket of the null server, in the clear or with TLS; non-blocking either way.
#pragma once

#include <openssl/ssl.h>
#include <sys/uio.h>

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/result.h"

namespace tokenmark::test {

struct TlsContextFree { void operator()(SSL_CTX* context) const { SSL_CTX_free(context); } };
using TlsContext = std::unique_ptr<SSL_CTX, TlsContextFree>;
Result<TlsContext> tls_context(const std::string& certificate_file, const std::string& key_file);

class Socket {
 public:
  Socket() = default;
  Socket(int fd, SSL_CTX* tls);
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), ssl_(std::exchange(other.ssl_, nullptr)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(ssl_, other.ssl_);
    return *this;
  }
  ~Socket();

  static constexpr ssize_t kLater = -2;  // nothing can be taken or given just now
  ssize_t receive(std::span<char> into);  // bytes; 0: closed; -1: broken; kLater
  ssize_t send(std::span<iovec> pieces);  // bytes, maybe not all; -1: broken; kLater

 private:
  ssize_t judged(int result) const;

  int fd_ = -1;
  SSL* ssl_ = nullptr;
};

}  // namespace tokenmark::test
