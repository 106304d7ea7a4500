#include "core/load/answer_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/load/answers.h"

namespace tokenmark {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

void expect_as_written(const Answer& answer, const ReadAnswer& read, bool text_kept) {
  SCOPED_TRACE(answer.name);
  EXPECT_EQ(request_error_name(read.error), request_error_name(RequestError::none)) << read.problem;
  std::vector<MessageKind> kinds;
  std::vector<std::int32_t> tokens;
  for (const AnswerMessage& message : read.messages) {
    kinds.push_back(message.kind);
    tokens.push_back(message.tokens);
  }
  EXPECT_EQ(kinds, answer.kinds);
  EXPECT_EQ(tokens, answer.tokens);
  EXPECT_EQ(read.input, answer.input);
  EXPECT_EQ(read.output, answer.output);
  EXPECT_EQ(read.cached, answer.cached);
  EXPECT_EQ(read.text, text_kept ? answer.text : "");
}

TEST(AnswerReader, every_api_is_read_as_its_servers_speak_it) {
  for (const Answer& answer : good_answers()) {
    expect_as_written(answer, read_answer(answer), true);
    expect_as_written(answer, read_answer(answer, {.keep_text = false}), false);
  }
  for (const Api& api : apis())
    EXPECT_TRUE(std::ranges::any_of(good_answers(), [&](const Answer& answer) { return answer.api == api.name; })) << api.name;
}

TEST(AnswerReader, one_reader_reads_answer_after_answer_whatever_the_one_before_was) {
  for (const Api& api : apis()) {
    const auto reader = make_answer_reader(api, {.keep_text = true});
    for (int round = 0; round < 3; ++round)
      for (const Answer& answer : good_answers()) {
        if (answer.api != api.name) continue;
        Answer broken = answer;
        broken.events.front() = "}{";
        EXPECT_NE(read_answer(*reader, broken).error, RequestError::none) << answer.name;
        expect_as_written(answer, read_answer(*reader, answer), true);
      }
  }
}

TEST(AnswerReader, a_job_is_asked_for_until_it_is_done_and_then_fetched) {
  const auto reader = make_answer_reader(*find_api("videos"), {.poll_ns = 250});
  reader->begin(0);
  std::vector<AnswerMessage> messages;
  const auto read = [&](std::string body) {
    body.reserve(body.size() + 64);
    return reader->read_whole(body, messages);
  };
  FollowUp next;
  EXPECT_FALSE(reader->follow_up(next));
  ASSERT_TRUE(read(R"({"id":"video_1","status":"queued"})"));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(reader->follow_up(next));
    EXPECT_EQ(next.path, "/v1/videos/video_1");
    EXPECT_EQ(next.delay_ns, 250);
    ASSERT_TRUE(read(R"({"id":"video_1","status":"in_progress"})"));
  }
  ASSERT_TRUE(read(R"({"id":"video_1","status":"completed"})"));
  ASSERT_TRUE(reader->follow_up(next));
  EXPECT_EQ(next.path, "/v1/videos/video_1/content");
  EXPECT_EQ(next.delay_ns, 0);
  EXPECT_TRUE(messages.empty());
  ASSERT_TRUE(read(small_mp4()));
  EXPECT_FALSE(reader->follow_up(next));
  EXPECT_TRUE(reader->end(false));
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].bytes, small_mp4().size());
}

TEST(AnswerReader, every_image_is_a_message_with_its_bytes) {
  const Answer two = {"two", "images", 0, {R"({"data":[{"b64_json":"AAAAAAAA"},{"b64_json":"AAAA"}]})"}, true};
  const ReadAnswer read = read_answer(two, {.items = 2});
  ASSERT_EQ(read.messages.size(), 2u) << read.problem;
  EXPECT_EQ(read.messages[0].bytes, 6u);
  EXPECT_EQ(read.messages[1].bytes, 3u);
  EXPECT_THAT(read_answer(two, {.items = 1}).problem, HasSubstr("at least 2 images where 1"));
  EXPECT_THAT(read_answer(two, {.items = 3}).problem, HasSubstr("2 images where 3"));
}

TEST(AnswerReader, an_answer_may_be_longer_than_planned_where_the_length_was_changed) {
  const Answer answer = {"longer", "completions", 1, {R"({"choices":[{"text":"a","finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":9}})"}};
  EXPECT_EQ(read_answer(answer).error, RequestError::wrong_usage);
  EXPECT_EQ(read_answer(answer, {.tokens_bounded = false}).error, RequestError::none);
}

