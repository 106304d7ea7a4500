// llama.cpp's own /completion: a piece of text an event, with running counts; the last says "stop".
#include "core/load/answer_json.h"

namespace tokenmark {
namespace {

class LlamaCppReader : public AnswerReader {
 public:
  using AnswerReader::AnswerReader;

 protected:
  Verdict read_event(std::string_view data, AnswerMessage& message) override {
    seen_ = {};
    od::object root;
    if (!open_object(parser_, document_, data, root) || !read_root(root)) return bad_json(data);
    if (!seen_.error.empty()) return bad(RequestError::engine, std::string(seen_.error));
    if (!seen_.content && !seen_.stop) return bad(RequestError::malformed, "an answer holds no content: " + std::string(data.substr(0, 80)));
    if (finished_) return bad(RequestError::out_of_order, "an event came after the one that says 'stop'");
    if (take(seen_.stop && seen_.text.empty() ? MessageKind::usage : MessageKind::content, seen_.text, message) == Verdict::bad)
      return Verdict::bad;
    finished_ = seen_.stop;
    return count(seen_.counts, message);
  }

  Verdict read_body(std::string_view body, std::vector<AnswerMessage>& messages) override {
    AnswerMessage message;
    return take_whole(body, read_event(body, message), message, messages);
  }

 private:
  struct Seen {
    std::string_view text, error;
    bool content = false, stop = false;
    SaidCounts counts;
  };

  bool read_root(od::object& root) {
    bool complete = true;
    const bool good = each_member(root, [&](od::raw_json_string key, od::value& value) {
      if (key == "content") {
        seen_.content = value.raw_json_token().starts_with('"');
        seen_.text = text_of(value, options_.keep_text);
      } else if (key == "stop") {
        seen_.stop = value.raw_json_token().starts_with("true");
      } else if (key == "tokens_predicted") {
        seen_.counts.read(seen_.counts.output, value);
      } else if (key == "tokens_evaluated") {  // of the whole prompt, cached ones among them
        seen_.counts.read(seen_.counts.input, value);
      } else if (key == "timings") {
        complete &= each_member(value, [&](od::raw_json_string inner, od::value& member) {
          if (inner == "cache_n") seen_.counts.read(seen_.counts.cached, member);
        });
      } else if (key == "error") {
        seen_.error = read_error(value);
      }
    });
    return good && complete;
  }

  od::parser parser_;
  od::document document_;
  Seen seen_;
};

}  // namespace

std::unique_ptr<AnswerReader> make_llama_cpp_reader(const AnswerOptions& options) { return std::make_unique<LlamaCppReader>(options); }

}  // namespace tokenmark
