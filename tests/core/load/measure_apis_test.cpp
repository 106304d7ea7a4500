// Each API over HTTP: what a server of it sees, and what the log says of its answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/load/load.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/core/load/answers.h"
#include "tests/core/load/little_server.h"

namespace tokenmark {
namespace {

using namespace test;
using testing::HasSubstr;

TEST(MeasureApis, answers_of_each_api_are_logged) {
  const auto tokenizer = make_synthetic_tokenizer(1000);
  for (const Answer& answer : good_answers()) {
    SCOPED_TRACE(answer.name);
    std::vector<std::string> heads;  // of the one request, or of a job's calls
    LittleServer server([&](Connection& connection, const HttpRequest& request) {
      heads.push_back(request.head);
      if (answer.whole) {
        const std::string& body = answer.events.at(static_cast<std::size_t>(request.number));
        const std::string status = answer.events.size() > 1 && request.number == 0 ? "202 Accepted" : "200 OK";
        connection.send("HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
      } else {
        connection.stream_head();
        for (const std::string& event : answer.events) connection.event(event);
        connection.last_chunk();
      }
      return true;
    });
    Point point;
    point.target = EndpointTarget{.url = server.url(), .model = "m", .api = answer.api, .stream = answer.whole ? "off" : "on", .poll_s = 0.002};
    point.workload = {12, std::max(1, answer.max_tokens), 1.0, 1};
    point.load = {1, 1, 0, 0};
    point.stop = {1.0, 20};
    const auto log = measure_endpoint(std::get<EndpointTarget>(point.target), tokenizer.get(), "", point, {}, {});
    ASSERT_TRUE(log) << log.error().message;
    ASSERT_EQ(log->requests.error[0], RequestError::none) << (log->error_texts.empty() ? "" : log->error_texts[0]);
    EXPECT_EQ(log->messages.kind, answer.kinds);
    EXPECT_EQ(log->requests.input_tokens[0], answer.input >= 0 ? answer.input : 12);
    if (answer.output >= 0) {
      EXPECT_EQ(log->requests.output_tokens[0], answer.output);
    }
    EXPECT_EQ(heads.size(), answer.whole ? answer.events.size() : 1u);
    EXPECT_THAT(heads[0], HasSubstr("POST " + api_path(std::get<EndpointTarget>(point.target), *find_api(answer.api)) + " HTTP/1.1"));
    EXPECT_TRUE(decode_event_log(encode(*log)));
  }
}

}  // namespace
}  // namespace tokenmark
