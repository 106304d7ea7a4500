// A model that thinks and calls a tool, from its template to what a client gets, whole and streamed. The fake device's
// tokens are known beforehand, so the vocabulary is made to spell a tool call with them.
#include "engine/tokenizer/tokenizer_json.h"
#include "tests/engine/server/server_fixture.h"

namespace tokenmark::test {
namespace {

const std::vector<std::string> kAnswer = {"<think>", "\nwhy\n", "</think>\n\n", "Well", "<tool_call>\n{\"name\": \"f\",",
                                          " \"arguments\": {\"x\": 1}}", "\n</tool_call>"};
constexpr const char* kTemplate =
    "{# <think> <tool_call> #}{{ messages[0].content }}{{ tools[0].function.name }}{{ effort }}";

// Ids 0–255 are bytes, the sampled ones are the parts of the answer.
json tokenizer_json(const std::vector<TokenId>& sampled, const std::vector<std::string>& answer) {
  json vocabulary = json::object(), added = {{{"id", fake::kEos}, {"content", "</s>"}, {"special", true}}};
  for (int byte = 0; byte < 256; ++byte) vocabulary[fmt::format("<0x{:02X}>", byte)] = byte;
  for (std::size_t i = 0; i < sampled.size(); ++i)
    added.push_back({{"id", sampled[i]}, {"content", answer[i]}, {"special", false}});
  return {{"added_tokens", added}, {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", json::array()}, {"byte_fallback", true}}}};
}

class ToolCalls : public ServerTest {
 protected:
  void SetUp() override {
    registry.add(fake_plugin_query);
    serve_answer("Hifhigh", kAnswer);
  }

  // A model that says `answer` after this prompt.
  void serve_answer(const std::string& prompt, const std::vector<std::string>& answer) {
    server.reset();
    fake::behaviour().reset();
    const std::vector<TokenId> ids(prompt.begin(), prompt.end());
    fake::behaviour().end_at = static_cast<std::int32_t>(ids.size() + answer.size());
    const auto sampled = fake::expected_tokens(ids, static_cast<std::int32_t>(answer.size()));
    const auto read = read_tokenizer_json({.tokenizer = tokenizer_json(sampled, answer).dump(), .tokenizer_config = R"({"eos_token": "</s>"})"});
    ASSERT_TRUE(read) << read.error().message;
    Model model = fake::fake_model();
    model.tokenizer = read->tokenizer;
    model.chat_template = kTemplate;
    auto started = Engine::start(std::move(model), registry, {.device = "fake"});
    ASSERT_TRUE(started) << started.error().message;
    engine = std::move(*started);
    serve({});
  }

  const json request = {{"messages", {{{"role", "user"}, {"content", "Hi"}}}},
                        {"tools", {{{"type", "function"}, {"function", {{"name", "f"}}}}}},
                        {"chat_template_kwargs", {{"effort", "high"}}},
                        {"temperature", 0}};
};

TEST_F(ToolCalls, a_whole_answer_has_reasoning_content_and_calls) {
  HttpClient client(server->port());
  const Answer answer = client.post("/v1/chat/completions", request.dump());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json choice = json::parse(answer.body)["choices"][0];
  EXPECT_EQ(choice["finish_reason"], "tool_calls");
  EXPECT_EQ(choice["message"]["reasoning_content"], "why");
  EXPECT_EQ(choice["message"]["content"], "Well");
  ASSERT_EQ(choice["message"]["tool_calls"].size(), 1u);
  const json call = choice["message"]["tool_calls"][0];
  EXPECT_EQ(call["type"], "function");
  EXPECT_FALSE(call["id"].get<std::string>().empty());
  EXPECT_EQ(call["function"], (json{{"name", "f"}, {"arguments", "{\"x\":1}"}}));
}

TEST_F(ToolCalls, a_stream_has_the_same_in_parts) {
  HttpClient client(server->port());
  json streamed = request;
  streamed["stream"] = true;
  ASSERT_TRUE(client.send(request_text("POST", "/v1/chat/completions", streamed.dump())));
  ASSERT_EQ(client.read_head().status, 200);
  std::string reasoning, content, finish;
  json calls = json::array();
  for (std::string event = client.read_event(); event != "[DONE]" && !event.empty(); event = client.read_event()) {
    const json choice = json::parse(event)["choices"][0];
    reasoning += choice["delta"].value("reasoning_content", "");
    content += choice["delta"].value("content", "");
    for (const json& call : choice["delta"].value("tool_calls", json::array())) calls.push_back(call);
    if (choice["finish_reason"].is_string()) finish = choice["finish_reason"];
  }
  EXPECT_EQ(reasoning, "why");
  EXPECT_EQ(content, "Well");
  EXPECT_EQ(finish, "tool_calls");
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0]["index"], 0);
  EXPECT_EQ(calls[0]["function"]["name"], "f");
  EXPECT_EQ(calls[0]["function"]["arguments"], "{\"x\":1}");
}

TEST_F(ToolCalls, a_forced_call_is_begun_in_the_prompt_and_the_client_gets_it_whole) {
  json forced = request;
  const auto call_of = [&] {
    HttpClient client(server->port());
    const Answer answer = client.post("/v1/chat/completions", forced.dump());
    EXPECT_EQ(answer.status, 200) << answer.body;
    const json choice = json::parse(answer.body)["choices"][0];
    EXPECT_EQ(choice["finish_reason"], "tool_calls");
    EXPECT_EQ(choice["message"]["tool_calls"].size(), 1u);
    return choice["message"]["tool_calls"][0]["function"];
  };
  forced["tool_choice"] = "required";
  serve_answer("Hifhigh<tool_call>\n{\"name\": \"", {"f\", \"arguments\": {}}", "</tool_call>"});
  EXPECT_EQ(call_of(), (json{{"name", "f"}, {"arguments", "{}"}}));
  forced["tool_choice"] = {{"type", "function"}, {"function", {{"name", "f"}}}};
  serve_answer("Hifhigh<tool_call>\n{\"name\": \"f\", \"arguments\":", {" {\"x\": 2}", "}</tool_call>"});
  EXPECT_EQ(call_of(), (json{{"name", "f"}, {"arguments", "{\"x\":2}"}}));
}

TEST_F(ToolCalls, a_template_that_refuses_a_conversation_is_a_wrong_request) {
  HttpClient client(server->port());
  json plain = request;
  plain["tool_choice"] = "none";  // the template looks into tools that are not there
  const Answer answer = client.post("/v1/chat/completions", plain.dump());
  EXPECT_EQ(answer.status, 400) << answer.body;
  EXPECT_THAT(error_of(answer)["message"].get<std::string>(), testing::HasSubstr("chat template refuses"));
}

}  // namespace
}  // namespace tokenmark::test
