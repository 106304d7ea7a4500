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
    if (std::string_view(answer.api) == "videos") continue;  // more than one call
    SCOPED_TRACE(answer.name);
    std::string head;
    LittleServer server([&](Connection& connection, const HttpRequest& request) {
      head = request.head;
      if (answer.whole) {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(answer.events[0].size()) + "\r\n\r\n" + answer.events[0]);
      } else {
        connection.stream_head();
        for (const std::string& event : answer.events) connection.event(event);
        connection.last_chunk();
      }
      return true;
    });
    Point point;
    point.target = EndpointTarget{.url = server.url(), .model = "m", .api = answer.api, .stream = answer.whole ? "off" : "on"};
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
    EXPECT_THAT(head, HasSubstr("POST " + api_path(std::get<EndpointTarget>(point.target), *find_api(answer.api)) + " HTTP/1.1"));
    EXPECT_TRUE(decode_event_log(encode(*log)));
  }
}

}  // namespace
}  // namespace tokenmark
