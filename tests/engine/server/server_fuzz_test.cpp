// Mutated requests over real sockets: each gets an answer or a closed connection, and the server lives on.
#include <random>

#include "tests/engine/server/server_fixture.h"

namespace tokenmark::test {
namespace {

const char* const kBodies[] = {
    R"({"model":"fake","prompt":"Once upon a time","max_tokens":3,"temperature":0.5,"top_p":0.9,"seed":7,"stop":["a","b"],"logprobs":2})",
    R"({"prompt":[1,2,3],"max_tokens":2,"stream":true,"stream_options":{"include_usage":true},"ignore_eos":true})",
    R"({"prompt":[[1,2],[3]],"max_tokens":1})",
    R"({"messages":[{"role":"system","content":"x"},{"role":"user","content":[{"type":"text","text":"hé"}]}],"max_tokens":2,"logprobs":true,"top_logprobs":1})"};

const char* const kPieces[] = {"\r\n", "\r\n\r\n", "\0", "{", "}", "[", "]", "\"", ":", ",", "null", "true", "-1", "1e999",
                               "99999999999999999999", "\\ud800", "\xff\xfe", "\xc3", "0x", "Content-Length: 5\r\n",
                               "Transfer-Encoding: chunked\r\n", "HTTP/1.1", "HTTP/0.9", " ", "\t", "\n", "%00", "\"stream\":true,"};

std::string pick_request(std::mt19937& random) {
  const char* const body = kBodies[random() % std::size(kBodies)];
  const char* const target = random() % 4 ? "/v1/completions" : "/v1/chat/completions";
  switch (random() % 6) {
    case 0: return request_text("GET", "/v1/models");
    case 1: return fmt::format("POST {} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n", target,
                               std::string(body).size(), body);
    default: return request_text("POST", target, body, "Authorization: Bearer x\r\nContent-Type: application/json\r\n");
  }
}

void mutate(std::string& text, std::mt19937& random, std::size_t from) {
  for (std::uint32_t left = 1 + random() % 4; left > 0 && text.size() > from; --left) {
    const std::size_t at = from + random() % (text.size() - from);
    switch (random() % 5) {
      case 0: text[at] = static_cast<char>(random()); break;
      case 1: text.erase(at, 1 + random() % 20); break;
      case 2: text.insert(at, kPieces[random() % std::size(kPieces)]); break;
      case 3: text.insert(at, text.substr(at, random() % 40)); break;
      case 4: text.resize(at); break;
    }
  }
}

class ServerFuzz : public ServerTest {
 protected:
  // Sends the text and the end of input; reads whatever comes until the connection closes.
  void send_and_drain(const std::string& text) {
    HttpClient client(server->port());
    client.send(text);
    client.finish_sending();
    ASSERT_TRUE(client.at_end()) << "the server hangs on: " << text;
  }
  void expect_alive() {
    ASSERT_TRUE(engine_becomes_idle());
    HttpClient client(server->port());
    ASSERT_EQ(client.get("/health").status, 200);
  }
};

TEST_F(ServerFuzz, mutated_requests_are_answered_or_closed) {
  std::mt19937 random(20);
  for (int round = 0; round < 3000; ++round) {
    std::string text = pick_request(random);
    mutate(text, random, 0);
    send_and_drain(text);
    if (HasFatalFailure()) return;
    if (round % 500 == 0) expect_alive();
  }
  expect_alive();
}

// With a right length around it, so that the mutation reaches the JSON and what is behind it.
TEST_F(ServerFuzz, mutated_bodies_get_200_or_4xx) {
  std::mt19937 random(21);
  HttpClient client(server->port());
  int refused = 0, served = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string body = kBodies[random() % std::size(kBodies)];
    mutate(body, random, 0);
    const Answer answer = client.post(random() % 4 ? "/v1/completions" : "/v1/chat/completions", body);
    ASSERT_TRUE(answer.status == 200 || (answer.status >= 400 && answer.status < 500)) << answer.status << " " << body;
    if (answer.status >= 400) error_of(answer);
    ++(answer.status == 200 ? served : refused);
  }
  EXPECT_GT(refused, 1000);
  EXPECT_GT(served, 100);
  expect_alive();
}

TEST_F(ServerFuzz, truncated_requests_end_with_the_connection) {
  const std::string whole = request_text("POST", "/v1/completions", kBodies[1]);
  for (std::size_t length = 0; length < whole.size(); ++length) send_and_drain(whole.substr(0, length));
  expect_alive();
}

}  // namespace
}  // namespace tokenmark::test
