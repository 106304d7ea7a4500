#include "core/load/server_probe.h"

#include <gmock/gmock.h>

#include "tests/core/load/little_server.h"
#include "tests/support/null_server/null_server.h"

namespace tokenmark {
namespace {

using test::Connection;
using test::HttpRequest;
using test::LittleServer;
using testing::HasSubstr;

EndpointTarget at(const std::string& url, const std::string& api = "chat") { return {.url = url, .model = "m", .api = api}; }

// A server that answers everything with this status and body.
LittleServer always(int status, const std::string& body, const std::string& headers = "") {
  return LittleServer([=](Connection& connection, const HttpRequest&) {
    connection.send("HTTP/1.1 " + std::to_string(status) + " X\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return true;
  });
}

TEST(ServerProbe, the_models_of_a_server_are_listed_and_one_request_is_timed) {
  const auto server = *test::NullServer::start({.first_token = std::chrono::milliseconds(50), .token_interval = std::chrono::milliseconds(5)});
  const ServerModels models = list_server_models(at(server->url()), "", {});
  ASSERT_TRUE(models.call.ok()) << models.call.problem;
  EXPECT_EQ(models.call.status, 200);
  ASSERT_EQ(models.ids.size(), 1u);
  for (const char* api : {"chat", "completions"}) {
    EndpointTarget endpoint = at(server->url() + "/v1/", api);
    endpoint.model = models.ids[0];
    const TrialAnswer trial = try_server(endpoint, "", 21, {});
    ASSERT_TRUE(trial.call.ok()) << trial.call.problem;
    EXPECT_GE(*trial.ttft_s, 0.05);
    EXPECT_GE(*trial.e2e_s, *trial.ttft_s + 0.095);
    EXPECT_EQ(trial.output_tokens, 21);
    EXPECT_TRUE(trial.counted);
    EXPECT_LE(*trial.tok_s, 20 / 0.095);
    EXPECT_GT(*trial.tok_s, 10);
    EXPECT_FALSE(trial.text.empty());
    EXPECT_FALSE(trial.call.headers.empty());
  }
}

TEST(ServerProbe, the_key_is_sent_and_a_refusal_says_status_advice_and_the_servers_words) {
  std::string seen;
  LittleServer server([&](Connection& connection, const HttpRequest& request) {
    seen = request.head;
    const std::string body = R"({"error":{"message":"Incorrect API key provided"}})";
    connection.send("HTTP/1.1 401 Unauthorized\r\nX-Request-Id: 17\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return true;
  });
  const ServerModels models = list_server_models(at(server.url()), "secret", {});
  EXPECT_THAT(seen, HasSubstr("Authorization: Bearer secret"));
  EXPECT_EQ(models.call.status, 401);
  EXPECT_THAT(models.call.problem, testing::AllOf(HasSubstr("HTTP 401"), HasSubstr("key is missing or wrong"), HasSubstr("Incorrect API key")));
  EXPECT_THAT(models.call.headers, testing::Contains(std::pair<std::string, std::string>("X-Request-Id", "17")));
  const TrialAnswer trial = try_server(at(server.url()), "secret", 4, {});
  EXPECT_EQ(trial.call.status, 401);
  EXPECT_FALSE(trial.ttft_s);
}

TEST(ServerProbe, what_is_not_there_is_named) {
  EXPECT_THAT(list_server_models(at("http://127.0.0.1:1"), "", {}).call.problem, HasSubstr("nothing answers there"));
  EXPECT_THAT(list_server_models(at("http://no-such-host.invalid"), "", {}).call.problem, HasSubstr("host name is not known"));
  EXPECT_THAT(list_server_models(at("127.0.0.1:8000"), "", {}).call.problem, HasSubstr("http://"));
  EXPECT_THAT(try_server(at("http://127.0.0.1:1", "poems"), "", 4, {}).call.problem, HasSubstr("poems"));
}

TEST(ServerProbe, another_kind_of_server_is_told_from_one_of_models) {
  const LittleServer page = always(200, "<html>Welcome</html>");
  EXPECT_THAT(list_server_models(at(page.url()), "", {}).call.problem, HasSubstr("is it an OpenAI-compatible server?"));
  EXPECT_FALSE(try_server(at(page.url()), "", 4, {}).call.ok());
  const LittleServer odd = always(200, R"({"data":[7,{"id":3},{"id":"good"}]})");
  EXPECT_THAT(list_server_models(at(odd.url()), "", {}).ids, testing::ElementsAre("good"));
}

TEST(ServerProbe, a_stream_that_breaks_off_is_no_answer) {
  const LittleServer server([](Connection& connection, const HttpRequest&) {
    connection.stream_head();
    connection.event(test::text_event("half"));
    return false;
  });
  const TrialAnswer trial = try_server(at(server.url(), "completions"), "", 4, {});
  EXPECT_FALSE(trial.call.ok());
  EXPECT_EQ(trial.call.status, 200);
  EXPECT_TRUE(trial.ttft_s) << "what came is still told";
}

TEST(ServerProbe, a_server_that_says_nothing_is_given_up_after_the_limit_and_at_once_when_stopped) {
  const LittleServer server([](Connection& connection, const HttpRequest&) {
    connection.wait_for_the_end();
    return false;
  });
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_THAT(list_server_models(at(server.url()), "", {}, {.connect_s = 1, .answer_s = 0.2}).call.problem, HasSubstr("no whole answer in time"));
  std::stop_source stop;
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  EXPECT_EQ(try_server(at(server.url()), "", 4, stop.get_token(), {.connect_s = 1, .answer_s = 60}).call.problem, "cancelled");
  stopper.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
}

}  // namespace
}  // namespace tokenmark
