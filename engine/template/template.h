// Jinja templates as models carry them: the subset that chat templates use, with white space treated as transformers
// treats it (trim_blocks, lstrip_blocks). A template comes from a model's file and is hostile: nesting, work and output
// are limited, and it sees nothing but its variables. Unknown statements, filters and tests are errors with their line.
// Not known: inheritance, imports, call blocks, recursive loops, methods that change a list or mapping (as in the
// sandbox that transformers uses).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "engine/template/value.h"

namespace tokenmark::jinja {

// Immutable; any thread.
class Template {
 public:
  static Result<Template> parse(std::string_view source);
  ~Template();
  Template(Template&&) noexcept;
  Template& operator=(Template&&) noexcept;

  // `variables`: a mapping. `now`: for strftime_now.
  Result<std::string> render(const Value& variables, std::chrono::system_clock::time_point now) const;

 private:
  struct Parsed;
  explicit Template(std::unique_ptr<const Parsed> parsed);
  std::unique_ptr<const Parsed> parsed_;
};

}  // namespace tokenmark::jinja
