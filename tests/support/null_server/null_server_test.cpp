#include "tests/support/null_server/null_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tokenmark::test {
namespace {

std::unique_ptr<NullServer> started(const NullServerOptions& options = {}) {
  auto server = NullServer::start(options);
  EXPECT_TRUE(server) << server.error().message;
  return server ? std::move(*server) : nullptr;
}

// A blocking client that takes from the socket what it must and no more.
class Client {
 public:
  explicit Client(const NullServer& server) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(server.port());
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Client() { close(socket_); }

  void send(std::string_view bytes) { EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size())); }
  std::string read(std::size_t size) {
    std::string bytes(size, '\0');
    const ssize_t n = recv(socket_, bytes.data(), size, MSG_WAITALL);
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
  }
  std::string read_until(std::string_view end) {
    std::string bytes;
    while (!bytes.ends_with(end)) {
      const std::string byte = read(1);
      if (byte.empty()) break;
      bytes += byte;
    }
    return bytes;
  }
  std::string answer() {
    const std::string head = read_until("\r\n\r\n");
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string::npos ? head : head + read(std::stoul(head.substr(at + 16)));
  }
  // The data of each event of a streamed answer; an event is a chunk.
  std::vector<std::string> events() {
    EXPECT_THAT(read_until("\r\n\r\n"), testing::HasSubstr("text/event-stream"));
    std::vector<std::string> events;
    for (;;) {
      const std::size_t size = std::stoul(read_until("\r\n"), nullptr, 16);
      const std::string chunk = read(size);
      EXPECT_EQ(read(2), "\r\n");
      if (size == 0) return events;
      EXPECT_TRUE(chunk.starts_with("data: ") && chunk.ends_with("\n\n")) << chunk;
      events.push_back(chunk.substr(6, chunk.size() - 8));
    }
  }

 private:
  int socket_;
};

std::string request(const std::string& path, const nlohmann::json& body) {
  const std::string text = body.dump();
  return "POST " + path + " HTTP/1.1\r\nHost: here\r\ncontent-length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
}

nlohmann::json asked(int tokens, bool stream = true) {
  return {{"model", "null"}, {"prompt", {1, 2, 3}}, {"max_tokens", tokens}, {"stream", stream}, {"stream_options", {{"include_usage", true}}}};
}

TEST(NullServer, streams_as_many_tokens_as_asked_for_then_usage_and_the_end) {
  for (const int coalesce : {1, 3, 64}) {
    const auto server = started({.coalesce = coalesce});
    Client client(*server);
    for (const int tokens : {1, 2, 7, 500}) {
      client.send(request("/v1/completions", asked(tokens)));
      const auto events = client.events();
      ASSERT_EQ(events.size(), static_cast<std::size_t>(tokens) + 3) << coalesce;
      EXPECT_EQ(events.back(), "[DONE]");
      EXPECT_EQ(nlohmann::json::parse(events[0])["choices"][0]["text"], " nothing");
      EXPECT_EQ(nlohmann::json::parse(events[tokens])["choices"][0]["finish_reason"], "length");
      const auto usage = nlohmann::json::parse(events[tokens + 1])["usage"];
      EXPECT_EQ(usage["completion_tokens"], tokens);
      EXPECT_EQ(usage["prompt_tokens"], 3);
      EXPECT_EQ(usage["total_tokens"], tokens + 3);
      EXPECT_GT(events[0].size(), 200u);
    }
    EXPECT_EQ(server->requests(), 4u);
  }
}

TEST(NullServer, chat_answers_begin_with_the_role_and_leave_out_usage_that_was_not_asked_for) {
  const auto server = started();
  Client client(*server);
  client.send(request("/v1/chat/completions", {{"messages", {{{"role", "user"}, {"content", "say \"max_tokens\": 9"}}}}, {"max_completion_tokens", 2}, {"stream", true}}));
  const auto events = client.events();
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(nlohmann::json::parse(events[0])["choices"][0]["delta"]["role"], "assistant");
  EXPECT_EQ(nlohmann::json::parse(events[1])["choices"][0]["delta"]["content"], " nothing");
  EXPECT_EQ(nlohmann::json::parse(events[3])["choices"][0]["finish_reason"], "length");
}

TEST(NullServer, answers_in_one_piece_and_keeps_the_connection) {
  const auto server = started();
  Client client(*server);
  for (const std::string path : {"/v1/completions", "/v1/chat/completions"}) {
    client.send(request(path, asked(5, false)));
    const std::string answer = client.answer();
    const auto json = nlohmann::json::parse(answer.substr(answer.find("\r\n\r\n")));
    EXPECT_EQ(json["usage"]["completion_tokens"], 5);
    EXPECT_EQ(json["choices"][0]["finish_reason"], "length");
  }
  client.send("GET /v1/models HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.answer(), testing::HasSubstr("\"id\":\"null\""));
  client.send("GET http://127.0.0.1:1/health HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.answer(), testing::StartsWith("HTTP/1.1 200"));
  client.send("GET /nothing HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.answer(), testing::StartsWith("HTTP/1.1 404"));
}

TEST(NullServer, requests_may_come_in_pieces_and_before_the_last_answer_ended) {
  const auto server = started({.token_interval = std::chrono::milliseconds(2)});
  Client client(*server);
  const std::string two = request("/v1/completions", asked(3)) + request("/v1/completions", asked(4));
  for (std::size_t at = 0; at < two.size(); at += 60) {
    client.send(two.substr(at, 60));
    usleep(300);
  }
  EXPECT_EQ(client.events().size(), 6u);
  EXPECT_EQ(client.events().size(), 7u);
}

TEST(NullServer, tokens_come_no_sooner_than_they_are_due) {
  const auto server = started({.first_token = std::chrono::milliseconds(20), .token_interval = std::chrono::milliseconds(3)});
  Client client(*server);
  const auto begin = std::chrono::steady_clock::now();
  client.send(request("/v1/completions", asked(6)));
  client.read(1);
  const auto first = std::chrono::steady_clock::now();
  client.read_until("[DONE]\n\n");
  EXPECT_GE(first - begin, std::chrono::milliseconds(20));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(20 + 5 * 3));
}

TEST(NullServer, a_client_that_does_not_read_holds_up_nobody_and_gets_everything_in_the_end) {
  const auto server = started({.coalesce = 16});
  Client slow(*server), quick(*server);
  slow.send(request("/v1/completions", asked(60'000)));
  quick.send(request("/v1/completions", asked(1000)));
  EXPECT_EQ(quick.events().size(), 1003u);
  EXPECT_EQ(slow.events().size(), 60'003u);
}

TEST(NullServer, connections_over_the_number_are_closed_and_the_limit_of_files_is_named) {
  const auto server = started({.connections = 1});
  Client first(*server);
  first.send("GET /health HTTP/1.1\r\n\r\n");
  EXPECT_THAT(first.answer(), testing::StartsWith("HTTP/1.1 200"));
  Client second(*server);
  EXPECT_EQ(second.read(1), "");
  const auto refused = NullServer::start({.connections = std::size_t{1} << 40});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("open files"));
}

}  // namespace
}  // namespace tokenmark::test
