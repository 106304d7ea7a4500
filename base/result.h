// Expected failures as values. Every library below `app/` returns these; exceptions do not cross a library's
// border. A message names the thing, the place and the value found, and says what to do, in one sentence that
// can be shown to a person as it is: "model.gguf: tensor 'output.weight' ends at byte 9000, the file at 8192".
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace tokenmark {

enum class ErrorKind : std::uint8_t {
  invalid_input,  // a file, an argument or a message is wrong: the user can mend it
  not_found,      // the named thing does not exist
  io,             // disk or network failed underneath
  unavailable,    // it exists but cannot be used here (no driver, host down, wrong version)
  protocol,       // a peer did not speak as agreed
  exhausted,      // memory, disk, slots
  cancelled,      // the user wanted it so
  internal,       // a mistake of ours
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

template <class... Args>
[[nodiscard]] tl::unexpected<Error> fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  return tl::unexpected<Error>(Error{kind, fmt::format(format, std::forward<Args>(args)...)});
}

}  // namespace tokenmark

#define TOKENMARK_JOIN_(a, b) a##b
#define TOKENMARK_JOIN(a, b) TOKENMARK_JOIN_(a, b)

// TOKENMARK_TRY(auto file, open(path)): declares `file` with the value, or returns the error from this function.
#define TOKENMARK_TRY(declaration, expression)                                                      \
  auto TOKENMARK_JOIN(try_result_, __LINE__) = (expression);                                        \
  if (!TOKENMARK_JOIN(try_result_, __LINE__))                                                       \
    return tl::unexpected(std::move(TOKENMARK_JOIN(try_result_, __LINE__)).error());                \
  declaration = *std::move(TOKENMARK_JOIN(try_result_, __LINE__))

// TOKENMARK_CHECK(write(file)): the same for an expression without a value.
#define TOKENMARK_CHECK(expression)                                                       \
  do {                                                                                    \
    if (auto try_status = (expression); !try_status)                                      \
      return tl::unexpected(std::move(try_status).error());                               \
  } while (false)
