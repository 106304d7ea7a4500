#include "tests/engine/server/server_fixture.h"

namespace tokenmark::test {
namespace {

using testing::HasSubstr;

// All messages of a stream up to [DONE].
std::vector<json> stream(HttpClient& client, const json& body, std::string_view target = "/v1/completions") {
  EXPECT_TRUE(client.send(request_text("POST", target, body.dump())));
  const Answer head = client.read_head();
  EXPECT_EQ(head.status, 200);
  EXPECT_THAT(head.headers.at("content-type"), HasSubstr("text/event-stream"));
  std::vector<json> messages;
  for (std::string event = client.read_event(); event != "[DONE]"; event = client.read_event()) {
    messages.push_back(json::parse(event, nullptr, false));
    if (messages.back().is_discarded()) {
      ADD_FAILURE() << "not JSON: '" << event << "'";
      return messages;
    }
  }
  EXPECT_EQ(client.read_event(), "") << "nothing after [DONE]";
  return messages;
}

TEST_F(ServerTest, a_completion_has_text_reason_and_usage) {
  HttpClient client(server->port());
  const Answer answer = client.post("/v1/completions", completion({1, 2, 3}, 12).dump());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json body = json::parse(answer.body);
  EXPECT_EQ(body["object"], "text_completion");
  EXPECT_EQ(body["model"], "fake");
  EXPECT_THAT(body["id"].get<std::string>(), testing::StartsWith("cmpl-"));
  EXPECT_EQ(body["choices"][0]["text"], expected_text({1, 2, 3}, 12));
  EXPECT_EQ(body["choices"][0]["finish_reason"], "length");
  EXPECT_TRUE(body["choices"][0]["logprobs"].is_null());
  EXPECT_EQ(body["usage"], (json{{"prompt_tokens", 3}, {"completion_tokens", 12}, {"total_tokens", 15},
                                 {"prompt_tokens_details", {{"cached_tokens", 0}}}}));
}

TEST_F(ServerTest, a_prompt_may_be_text_and_max_tokens_is_16_if_not_given) {
  HttpClient client(server->port());
  const json body = json::parse(client.post("/v1/completions", R"({"prompt": "ab", "temperature": 0})").body);
  EXPECT_EQ(body["usage"]["prompt_tokens"], engine->model().tokenizer->encode("ab", true).size());
  EXPECT_EQ(body["usage"]["completion_tokens"], 16);
}

TEST_F(ServerTest, several_prompts_give_a_choice_each) {
  HttpClient client(server->port());
  json request = completion({}, 5);
  request["prompt"] = {{1, 2}, {3}, {4, 5, 6}};
  const json body = json::parse(client.post("/v1/completions", request.dump()).body);
  ASSERT_EQ(body["choices"].size(), 3u);
  EXPECT_EQ(body["choices"][0]["text"], expected_text({1, 2}, 5));
  EXPECT_EQ(body["choices"][1]["text"], expected_text({3}, 5));
  EXPECT_EQ(body["choices"][2]["index"], 2);
  EXPECT_EQ(body["usage"]["prompt_tokens"], 6);
  EXPECT_EQ(body["usage"]["completion_tokens"], 15);
}

TEST_F(ServerTest, a_stream_has_a_message_per_token_and_the_same_text) {
  HttpClient client(server->port());
  json request = completion({1, 2, 3}, 12);
  request["stream"] = true;
  request["return_token_ids"] = true;
  const auto messages = stream(client, request);
  ASSERT_EQ(messages.size(), 12u);
  std::string text;
  std::vector<TokenId> ids;
  for (const json& message : messages) {
    EXPECT_EQ(message["id"], messages[0]["id"]);
    EXPECT_FALSE(message.contains("usage"));
    text += message["choices"][0]["text"].get<std::string>();
    ids.push_back(message["choices"][0]["token_ids"].at(0));
  }
  EXPECT_EQ(text, expected_text({1, 2, 3}, 12));
  EXPECT_EQ(ids, fake::expected_tokens({1, 2, 3}, 12));
  EXPECT_TRUE(messages[10]["choices"][0]["finish_reason"].is_null());
  EXPECT_EQ(messages[11]["choices"][0]["finish_reason"], "length");
}

TEST_F(ServerTest, a_token_is_sent_when_it_is_sampled) {
  fake::behaviour().step_ns = 20'000'000;
  HttpClient client(server->port());
  json request = completion({1, 2, 3}, 100);
  request["stream"] = true;
  ASSERT_TRUE(client.send(request_text("POST", "/v1/completions", request.dump())));
  client.read_head();
  for (int received = 1; received <= 5; ++received) {
    ASSERT_NE(client.read_event(), "");
    EXPECT_LE(fake::behaviour().steps, 50) << "the message waited for later ones";
  }
}

TEST_F(ServerTest, usage_says_how_much_of_the_prompt_was_cached) {
  const std::vector<TokenId> prompt(40, 9);
  HttpClient client(server->port());
  for (const int cached : {0, 32}) {
    const json body = json::parse(client.request("POST", "/v1/completions", completion(prompt, 2).dump()).body);
    EXPECT_EQ(body["usage"]["prompt_tokens_details"]["cached_tokens"], cached);
  }
  EXPECT_THAT(client.request("GET", "/metrics").body, testing::HasSubstr("tokenmark_cached_prompt_tokens_total 32\n"));
}

TEST_F(ServerTest, usage_comes_last_in_a_stream_that_asks_for_it) {
  HttpClient client(server->port());
  json request = completion({1, 2, 3}, 4);
  request["stream"] = true;
  request["stream_options"] = {{"include_usage", true}};
  const auto messages = stream(client, request);
  ASSERT_EQ(messages.size(), 5u);
  EXPECT_TRUE(messages[0].at("usage").is_null());
  EXPECT_TRUE(messages[4]["choices"].empty());
  EXPECT_EQ(messages[4]["usage"], (json{{"prompt_tokens", 3}, {"completion_tokens", 4}, {"total_tokens", 7},
                                        {"prompt_tokens_details", {{"cached_tokens", 0}}}}));
}

TEST_F(ServerTest, end_of_text_stops_unless_it_is_to_be_ignored) {
  fake::behaviour().end_at = 10;
  HttpClient client(server->port());
  json request = completion({1, 2, 3}, 30);
  json body = json::parse(client.post("/v1/completions", request.dump()).body);
  EXPECT_EQ(body["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(body["choices"][0]["text"], expected_text({1, 2, 3}, 7)) << "the end itself is no text";
  EXPECT_EQ(body["usage"]["completion_tokens"], 8);
  request["ignore_eos"] = true;
  body = json::parse(client.post("/v1/completions", request.dump()).body);
  EXPECT_EQ(body["choices"][0]["finish_reason"], "length");
  EXPECT_EQ(body["usage"]["completion_tokens"], 30);
}

TEST_F(ServerTest, a_stop_string_across_tokens_ends_the_text_before_it_and_frees_the_slot) {
  const std::string whole = expected_text({1, 2, 3}, 200);
  const std::size_t border = expected_text({1, 2, 3}, 10).size();
  const std::string stop = whole.substr(border - 2, 4);  // the end of one token and the beginning of the next
  const std::string before = whole.substr(0, whole.find(stop));
  fake::behaviour().step_ns = 1'000'000;
  for (const bool streamed : {false, true}) {
    HttpClient client(server->port());
    json request = completion({1, 2, 3}, 2000);
    request["stop"] = {"never there", stop};
    request["stream"] = streamed;
    std::string text, reason;
    if (streamed) {
      for (const json& message : stream(client, request)) {
        text += message["choices"][0]["text"].get<std::string>();
        if (!message["choices"][0]["finish_reason"].is_null()) reason = message["choices"][0]["finish_reason"];
      }
    } else {
      const json body = json::parse(client.post("/v1/completions", request.dump()).body);
      text = body["choices"][0]["text"];
      reason = body["choices"][0]["finish_reason"];
      EXPECT_LE(body["usage"]["completion_tokens"], 11);
    }
    EXPECT_EQ(text, before);
    EXPECT_EQ(reason, "stop");
    EXPECT_TRUE(engine_becomes_idle());
  }
  EXPECT_LT(engine->counts().scheduler.generated_tokens, 2000u) << "the engine was told";
}

TEST_F(ServerTest, the_same_seed_gives_the_same_text_and_another_seed_another) {
  HttpClient client(server->port());
  json request = completion({1, 2, 3}, 20);
  request["temperature"] = 1;
  const auto text = [&](int seed) {
    request["seed"] = seed;
    return json::parse(client.post("/v1/completions", request.dump()).body)["choices"][0]["text"].get<std::string>();
  };
  EXPECT_EQ(text(5), text(5));
  EXPECT_NE(text(5), text(6));
}

TEST_F(ServerTest, completion_logprobs_have_a_row_per_token) {
  HttpClient client(server->port());
  json request = completion({1, 2, 3}, 6);
  request["logprobs"] = 3;
  json logprobs = json::parse(client.post("/v1/completions", request.dump()).body)["choices"][0]["logprobs"];
  ASSERT_EQ(logprobs["tokens"].size(), 6u);
  std::size_t offset = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(logprobs["text_offset"][i], offset);
    offset += logprobs["tokens"][i].get<std::string>().size();
    EXPECT_LT(logprobs["token_logprobs"][i], 0);
    EXPECT_EQ(logprobs["top_logprobs"][i].size(), 3u);
    EXPECT_EQ(logprobs["top_logprobs"][i][logprobs["tokens"][i].get<std::string>()], logprobs["token_logprobs"][i])
        << "greedy: the chosen token is the most likely";
  }
}

TEST_F(ServerTest, a_chat_answers_as_the_assistant) {
  HttpClient client(server->port());
  const json request = {{"model", "fake"}, {"max_completion_tokens", 7}, {"temperature", 0}, {"logprobs", true}, {"top_logprobs", 2},
                        {"messages", {{{"role", "system"}, {"content", "Be short."}},
                                      {{"role", "user"}, {"content", {{{"type", "text"}, {"text", "He"}}, {{"type", "text"}, {"text", "llo"}}}}}}}};
  const Answer answer = client.post("/v1/chat/completions", request.dump());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json body = json::parse(answer.body);
  const auto prompt = engine->model().tokenizer->encode(
      "system: Be short.\nuser: Hello\nassistant:", true, true);
  EXPECT_EQ(body["object"], "chat.completion");
  EXPECT_EQ(body["choices"][0]["message"]["role"], "assistant");
  EXPECT_EQ(body["choices"][0]["message"]["content"], expected_text(prompt, 7));
  EXPECT_EQ(body["usage"]["prompt_tokens"], prompt.size());
  const json content = body["choices"][0]["logprobs"]["content"];
  ASSERT_EQ(content.size(), 7u);
  EXPECT_EQ(content[0]["top_logprobs"].size(), 2u);
  const auto token = content[0]["token"].get<std::string>();
  EXPECT_EQ(content[0]["bytes"].get<std::vector<unsigned char>>(), std::vector<unsigned char>(token.begin(), token.end()));
}

TEST_F(ServerTest, a_chat_stream_begins_with_the_role) {
  HttpClient client(server->port());
  const json request = {{"max_tokens", 3}, {"stream", true}, {"messages", {{{"role", "user"}, {"content", "Hi"}}}}};
  const auto messages = stream(client, request, "/v1/chat/completions");
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[0]["object"], "chat.completion.chunk");
  EXPECT_EQ(messages[0]["choices"][0]["delta"]["role"], "assistant");
  EXPECT_FALSE(messages[1]["choices"][0]["delta"].contains("role"));
  EXPECT_EQ(messages[3]["choices"][0]["finish_reason"], "length");
}

TEST_F(ServerTest, many_clients_at_once_get_what_each_would_get_alone) {
  std::vector<std::thread> clients;
  for (int i = 0; i < 40; ++i)
    clients.emplace_back([&, i] {
      HttpClient client(server->port());
      for (int round = 0; round < 5; ++round) {
        json request = completion({i, round}, 10 + i);
        request["stream"] = i % 2 == 0;
        std::string text;
        if (i % 2 == 0)
          for (const json& message : stream(client, request)) text += message["choices"][0]["text"].get<std::string>();
        else
          text = json::parse(client.post("/v1/completions", request.dump()).body)["choices"][0]["text"];
        EXPECT_EQ(text, expected_text({i, round}, 10 + i));
      }
    });
  for (auto& client : clients) client.join();
}

TEST_F(ServerTest, models_health_and_metrics_answer) {
  HttpClient client(server->port());
  const json models = json::parse(client.get("/v1/models").body);
  EXPECT_EQ(models["object"], "list");
  EXPECT_EQ(models["data"][0]["id"], "fake");
  EXPECT_EQ(json::parse(client.get("/v1/models/fake").body)["id"], "fake");
  EXPECT_EQ(error_of(client.get("/v1/models/other"))["code"], "model_not_found");
  EXPECT_EQ(client.get("/health").status, 200);
  client.post("/v1/completions", completion({1, 2, 3}, 9).dump());
  const Answer metrics = client.get("/metrics");
  EXPECT_THAT(metrics.headers.at("content-type"), testing::StartsWith("text/plain"));
  EXPECT_THAT(metrics.body, HasSubstr("\ntokenmark_generated_tokens_total 9\n"));
  EXPECT_THAT(metrics.body, HasSubstr("\ntokenmark_prompt_tokens_total 3\n"));
  EXPECT_THAT(metrics.body, HasSubstr("\ntokenmark_kv_blocks_used 0\n"));
  EXPECT_THAT(metrics.body, HasSubstr("tokenmark_replies_total{endpoint=\"/v1/completions\",status=\"200\"} 1\n"));
  EXPECT_THAT(metrics.body, HasSubstr("tokenmark_ttft_seconds_count 1\n"));
}

TEST_F(ServerTest, a_failing_device_is_an_error_and_a_lost_one_shows_in_health) {
  HttpClient client(server->port());
  fake::behaviour().failing_steps = 1;
  Answer answer = client.post("/v1/completions", completion({1}, 3).dump());
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), HasSubstr("told to fail"));
  EXPECT_EQ(client.post("/v1/completions", completion({1}, 3).dump()).status, 200);

  fake::behaviour().lost = true;
  json request = completion({1}, 3);
  request["stream"] = true;
  ASSERT_TRUE(client.send(request_text("POST", "/v1/completions", request.dump())));
  EXPECT_EQ(client.read_head().status, 200);
  EXPECT_THAT(client.read_event(), HasSubstr("off the bus"));
  EXPECT_EQ(client.read_event(), "");
  EXPECT_EQ(client.post("/v1/completions", completion({1}, 3).dump()).status, 503);
  EXPECT_EQ(client.get("/health").status, 503);
}

}  // namespace
}  // namespace tokenmark::test
