// Reads the messages of one streamed OpenAI answer (completions or chat): what kind each is, how many tokens it
// carries, and what the server says in `usage`. Foreign bytes: what is not such a message is refused with a reason.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/load/event_log.h"

namespace tokenmark {

struct AnswerMessage {
  MessageKind kind = MessageKind::content;
  std::int32_t tokens = 0;  // 1 for a text that is not empty; exact where the server counts along
};

class AnswerReader {
 public:
  enum class Verdict { message, done, malformed, server_error };

  AnswerReader(bool chat, bool keep_text);
  ~AnswerReader();

  void begin(std::int32_t max_tokens);  // a new answer
  // The data of one event; 64 readable bytes must lie behind it. `done` for the final [DONE].
  Verdict read(std::string_view data, AnswerMessage& message);

  bool finished() const { return finished_; }                  // a finish reason or [DONE] came
  bool has_messages() const { return messages_ > 0; }
  bool has_tokens() const { return text_messages_ > 0; }       // a text that is not empty came
  std::int64_t input_tokens() const { return input_tokens_; }    // of usage; -1: none came
  std::int64_t output_tokens() const { return output_tokens_; }
  std::int64_t cached_tokens() const { return cached_tokens_; }  // of the input tokens; -1: not told
  const std::string& problem() const { return problem_; }
  std::string take_text() { return std::move(text_); }

 private:
  struct Parser;
  Verdict malformed(std::string problem);

  const bool chat_, keep_text_;
  std::unique_ptr<Parser> parser_;
  std::int32_t max_tokens_ = 0;
  bool finished_ = false;
  std::int64_t messages_ = 0, text_messages_ = 0;
  std::int64_t input_tokens_ = -1, output_tokens_ = -1, cached_tokens_ = -1, counted_tokens_ = 0;
  std::string text_, problem_;
};

// The text of an error answer: its `error.message` or `message`, else its beginning.
std::string error_text_of(std::string_view body);

}  // namespace tokenmark
