// OpenAI's embeddings: one vector, as numbers or in base64, and the prompt's tokens.
#include <fmt/core.h>

#include "core/load/answer_json.h"

namespace tokenmark {
namespace {

class EmbeddingsReader : public AnswerReader {
 public:
  using AnswerReader::AnswerReader;

 protected:
  Verdict read_body(std::string_view body, std::vector<AnswerMessage>& messages) override {
    media_ = true;
    od::object root;
    std::string_view error;
    std::size_t vectors = 0, bytes = 0;
    bool complete = true;
    SaidCounts counts;
    const bool good = open_object(parser_, document_, body, root) && each_member(root, [&](od::raw_json_string key, od::value& value) {
      if (key == "data") {
        complete &= each_element(value, [&](od::value& entry) {
          ++vectors;
          return complete &= read_entry(entry, bytes);
        });
      } else if (key == "usage") {
        complete &= read_usage(value, counts);
      } else if (key == "error") {
        error = read_error(value);
      }
    });
    if (!good || !complete) return bad_json(body);
    if (!error.empty()) return bad(RequestError::engine, std::string(error));
    if (vectors != 1 || bytes == 0)
      return bad(RequestError::malformed, fmt::format("the answer holds {} embeddings, one with numbers was asked for", vectors));
    AnswerMessage message{MessageKind::media, 0, bytes};
    counts.output = 0;
    if (count(counts, message) == Verdict::bad) return Verdict::bad;
    finished_ = true;
    messages.push_back(message);
    return Verdict::message;
  }

 private:
  // `bytes`: of the vector as it was sent; 0 where it holds no number.
  static bool read_entry(od::value& entry, std::size_t& bytes) {
    return each_member(entry, [&](od::raw_json_string key, od::value& value) {
      if (key != "embedding") return;
      std::string_view text = raw_text(value);
      od::array numbers;
      if (text.empty() && value.get_array().get(numbers) == simdjson::SUCCESS && numbers.raw_json().get(text) == simdjson::SUCCESS) {
        const std::size_t first = text.find_first_not_of("[ \t\r\n");
        if (first == std::string_view::npos || std::string_view("-0123456789").find(text[first]) == std::string_view::npos) text = {};
      }
      bytes = text.size();
    });
  }

  od::parser parser_;
  od::document document_;
};

}  // namespace

std::unique_ptr<AnswerReader> make_embeddings_reader(const AnswerOptions& options) { return std::make_unique<EmbeddingsReader>(options); }

}  // namespace tokenmark
