// Cuts text into the pieces within which a model's tokens lie, by the steps that it was trained with.
// Compiled once; immutable afterwards, any thread.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/tokenizer/regex.h"

namespace tokenmark {

// What becomes of the text that an expression matches; the names are tokenizer.json's.
enum class SplitBehaviour { isolated, removed, merged_with_previous, merged_with_next, contiguous };

struct PretokenizerStep {
  enum class Kind { split, prefix_space, metaspace };
  Kind kind = Kind::split;
  std::optional<Regex> regex;  // split
  SplitBehaviour behaviour = SplitBehaviour::isolated;
  bool invert = false;  // split: the gaps are what counts as matched

  std::string replacement;                   // metaspace: for a space
  enum class Prepend { never, first, always } prepend = Prepend::never;  // metaspace: the replacement before a piece
  bool cuts_words = true;                    // metaspace: each word, with its replacement before it, is a piece
};

// A step that splits by an expression in tokenizer.json's syntax.
Result<PretokenizerStep> split_step(std::string_view expression, SplitBehaviour behaviour = SplitBehaviour::isolated,
                                    bool invert = false);
// GPT-2's expression, which tokenizer.json's ByteLevel implies.
extern const std::string_view kGpt2Expression;

class Pretokenizer {
 public:
  Pretokenizer() = default;
  explicit Pretokenizer(std::vector<PretokenizerStep> steps) : steps_(std::move(steps)) {}

  // The pieces of a text, none empty. They point into `text` and into what this object owns.
  class Pieces {
   public:
    const std::vector<std::string_view>& list() const { return list_; }

   private:
    friend class Pretokenizer;
    std::vector<std::string_view> list_, finer_;
    std::deque<std::string> changed_;  // texts that are not parts of the original
  };
  // `at_start`: the text stands at the very beginning of the prompt.
  void split(std::string_view text, bool at_start, Pieces& pieces) const;

 private:
  std::vector<PretokenizerStep> steps_;
};

// What the name in GGUF's tokenizer.ggml.pre stands for.
struct NamedPretokenizer {
  std::string_view name;  // of its family
  Pretokenizer pretokenizer;
  bool whole_pieces_first = false;  // a piece that is a token as a whole is not built by merges
  bool adds_bos = false;
  bool nfc = false;  // the text is brought into Unicode's form C first
};
// Unknown names are an error that lists the known ones.
Result<NamedPretokenizer> find_pretokenizer(std::string_view name);
std::vector<std::string_view> pretokenizer_names();  // one a family
// A text that any two of them cut differently, unless they differ in nothing but the flags above.
extern const std::string_view kPretokenizerProbe;

}  // namespace tokenmark
