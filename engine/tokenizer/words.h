// '▁' (U+2581), with which SentencePiece writes a space, and the words that begin with it. A vocabulary none of whose
// pieces reaches into a next word gives the same tokens word by word as for the whole text, and words come again.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace tokenmark {

inline constexpr std::string_view kSpaceMark = "\xE2\x96\x81";

// Where the word ends that begins at `from`: before the next mark that follows something else than marks.
inline std::size_t word_end(std::string_view text, std::size_t from) {
  while (text.substr(from).starts_with(kSpaceMark)) from += kSpaceMark.size();
  return std::min(text.find(kSpaceMark, from), text.size());
}

inline bool reaches_next_word(std::string_view piece) { return word_end(piece, 0) < piece.size(); }

inline std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  std::size_t done = 0;
  for (std::size_t at; (at = text.find(from, done)) != std::string_view::npos; done = at + from.size())
    result.append(text.substr(done, at - done)).append(to);
  return result.append(text.substr(done));
}

}  // namespace tokenmark
