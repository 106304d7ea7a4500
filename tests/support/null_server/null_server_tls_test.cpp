#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/support/certificate.h"
#include "tests/support/null_server/null_server.h"

namespace tokenmark::test {
namespace {

int connected(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

TEST(NullServerTls, streams_the_same_bytes_through_tls) {
  const std::string folder = testing::TempDir() + "null-server-" + std::to_string(getpid());
  std::filesystem::create_directory(folder);
  write_certificate(folder + "/certificate.pem", folder + "/key.pem");
  const auto server = NullServer::start({.coalesce = 100, .certificate_file = folder + "/certificate.pem", .key_file = folder + "/key.pem"});
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_TRUE((*server)->url().starts_with("https://"));
  const int fd = connected((*server)->port());
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, fd);
  ASSERT_EQ(SSL_connect(ssl), 1);
  const std::string body = R"({"max_tokens":20000,"stream":true})";
  const std::string request = "POST /v1/completions HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  ASSERT_EQ(SSL_write(ssl, request.data(), static_cast<int>(request.size())), static_cast<int>(request.size()));
  std::string answer;
  char buffer[16384];
  while (!answer.ends_with("[DONE]\n\n\r\n0\r\n\r\n")) {
    const int n = SSL_read(ssl, buffer, sizeof buffer);
    ASSERT_GT(n, 0);
    answer.append(buffer, static_cast<std::size_t>(n));
  }
  std::size_t events = 0;
  for (std::size_t at = answer.find("data: {"); at != std::string::npos; at = answer.find("data: {", at + 1)) ++events;
  EXPECT_EQ(events, 20'001u);
  SSL_free(ssl);
  SSL_CTX_free(context);
  close(fd);
}

TEST(NullServerTls, files_that_hold_no_certificate_are_named) {
  const auto server = NullServer::start({.certificate_file = "/nowhere/certificate.pem", .key_file = "/nowhere/key.pem"});
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("/nowhere/certificate.pem"), std::string::npos);
}

}  // namespace
}  // namespace tokenmark::test