TEST(AnswerReader, a_stream_that_was_cut_inside_of_an_event_is_truncated) {
  Answer answer = good_answers().front();
  answer.events.resize(1);
  EXPECT_EQ(read_answer(answer, {}, true).error, RequestError::truncated);
  EXPECT_EQ(read_answer(answer, {}, false).error, RequestError::closed);
}

// ---- what cannot be ----

struct Impossible {
  const char* name;
  const char* api;
  std::vector<std::string> pieces;
  RequestError error;
  const char* text = "";
  bool whole = false;
};

const std::vector<Impossible>& impossible_answers() {
  using E = RequestError;
  const std::string text = R"({"choices":[{"text":"a"}]})", finish = R"({"choices":[{"text":"","finish_reason":"length"}]})";
  const auto usage = [](const char* counts) { return R"({"choices":[],"usage":{)" + std::string(counts) + "}}"; };
  const std::string created = R"({"type":"response.created","sequence_number":5})";
  const std::string added = R"({"type":"response.output_item.added","sequence_number":6,"output_index":0})";
  const std::string token = R"({"index":2,"token":{"id":1,"text":"a","special":false}})";
  static const std::vector<Impossible> all = {
      {"garbage", "completions", {"}{"}, E::malformed, "not a JSON object"},
      {"an array", "completions", {"[1]"}, E::malformed},
      {"half a message", "completions", {R"({"choices":[{"text":"a"})"}, E::malformed},
      {"nothing", "completions", {""}, E::malformed},
      {"no UTF-8", "completions", {"{\"choices\":[{\"text\":\"\xFF\"}]}"}, E::malformed},
      {"a choice that is a number", "completions", {R"({"choices":[7]})"}, E::malformed},
      {"no events", "completions", {}, E::malformed, "not a stream"},
      {"no finish reason", "completions", {text}, E::closed, "finish reason"},
      {"no token", "completions", {finish, usage(R"("prompt_tokens":1,"completion_tokens":0)")}, E::malformed, "no token"},
      {"more than was asked for", "completions", {text, usage(R"("prompt_tokens":1,"completion_tokens":9)")}, E::wrong_usage, "9 output tokens"},
      {"a negative count", "completions", {text, usage(R"("prompt_tokens":-1,"completion_tokens":1)")}, E::wrong_usage},
      {"a count beyond all prompts", "completions", {text, usage(R"("prompt_tokens":99999999999,"completion_tokens":1)")}, E::wrong_usage},
      {"a count beyond all numbers", "completions", {text, usage(R"("prompt_tokens":99999999999999999999,"completion_tokens":1)")}, E::wrong_usage},
      {"a count in words", "completions", {text, usage(R"("prompt_tokens":"many","completion_tokens":1)")}, E::wrong_usage, "whole numbers"},
      {"half a token", "completions", {text, usage(R"("prompt_tokens":1,"completion_tokens":1.5)")}, E::wrong_usage, "whole numbers"},
      {"no count", "completions", {text, usage(R"("prompt_tokens":1)")}, E::wrong_usage, "completion_tokens"},
      {"more cached than there were", "completions",
       {text, usage(R"("prompt_tokens":3,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":4})")}, E::wrong_usage, "4 of 3"},
      {"a running count that falls", "completions",
       {R"({"choices":[{"text":"a"}],"usage":{"prompt_tokens":1,"completion_tokens":3}})",
        R"({"choices":[{"text":"b"}],"usage":{"prompt_tokens":1,"completion_tokens":2}})"}, E::wrong_usage, "3 to 4"},
      {"a text after the finish reason", "completions", {text, finish, text}, E::out_of_order, "after the finish reason"},
      {"a text after the usage", "completions", {text, usage(R"("prompt_tokens":1,"completion_tokens":1)"), text}, E::out_of_order, "usage"},
      {"a text after the end", "completions", {text, "[DONE]", text}, E::out_of_order, "after the end"},
      {"no end", "completions", std::vector<std::string>(100, text), E::too_large, "more than 72 messages"},
      {"an error in the stream", "completions", {text, R"({"error":{"message":"out of blocks","code":500}})"}, E::engine, "out of blocks"},
      {"an error without words", "chat", {R"({"error":{}})"}, E::engine, "put an error"},
      {"an error that is a text", "chat", {R"({"error":"overloaded"})"}, E::engine, "overloaded"},
      {"a whole page", "chat", {"<html>"}, E::malformed, "", true},
      {"a whole answer without choices", "chat", {"{}"}, E::malformed, "no token", true},
      {"a whole error", "chat", {R"({"error":{"message":"no"}})"}, E::engine, "no", true},

      {"numbers that go back", "responses", {created, R"({"type":"response.in_progress","sequence_number":4})"}, E::out_of_order, "go back"},
      {"a text for an item that was not begun", "responses",
       {created, added, R"({"type":"response.output_text.delta","sequence_number":7,"output_index":1,"delta":"a"})"}, E::out_of_order, "not begun"},
      {"a text for an item that was done", "responses",
       {created, added, R"({"type":"response.output_item.done","sequence_number":7,"output_index":0})",
        R"({"type":"response.output_text.delta","sequence_number":8,"output_index":0,"delta":"a"})"}, E::out_of_order, "was done"},
      {"a text after the end of the response", "responses",
       {R"({"type":"response.completed","response":{"status":"completed"}})", R"({"type":"response.output_text.delta","delta":"a"})"}, E::out_of_order},
      {"a response that failed", "responses",
       {created, R"({"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"kaput"}}})"}, E::engine, "kaput"},
      {"a failure without words", "responses", {R"({"type":"response.failed","response":{"status":"failed","error":null}})"}, E::engine, "failed"},
      {"an error event", "responses", {R"({"type":"error","code":"x","message":"kaput","param":null})"}, E::engine, "kaput"},
      {"an event without a type", "responses", {"{}"}, E::malformed, "no type"},
      {"a response without end", "responses", {created, R"({"type":"response.output_text.delta","delta":"a"})"}, E::closed},
      {"too many output tokens", "responses",
       {R"({"type":"response.completed","response":{"usage":{"input_tokens":1,"output_tokens":5}}})"}, E::wrong_usage},

      {"a stream of embeddings", "embeddings", {"{}"}, E::malformed, "no streams"},
      {"two embeddings", "embeddings", {R"({"data":[{"embedding":[1]},{"embedding":[2]}]})"}, E::malformed, "2 embeddings", true},
      {"an empty embedding", "embeddings", {R"({"data":[{"embedding":[]}]})"}, E::malformed, "", true},
      {"an embedding of words", "embeddings", {R"({"data":[{"embedding":["a"]}]})"}, E::malformed, "", true},
      {"negative prompt tokens", "embeddings", {R"({"data":[{"embedding":[1]}],"usage":{"prompt_tokens":-8}})"}, E::wrong_usage, "", true},

      {"an error of text-generation-inference", "tgi", {token, R"({"error":"Request failed during generation","error_type":"generation"})"}, E::engine, "failed during"},
      {"an event without a token", "tgi", {R"({"index":1})"}, E::malformed, "no token"},
      {"indices that go back", "tgi", {token, R"({"index":1,"token":{"text":"b"}})"}, E::out_of_order, "go back"},
      {"fewer tokens than events", "tgi", {token, R"({"index":3,"token":{"text":"b"},"details":{"generated_tokens":1}})"}, E::wrong_usage, "fewer"},
      {"more tokens than were asked for", "tgi", {R"({"index":3,"token":{"text":"b"},"details":{"generated_tokens":5}})"}, E::wrong_usage},
      {"a token after the details", "tgi", {R"({"index":3,"token":{"text":"b"},"details":{"generated_tokens":1}})", R"({"index":4,"token":{"text":"b"}})"}, E::out_of_order},
      {"no details", "tgi", {token}, E::closed},

      {"an error of Triton", "triton", {R"({"text_output":"a"})", R"({"error":"in ensemble 'ensemble', ..."})"}, E::engine, "in ensemble"},
      {"no text_output", "triton", {R"({"model_name":"m"})"}, E::malformed, "text_output"},
      {"only empty texts", "triton", {R"({"text_output":""})"}, E::malformed, "no token"},

      {"an error of llama.cpp", "llama.cpp", {R"({"error":{"code":500,"message":"context","type":"server_error"}})"}, E::engine, "context"},
      {"no content", "llama.cpp", {"{}"}, E::malformed, "content"},
      {"an event after the last", "llama.cpp", {R"({"content":"a","stop":true})", R"({"content":"a","stop":false})"}, E::out_of_order},
      {"a count that falls", "llama.cpp", {R"({"content":"a","tokens_predicted":2})", R"({"content":"b","tokens_predicted":1})"}, E::wrong_usage},
      {"more predicted than asked for", "llama.cpp", {R"({"content":"a","stop":true,"tokens_predicted":5,"tokens_evaluated":1})"}, E::wrong_usage},
      {"a negative number of cached tokens", "llama.cpp", {R"({"content":"a","stop":true,"timings":{"cache_n":-1}})"}, E::wrong_usage},

      {"no images", "images", {R"({"data":[]})"}, E::malformed, "0 images", true},
      {"an image of nothing", "images", {R"({"data":[{"b64_json":""}]})"}, E::malformed, "neither", true},
      {"an image of garbage", "images", {R"({"data":[{"b64_json":"!!!"}]})"}, E::malformed, "neither", true},
      {"an error for an image", "images", {R"({"error":{"message":"nsfw"}})"}, E::engine, "nsfw", true},
      {"a video of garbage", "videos-sync", {std::string(100, '\x7F')}, E::malformed, "neither", true},
      {"half a video", "videos-sync", {small_mp4().substr(0, 30)}, E::malformed, "inside of one of its boxes", true},
      {"a video of nothing", "videos-generations", {R"({"video_id":"v","video_bytes":""})"}, E::malformed, "neither", true},
      {"a job without an id", "videos", {R"({"status":"queued"})"}, E::malformed, "id is ''", true},
      {"a job whose id leads elsewhere", "videos", {R"({"id":"../../admin","status":"queued"})"}, E::malformed, "../../admin", true},
      {"a job whose id breaks the request", "videos", {R"({"id":"a\r\nHost: x","status":"queued"})"}, E::malformed, "", true},
      {"a job that failed", "videos", {R"({"id":"v","status":"queued"})", R"({"id":"v","status":"failed","error":{"message":"no memory"}})"}, E::engine, "no memory", true},
      {"a job whose error is a text", "videos", {R"({"id":"v","status":"failed","error":"no memory"})"}, E::engine, "no memory", true},
      {"a job that was cancelled", "videos", {R"({"id":"v","status":"cancelled"})"}, E::engine, "cancelled", true},
      {"a job in a state that there is not", "videos", {R"({"id":"v","status":"dreaming"})"}, E::malformed, "dreaming", true},
      {"another job's state", "videos", {R"({"id":"v","status":"queued"})", R"({"id":"w","status":"queued"})"}, E::out_of_order, "'w'", true},
      {"a job that never ended", "videos", {R"({"id":"v","status":"queued"})"}, E::closed, "", true},
      {"content that is no video", "videos", {R"({"id":"v","status":"completed"})", "{}"}, E::malformed, "no MP4", true},
  };
  return all;
}

