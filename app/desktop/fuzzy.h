// Fuzzy match of a few typed letters against a text: every letter must occur in order; beginnings of words and runs of
// letters count most. Pure functions; any thread.
#pragma once

#include <QList>
#include <QString>
#include <optional>

namespace tokenmark {

struct FuzzyMatch {
  int score = 0;               // higher is better
  QList<int> letters;          // positions in the text that matched, rising
};

// Spaces in `typed` only separate; case does not count. An empty `typed` matches everything with score 0.
std::optional<FuzzyMatch> fuzzy_match(const QString& typed, const QString& text);

}  // namespace tokenmark
