// JSON on demand for the answer readers: members are visited once, in the order in which they lie there, and only what
// is asked for is decoded. All views are valid until the next document.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/load/answer_reader.h"

namespace tokenmark {

namespace od = simdjson::ondemand;

// Opens a document that is one object. 64 readable bytes lie behind the text.
inline bool open_object(od::parser& parser, od::document& document, std::string_view text, od::object& root) {
  const simdjson::padded_string_view padded(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING);
  return parser.iterate(padded).get(document) == simdjson::SUCCESS && document.get_object().get(root) == simdjson::SUCCESS;
}

// visit(key, value) for each member. false: the object is not complete JSON.
template <class Visit>
bool each_member(od::object& object, Visit&& visit) {
  for (auto entry : object) {
    od::field field;
    if (std::move(entry).get(field) != simdjson::SUCCESS) return false;
    visit(field.key(), field.value());
  }
  return true;
}
template <class Visit>
bool each_member(od::value& value, Visit&& visit) {  // true where the value is no object: nothing is visited
  od::object object;
  return value.get_object().get(object) != simdjson::SUCCESS || each_member(object, visit);
}

// visit(value) for each element until it gives false. false: the array is not complete JSON.
template <class Visit>
bool each_element(od::value& value, Visit&& visit) {
  od::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return true;
  for (auto entry : array) {
    od::value element;
    if (std::move(entry).get(element) != simdjson::SUCCESS) return false;
    if (!visit(element)) break;
  }
  return true;
}

// A string as it is written, with its escapes, without decoding; empty for anything else. The value can still be read.
inline std::string_view raw_text(od::value& value) {
  const std::string_view token = value.raw_json_token();
  if (token.size() < 2 || token.front() != '"') return {};
  return token.substr(1, token.rfind('"') - 1);
}
inline std::string_view decoded_text(od::value& value) {
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}
// Decoded only where the text is kept: counting needs to know no more than whether it is empty.
inline std::string_view text_of(od::value& value, bool keep) { return keep ? decoded_text(value) : raw_text(value); }

inline bool is_null(od::value& value) { return value.raw_json_token().substr(0, 4) == "null"; }

// What a server says about its tokens. `wrong`: something that should be a count is none.
struct SaidCounts {
  std::optional<std::int64_t> input, output, cached;
  bool wrong = false;

  void read(std::optional<std::int64_t>& count, od::value& value) {
    std::int64_t number = 0;
    if (value.get_int64().get(number) == simdjson::SUCCESS) count = number;
    else wrong = true;
  }
};

// OpenAI's `usage`: prompt_tokens, completion_tokens, or input_tokens, output_tokens in responses. false: broken JSON.
bool read_usage(od::value& usage, SaidCounts& counts);

// The text of an `error` member: an object's "message", or itself. Empty where it is null or says nothing.
std::string_view read_error(od::value& error);

// One for each family of APIs.
std::unique_ptr<AnswerReader> make_openai_reader(bool chat, const AnswerOptions& options);
std::unique_ptr<AnswerReader> make_responses_reader(const AnswerOptions& options);
std::unique_ptr<AnswerReader> make_embeddings_reader(const AnswerOptions& options);
std::unique_ptr<AnswerReader> make_tgi_reader(const AnswerOptions& options);
std::unique_ptr<AnswerReader> make_triton_reader(const AnswerOptions& options);
std::unique_ptr<AnswerReader> make_llama_cpp_reader(const AnswerOptions& options);
std::unique_ptr<AnswerReader> make_images_reader(const AnswerOptions& options);
std::unique_ptr<AnswerReader> make_videos_reader(bool job, const AnswerOptions& options);

}  // namespace tokenmark