TEST(AnswerReader, what_cannot_be_has_its_class_of_error_and_a_reason) {
  for (const Impossible& c : impossible_answers()) {
    const ReadAnswer read = read_answer(Answer{c.name, c.api, 4, c.pieces, c.whole});
    EXPECT_EQ(request_error_name(read.error), request_error_name(c.error)) << c.api << ": " << c.name << ": " << read.problem;
    EXPECT_THAT(read.problem, HasSubstr(c.text)) << c.name;
    EXPECT_FALSE(read.problem.empty()) << c.name;
  }
}

TEST(AnswerReader, a_bad_answer_stays_bad) {
  const auto reader = make_answer_reader(*find_api("completions"), {});
  reader->begin(4);
  AnswerMessage message;
  const std::string good = good_answers().front().events.front() + std::string(64, ' ');
  const std::string_view event(good.data(), good.size() - 64);
  EXPECT_EQ(reader->read(event.substr(0, 20), message), AnswerReader::Verdict::bad);
  EXPECT_EQ(reader->read(event, message), AnswerReader::Verdict::bad);
  EXPECT_FALSE(reader->end(false));
  EXPECT_EQ(reader->error(), RequestError::malformed);
}

TEST(AnswerReader, errors_of_every_api_become_texts) {
  struct Case {
    const char *body, *retry_after, *text;
  };
  for (const Case& c : {Case{R"({"error":{"message":"model not found","type":"NotFoundError","code":404}})", "", "model not found"},
                        Case{R"({"object":"error","message":"too long","code":400})", "", "too long"},
                        Case{R"({"error":"Model is overloaded","error_type":"overloaded"})", "", "Model is overloaded"},
                        Case{R"({"detail":"Not Found"})", "", "Not Found"},
                        Case{R"({"detail":[{"loc":["body","prompt"],"msg":"field required","type":"missing"}]})", "", "field required"},
                        Case{R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})", "", "Loading model"},
                        Case{"<html>502 Bad Gateway</html>", "", "<html>502 Bad Gateway</html>"},
                        Case{R"({"error":{"message":"Rate limit reached"}})", "20", "Rate limit reached (retry after 20 s)"},
                        Case{"", "Wed, 21 Oct 2026 07:28:00 GMT", "(retry after Wed, 21 Oct 2026 07:28:00 GMT)"},
                        Case{"", "", ""}})
    EXPECT_EQ(error_text_of(c.body, c.retry_after), c.text);
  EXPECT_EQ(error_text_of(std::string(100'000, 'x')).size(), 200u);
}

}  // namespace
}  // namespace tokenmark
