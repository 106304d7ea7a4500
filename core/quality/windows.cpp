#include "core/quality/windows.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "engine/model/hash.h"

namespace tokenmark {

Result<TextWindows> read_windows(const Tokenizer& tokenizer, const QualityTask& task) {
  std::ifstream in(task.file, std::ios::binary);
  std::stringstream text;
  if (!in || !(text << in.rdbuf())) return fail(ErrorKind::io, "{}: cannot be read, or is empty", task.file);
  const auto tokens = tokenizer.encode(text.str(), true);
  const auto length = static_cast<std::size_t>(task.context);
  TextWindows made;
  made.first_scored = length / 2;
  TOKENMARK_TRY(made.hash, sha256_of_files({task.file}));
  const bool begins = tokenizer.bos() >= 0 && !tokens.empty() && tokens.front() == tokenizer.bos();
  const std::size_t limit = task.limit > 0 ? static_cast<std::size_t>(task.limit) : tokens.size();
  for (std::size_t at = 0; at + length <= tokens.size() && made.windows.size() < limit; at += length) {
    made.windows.emplace_back(tokens.begin() + static_cast<std::ptrdiff_t>(at), tokens.begin() + static_cast<std::ptrdiff_t>(at + length));
    if (begins) made.windows.back().front() = tokenizer.bos();  // every window begins as a text does
  }
  if (made.windows.empty())
    return fail(ErrorKind::invalid_input, "{}: its {} tokens do not fill one window of {}; give a longer text or a smaller context",
                task.file, tokens.size(), length);
  return made;
}

void PerplexitySum::add_window(double nll, std::int64_t tokens) {
  nll_ += nll;
  tokens_ += tokens;
  means_.push_back(nll / static_cast<double>(tokens));
}

QualityFigure PerplexitySum::figure(const std::string& task) const {
  QualityFigure figure{task, "perplexity", std::exp(nll_ / static_cast<double>(tokens_)), {}, tokens_};
  if (const auto interval = interval_of_mean(means_)) figure.interval = Interval{std::exp(interval->low), std::exp(interval->high)};
  return figure;
}

double log_sum_exp(const float* logits, std::size_t n) {
  const float greatest = *std::max_element(logits, logits + n);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += static_cast<double>(std::exp(logits[i] - greatest));
  return static_cast<double>(greatest) + std::log(sum);
}

}  // namespace tokenmark
