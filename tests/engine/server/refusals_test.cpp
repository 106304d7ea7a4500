// Wrong requests get errors that OpenAI's clients understand.
#include "tests/engine/server/server_fixture.h"

namespace tokenmark::test {
namespace {

using testing::HasSubstr;

struct Refusal {
  const char* target;
  const char* body;
  const char* param;    // empty: null
  const char* message;  // a part of it
};

const Refusal kRefusals[] = {
    {"/v1/completions", "", "", "not JSON"},
    {"/v1/completions", "{\"prompt\": \"a\"", "", "not JSON"},
    {"/v1/completions", "[1, 2]", "", "object"},
    {"/v1/completions", "{}", "prompt", "missing"},
    {"/v1/completions", R"({"prompt": 5})", "prompt", "'prompt'"},
    {"/v1/completions", R"({"prompt": []})", "prompt", "'prompt'"},
    {"/v1/completions", R"({"prompt": [1, "a"]})", "prompt", "'prompt'"},
    {"/v1/completions", R"({"prompt": [-1]})", "prompt", "'prompt'"},
    {"/v1/completions", R"({"prompt": [99999]})", "", "vocabulary"},
    {"/v1/completions", R"({"prompt": "a", "max_tokens": 0})", "max_tokens", "from 1"},
    {"/v1/completions", R"({"prompt": "a", "max_tokens": "9"})", "max_tokens", "integer"},
    {"/v1/completions", R"({"prompt": "a", "max_tokens": 1e30})", "max_tokens", "integer"},
    {"/v1/completions", R"({"prompt": "a", "max_tokens": 99999})", "prompt", "context is 4096"},
    {"/v1/completions", R"({"prompt": "a", "temperature": -1})", "temperature", "number"},
    {"/v1/completions", R"({"prompt": "a", "temperature": true})", "temperature", "number"},
    {"/v1/completions", R"({"prompt": "a", "top_p": 0})", "top_p", "above 0"},
    {"/v1/completions", R"({"prompt": "a", "min_p": 2})", "min_p", "number"},
    {"/v1/completions", R"({"prompt": "a", "top_k": -2})", "top_k", "integer"},
    {"/v1/completions", R"({"prompt": "a", "seed": 18446744073709551615})", "seed", "integer"},
    {"/v1/completions", R"({"prompt": "a", "n": 2})", "n", "not supported"},
    {"/v1/completions", R"({"prompt": "a", "best_of": 3})", "best_of", "not supported"},
    {"/v1/completions", R"({"prompt": "a", "echo": true})", "echo", "not supported"},
    {"/v1/completions", R"({"prompt": "a", "presence_penalty": 0.5})", "presence_penalty", "not supported"},
    {"/v1/completions", R"({"prompt": "a", "logit_bias": {"5": 1}})", "logit_bias", "not supported"},
    {"/v1/completions", R"({"prompt": "a", "logprobs": 21})", "logprobs", "integer"},
    {"/v1/completions", R"({"prompt": "a", "stop": ""})", "stop", "'stop'"},
    {"/v1/completions", R"({"prompt": "a", "stop": ["a", "b", "c", "d", "e"]})", "stop", "up to 4"},
    {"/v1/completions", R"({"prompt": "a", "stop": [1]})", "stop", "'stop'"},
    {"/v1/completions", R"({"prompt": "a", "stream": 1})", "stream", "true or false"},
    {"/v1/completions", R"({"prompt": "a", "stream_options": {"include_usage": true}})", "stream_options", "stream"},
    {"/v1/completions", R"({"prompt": "a", "stream": true, "stream_options": {"include_usage": 1}})", "stream_options", "include_usage"},
    {"/v1/completions", R"({"prompt": "a", "model": 7})", "model", "string"},
    {"/v1/chat/completions", R"({"messages": []})", "messages", "at least one"},
    {"/v1/chat/completions", R"({"prompt": "a"})", "messages", "at least one"},
    {"/v1/chat/completions", R"({"messages": ["a"]})", "messages", "messages[0].role"},
    {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": "a"}, {"role": "king", "content": "a"}]})", "messages", "messages[1].role"},
    {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": 5}]})", "messages", "messages[0].content"},
    {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]})", "messages", "text parts"},
    {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": "a"}], "top_logprobs": 2})", "top_logprobs", "'logprobs'"},
    {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": "a"}], "tools": [{}]})", "tools", "each with its name"},
    {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": "a"}], "tool_choice": "required"})", "tool_choice", "needs 'tools'"},
    {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": "a"}], "tool_choice": "sometimes"})", "tool_choice", "must be auto"},
    {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": "a"}], "tools": [{"function": {"name": "f"}}], "tool_choice": {"function": {"name": "g"}}})", "tool_choice", "not one of 'tools'"},
    {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": "a"}], "tools": [{"function": {"name": "f\"g"}}], "tool_choice": {"function": {"name": "f\"g"}}})", "tool_choice", "other characters"},
    {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": "a"}], "tools": [{"function": {"name": "f"}}], "tool_choice": "required"})", "tool_choice", "cannot be forced"},
    {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": "a"}], "chat_template_kwargs": 3})", "chat_template_kwargs", "an object"},
    {"/v1/chat/completions", R"({"messages": [{"role": "assistant", "tool_calls": [{}]}]})", "messages", "messages[0].tool_calls"},
    {"/v1/chat/completions", R"({"messages": [{"role": "user", "content": "a"}], "response_format": {"type": "json_object"}})", "response_format", "not supported"},
};

