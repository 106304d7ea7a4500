#include "app/desktop/fuzzy.h"

#include <gtest/gtest.h>

#include <QElapsedTimer>

namespace tokenmark {
namespace {

TEST(Fuzzy, letters_must_occur_in_order_whatever_their_case) {
  EXPECT_TRUE(fuzzy_match("exp", "Export as PNG"));
  EXPECT_TRUE(fuzzy_match("EAP", "Export as PNG"));
  EXPECT_FALSE(fuzzy_match("pxe", "Export"));
  EXPECT_FALSE(fuzzy_match("exports", "Export"));
  EXPECT_FALSE(fuzzy_match("x", ""));
  EXPECT_EQ(fuzzy_match("", "anything")->score, 0);
  EXPECT_EQ(fuzzy_match("  ", "anything")->letters.size(), 0);
}

TEST(Fuzzy, the_matched_letters_are_told) {
  EXPECT_EQ(fuzzy_match("eap", "Export as PNG")->letters, (QList<int>{0, 7, 10}));
  EXPECT_EQ(fuzzy_match("png", "Export as PNG")->letters, (QList<int>{10, 11, 12})) << "the run at a word's beginning, not the p of Export";
  EXPECT_EQ(fuzzy_match("as png", "Export as PNG")->letters, (QList<int>{7, 8, 10, 11, 12}));
}

TEST(Fuzzy, beginnings_of_words_and_runs_of_letters_come_first) {
  const auto score = [](const char* typed, const char* text) { return fuzzy_match(typed, text)->score; };
  EXPECT_GT(score("zi", "Zoom in"), score("zi", "Resizing"));
  EXPECT_GT(score("dark", "Dark"), score("dark", "Export in dark colours"));
  EXPECT_GT(score("run", "Find runs"), score("run", "Return under"));
  EXPECT_GT(score("open", "Open Trend"), score("open", "Options of presentation"));
}

TEST(Fuzzy, letters_found_are_letters_typed_whatever_the_text) {
  unsigned state = 5;
  const auto random = [&](unsigned below) { return (state = state * 1664525u + 1013904223u) / 7 % below; };
  int matched = 0;
  for (int i = 0; i < 5000; ++i) {
    QString text, typed;
    for (unsigned n = random(30); n > 0; --n) text += QChar("abAB -Éß字"[random(8)]);
    for (unsigned n = 1 + random(4); n > 0; --n) typed += QChar("abAB"[random(4)]);
    const auto match = fuzzy_match(typed, text);
    // The slow way: are the letters a subsequence?
    qsizetype at = 0;
    bool is = true;
    for (const QChar letter : typed) {
      while (at < text.size() && text[at].toCaseFolded() != letter.toCaseFolded()) ++at;
      is = is && at++ < text.size();
    }
    ASSERT_EQ(match.has_value(), is) << typed.toStdString() << " in " << text.toStdString();
    if (!match) continue;
    ++matched;
    ASSERT_EQ(match->letters.size(), typed.size());
    for (qsizetype n = 0; n < typed.size(); ++n) {
      ASSERT_EQ(text[match->letters[n]].toCaseFolded(), typed[n].toCaseFolded());
      ASSERT_TRUE(n == 0 || match->letters[n] > match->letters[n - 1]);
    }
  }
  EXPECT_GT(matched, 500);
}

TEST(Fuzzy, a_long_text_is_looked_at_only_so_far) { EXPECT_FALSE(fuzzy_match("z", QString(100000, 'a') + 'z')); }

}  // namespace
}  // namespace tokenmark
