// Reads the answers of one API: what kind each message is, how many tokens it carries, what the server says about
// token counts, and whether the whole is an answer of that API at all. Foreign bytes: what cannot be is refused with a
// class of error and a reason; fields that are not known are passed over. One reader a request in flight, used again for
// the next; no thread of its own. After the first answers nothing is allocated for a message of a stream.
//
// A stream:       begin, read for each event, end.
// A whole answer: begin, read_whole with the body (of a status that is_answer); while follow_up asks for another call (a GET), that is
//                 made and its body given to read_whole; end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/load/api.h"
#include "core/load/event_log.h"

namespace tokenmark {

struct AnswerMessage {
  MessageKind kind = MessageKind::content;
  std::int32_t tokens = 0;  // 1 for a text that is not empty; exact where the server counts along
  std::size_t bytes = 0;    // read_whole: of this item
};

struct FollowUp {
  std::string path;           // "/v1/videos/ID", below the server's address (endpoint_url(endpoint, path))
  std::int64_t delay_ns = 0;  // to wait before it
};

struct AnswerOptions {
  bool keep_text = false;          // take_text gives it
  bool tokens_bounded = true;      // begin's max_tokens holds (the request was not changed by EndpointTarget::extra)
  std::int32_t items = 1;          // images asked for in a request
  std::int64_t poll_ns = 1'000'000'000;  // between two questions about a job
};

class AnswerReader {
 public:
  enum class Verdict : std::uint8_t {
    message,  // one was read
    done,     // the mark that ends a stream: nothing more comes
    bad,      // error() and problem() say why; the answer is over
  };

  explicit AnswerReader(const AnswerOptions& options) : options_(options) {}
  virtual ~AnswerReader() = default;

  void begin(std::int32_t max_tokens);  // a new answer

  // The data of one event; 64 readable bytes must lie behind it.
  Verdict read(std::string_view data, AnswerMessage& message);
  // A body that is no stream; 64 readable bytes must lie behind it. Adds its messages: one for a text, one an item of
  // media. false: bad.
  bool read_whole(std::string_view body, std::vector<AnswerMessage>& messages);
  // Another call is needed.
  virtual bool follow_up(FollowUp&) { return false; }
  // The answer has ended well as far as HTTP goes. false: what came is not a complete answer. `inside_event`: a stream
  // ended before its last event did.
  bool end(bool inside_event);

  bool finished() const { return finished_; }               // a finish reason or the end mark came, or a whole answer
  bool has_messages() const { return messages_ > 0; }
  bool has_tokens() const { return text_messages_ > 0; }    // a text that is not empty came
  std::int64_t input_tokens() const { return input_tokens_; }    // as the server counts; -1: not told
  std::int64_t output_tokens() const { return output_tokens_; }
  std::int64_t cached_tokens() const { return cached_tokens_; }  // of the input tokens; -1: not told
  std::string take_text() { return std::move(text_); }

  RequestError error() const { return error_; }             // none: nothing is bad so far
  const std::string& problem() const { return problem_; }

 protected:
  virtual void reset() {}
  virtual Verdict read_event(std::string_view data, AnswerMessage& message);  // here: the API has no streams
  virtual Verdict read_body(std::string_view body, std::vector<AnswerMessage>& messages) = 0;

  Verdict bad(RequestError error, std::string problem);
  Verdict bad_json(std::string_view data);  // malformed, with its beginning
  // A text of the answer, or a message without one. Keeps it if wanted; bad where none may come any more.
  Verdict take(MessageKind kind, std::string_view text, AnswerMessage& message);
  // What the server says about tokens, checked. A running count gives a message with text its tokens; where the text is
  // still empty they are left to the next.
  Verdict count(const struct SaidCounts& said, AnswerMessage& message);
  // The one message of a whole answer that is text.
  Verdict take_whole(std::string_view body, Verdict verdict, AnswerMessage message, std::vector<AnswerMessage>& messages);

  const AnswerOptions options_;
  bool finished_ = false;        // the model has stopped: no text may come
  bool ends_with_body_ = false;  // the API has no mark for the end of a stream
  bool media_ = false;

 private:
  bool done_ = false;
  std::int32_t max_tokens_ = 0;
  std::int64_t messages_ = 0, text_messages_ = 0, counted_tokens_ = 0;
  std::int64_t input_tokens_ = -1, output_tokens_ = -1, cached_tokens_ = -1;
  std::string text_, problem_;
  RequestError error_ = RequestError::none;
};

std::unique_ptr<AnswerReader> make_answer_reader(const Api& api, const AnswerOptions& options);

// What the body of an error answer (any status but 200) says, for people: "error.message", "message", "detail" and the
// like of each API, else its beginning. `retry_after`: that header's value, empty for none.
std::string error_text_of(std::string_view body, std::string_view retry_after = {});

}  // namespace tokenmark
