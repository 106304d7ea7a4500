// A text as windows of tokens, and what their log-probabilities come to. Within this folder only.
#pragma once

#include <string>
#include <vector>

#include "core/quality/task.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {

struct TextWindows {
  std::vector<std::vector<TokenId>> windows;  // all of equal length
  std::size_t first_scored = 0;               // rows [first_scored, length − 1) predict the token after them
  std::string hash;                           // of the text's file
};

// Errors: no file, fewer tokens than one window.
Result<TextWindows> read_windows(const Tokenizer& tokenizer, const QualityTask& task);

// Sums −ln p window by window.
class PerplexitySum {
 public:
  void add_window(double nll, std::int64_t tokens);
  QualityFigure figure(const std::string& task) const;  // "perplexity", with the t interval over windows

 private:
  std::vector<double> means_;  // of each window
  double nll_ = 0;
  std::int64_t tokens_ = 0;
};

// ln Σ e^x, in double.
double log_sum_exp(const float* logits, std::size_t n);

}  // namespace tokenmark
