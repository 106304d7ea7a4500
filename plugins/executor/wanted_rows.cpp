#include "plugins/executor/wanted_rows.h"

#include <algorithm>

namespace tokenmark::executor {

void WantedRows::collect(const tm_step& step) {
  tokens_.clear();
  logit_rows_.clear();
  row_of_token_.assign(step.n_tokens, -1);
  logits_of_token_.assign(step.n_tokens, -1);
  const auto mark = [](std::vector<std::int32_t>& index) { return [&index](std::int32_t token) { index[static_cast<std::size_t>(token)] = 0; }; };
  std::for_each_n(step.sample_rows, step.n_samples, mark(logits_of_token_));
  std::for_each_n(step.logit_rows, step.n_logits, mark(logits_of_token_));
  std::for_each_n(step.hidden_rows, step.n_hidden, mark(row_of_token_));
  for (std::size_t t = 0; t < step.n_tokens; ++t) {
    if (logits_of_token_[t] < 0 && row_of_token_[t] < 0) continue;
    row_of_token_[t] = static_cast<std::int32_t>(tokens_.size());
    tokens_.push_back(static_cast<std::int32_t>(t));
    if (logits_of_token_[t] < 0) continue;
    logits_of_token_[t] = static_cast<std::int32_t>(logit_rows_.size());
    logit_rows_.push_back(row_of_token_[t]);
  }
}

}  // namespace tokenmark::executor
