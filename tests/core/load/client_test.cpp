// The client loops against servers on loopback: load shapes, several loops, TLS, HTTP/2, proxies, jobs, conversations,
// and the rules that end a measurement. What single answers look like is measure_endpoint_test's and the readers'.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/load/load.h"
#include "core/metrics/figures.h"
#include "core/workload/requests.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/core/load/little_server.h"
#include "tests/support/certificate.h"
#include "tests/support/null_server/null_server.h"

namespace tokenmark {
namespace {

using namespace test;
using testing::HasSubstr;

std::unique_ptr<NullServer> null_server(const NullServerOptions& options = {}) {
  auto server = NullServer::start(options);
  EXPECT_TRUE(server) << server.error().message;
  return std::move(*server);
}

Point point_for(const std::string& url) {
  Point point;
  point.target = EndpointTarget{.url = url, .model = "m"};
  point.workload.input = 12;
  point.workload.output = 6;
  point.load.requests_per_concurrency = 3;
  point.load.warmups_per_concurrency = 0;
  point.stop.failed_share = 1;
  point.stop.timeout_s = 30;
  return point;
}
EndpointTarget& endpoint(Point& point) { return std::get<EndpointTarget>(point.target); }

Result<EventLog> measure(const Point& point, const Tokenizer* tokenizer = nullptr, const std::string& key = "") {
  return measure_endpoint(std::get<EndpointTarget>(point.target), tokenizer, key, point, {}, {});
}
EventLog log_of(const Point& point, const Tokenizer* tokenizer = nullptr) {
  auto log = measure(point, tokenizer);
  EXPECT_TRUE(log) << log.error().message;
  return log.value_or(EventLog{});
}
std::ptrdiff_t count(const EventLog& log, RequestError error) { return std::count(log.requests.error.begin(), log.requests.error.end(), error); }

// ---- load shapes ----

TEST(Client, an_open_loop_intends_exactly_the_planned_arrivals) {
  const auto server = null_server();
  Point point = point_for(server->url());
  point.load.arrivals = "poisson";
  point.load.rate = 400;
  point.load.requests = 200;
  const EventLog log = log_of(point);
  const Plan plan = *plan_requests(point);
  ASSERT_EQ(log.requests.size(), 200u);
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(log.requests.intended[i] - log.requests.intended[0], plan.requests[i].arrival_ns - plan.requests[0].arrival_ns);
    EXPECT_GE(log.requests.send_start[i], log.requests.intended[i]) << "never early";
    EXPECT_EQ(log.requests.error[i], RequestError::none);
  }
}

TEST(Client, an_open_loop_goes_on_sending_while_nothing_is_answered) {
  LittleServer silent([](Connection& connection, const HttpRequest&) {
    connection.wait_for_the_end();
    return false;
  });
  Point point = point_for(silent.url());
  point.load.arrivals = "constant";
  point.load.rate = 100;
  point.load.requests = 30;
  point.stop.timeout_s = 0.8;
  const EventLog log = log_of(point);
  EXPECT_EQ(log.requests.size(), 30u);
  EXPECT_EQ(count(log, RequestError::timeout), 30);
  EXPECT_EQ(log.ended_by, EndReason::limit);
}

TEST(Client, arrivals_beyond_the_limit_in_flight_wait_and_their_lag_shows) {
  const auto server = null_server({.first_token = std::chrono::milliseconds(20)});
  Point point = point_for(server->url());
  point.load.arrivals = "constant";
  point.load.rate = 1000;
  point.load.requests = 20;
  point.load.max_in_flight = 2;
  const EventLog log = log_of(point);
  ASSERT_EQ(log.requests.size(), 20u);
  EXPECT_EQ(server->requests(), 20u);
  EXPECT_GT(log.requests.send_start[19] - log.requests.intended[19], 150'000'000) << "ten rounds of 20 ms, where 19 ms were intended";
}

TEST(Client, several_loops_make_one_log_in_the_order_of_time) {
  const auto server = null_server({.token_interval = std::chrono::microseconds(300)});
  Point point = point_for(server->url());
  point.load.concurrency = 7;
  point.load.requests_per_concurrency = 9;
  point.load.warmups_per_concurrency = 1;
  point.load.client_threads = 3;
  point.load.client_cores = {0};
  const EventLog log = log_of(point);
  EXPECT_EQ(log.client_threads, 3);
  ASSERT_EQ(log.requests.size(), 70u);
  EXPECT_EQ(std::count(log.requests.warmup.begin(), log.requests.warmup.end(), 1), 7);
  EXPECT_TRUE(std::is_sorted(log.messages.received.begin(), log.messages.received.end()));
  EXPECT_TRUE(std::is_sorted(log.requests.queued.begin(), log.requests.queued.end()));
  std::vector<std::int64_t> tokens(70, 0);
  for (std::size_t k = 0; k < log.messages.size(); ++k) tokens[log.messages.request[k]] += log.messages.tokens[k];
  for (std::size_t i = 0; i < 70; ++i) EXPECT_EQ(tokens[i], log.requests.output_tokens[i]);
  // No measured request was sent before the last warm-up had ended.
  std::int64_t last_warmup = 0, first_measured = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < 70; ++i) {
    if (log.requests.warmup[i] != 0) last_warmup = std::max(last_warmup, log.requests.end[i]);
    else first_measured = std::min(first_measured, log.requests.send_start[i]);
  }
  EXPECT_GT(first_measured, last_warmup);
}