TEST_F(ServerTest, wrong_requests_are_refused_with_the_place_and_the_reason) {
  HttpClient client(server->port());
  for (const Refusal& refusal : kRefusals) {
    const Answer answer = client.post(refusal.target, refusal.body);
    EXPECT_EQ(answer.status, 400) << refusal.body;
    const json error = error_of(answer);
    EXPECT_EQ(error["type"], "invalid_request_error");
    EXPECT_EQ(error["param"], *refusal.param ? json(refusal.param) : json()) << refusal.body;
    EXPECT_THAT(error["message"].get<std::string>(), HasSubstr(refusal.message)) << refusal.body;
  }
  EXPECT_EQ(engine->counts().steps, 0u);
}

TEST_F(ServerTest, null_and_neutral_values_are_taken_as_absent) {
  HttpClient client(server->port());
  EXPECT_EQ(client.post("/v1/completions", R"({"prompt": "a", "max_tokens": null, "n": 1, "stop": null, "seed": null,
    "presence_penalty": 0.0, "frequency_penalty": 0, "logit_bias": {}, "best_of": 1, "echo": false, "suffix": null,
    "user": "me", "stream_options": null, "top_k": -1})").status, 200);
}

TEST_F(ServerTest, a_context_too_long_has_its_own_code) {
  HttpClient client(server->port());
  EXPECT_EQ(error_of(client.post("/v1/completions", completion(std::vector<TokenId>(4096, 1), 1).dump()))["code"],
            "context_length_exceeded");
  EXPECT_EQ(client.post("/v1/completions", completion(std::vector<TokenId>(4095, 1), 1).dump()).status, 200);
}

TEST_F(ServerTest, an_unknown_model_path_or_method_is_named) {
  HttpClient client(server->port());
  json request = completion({1}, 1);
  request["model"] = "gpt-7";
  Answer answer = client.post("/v1/completions", request.dump());
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(error_of(answer)["code"], "model_not_found");
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("gpt-7"));
  answer = client.get("/v2/everything?x=1");
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("/v2/everything"));
  answer = client.get("/v1/completions");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers["allow"], "POST");
  error_of(answer);
  EXPECT_EQ(client.post("/health", "").status, 405);
}

TEST_F(ServerTest, json_nested_without_end_is_refused) {
  HttpClient client(server->port());
  const Answer answer = client.post("/v1/completions", std::string(200000, '['));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("nested"));
}

