#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/load/endpoint_url.h"
#include "core/load/load.h"
#include "core/metrics/figures.h"
#include "core/workload/requests.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/core/load/little_server.h"

namespace tokenmark {
namespace {

using namespace test;
using testing::HasSubstr;

Point small_point(const std::string& url, std::int32_t concurrency = 2, std::int32_t requests = 3) {
  Point point;
  point.target = EndpointTarget{url, "m"};
  point.workload = {12, 6, 1.0, 1};
  point.load = {concurrency, requests, 1, 0};
  point.stop = {1.0, 20};
  return point;
}

Result<EventLog> measure(const Point& point, const Tokenizer* tokenizer = nullptr, std::stop_token stop = {}, const std::string& key = "") {
  return measure_endpoint(std::get<EndpointTarget>(point.target), tokenizer, key, point, {}, stop);
}

// Answers as asked: max_tokens events, then the finish reason and usage.
bool answer_well(Connection& connection, const HttpRequest& request) {
  const auto body = nlohmann::json::parse(request.body);
  const int tokens = body["max_tokens"];
  connection.stream_head();
  for (int i = 0; i < tokens; ++i) connection.event(text_event(" word"));
  connection.event(finish_event());
  connection.event(usage_event(static_cast<int>(body["prompt"].size()), tokens));
  connection.event("[DONE]");
  connection.last_chunk();
  return true;
}

TEST(MeasureEndpoint, a_good_server_is_logged_with_exact_counts_and_kept_connections) {
  LittleServer server(answer_well);
  Point point = small_point(server.url(), 3, 5);
  point.workload.range_ratio = 0.3;
  const auto log = measure(point);
  ASSERT_TRUE(log) << log.error().message;
  const auto plan = plan_requests(point)->requests;
  const RequestColumns& r = log->requests;
  ASSERT_EQ(r.size(), plan.size());
  std::vector<int> tokens(plan.size());
  for (std::size_t k = 0; k < log->messages.size(); ++k) tokens[log->messages.request[k]] += log->messages.tokens[k];
  for (std::size_t i = 0; i < plan.size(); ++i) {
    EXPECT_EQ(r.error[i], RequestError::none);
    EXPECT_EQ(r.status[i], 200);
    EXPECT_EQ(r.input_tokens[i], plan[i].input);
    EXPECT_EQ(r.output_tokens[i], plan[i].output);
    EXPECT_EQ(tokens[i], plan[i].output);
    EXPECT_EQ(r.token_source[i], TokenSource::usage);
    EXPECT_LE(r.intended[i], r.send_start[i]);
    EXPECT_LE(r.send_start[i], r.sent[i]);
    EXPECT_LE(r.sent[i], r.headers[i]);
    EXPECT_LE(r.headers[i], r.end[i]);
    EXPECT_EQ(r.connected[i] != kAbsent, i < 3);  // the first three make connections, the others find them
  }
  EXPECT_EQ(server.connections(), 3);
  EXPECT_TRUE(decode_event_log(encode(*log)));
  EXPECT_GT(log->client_cpu_s, 0);
}

TEST(MeasureEndpoint, requests_say_what_the_workload_says) {
  std::mutex mutex;
  std::vector<HttpRequest> seen;
  LittleServer server([&](Connection& connection, const HttpRequest& request) {
    {
      const std::lock_guard lock(mutex);
      seen.push_back(request);
    }
    return answer_well(connection, request);
  });
  const Point point = small_point(server.url(), 1, 2);
  ASSERT_TRUE(measure(point, nullptr, {}, "secret"));
  ASSERT_EQ(seen.size(), 3u);
  const auto body = nlohmann::json::parse(seen[0].body);
  EXPECT_EQ(body["model"], "m");
  EXPECT_EQ(body["prompt"].size(), 12u);
  EXPECT_EQ(body["max_tokens"], 6);
  EXPECT_EQ(body["temperature"], 0);
  EXPECT_EQ(body["ignore_eos"], true);
  EXPECT_EQ(body["stream"], true);
  EXPECT_EQ(body["stream_options"]["include_usage"], true);
  EXPECT_THAT(seen[0].head, HasSubstr("POST /v1/completions HTTP/1.1"));
  EXPECT_THAT(seen[0].head, HasSubstr("Authorization: Bearer secret"));
  EXPECT_NE(seen[1].body, seen[2].body);
}

TEST(MeasureEndpoint, times_are_those_of_the_server) {
  LittleServer server([](Connection& connection, const HttpRequest&) {
    connection.wait_ms(60);
    connection.stream_head();
    for (int i = 0; i < 6; ++i) {
      if (i > 0) connection.wait_ms(20);
      connection.event(text_event(" w"));
    }
    connection.event(finish_event());
    connection.event(usage_event(12, 6));
    connection.event("[DONE]");
    connection.last_chunk();
    return true;
  });
  const auto log = measure(small_point(server.url(), 1, 4));
  ASSERT_TRUE(log) << log.error().message;
  const Figures f = compute_figures(*log, {}, 1);
  EXPECT_GE(*f.ttft_s.minimum, 0.060);
  EXPECT_LT(*f.ttft_s.p50.value, 0.200);
  EXPECT_GE(*f.tpot_s.minimum, 0.019);
  EXPECT_LT(*f.tpot_s.p50.value, 0.100);
  EXPECT_GE(*f.e2e_s.minimum, 0.159);
  EXPECT_NEAR(*f.littles_law, 1, 0.1);
}

TEST(MeasureEndpoint, borders_of_pieces_on_the_wire_change_nothing) {
  // The whole answer byte by byte in chunks of one to seven bytes, with carriage returns and comments.
  LittleServer server([](Connection& connection, const HttpRequest& request) {
    std::string stream = ": hello\r\n\r\n";
    for (int i = 0; i < 6; ++i) stream += "data: " + text_event(" é") + "\r\n\r\n: ping\n\n";
    stream += "data: " + finish_event() + "\n\ndata: " + usage_event(12, 6) + "\n\ndata: [DONE]\n\n";
    connection.stream_head();
    const auto step = static_cast<std::size_t>(1 + request.number % 7);
    for (std::size_t at = 0; at < stream.size(); at += step) connection.chunk(stream.substr(at, step));
    connection.last_chunk();
    return true;
  });
  const auto log = measure(small_point(server.url(), 2, 7));
  ASSERT_TRUE(log) << log.error().message;
  const Figures f = compute_figures(*log, {}, 1);
  EXPECT_EQ(f.completed, 14);
  EXPECT_EQ(f.output_tokens, 14 * 6);
  EXPECT_EQ(f.input_tokens, 14 * 12);
}

// ---- chat and counting ----

TEST(MeasureEndpoint, chat_messages_have_their_kinds_and_roles_are_not_tokens) {
  const auto tokenizer = make_synthetic_tokenizer(1000);
  LittleServer server([&](Connection& connection, const HttpRequest& request) {
    const auto body = nlohmann::json::parse(request.body);
    const std::string text = body["messages"][0]["content"];
    EXPECT_EQ(tokenizer->encode(text, false).size(), 12u);
    connection.stream_head();
    connection.event(R"({"choices":[{"delta":{"role":"assistant","content":""}}]})");
    connection.event(R"({"choices":[{"delta":{"reasoning_content":"hm"}}]})");
    connection.event(R"({"choices":[{"delta":{"content":"yes"}}]})");
    connection.event(R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{"}}]}}]})");
    connection.event(R"({"choices":[{"delta":{},"finish_reason":"stop"}]})");
    connection.event(usage_event(20, 3));
    connection.event("[DONE]");
    connection.last_chunk();
    return true;
  });
  Point point = small_point(server.url(), 1, 1);
  std::get<EndpointTarget>(point.target).api = "chat";
  point.load.warmups_per_concurrency = 0;
  const auto log = measure(point, tokenizer.get());
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->messages.kind, (std::vector<MessageKind>{MessageKind::role, MessageKind::reasoning, MessageKind::content,
                                                          MessageKind::tool, MessageKind::content, MessageKind::usage}));
  EXPECT_EQ(log->messages.tokens, (std::vector<std::int32_t>{0, 1, 1, 1, 0, 0}));
  EXPECT_EQ(log->requests.input_tokens[0], 20);
}

TEST(MeasureEndpoint, chat_without_a_tokenizer_is_refused_before_anything_is_sent) {
  Point point = small_point("http://127.0.0.1:1");
  std::get<EndpointTarget>(point.target).api = "chat";
  const auto log = measure(point);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, ErrorKind::invalid_input);
  EXPECT_THAT(log.error().message, HasSubstr("tokenizer"));
}

// Serves one answer made of these events, and gives back what the log says of it.
EventLog log_of(const std::vector<std::string>& events, const Tokenizer* tokenizer = nullptr) {
  LittleServer server([&](Connection& connection, const HttpRequest&) {
    connection.stream_head();
    for (const auto& event : events) connection.event(event);
    connection.last_chunk();
    return true;
  });
  Point point = small_point(server.url(), 1, 1);
  point.load.warmups_per_concurrency = 0;
  auto log = measure(point, tokenizer);
  EXPECT_TRUE(log) << log.error().message;
  return log.value_or(EventLog{});
}

TEST(MeasureEndpoint, several_tokens_in_a_message_are_reconciled_with_usage) {
  const EventLog more = log_of({text_event("a"), text_event(""), text_event("b"), text_event("c"), finish_event(), usage_event(12, 5), "[DONE]"});
  EXPECT_EQ(more.messages.tokens, (std::vector<std::int32_t>{1, 0, 2, 2, 0, 0}));
  EXPECT_EQ(more.requests.output_tokens[0], 5);
  const EventLog fewer = log_of({text_event("a"), text_event("b"), text_event("c"), finish_event(), usage_event(12, 2), "[DONE]"});
  EXPECT_EQ(fewer.messages.tokens, (std::vector<std::int32_t>{1, 1, 0, 0, 0}));
}

TEST(MeasureEndpoint, a_running_count_gives_each_message_its_tokens) {
  const auto counted = [](const std::string& text, int n) {
    return R"({"choices":[{"text":")" + text + R"("}],"usage":{"prompt_tokens":12,"completion_tokens":)" + std::to_string(n) + "}}";
  };
  const EventLog log = log_of({counted("a", 1), counted("", 2), counted("bc", 4), counted("d", 5), finish_event(), usage_event(12, 5), "[DONE]"});
  EXPECT_EQ(log.messages.tokens, (std::vector<std::int32_t>{1, 0, 3, 1, 0, 0}));
}

TEST(MeasureEndpoint, without_usage_messages_count_or_the_tokenizer_does) {
  const auto tokenizer = make_synthetic_tokenizer(1000);
  const std::vector<std::string> events = {text_event("ab"), text_event("c"), finish_event(), "[DONE]"};
  const EventLog by_messages = log_of(events);
  EXPECT_EQ(by_messages.requests.token_source[0], TokenSource::messages);
  EXPECT_EQ(by_messages.requests.output_tokens[0], 2);
  EXPECT_EQ(by_messages.requests.input_tokens[0], 12);
  const EventLog by_tokenizer = log_of(events, tokenizer.get());
  EXPECT_EQ(by_tokenizer.requests.token_source[0], TokenSource::tokenizer);
  EXPECT_EQ(by_tokenizer.requests.output_tokens[0], static_cast<std::int32_t>(tokenizer->encode("abc", false).size()));
}

// ---- what goes wrong ----

struct Hostile {
  const char* name;
  LittleServer::Handler handler;
  RequestError error;
  const char* text;
};

std::string plain_answer(const char* status, const std::string& body) {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

LittleServer::Handler events_then_end(std::vector<std::string> events) {
  return [events](Connection& connection, const HttpRequest&) {
    connection.stream_head();
    for (const auto& event : events) connection.event(event);
    connection.last_chunk();
    return true;
  };
}

std::vector<Hostile> hostile_servers() {
  return {
      {"closes before it answers", [](Connection&, const HttpRequest&) { return false; }, RequestError::closed, ""},
      {"closes in the middle of the stream",
       [](Connection& c, const HttpRequest&) {
         c.stream_head();
         c.event(text_event("a"));
         return false;
       },
       RequestError::closed, ""},
      {"ends after half a line",
       [](Connection& c, const HttpRequest&) {
         c.stream_head();
         c.event(text_event("a"));
         c.chunk("data: {\"choices\":[{\"te");
         c.last_chunk();
         return true;
       },
       RequestError::truncated, "inside of an event"},
      {"ends without a finish reason", events_then_end({text_event("a")}), RequestError::closed, "without a finish reason"},
      {"speaks no HTTP", [](Connection& c, const HttpRequest&) { c.send("what do you want?\r\n\r\n"); return false; }, RequestError::malformed, ""},
      {"sends garbage as events", events_then_end({"}{"}), RequestError::malformed, "not a JSON object"},
      {"sends binary noise", [](Connection& c, const HttpRequest&) { c.stream_head(); c.chunk(std::string(5000, '\xFF') + "\n\n"); c.last_chunk(); return true; },
       RequestError::malformed, "not a stream"},
      {"sends half JSON", events_then_end({R"({"choices":[{"text":"a"}])"}), RequestError::malformed, ""},
      {"answers with a page", [](Connection& c, const HttpRequest&) { c.send(plain_answer("200 OK", "<html>hello</html>")); return true; },
       RequestError::malformed, "not a JSON object"},
      {"says it made more than was asked for", events_then_end({text_event("a"), finish_event(), usage_event(12, 1'000'000), "[DONE]"}),
       RequestError::wrong_usage, "usage says"},
      {"says it made a negative number", events_then_end({text_event("a"), finish_event(), usage_event(12, -5), "[DONE]"}),
       RequestError::wrong_usage, "usage says"},
      {"counts in words", events_then_end({text_event("a"), R"({"choices":[],"usage":{"prompt_tokens":"many","completion_tokens":1}})"}),
       RequestError::wrong_usage, "whole numbers"},
      {"gives no token", events_then_end({finish_event(), usage_event(12, 0), "[DONE]"}), RequestError::malformed, "no token"},
      {"does not stop", events_then_end(std::vector<std::string>(500, text_event("a"))), RequestError::too_large, "more than"},
      {"fails in the stream", events_then_end({text_event("a"), R"({"error":{"message":"out of blocks"}})"}), RequestError::engine, "out of blocks"},
      {"is broken", [](Connection& c, const HttpRequest&) { c.send(plain_answer("500 Oops", "{\"error\":{\"message\":\"kaput\"}}")); return true; },
       RequestError::server_error, "HTTP 500: kaput"},
      {"has too many clients", [](Connection& c, const HttpRequest&) { c.send(plain_answer("429 Too Many Requests", "slow\x01 down")); return true; },
       RequestError::rate_limited, "HTTP 429: slow? down"},
      {"sends an endless error", [](Connection& c, const HttpRequest&) {
         c.send("HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n");
         for (int i = 0; i < 200 && !c.peer_left(); ++i) c.chunk(std::string(4096, 'x'));
         return false;
       }, RequestError::server_error, "HTTP 503: xxx"},
  };
}

TEST(MeasureEndpoint, every_way_to_fail_has_its_class_and_its_reason) {
  for (const Hostile& hostile : hostile_servers()) {
    LittleServer server(hostile.handler);
    const auto log = measure(small_point(server.url()));
    ASSERT_TRUE(log) << hostile.name << ": " << log.error().message;
    EXPECT_EQ(log->requests.size(), 8u) << hostile.name;
    for (const RequestError error : log->requests.error) EXPECT_EQ(request_error_name(error), request_error_name(hostile.error)) << hostile.name;
    ASSERT_EQ(log->error_texts.size(), 1u) << hostile.name;
    EXPECT_THAT(log->error_texts[0], HasSubstr(hostile.text)) << hostile.name;
    EXPECT_TRUE(decode_event_log(encode(*log))) << hostile.name;
  }
}

TEST(MeasureEndpoint, nobody_listening_is_refused) {
  std::string url;
  {
    LittleServer gone(answer_well);
    url = gone.url();
  }
  const auto log = measure(small_point(url));
  ASSERT_TRUE(log);
  for (const RequestError error : log->requests.error) EXPECT_EQ(error, RequestError::refused);
  for (const std::int32_t status : log->requests.status) EXPECT_EQ(status, 0);
  Point strict = small_point(url);
  strict.stop.failed_share = 0.05;
  const auto failed = measure(strict);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(failed.error().message, HasSubstr("refused"));
}

TEST(MeasureEndpoint, a_name_that_does_not_exist_is_a_dns_error) {
  // .invalid never resolves (RFC 2606); the resolver may take its time, but not the whole limit.
  const auto log = measure(small_point("http://nobody.invalid:8000", 1, 1));
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->requests.error[0], RequestError::dns);
}

TEST(MeasureEndpoint, a_plain_server_behind_https_is_a_tls_error) {
  // Not the little server: a client's hello never looks like a request to it.
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  listen(listener, 8);
  socklen_t size = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::thread answering([&] {
    for (int i = 0; i < 2; ++i) {
      const int peer = accept(listener, nullptr, nullptr);
      send(peer, "HTTP/1.1 400 Bad\r\n\r\n", 20, MSG_NOSIGNAL);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      close(peer);
    }
  });
  const auto log = measure(small_point("https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)), 1, 1));
  answering.join();
  close(listener);
  ASSERT_TRUE(log);
  EXPECT_EQ(log->requests.error[0], RequestError::tls);
}

TEST(MeasureEndpoint, a_server_that_never_answers_times_out) {
  LittleServer server([](Connection& connection, const HttpRequest&) {
    connection.wait_for_the_end();
    return false;
  });
  Point point = small_point(server.url());
  point.stop.timeout_s = 0.3;
  const auto log = measure(point);
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->requests.size(), 2u);  // what was in flight; nothing more was sent
  for (const RequestError error : log->requests.error) EXPECT_EQ(error, RequestError::timeout);
  point.stop.failed_share = 0.5;
  const auto failed = measure(point);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("time limit of 0.3 s"));
}

TEST(MeasureEndpoint, too_many_failures_end_the_point_early) {
  LittleServer server([](Connection& connection, const HttpRequest&) {
    connection.send(plain_answer("500 Oops", "{}"));
    return true;
  });
  Point point = small_point(server.url(), 2, 500);
  point.stop.failed_share = 0.01;  // 10 of 1000
  const auto log = measure(point);
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().message, HasSubstr("server_error"));
  EXPECT_LT(server.requests(), 30);
}