TEST(Client, more_loops_than_places_are_no_more_places) {
  const auto server = null_server();
  Point point = point_for(server->url());
  point.load.client_threads = 4;
  point.load.requests = 5;
  EXPECT_EQ(log_of(point).requests.size(), 5u);
}

TEST(Client, classes_of_traffic_are_in_the_log) {
  const auto server = null_server();
  Point point = point_for(server->url());
  point.load.requests = 40;
  point.workload.classes = {{.name = "short", .weight = 3, .output = 2}, {.name = "long", .weight = 1, .output = 20}};
  const EventLog log = log_of(point);
  EXPECT_EQ(log.class_names, (std::vector<std::string>{"short", "long"}));
  ASSERT_EQ(log.requests.traffic_class.size(), 40u);
  for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(log.requests.output_tokens[i], log.requests.traffic_class[i] == 0 ? 2 : 20);
}

// ---- ends ----

TEST(Client, a_duration_ends_the_sending_and_the_rest_is_awaited) {
  const auto server = null_server({.first_token = std::chrono::milliseconds(30)});
  Point point = point_for(server->url());
  point.load.requests = 1000;
  point.load.duration_s = 0.2;
  const EventLog log = log_of(point);
  EXPECT_EQ(log.ended_by, EndReason::time);
  EXPECT_GT(log.requests.size(), 2u);
  EXPECT_LT(log.requests.size(), 20u);
  EXPECT_EQ(count(log, RequestError::none), static_cast<std::ptrdiff_t>(log.requests.size()));
}

TEST(Client, so_many_failures_end_it_and_what_was_measured_is_kept) {
  LittleServer server([](Connection& connection, const HttpRequest&) {
    connection.wait_ms(10);
    connection.send("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n");
    return true;
  });
  Point point = point_for(server.url());
  point.load.requests = 100'000;
  point.stop.max_failed = 5;
  const EventLog log = log_of(point);
  EXPECT_EQ(log.ended_by, EndReason::failures);
  EXPECT_GE(log.requests.size(), 5u);
  EXPECT_LT(log.requests.size(), 200u);
}

TEST(Client, it_ends_when_the_figure_is_known_as_well_as_wished) {
  const auto server = null_server({.first_token = std::chrono::milliseconds(2)});
  Point point = point_for(server->url());
  point.load.concurrency = 8;
  point.load.requests = 200'000;
  point.stop.precise_figure = "ttft_p50";
  point.stop.precision = 0.5;
  const EventLog log = log_of(point);
  EXPECT_EQ(log.ended_by, EndReason::precision);
  EXPECT_LT(log.requests.size(), 100'000u);
  const Figures figures = compute_figures(log, {}, 0);
  ASSERT_TRUE(figures.ttft_s.p50.interval);
  EXPECT_LE((figures.ttft_s.p50.interval->high - figures.ttft_s.p50.interval->low) / 2, 0.75 * *figures.ttft_s.p50.value);
  point.stop.precise_figure = "ttft_p42";
  const auto refused = measure(point);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("ttft_p42"));
}