TEST_F(ServerTest, a_body_too_large_is_refused_before_it_is_read) {
  serve({.max_body_bytes = 1000});
  HttpClient client(server->port());
  ASSERT_TRUE(client.send("POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n"));
  const Answer announced = client.read();
  EXPECT_EQ(announced.status, 413);
  EXPECT_EQ(error_of(announced)["code"], "request_too_large");

  HttpClient chunked(server->port());
  chunked.send("POST /v1/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  chunked.send("3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.read().status, 413);

  HttpClient large(server->port());  // all of it is sent; the answer must still arrive
  large.send(request_text("POST", "/v1/completions", std::string(2'000'000, 'x')));
  EXPECT_EQ(large.read().status, 413);
  EXPECT_TRUE(large.at_end());
}

TEST_F(ServerTest, a_header_too_large_is_refused) {
  HttpClient client(server->port());
  client.send("GET /health HTTP/1.1\r\nHost: a\r\nX: " + std::string(40000, 'x') + "\r\n\r\n");
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 431);
  error_of(answer);
  HttpClient endless(server->port());
  endless.send("GET /" + std::string(100000, 'x'));
  EXPECT_EQ(endless.read().status, 431);
}

TEST_F(ServerTest, what_is_not_http_gets_400_and_the_connection_ends) {
  for (const char* nonsense : {"hello\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls hello\r\n\r\n", "GET / HTTP/3.0\r\n\r\n",
                               "POST /v1/completions HTTP/1.1\r\nContent-Length: -5\r\n\r\n"}) {
    HttpClient client(server->port());
    client.send(nonsense);
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 400) << nonsense;
    error_of(answer);
    EXPECT_TRUE(client.at_end());
  }
}

TEST_F(ServerTest, an_api_key_is_asked_of_everybody) {
  serve({.api_key = "sk-secret"});
  HttpClient client(server->port());
  EXPECT_EQ(client.request("GET", "/v1/models", "", "Authorization: Bearer sk-secret\r\n").status, 200);
  EXPECT_EQ(client.get("/health").status, 200);
  for (const char* header : {"", "Authorization: Bearer sk-secre\r\n", "Authorization: Bearer sk-secretx\r\n",
                             "Authorization: sk-secret\r\n", "Authorization: Basic sk-secret\r\n", "Authorization: Bearer \r\n",
                             "Authorization: Bearer sk-secretsk-secret\r\n"}) {
    HttpClient stranger(server->port());
    const Answer answer = stranger.request("POST", "/v1/completions", completion({1}, 1).dump(), header);
    EXPECT_EQ(answer.status, 401) << header;
    EXPECT_EQ(error_of(answer)["code"], "invalid_api_key");
  }
  EXPECT_EQ(engine->counts().steps, 0u);
}

TEST_F(ServerTest, an_address_others_can_reach_needs_a_key) {
  for (const char* host : {"0.0.0.0", "::"}) {
    const auto refused = Server::start(*engine, {.host = host, .port = 0});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("API key"));
  }
  EXPECT_TRUE(Server::start(*engine, {.host = "localhost", .port = 0}));
}

TEST_F(ServerTest, until_there_is_an_engine_requests_are_told_to_wait) {
  auto early = Server::listen({.port = 0, .api_key = "k"});
  ASSERT_TRUE(early);
  HttpClient client((*early)->port());
  const std::string key = "Authorization: Bearer k\r\n";
  EXPECT_EQ(client.request("GET", "/health").status, 503);
  EXPECT_EQ(client.request("POST", "/v1/completions", completion({1}, 1).dump(), key).status, 503);
  EXPECT_EQ(HttpClient((*early)->port()).request("GET", "/v1/models").status, 401);
  (*early)->serve(*engine);
  EXPECT_EQ(client.request("GET", "/health").status, 200);
  EXPECT_EQ(client.request("POST", "/v1/completions", completion({1}, 1).dump(), key).status, 200);
}

TEST_F(ServerTest, a_port_in_use_is_an_error_that_names_it) {
  const auto refused = Server::start(*engine, {.port = server->port()});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr(std::to_string(server->port())));
}

}  // namespace
}  // namespace tokenmark::test