TEST(MeasureEndpoint, a_few_failures_are_allowed_and_counted) {
  LittleServer server([](Connection& connection, const HttpRequest& request) {
    if (request.number == 5) {
      connection.send(plain_answer("500 Oops", "{}"));
      return true;
    }
    return answer_well(connection, request);
  });
  Point point = small_point(server.url(), 2, 10);
  point.stop.failed_share = 0.05;
  const auto log = measure(point);
  ASSERT_TRUE(log) << log.error().message;
  const Figures f = compute_figures(*log, {}, 1);
  EXPECT_EQ(f.completed, 19);
  EXPECT_EQ(f.errors.at("server_error"), 1);
}

TEST(MeasureEndpoint, cancelling_ends_it_soon_and_closes_its_connections) {
  std::atomic<bool> left{false};
  LittleServer server([&](Connection& connection, const HttpRequest&) {
    connection.stream_head();
    for (int i = 0; i < 2000 && !connection.peer_left(); ++i) connection.wait_ms(5);
    left = connection.peer_left();
    return false;
  });
  std::stop_source source;
  std::chrono::steady_clock::time_point asked;
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    asked = std::chrono::steady_clock::now();
    source.request_stop();
  });
  const auto log = measure(small_point(server.url()), nullptr, source.get_token());
  const auto took = std::chrono::steady_clock::now() - asked;
  canceller.join();
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, ErrorKind::cancelled);
  EXPECT_LT(took, std::chrono::seconds(2));  // not the 20 s of the time limit; a loaded machine may need more than 100 ms
  for (int i = 0; i < 2000 && !left; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(left);
}

