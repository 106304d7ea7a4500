// What clients do with their connections: keep them, drop them, stall them.
#include "tests/engine/server/server_fixture.h"

namespace tokenmark::test {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

json endless(bool stream) {
  return {{"prompt", {1, 2, 3}}, {"max_tokens", 4000}, {"stream", stream}, {"temperature", 0}};
}

TEST_F(ServerTest, a_client_that_goes_away_frees_its_slot_within_one_step) {
  fake::behaviour().step_ns = 60 * kMillisecond;
  for (const bool stream : {true, false}) {
    HttpClient client(server->port());
    ASSERT_TRUE(client.send(request_text("POST", "/v1/completions", endless(stream).dump())));
    const std::int64_t begin = fake::behaviour().steps;
    while (fake::behaviour().steps < begin + 5) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    client.close();
    const std::int64_t steps = fake::behaviour().steps;
    ASSERT_TRUE(engine_becomes_idle());
    EXPECT_LE(fake::behaviour().steps, steps + 2) << "the one that ran and at most one the news raced with";
  }
  EXPECT_EQ(engine->counts().scheduler.cancelled, 2u);
}

TEST_F(ServerTest, a_waiting_request_of_a_client_that_went_away_is_dropped_too) {
  fake::behaviour().step_ns = 20 * kMillisecond;
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 100; ++i) {  // 64 run
    clients.push_back(std::make_unique<HttpClient>(server->port()));
    ASSERT_TRUE(clients.back()->send(request_text("POST", "/v1/completions", endless(true).dump())));
    ASSERT_EQ(clients.back()->read_head().status, 200);
  }
  clients.clear();
  EXPECT_TRUE(engine_becomes_idle());
}

TEST_F(ServerTest, a_client_that_does_not_read_is_dropped_and_the_others_go_on) {
  serve({.idle_limit = std::chrono::seconds(1)});
  HttpClient stalled(server->port());
  stalled.shrink_receive_buffer();
  fake::behaviour().step_ns = 5 * kMillisecond;
  json request = endless(true);
  request["logprobs"] = 20;  // long messages
  request["prompt"] = json::array();
  for (int i = 0; i < 20; ++i) request["prompt"].push_back({1, 2, i});
  ASSERT_TRUE(stalled.send(request_text("POST", "/v1/completions", request.dump())));
  HttpClient other(server->port());
  EXPECT_EQ(other.post("/v1/completions", completion({1}, 50).dump()).status, 200);
  EXPECT_TRUE(engine_becomes_idle());
  EXPECT_GT(engine->counts().scheduler.cancelled, 0u);
  EXPECT_TRUE(stalled.at_end());
}

TEST_F(ServerTest, a_connection_serves_many_requests) {
  HttpClient client(server->port());
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.post("/v1/completions", completion({i}, 2).dump()).status, 200);
}

TEST_F(ServerTest, requests_sent_ahead_are_answered_in_order) {
  HttpClient client(server->port());
  std::string ahead;
  for (int i = 0; i < 20; ++i) ahead += request_text("POST", "/v1/completions", completion({i}, i + 1).dump());
  ASSERT_TRUE(client.send(ahead));
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(json::parse(client.read().body)["choices"][0]["text"], expected_text({i}, i + 1));
}

TEST_F(ServerTest, requests_may_arrive_byte_by_byte) {
  HttpClient client(server->port());
  for (const char byte : request_text("POST", "/v1/completions", completion({1, 2}, 3).dump())) ASSERT_TRUE(client.send({&byte, 1}));
  EXPECT_EQ(json::parse(client.read().body)["choices"][0]["text"], expected_text({1, 2}, 3));
}

TEST_F(ServerTest, a_chunked_body_is_read) {
  HttpClient client(server->port());
  const std::string body = completion({1, 2}, 3).dump();
  client.send("POST /v1/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const char byte : body) client.send(fmt::format("1\r\n{}\r\n", byte));
  client.send("0\r\n\r\n");
  EXPECT_EQ(json::parse(client.read().body)["choices"][0]["text"], expected_text({1, 2}, 3));
}

TEST_F(ServerTest, a_client_that_asks_before_it_sends_is_told_to_go_on) {
  HttpClient client(server->port());
  const std::string body = completion({1, 2}, 3).dump();
  client.send(fmt::format("POST /v1/completions HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.size()));
  EXPECT_EQ(client.read().status, 100);
  client.send(body);
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(ServerTest, a_client_that_wants_the_connection_closed_gets_it_closed) {
  HttpClient client(server->port());
  const Answer answer = client.request("GET", "/health", "", "Connection: close\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(client.at_end());
}

TEST_F(ServerTest, http_1_0_gets_its_stream_without_chunks) {
  HttpClient client(server->port());
  json request = completion({1, 2}, 3);
  request["stream"] = true;
  const std::string body = request.dump();
  client.send(fmt::format("POST /v1/completions HTTP/1.0\r\nContent-Length: {}\r\n\r\n{}", body.size(), body));
  const Answer answer = client.read();
  EXPECT_FALSE(answer.headers.contains("transfer-encoding"));
  EXPECT_THAT(answer.body, testing::StartsWith("data: {"));
  EXPECT_THAT(answer.body, testing::EndsWith("data: [DONE]\n\n"));
}

TEST_F(ServerTest, the_answer_to_head_has_no_body) {
  HttpClient client(server->port());
  ASSERT_TRUE(client.send(request_text("HEAD", "/health")));
  EXPECT_EQ(client.read(true).status, 405);
  EXPECT_EQ(client.get("/health").status, 200) << "the next answer begins where it should";
}

TEST_F(ServerTest, connections_idle_too_long_or_sending_too_slowly_are_closed) {
  serve({.idle_limit = std::chrono::seconds(1)});
  HttpClient idle(server->port()), half(server->port()), body(server->port());
  half.send("POST /v1/completions HTTP/1.1\r\nHo");
  body.send("POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{");
  EXPECT_TRUE(idle.at_end());
  EXPECT_TRUE(half.at_end());
  EXPECT_TRUE(body.at_end());
}

TEST_F(ServerTest, a_long_answer_is_not_idle) {
  serve({.idle_limit = std::chrono::seconds(1)});
  fake::behaviour().step_ns = 300 * kMillisecond;
  HttpClient client(server->port());
  EXPECT_EQ(client.post("/v1/completions", completion({1}, 5).dump()).status, 200);
}

TEST_F(ServerTest, stopping_closes_connections_and_cancels_what_runs) {
  fake::behaviour().step_ns = kMillisecond;
  HttpClient streaming(server->port()), waiting(server->port()), idle(server->port());
  streaming.send(request_text("POST", "/v1/completions", endless(true).dump()));
  streaming.read_head();
  EXPECT_NE(streaming.read_event(), "");
  waiting.send(request_text("POST", "/v1/completions", endless(false).dump()));
  server.reset();
  EXPECT_TRUE(streaming.at_end());
  EXPECT_TRUE(waiting.at_end());
  EXPECT_TRUE(idle.at_end());
  EXPECT_TRUE(engine_becomes_idle());
}

TEST_F(ServerTest, a_server_after_a_server_on_the_same_engine_works) {
  for (int i = 0; i < 20; ++i) {
    serve({});
    HttpClient client(server->port());
    client.send(request_text("POST", "/v1/completions", endless(true).dump()));
    client.read_head();
  }
  server.reset();
  EXPECT_TRUE(engine_becomes_idle());
}

}  // namespace
}  // namespace tokenmark::test
