// Cuts text into the pieces within which byte-level BPE merges, by the regular expressions a model was trained with.
// Compiled once; immutable afterwards, any thread.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark {

class Pretokenizer {
 public:
  // By the name in tokenizer.ggml.pre; unknown names are an error that lists the known ones.
  static Result<Pretokenizer> find(std::string_view name);
  ~Pretokenizer();
  Pretokenizer(Pretokenizer&&) noexcept;
  Pretokenizer& operator=(Pretokenizer&&) noexcept;

  std::string_view name() const;
  // Llama 3's rule: a piece that is a token as a whole is not built by merges.
  bool whole_pieces_first() const;
  bool adds_bos() const;
  // The pieces in order; together they are the whole text, invalid UTF-8 included.
  void split(std::string_view text, const std::function<void(std::string_view)>& piece) const;

 private:
  struct Compiled;
  explicit Pretokenizer(std::unique_ptr<const Compiled> compiled);
  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace tokenmark
