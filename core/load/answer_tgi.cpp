// text-generation-inference: an event a token; the last holds the details with the counts.
#include "core/load/answer_json.h"

namespace tokenmark {
namespace {

class TgiReader : public AnswerReader {
 public:
  using AnswerReader::AnswerReader;

 protected:
  void reset() override {
    index_ = -1;
    tokens_ = 0;
  }

  Verdict read_event(std::string_view data, AnswerMessage& message) override {
    seen_ = {};
    od::object root;
    if (!open_object(parser_, document_, data, root) || !read_root(root)) return bad_json(data);
    if (!seen_.error.empty()) return bad(RequestError::engine, std::string(seen_.error));
    if (!seen_.token) return bad(RequestError::malformed, "an event holds no token: " + std::string(data.substr(0, 80)));
    if (finished_) return bad(RequestError::out_of_order, "a token came after the details");
    if (seen_.index >= 0 && seen_.index < index_) return bad(RequestError::out_of_order, "the tokens' indices go back");
    index_ = seen_.index;
    if (take(MessageKind::content, seen_.text, message) == Verdict::bad) return Verdict::bad;
    message.tokens = 1;  // an end token has no text, but is one
    ++tokens_;
    if (!seen_.details) return Verdict::message;
    finished_ = true;
    if (seen_.counts.output && *seen_.counts.output < tokens_)
      return bad(RequestError::wrong_usage, "the details count fewer tokens than there were events with one");
    const Verdict verdict = count(seen_.counts, message);
    message.tokens = 1;
    return verdict;
  }

  Verdict read_body(std::string_view body, std::vector<AnswerMessage>& messages) override {
    seen_ = {};
    od::object root;
    AnswerMessage message;
    if (!open_object(parser_, document_, body, root) || !read_root(root)) return bad_json(body);
    if (!seen_.error.empty()) return bad(RequestError::engine, std::string(seen_.error));
    Verdict verdict = take(MessageKind::content, seen_.generated, message);
    if (verdict != Verdict::bad) verdict = count(seen_.counts, message);
    return take_whole(body, verdict, message, messages);
  }

 private:
  struct Seen {
    std::string_view text, generated, error;
    std::int64_t index = -1;
    bool token = false, details = false;
    SaidCounts counts;
  };

  bool read_root(od::object& root) {
    bool complete = true;
    const bool good = each_member(root, [&](od::raw_json_string key, od::value& value) {
      if (key == "token") complete &= read_token(value);
      else if (key == "index") {
        if (value.get_int64().get(seen_.index) != simdjson::SUCCESS) seen_.index = -1;
      } else if (key == "details") {
        complete &= each_member(value, [&](od::raw_json_string inner, od::value& member) {
          seen_.details = true;
          if (inner == "generated_tokens") seen_.counts.read(seen_.counts.output, member);
          else if (inner == "input_length") seen_.counts.read(seen_.counts.input, member);
        });
      } else if (key == "generated_text") {
        seen_.generated = text_of(value, options_.keep_text);
      } else if (key == "error") {
        seen_.error = read_error(value);
      }
    });
    return good && complete;
  }

  bool read_token(od::value& token) {
    bool special = false;
    const bool good = each_member(token, [&](od::raw_json_string key, od::value& value) {
      seen_.token = true;
      if (key == "text") seen_.text = text_of(value, options_.keep_text);
      else if (key == "special") special = value.raw_json_token().starts_with("true");
    });
    if (special) seen_.text = {};  // no part of the text
    return good;
  }

  od::parser parser_;
  od::document document_;
  Seen seen_;
  std::int64_t index_ = -1, tokens_ = 0;
};

}  // namespace

std::unique_ptr<AnswerReader> make_tgi_reader(const AnswerOptions& options) { return std::make_unique<TgiReader>(options); }

}  // namespace tokenmark
