#include "core/report/run_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/report/logs.h"

namespace tokenmark {
namespace {

std::vector<std::string> texts(const EventLog& log, std::size_t most = 100) {
  std::vector<std::string> lines;
  for (const RunLogLine& line : run_log(log, most)) lines.push_back((line.at_s ? std::to_string(std::lround(*line.at_s * 1e3)) + " " : "") + line.text);
  return lines;
}

TEST(RunLog, tells_what_happened_in_its_order) {
  EventLog log = log_of({{0, 1, {20}, 40, RequestError::none, true}, {50, 50, {}, 90, RequestError::server_error}, {50, 50, {70, 80}, 80}});
  log.requests.status[1] = 503;
  log.error_texts = {"overloaded"};
  log.longest_stall_ns = 2'500'000;
  EXPECT_THAT(texts(log), testing::ElementsAre("1 first request sent", "20 first token received", "40 1 warm-up requests answered",
                                               "90 request 2 failed: server error, HTTP 503, after 0.040 s",
                                               "90 ended: all requests had been sent and answered", "said: overloaded",
                                               "the client's loop did not look at its sockets for 2.5 ms at most"));
}

TEST(RunLog, counts_the_failures_that_are_too_many_to_be_told) {
  std::vector<LoggedRequest> requests;
  for (int i = 0; i < 10; ++i) requests.push_back({0, 0, {}, 10.0 + i, i % 2 ? RequestError::timeout : RequestError::refused});
  const auto lines = texts(log_of(requests), 4);
  EXPECT_THAT(lines, testing::Contains("13 request 4 failed: timeout, after 0.013 s"));
  EXPECT_THAT(lines, testing::Not(testing::Contains(testing::HasSubstr("request 5 failed"))));
  EXPECT_THAT(lines, testing::IsSupersetOf({"3 more requests failed: refused", "3 more requests failed: timeout"}));
}

TEST(RunLog, of_a_run_without_requests_is_its_end) {
  EXPECT_THAT(texts(EventLog{}), testing::ElementsAre("0 ended: all requests had been sent and answered"));
}

}  // namespace
}  // namespace tokenmark
