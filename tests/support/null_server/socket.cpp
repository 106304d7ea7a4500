#include "tests/support/null_server/socket.h"

#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace tokenmark::test {

Result<TlsContext> tls_context(const std::string& certificate_file, const std::string& key_file) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) return fail(ErrorKind::exhausted, "OpenSSL makes no context");
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1)
    return fail(ErrorKind::invalid_input, "{}: not a certificate in PEM", certificate_file);
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail(ErrorKind::invalid_input, "{}: not the certificate's key in PEM", key_file);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  return context;
}

Socket::Socket(int fd, SSL_CTX* tls) : fd_(fd) {
  if (tls == nullptr) return;
  ssl_ = SSL_new(tls);
  SSL_set_fd(ssl_, fd);
  SSL_set_accept_state(ssl_);
}

Socket::~Socket() {
  SSL_free(ssl_);
  if (fd_ >= 0) close(fd_);
}

ssize_t Socket::judged(int result) const {
  if (result > 0) return result;
  const int error = SSL_get_error(ssl_, result);
  ERR_clear_error();
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return kLater;
  return error == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

ssize_t Socket::receive(std::span<char> into) {
  if (ssl_ != nullptr) return judged(SSL_read(ssl_, into.data(), static_cast<int>(into.size())));
  const ssize_t n = recv(fd_, into.data(), into.size(), 0);
  return n >= 0 ? n : errno == EAGAIN ? kLater : -1;
}

ssize_t Socket::send(std::span<iovec> pieces) {
  if (ssl_ == nullptr) {
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const ssize_t n = sendmsg(fd_, &message, MSG_NOSIGNAL);
    return n >= 0 ? n : errno == EAGAIN ? kLater : -1;
  }
  ssize_t sent = 0;
  for (const iovec& piece : pieces) {
    const ssize_t n = judged(SSL_write(ssl_, piece.iov_base, static_cast<int>(piece.iov_len)));
    if (n <= 0) return sent > 0 ? sent : n;
    sent += n;
    if (static_cast<std::size_t>(n) < piece.iov_len) break;
  }
  return sent;
}

}  // namespace tokenmark::test
