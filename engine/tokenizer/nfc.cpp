// Unicode's canonical normalization (UAX #15): decompose, order the marks, for form C compose again.
#include <algorithm>

#include "engine/tokenizer/normalizer.h"
#include "engine/tokenizer/utf8.h"

namespace tokenmark {
namespace {

struct CombiningClass {
  char32_t first, last;
  unsigned char value;
};
struct Decomposition {
  char32_t whole, first, second;  // second 0: a single character
  bool composes;
};
#include "engine/tokenizer/unicode_tables.inc"

// Hangul syllables are composed by arithmetic: leading consonant, vowel, trailing consonant.
constexpr char32_t kSyllables = 0xAC00, kLeads = 0x1100, kVowels = 0x1161, kTrails = 0x11A7;
constexpr char32_t kLeadCount = 19, kVowelCount = 21, kTrailCount = 28, kSyllableCount = 11172;
constexpr char32_t kInvalidByte = 0x110000;  // + the byte: passes through

unsigned combining_class(char32_t code) {
  const auto* found = std::ranges::lower_bound(kCombiningClasses, code, {}, &CombiningClass::last);
  return found != std::end(kCombiningClasses) && found->first <= code ? found->value : 0;
}

void decompose(char32_t code, std::u32string& out) {
  if (code < 0xC0) {
    out += code;
    return;
  }
  if (code - kSyllables < kSyllableCount) {
    const char32_t index = code - kSyllables;
    out += kLeads + index / (kVowelCount * kTrailCount);
    out += kVowels + index % (kVowelCount * kTrailCount) / kTrailCount;
    if (index % kTrailCount != 0) out += kTrails + index % kTrailCount;
    return;
  }
  const auto* found = std::ranges::lower_bound(kDecompositions, code, {}, &Decomposition::whole);
  if (found == std::end(kDecompositions) || found->whole != code) {
    out += code;
    return;
  }
  decompose(found->first, out);
  if (found->second != 0) decompose(found->second, out);
}

// The composed character of a pair, or 0.
char32_t compose(char32_t first, char32_t second) {
  if (first - kLeads < kLeadCount && second - kVowels < kVowelCount)
    return kSyllables + ((first - kLeads) * kVowelCount + (second - kVowels)) * kTrailCount;
  if (first - kSyllables < kSyllableCount && (first - kSyllables) % kTrailCount == 0 && second > kTrails &&
      second < kTrails + kTrailCount)
    return first + (second - kTrails);
  static const auto pairs = [] {
    std::vector<Decomposition> sorted;
    for (const Decomposition& entry : kDecompositions)
      if (entry.composes) sorted.push_back(entry);
    std::ranges::sort(sorted, {}, [](const Decomposition& entry) { return std::pair(entry.first, entry.second); });
    return sorted;
  }();
  const auto key = [](const Decomposition& entry) { return std::pair(entry.first, entry.second); };
  const auto found = std::ranges::lower_bound(pairs, std::pair(first, second), {}, key);
  return found != pairs.end() && key(*found) == std::pair(first, second) ? found->whole : 0;
}

std::u32string decomposed(std::string_view text) {
  std::u32string codes;
  for (std::size_t at = 0, length; at < text.size(); at += std::max<std::size_t>(length, 1)) {
    length = utf8_length(text, at);
    if (length > 0) decompose(utf8_code_point(text, at, length), codes);
    else codes += kInvalidByte + static_cast<unsigned char>(text[at]);
  }
  for (std::size_t begin = 0; begin < codes.size(); ++begin) {
    std::size_t end = begin;
    while (end < codes.size() && combining_class(codes[end]) > 0) ++end;
    if (end - begin > 1)
      std::stable_sort(codes.begin() + static_cast<std::ptrdiff_t>(begin), codes.begin() + static_cast<std::ptrdiff_t>(end),
                       [](char32_t a, char32_t b) { return combining_class(a) < combining_class(b); });
    begin = end;
  }
  return codes;
}

void compose_all(std::u32string& codes) {
  std::size_t starter = std::u32string::npos, kept = 0;
  unsigned last_class = 0;
  for (const char32_t code : codes) {
    const unsigned mark = combining_class(code);
    const bool blocked = starter == std::u32string::npos || (kept > starter + 1 && (last_class == 0 || last_class >= mark));
    if (const char32_t whole = blocked ? 0 : compose(codes[starter], code); whole != 0) {
      codes[starter] = whole;
      continue;
    }
    if (mark == 0) starter = kept;
    last_class = mark;
    codes[kept++] = code;
  }
  codes.resize(kept);
}

std::string written(const std::u32string& codes) {
  std::string text;
  for (const char32_t code : codes) {
    if (code >= kInvalidByte) text += static_cast<char>(code - kInvalidByte);
    else append_utf8(text, code);
  }
  return text;
}

// Below U+0300 nothing combines and everything that decomposes composes again: such text is in form C already.
bool is_simple(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0xCC; });
}

}  // namespace

std::string nfd(std::string_view text) { return written(decomposed(text)); }

std::string nfc(std::string_view text) {
  if (is_simple(text)) return std::string(text);
  std::u32string codes = decomposed(text);
  compose_all(codes);
  return written(codes);
}

}  // namespace tokenmark