TEST(Client, a_request_without_an_answer_fails_alone_and_the_next_ones_go_on) {
  LittleServer server([](Connection& connection, const HttpRequest& request) {
    if (request.number == 1) {
      connection.wait_for_the_end();
      return false;
    }
    connection.stream_head();
    connection.event(text_event("a"));
    connection.event(finish_event());
    connection.event("[DONE]");
    connection.last_chunk();
    return true;
  });
  Point point = point_for(server.url());
  point.load.requests = 4;
  point.stop.request_timeout_s = 0.2;
  const EventLog log = log_of(point);
  EXPECT_EQ(log.requests.error, (std::vector<RequestError>{RequestError::none, RequestError::timeout, RequestError::none, RequestError::none}));
}

// ---- connections ----

TEST(Client, a_kept_connection_that_the_server_closed_costs_no_request) {
  // Says nothing of closing, and closes.
  LittleServer server([](Connection& connection, const HttpRequest&) {
    connection.stream_head();
    connection.event(text_event("a"));
    connection.event(finish_event());
    connection.last_chunk();
    return false;
  });
  Point point = point_for(server.url());
  point.load.concurrency = 3;
  point.load.requests_per_concurrency = 20;
  const EventLog log = log_of(point);
  EXPECT_EQ(count(log, RequestError::none), 60);
}

TEST(Client, a_line_of_64_mib_is_too_large_and_nothing_hangs) {
  LittleServer server([](Connection& connection, const HttpRequest&) {
    connection.stream_head();
    const std::string megabyte(1 << 20, 'x');
    connection.chunk("data: ");
    for (int i = 0; i < 70 && !connection.peer_left(); ++i) connection.chunk(megabyte);
    return false;
  });
  Point point = point_for(server.url());
  point.load.requests = 1;
  EXPECT_EQ(log_of(point).requests.error[0], RequestError::too_large);
}

TEST(Client, a_busy_server_is_a_class_of_its_own_with_what_it_asks_for) {
  LittleServer server([](Connection& connection, const HttpRequest&) {
    connection.send("HTTP/1.1 429 Slow down\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n");
    return true;
  });
  Point point = point_for(server.url());
  const EventLog log = log_of(point);
  EXPECT_EQ(count(log, RequestError::rate_limited), 3);
  ASSERT_EQ(log.error_texts.size(), 1u);
  EXPECT_THAT(log.error_texts[0], HasSubstr("17"));
}

TEST(Client, the_key_is_sent_and_stands_nowhere_else) {
  std::string head;
  LittleServer server([&](Connection& connection, const HttpRequest& request) {
    head = request.head;
    connection.send("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
    return true;
  });
  Point point = point_for(server.url());
  point.load.requests = 1;
  const auto log = measure(point, nullptr, "s3cret-key");
  ASSERT_TRUE(log);
  EXPECT_THAT(head, HasSubstr("Authorization: Bearer s3cret-key"));
  EXPECT_THAT(log->error_texts[0], testing::Not(HasSubstr("s3cret")));
}

TEST(Client, whole_answers_are_one_message) {
  const auto server = null_server();
  Point point = point_for(server->url());
  endpoint(point).stream = "off";
  const EventLog log = log_of(point);
  EXPECT_EQ(log.messages.size(), 3u);
  EXPECT_EQ(log.requests.output_tokens, (std::vector<std::int32_t>{6, 6, 6}));
}

// ---- TLS, HTTP/2, proxies ----

class ClientTls : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "client-tls-" + std::to_string(getpid());
    std::filesystem::create_directory(folder_);
    write_certificate(folder_ + "/certificate.pem", folder_ + "/key.pem");
    server_ = null_server({.certificate_file = folder_ + "/certificate.pem", .key_file = folder_ + "/key.pem"});
    point_ = point_for("https://localhost:" + std::to_string(server_->port()));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  std::unique_ptr<NullServer> server_;
  Point point_;
};

TEST_F(ClientTls, a_certificate_that_is_trusted_is_accepted) {
  endpoint(point_).ca_file = folder_ + "/certificate.pem";
  const EventLog log = log_of(point_);
  EXPECT_EQ(count(log, RequestError::none), 3) << (log.error_texts.empty() ? "" : log.error_texts[0]);
}

