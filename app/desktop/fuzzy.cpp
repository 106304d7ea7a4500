#include "app/desktop/fuzzy.h"

#include <algorithm>
#include <vector>

namespace tokenmark {
namespace {

constexpr int kLetter = 1, kInARow = 12, kWordStart = 8, kTextStart = 4, kGap = -3;
constexpr int kNone = -1'000'000;
constexpr qsizetype kLongest = 160;   // letters of a text that are looked at

bool begins_word(const QString& text, qsizetype at) {
  if (at == 0) return true;
  const QChar before = text[at - 1], here = text[at];
  return (!before.isLetterOrNumber() && here.isLetterOrNumber()) || (before.isLower() && here.isUpper());
}

int worth(const QString& text, qsizetype at) {
  return kLetter + (begins_word(text, at) ? kWordStart : 0) + (at == 0 ? kTextStart : 0);
}

}  // namespace

// best[i][j]: the best score with the first i + 1 letters matched and the last of them at j.
std::optional<FuzzyMatch> fuzzy_match(const QString& typed, const QString& text) {
  QString wanted;
  for (const QChar letter : typed)
    if (!letter.isSpace()) wanted += letter.toCaseFolded();
  if (wanted.isEmpty()) return FuzzyMatch{};
  const qsizetype length = std::min(text.size(), kLongest), count = wanted.size();
  if (count > length) return std::nullopt;
  std::vector<int> best(static_cast<std::size_t>(count * length), kNone), from(best.size(), -1);
  for (qsizetype i = 0; i < count; ++i) {
    int before = i == 0 ? 0 : kNone, before_at = -1;   // best of the row above, left of j - 1
    for (qsizetype j = i; j < length; ++j) {
      const auto above = [&](qsizetype at) { return best[static_cast<std::size_t>((i - 1) * length + at)]; };
      if (i > 0 && j >= 2 && above(j - 2) > before) {
        before = above(j - 2);
        before_at = static_cast<int>(j - 2);
      }
      if (text[j].toCaseFolded() != wanted[i]) continue;
      int score = i == 0 ? 0 : before + kGap, at = before_at;
      if (i > 0 && j > 0 && above(j - 1) > kNone && above(j - 1) + kInARow >= score) {
        score = above(j - 1) + kInARow;
        at = static_cast<int>(j - 1);
      }
      if (score < kNone / 2) continue;
      best[static_cast<std::size_t>(i * length + j)] = score + worth(text, j);
      from[static_cast<std::size_t>(i * length + j)] = at;
    }
  }
  const auto last = best.begin() + static_cast<std::ptrdiff_t>((count - 1) * length);
  const auto top = std::max_element(last, last + static_cast<std::ptrdiff_t>(length));
  if (*top < kNone / 2) return std::nullopt;
  FuzzyMatch match{*top - static_cast<int>(length / 8), {}};   // of two equal ones the shorter text
  int at = static_cast<int>(top - last);
  for (qsizetype i = count - 1; i >= 0; --i) {
    match.letters.prepend(at);
    at = from[static_cast<std::size_t>(i * length + at)];
  }
  return match;
}

}  // namespace tokenmark
