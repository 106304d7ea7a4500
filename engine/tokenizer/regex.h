// The regular expressions that cut text for a tokenizer, on PCRE2 with its JIT. Compiled once; immutable afterwards, any
// thread. Bytes that are not UTF-8 match nothing.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace tokenmark {

class Regex {
 public:
  static Result<Regex> compile(std::string_view expression);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  // Walks over the matches in one text. One per thread and text.
  class Matcher {
   public:
    Matcher(const Regex& regex, std::string_view text);
    ~Matcher();
    Matcher(const Matcher&) = delete;
    Matcher& operator=(const Matcher&) = delete;
    // The first match that is not empty at or after `from`, as begin and end; {npos, npos}: none, or PCRE2's limit of
    // work is reached.
    std::pair<std::size_t, std::size_t> find(std::size_t from);

   private:
    const Regex* regex_;
    std::string_view text_;
    void* matches_;
  };

 private:
  struct Code;
  explicit Regex(std::unique_ptr<const Code> code);
  std::unique_ptr<const Code> code_;
};

// An expression as Oniguruma reads it (tokenizer.json's syntax), written for PCRE2: \s is exactly Unicode's White_Space.
Result<std::string> from_oniguruma(std::string_view expression);

}  // namespace tokenmark
