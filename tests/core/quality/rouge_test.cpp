// Expected figures: the Python package rouge_score 0.1.2 with use_stemmer=True on the same pairs.
#include "core/quality/rouge.h"

#include <gtest/gtest.h>

namespace tokenmark {
namespace {

struct Scored {
  const char *given, *expected;
  double rouge1, rouge2, rougeL, rougeLsum;
};

constexpr Scored kScored[] = {
    {"the cat sat on the mat", "the cat was sitting on a mat", 0.615384615385, 0.181818181818, 0.615384615385, 0.615384615385},
    {"Police killed the gunman.\nThe gunman was shot dead by police.",
     "The gunman was killed by police officers.\nPolice arrived late.", 0.666666666667, 0.315789473684, 0.47619047619, 0.571428571429},
    {"generalizations of national traditions; conditioning flies", "national traditional generalization conditions: a fly",
     0.666666666667, 0.2, 0.5, 0.5},
    {"It costs $3,500.75 (about 4%)", "it cost 3500 dollars, 4 per cent", 0.428571428571, 0.166666666667, 0.428571428571, 0.428571428571},
    {"", "nothing here", 0, 0, 0, 0},
    {"a b c d e f g", "g f e d c b a", 1, 0, 0.142857142857, 0.142857142857},
    {"the the the the", "the the", 0.666666666667, 0.5, 0.666666666667, 0.666666666667},
    {"running runners ran easily\nskies were dying news", "run runner easy sky die new innings", 0.533333333333, 0.153846153846,
     0.533333333333, 0.533333333333},
};

TEST(Rouge, gives_the_figures_of_the_scorer_in_use) {
  for (const Scored& pair : kScored) {
    const Rouge r = rouge(pair.given, pair.expected);
    EXPECT_NEAR(r.rouge1, pair.rouge1, 1e-9) << pair.given;
    EXPECT_NEAR(r.rouge2, pair.rouge2, 1e-9) << pair.given;
    EXPECT_NEAR(r.rougeL, pair.rougeL, 1e-9) << pair.given;
    EXPECT_NEAR(r.rougeLsum, pair.rougeLsum, 1e-9) << pair.given;
  }
}

TEST(Rouge, words_are_lower_case_letters_and_digits_and_stemmed_when_long) {
  EXPECT_EQ(rouge_words("The RUNNERS' 42nd ran-away: über!"),
            (std::vector<std::string>{"the", "runner", "42nd", "ran", "away", "ber"}));
}

}  // namespace
}  // namespace tokenmark