TEST(MeasureEndpoint, a_proxy_of_the_environment_does_not_catch_loopback) {
  LittleServer server(answer_well);
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto log = measure(small_point(server.url()));
  unsetenv("http_proxy");
  ASSERT_TRUE(log) << log.error().message;
  for (const RequestError error : log->requests.error) EXPECT_EQ(error, RequestError::none);
}

TEST(EndpointUrl, addresses_as_people_write_them_are_understood_and_others_refused) {
  const auto url_of = [](const std::string& url, const std::string& api = "completions") {
    EndpointTarget endpoint{url, "m", api};
    return endpoint_url(endpoint).value_or("refused");
  };
  EXPECT_EQ(url_of("http://h:8000"), "http://h:8000/v1/completions");
  EXPECT_EQ(url_of("http://h:8000/"), "http://h:8000/v1/completions");
  EXPECT_EQ(url_of("https://h/v1/", "chat"), "https://h/v1/chat/completions");
  EXPECT_EQ(url_of("https://h/api"), "https://h/api/v1/completions");
  for (const char* bad : {"", "h:8000", "ftp://h", "file:///etc/passwd", "http://", "http://h:99999", "http://h?x=1", "http://h/#y"})
    EXPECT_EQ(url_of(bad), "refused") << bad;
}

