// What the null server says, prepared once, and what it reads of a request. A streamed answer is a row of bytes of known
// length: head, `tokens` equal events, tail. So a stream's whole state is a position in that row.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tokenmark::test {

// What matters of a request's body, found without parsing it: keys are searched for, since in a JSON string their
// quotes would be escaped.
struct Asked {
  bool stream = false, usage = false;
  std::uint32_t max_tokens = 16;     // OpenAI's default
  std::uint32_t prompt_tokens = 1;   // token ids or words
};
Asked what_is_asked(std::string_view body);

class Answers {
 public:
  enum class Api : std::uint8_t { completions, chat };

  // A streamed answer on its way.
  struct Stream {
    Api api = Api::completions;
    bool usage = false;
    std::uint32_t tokens = 0, prompt_tokens = 0;
    std::uint64_t position = 0;  // bytes sent
  };

  explicit Answers(int most_coalesced);

  // Bytes of the answer up to and with its first `tokens` tokens; with all of them the tail belongs to it.
  std::uint64_t length(const Stream& stream, std::uint64_t tokens) const;
  std::uint64_t tokens_sent(const Stream& stream) const;  // whole ones
  // The bytes from the stream's position to `end` (at most `most_coalesced` tokens on), as at most three pieces. The
  // tail is written into `scratch`.
  std::span<iovec> pieces(const Stream& stream, std::uint64_t end, std::array<iovec, 3>& into, std::span<char> scratch) const;

  // The answer in one piece, written into `scratch`.
  std::string_view whole(Api api, const Asked& asked, std::span<char> scratch) const;
  std::string_view models() const { return models_; }
  std::string_view healthy() const { return healthy_; }
  std::string_view not_found() const { return not_found_; }

  static constexpr std::size_t kScratch = 2048;

 private:
  struct Texts {
    std::string head, event, events, last, usage, whole;  // events: many after each other
    std::array<std::size_t, 2> tail_bytes;                // without and with usage
  };
  static Texts texts_of(Api api, int most_coalesced);
  std::string_view tail(const Stream& stream, std::span<char> scratch) const;

  std::array<Texts, 2> texts_;
  std::string models_, healthy_, not_found_;
};

}  // namespace tokenmark::test
