// What tokenizer.json does to a text before it is cut. Compiled once; immutable afterwards, any thread. Bytes that are
// not UTF-8 stay as they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/tokenizer/regex.h"

namespace tokenmark {

// Unicode's normalization forms C and D.
std::string nfc(std::string_view text);
std::string nfd(std::string_view text);

struct NormalizerStep {
  enum class Kind { nfc, nfd, prepend, replace_literal, replace_expression, strip, merge_spaces, charsmap };
  Kind kind = Kind::nfc;
  std::string literal;          // replace_literal: what is replaced
  std::optional<Regex> regex;   // replace_expression: likewise
  std::string text;             // prepend, replace: what comes in; charsmap: the replacements, each with a 0 at its end
  bool left = false, right = false;      // strip: at which end
  std::vector<std::uint32_t> trie = {};  // charsmap: SentencePiece's double array over what is replaced
};

// SentencePiece's precompiled_charsmap: the trie's size, the trie, the replacements.
Result<NormalizerStep> charsmap_step(std::string_view blob);

class Normalizer {
 public:
  Normalizer() = default;
  explicit Normalizer(std::vector<NormalizerStep> steps) : steps_(std::move(steps)) {}
  bool empty() const { return steps_.empty(); }
  std::string apply(std::string_view text) const;

 private:
  std::vector<NormalizerStep> steps_;
};

}  // namespace tokenmark