TEST_F(ClientTls, one_that_nobody_vouches_for_is_a_tls_error_that_says_so) {
  const EventLog log = log_of(point_);
  EXPECT_EQ(count(log, RequestError::tls), 3);
  EXPECT_THAT(log.error_texts.at(0), HasSubstr("self-signed"));
}

TEST_F(ClientTls, one_for_another_name_is_a_tls_error_too) {
  endpoint(point_).ca_file = folder_ + "/certificate.pem";
  endpoint(point_).url = server_->url();  // 127.0.0.1
  EXPECT_EQ(count(log_of(point_), RequestError::tls), 3);
}

TEST_F(ClientTls, without_verification_any_will_do) {
  endpoint(point_).tls_verify = "off";
  EXPECT_EQ(count(log_of(point_), RequestError::none), 3);
}

TEST_F(ClientTls, certificates_that_cannot_be_read_are_an_error_before_anything_is_sent) {
  endpoint(point_).ca_file = folder_ + "/nothing.pem";
  const auto log = measure(point_);
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().message, HasSubstr("nothing.pem"));
}

TEST(Client, a_proxy_gets_the_requests_with_their_whole_address) {
  std::string head;
  LittleServer proxy([&](Connection& connection, const HttpRequest& request) {
    head = request.head;
    connection.stream_head();
    connection.event(text_event("a"));
    connection.event(finish_event());
    connection.event("[DONE]");
    connection.last_chunk();
    return true;
  });
  Point point = point_for("http://llm.example:8000");
  endpoint(point).proxy = proxy.url();
  const EventLog log = log_of(point);
  EXPECT_EQ(count(log, RequestError::none), 3) << (log.error_texts.empty() ? "" : log.error_texts[0]);
  EXPECT_THAT(head, testing::StartsWith("POST http://llm.example:8000/v1/completions "));
}

// nghttpx speaks HTTP/2 before the null server, in the clear or with TLS.
class ClientHttp2 : public ClientTls, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    if (access("/usr/sbin/nghttpx", X_OK) != 0) GTEST_SKIP() << "nghttpx is not installed";
    ClientTls::SetUp();
    behind_ = null_server({.token_interval = std::chrono::microseconds(500)});
    {
      LittleServer free_port([](Connection&, const HttpRequest&) { return false; });
      port_ = free_port.url().substr(free_port.url().rfind(':') + 1);
    }
    std::vector<std::string> words = {"nghttpx", "-f127.0.0.1," + port_ + (GetParam() ? "" : ";no-tls"), "-b127.0.0.1," + std::to_string(behind_->port()),
                                      "--workers=1", "--conf=/dev/null", "--log-level=FATAL", "--errorlog-file=/dev/null"};
    if (GetParam()) words.insert(words.end(), {folder_ + "/key.pem", folder_ + "/certificate.pem"});
    child_ = fork();
    if (child_ != 0) return;
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv("/usr/sbin/nghttpx", arguments.data());
    _exit(127);
  }
  void TearDown() override {
    if (child_ > 0) {
      kill(child_, SIGTERM);
      waitpid(child_, nullptr, 0);
    }
    if (!folder_.empty()) ClientTls::TearDown();
  }

  std::unique_ptr<NullServer> behind_;
  std::string port_;
  pid_t child_ = -1;
};
INSTANTIATE_TEST_SUITE_P(Both, ClientHttp2, testing::Bool(), [](const auto& info) { return info.param ? "tls" : "clear"; });

