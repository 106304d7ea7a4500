// OpenAI's completions and chat completions, as the servers of the field speak them.
#include "core/load/answer_json.h"

namespace tokenmark {
namespace {

class OpenAiReader : public AnswerReader {
 public:
  OpenAiReader(bool chat, const AnswerOptions& options) : AnswerReader(options), chat_(chat) {}

 protected:
  void reset() override { ended_ = false; }

  Verdict read_event(std::string_view data, AnswerMessage& message) override {
    seen_ = {};
    od::object root;
    if (!open_object(parser_, document_, data, root) || !read_root(root)) return bad_json(data);
    if (!seen_.error.empty()) return bad(RequestError::engine, std::string(seen_.error));
    if (ended_ && !seen_.text.empty()) return bad(RequestError::out_of_order, "a text came after the whole answer's usage");
    if (take(seen_.kind, seen_.text, message) == Verdict::bad) return Verdict::bad;
    finished_ |= seen_.finished;
    if (!seen_.has_usage) return Verdict::message;
    ended_ |= !seen_.has_choice;
    if (!seen_.counts.wrong && (!seen_.counts.input || !seen_.counts.output))
      return bad(RequestError::wrong_usage, "usage does not hold whole numbers prompt_tokens and completion_tokens");
    return count(seen_.counts, message);
  }

  Verdict read_body(std::string_view body, std::vector<AnswerMessage>& messages) override {
    AnswerMessage message;
    return take_whole(body, read_event(body, message), message, messages);
  }

 private:
  struct Seen {
    MessageKind kind = MessageKind::usage;
    bool has_choice = false, finished = false, has_usage = false;
    std::string_view text, error;
    SaidCounts counts;
  };

  bool read_root(od::object& root) {
    bool complete = true;
    const bool good = each_member(root, [&](od::raw_json_string key, od::value& value) {
      if (key == "choices") {
        complete &= each_element(value, [&](od::value& choice) {
          seen_.has_choice = true;
          complete &= read_choice(choice);
          return false;  // one answer was asked for
        });
      } else if (key == "usage") {
        if (is_null(value)) return;
        seen_.has_usage = true;
        complete &= read_usage(value, seen_.counts);
      } else if (key == "error") {
        seen_.error = read_error(value);
      }
    });
    return good && complete;
  }

  // false: it is no object.
  bool read_choice(od::value& value) {
    od::object choice;
    if (value.get_object().get(choice) != simdjson::SUCCESS) return false;
    seen_.kind = MessageKind::content;
    bool complete = true;
    const bool good = each_member(choice, [&](od::raw_json_string key, od::value& member) {
      if (key == "finish_reason") seen_.finished = !raw_text(member).empty();
      else if (!chat_ && key == "text") seen_.text = text_of(member, options_.keep_text);
      else if (chat_ && (key == "delta" || key == "message")) complete &= read_delta(member);
    });
    return good && complete;
  }

  // Servers differ in the name of reasoning. A text that is not empty says what the message is; an empty one with a role
  // is the message that begins an answer.
  bool read_delta(od::value& delta) {
    bool role = false;
    const auto text = [&](od::value& value, MessageKind kind) {
      const std::string_view found = text_of(value, options_.keep_text);
      if (found.empty() || (!seen_.text.empty() && kind != MessageKind::content)) return;
      seen_.text = found;
      seen_.kind = kind;
    };
    const bool good = each_member(delta, [&](od::raw_json_string key, od::value& value) {
      if (key == "content" || key == "refusal") text(value, MessageKind::content);
      else if (key == "reasoning_content" || key == "reasoning") text(value, MessageKind::reasoning);
      else if (key == "tool_calls" && seen_.text.empty()) {
        each_element(value, [&](od::value&) {
          seen_.text = "tool";
          seen_.kind = MessageKind::tool;
          return false;
        });
      } else if (key == "role") role = !raw_text(value).empty();
    });
    if (seen_.text.empty() && role) seen_.kind = MessageKind::role;
    return good;
  }

  const bool chat_;
  od::parser parser_;
  od::document document_;
  Seen seen_;
  bool ended_ = false;  // the usage of the whole answer came
};

}  // namespace

std::unique_ptr<AnswerReader> make_openai_reader(bool chat, const AnswerOptions& options) {
  return std::make_unique<OpenAiReader>(chat, options);
}

}  // namespace tokenmark
