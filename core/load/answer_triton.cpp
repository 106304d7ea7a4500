// Triton's generate extension: a text an event, no counts and no mark at the end.
#include "core/load/answer_json.h"

namespace tokenmark {
namespace {

class TritonReader : public AnswerReader {
 public:
  using AnswerReader::AnswerReader;

 protected:
  Verdict read_event(std::string_view data, AnswerMessage& message) override {
    ends_with_body_ = true;
    od::object root;
    std::string_view text, error;
    bool there = false;
    const bool good = open_object(parser_, document_, data, root) && each_member(root, [&](od::raw_json_string key, od::value& value) {
      if (key == "text_output") {
        there = value.raw_json_token().starts_with('"');
        text = text_of(value, options_.keep_text);
      } else if (key == "error") {
        error = read_error(value);
      }
    });
    if (!good) return bad_json(data);
    if (!error.empty()) return bad(RequestError::engine, std::string(error));
    if (!there) return bad(RequestError::malformed, "an answer holds no text_output: " + std::string(data.substr(0, 80)));
    return take(MessageKind::content, text, message);
  }

  Verdict read_body(std::string_view body, std::vector<AnswerMessage>& messages) override {
    AnswerMessage message;
    return take_whole(body, read_event(body, message), message, messages);
  }

 private:
  od::parser parser_;
  od::document document_;
};

}  // namespace

std::unique_ptr<AnswerReader> make_triton_reader(const AnswerOptions& options) { return std::make_unique<TritonReader>(options); }

}  // namespace tokenmark