TEST_P(ClientHttp2, carries_the_same_requests) {
  Point point = point_for((GetParam() ? "https://localhost:" : "http://127.0.0.1:") + port_);
  endpoint(point).http = "2";
  endpoint(point).ca_file = folder_ + "/certificate.pem";
  point.load.concurrency = 20;
  EventLog log;
  for (int tries = 0; tries < 100; ++tries) {
    log = log_of(point);
    if (count(log, RequestError::refused) == 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(count(log, RequestError::none), 60) << (log.error_texts.empty() ? "" : log.error_texts[0]);
  for (const std::int32_t tokens : log.requests.output_tokens) EXPECT_EQ(tokens, 6);
  const auto connections = std::count_if(log.requests.connected.begin(), log.requests.connected.end(), [](std::int64_t at) { return at != kAbsent; });
  EXPECT_EQ(connections, GetParam() ? 1 : 60) << "with TLS all requests share one";
}

// ---- conversations and jobs ----

TEST(Client, a_turn_holds_the_turns_before_it_with_what_was_really_answered) {
  const auto tokenizer = make_synthetic_tokenizer(1000);
  std::mutex mutex;
  std::vector<nlohmann::json> bodies;
  LittleServer server([&](Connection& connection, const HttpRequest& request) {
    {
      const std::lock_guard lock(mutex);
      bodies.push_back(nlohmann::json::parse(request.body));
    }
    connection.stream_head();
    connection.event(R"({"choices":[{"delta":{"content":"answer )" + std::to_string(request.number) + R"("}}]})");
    connection.event(R"({"choices":[{"delta":{},"finish_reason":"stop"}]})");
    connection.event("[DONE]");
    connection.last_chunk();
    return true;
  });
  Point point = point_for(server.url());
  endpoint(point).api = "chat";
  point.workload.turns = 3;
  point.workload.think_s = 0.01;
  point.load.requests = 6;
  const EventLog log = log_of(point, tokenizer.get());
  ASSERT_EQ(bodies.size(), 6u);
  EXPECT_EQ(log.requests.group, (std::vector<std::int32_t>{0, 0, 0, 1, 1, 1}));
  const nlohmann::json& third = bodies[2]["messages"];
  ASSERT_EQ(third.size(), 5u);
  EXPECT_EQ(third[0], bodies[0]["messages"][0]);
  EXPECT_EQ(third[1], (nlohmann::json{{"role", "assistant"}, {"content", "answer 0"}}));
  EXPECT_EQ(third[3]["content"], "answer 1");
  EXPECT_EQ(third[4]["role"], "user");
  EXPECT_EQ(bodies[3]["messages"].size(), 1u);
}

TEST(Client, conversations_without_a_tokenizer_are_refused_before_anything_is_sent) {
  Point point = point_for("http://127.0.0.1:1");
  point.workload.turns = 2;
  const auto log = measure(point);
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().message, HasSubstr("tokenizer"));
}

TEST(Client, a_video_job_is_asked_for_until_it_is_there_and_then_fetched) {
  std::mutex mutex;
  std::vector<std::string> lines;
  LittleServer server([&](Connection& connection, const HttpRequest& request) {
    const std::lock_guard lock(mutex);
    const std::string line = request.head.substr(0, request.head.find(" HTTP"));
    lines.push_back(line);
    std::string body = R"({"id":"job-7","status":")" + std::string(lines.size() < 3 ? "queued" : "completed") + "\"}";
    if (line.ends_with("/content")) body = std::string("\0\0\0\x10" "ftypisom\0\0\0\1", 16) + std::string("\0\0\0\x0cmdatdata", 12);
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return true;
  });
  Point point = point_for(server.url() + "/media");
  endpoint(point).api = "videos";
  endpoint(point).poll_s = 0.02;
  point.load.requests = 1;
  const EventLog log = log_of(point);
  EXPECT_EQ(log.requests.error[0], RequestError::none) << (log.error_texts.empty() ? "" : log.error_texts[0]);
  EXPECT_EQ(lines, (std::vector<std::string>{"POST /media/v1/videos", "GET /media/v1/videos/job-7", "GET /media/v1/videos/job-7", "GET /media/v1/videos/job-7/content"}));
  EXPECT_EQ(log.poll_interval_ns, 20'000'000);
  ASSERT_EQ(log.messages.size(), 1u);
  EXPECT_EQ(log.messages.kind[0], MessageKind::media);
  EXPECT_EQ(log.messages.bytes[0], 28u);
  EXPECT_GE(log.requests.end[0] - log.requests.send_start[0], 40'000'000);
}

TEST(Client, answers_are_kept_where_they_are_wanted) {
  const auto server = null_server();
  Point point = point_for(server->url());
  EXPECT_TRUE(log_of(point).answers.empty());
  point.load.keep_answers = "on";
  const EventLog log = log_of(point);
  ASSERT_EQ(log.answers.size(), 3u);
  EXPECT_FALSE(log.answers[0].empty());
}

}  // namespace
}  // namespace tokenmark
