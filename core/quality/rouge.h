// ROUGE (C.-Y. Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004) as MLPerf Inference scores with it:
// F1 of unigrams, bigrams and the longest common subsequence, words in lower case, only a–z and 0–9, Porter's stemmer
// on words of more than three letters (Snowball's Porter with the best known of NLTK's changes to it: one English word in
// two hundred is still stemmed otherwise than by the Python scorers, as in possibly, carefully). rougeLsum: union of the longest common subsequences line by line.
// Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tokenmark {

struct Rouge {
  double rouge1 = 0, rouge2 = 0, rougeL = 0, rougeLsum = 0;  // F1, 0…1
};

Rouge rouge(std::string_view given, std::string_view expected);

// The words as they are compared.
std::vector<std::string> rouge_words(std::string_view text);

}  // namespace tokenmark