TEST(EndpointUrl, this_machine_is_known_by_all_its_names) {
  for (const char* url : {"http://127.0.0.1:8000", "http://127.1.2.3", "http://localhost:1", "http://[::1]:80/v1", "http://a.localhost"})
    EXPECT_TRUE(is_loopback(url)) << url;
  for (const char* url : {"http://10.0.0.1", "http://example.org", "http://localhost.example.org", "nonsense"})
    EXPECT_FALSE(is_loopback(url)) << url;
}

TEST(EndpointUrl, the_key_comes_from_the_named_variable_and_an_unset_or_empty_one_is_an_error) {
  EndpointTarget endpoint{.url = "http://127.0.0.1:1"};
  EXPECT_EQ(api_key_of(endpoint).value(), "");
  endpoint.api_key_env = "TOKENMARK_TEST_KEY";
  for (const char* value : {"", static_cast<const char*>(nullptr)}) {
    if (value) setenv("TOKENMARK_TEST_KEY", value, 1);
    else unsetenv("TOKENMARK_TEST_KEY");
    const auto none = api_key_of(endpoint);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, ErrorKind::invalid_input);
    EXPECT_THAT(none.error().message, HasSubstr("TOKENMARK_TEST_KEY, which is not set"));
  }
  setenv("TOKENMARK_TEST_KEY", "s3cret", 1);
  EXPECT_EQ(api_key_of(endpoint).value(), "s3cret");
  unsetenv("TOKENMARK_TEST_KEY");
}

}  // namespace
}  // namespace tokenmark
