// Who wants what of a step: the tokens that go on after the last layer's keys, and of these the rows with logits, both
// ascending. Keeps its memory from step to step. Used from one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "plugins/api/plugin.h"

namespace tokenmark::executor {

class WantedRows {
 public:
  WantedRows() = default;
  explicit WantedRows(const tm_step& step) { collect(step); }
  // A checked step.
  void collect(const tm_step& step);

  const std::vector<std::int32_t>& tokens() const { return tokens_; }
  const std::vector<std::int32_t>& logit_rows() const { return logit_rows_; }     // indices into tokens()
  // Where a token is in tokens() and in logit_rows(), or -1.
  std::int32_t row_of(std::int32_t token) const { return row_of_token_[static_cast<std::size_t>(token)]; }
  std::int32_t logits_of(std::int32_t token) const { return logits_of_token_[static_cast<std::size_t>(token)]; }

 private:
  std::vector<std::int32_t> tokens_, logit_rows_, row_of_token_, logits_of_token_;
};

}  // namespace tokenmark::executor
