#include "engine/runtime/score.h"

#include <algorithm>
#include <numeric>

namespace tokenmark {

Status score_tokens(const tm_plugin& plugin, tm_executor* executor, const SchedulerOptions& options,
                    const std::vector<TokenId>& tokens, std::size_t first_row, const LogitRowSink& sink) {
  constexpr std::size_t kRows = 64;  // logits held at once
  const auto per_block = static_cast<std::size_t>(options.tokens_per_block);
  const std::size_t room = std::min(per_block * static_cast<std::size_t>(options.blocks), static_cast<std::size_t>(options.context));
  if (tokens.empty() || tokens.size() > room)
    return fail(ErrorKind::invalid_input, "{} tokens cannot be scored at once: the context holds 1 to {}", tokens.size(), room);
  for (const TokenId token : tokens)
    if (token < 0 || token >= options.vocabulary)
      return fail(ErrorKind::invalid_input, "token {} is not in the vocabulary of {}", token, options.vocabulary);

  PlannedStep step;
  std::vector<float> logits;
  const std::size_t chunk = std::min(kRows, static_cast<std::size_t>(std::max(options.step_tokens, 1)));
  for (std::size_t at = 0; at < tokens.size(); at += chunk) {
    const std::size_t end = std::min(at + chunk, tokens.size()), n = end - at;
    step.tokens.assign(tokens.begin() + static_cast<std::ptrdiff_t>(at), tokens.begin() + static_cast<std::ptrdiff_t>(end));
    step.positions.resize(n);
    std::iota(step.positions.begin(), step.positions.end(), static_cast<std::int32_t>(at));
    step.slots = step.positions;  // blocks in order: a slot is its position
    step.sequence_ids = {0};
    step.token_offsets = {0, static_cast<std::int32_t>(n)};
    step.kv_lengths = {static_cast<std::int32_t>(end)};
    step.block_tables.resize((end + per_block - 1) / per_block);
    std::iota(step.block_tables.begin(), step.block_tables.end(), 0);
    step.block_table_stride = static_cast<std::uint32_t>(step.block_tables.size());
    step.logit_rows.clear();
    for (std::size_t row = std::max(at, first_row); row < end; ++row) step.logit_rows.push_back(static_cast<std::int32_t>(row - at));
    const auto vocabulary = static_cast<std::size_t>(options.vocabulary);
    logits.resize(step.logit_rows.size() * vocabulary);
    tm_step_result result{};
    result.size = sizeof result;
    result.version = TM_ABI_VERSION;
    result.logits = logits.empty() ? nullptr : logits.data();
    const tm_step view = step.view();
    tm_status status = plugin.step(executor, &view, &result);
    if (status == TM_OK) status = plugin.wait(executor);
    if (status != TM_OK) return fail(ErrorKind::internal, "scoring failed on the device: {}", plugin.last_error());
    for (std::size_t i = 0; i < step.logit_rows.size(); ++i)
      sink(at + static_cast<std::size_t>(step.logit_rows[i]), logits.data() + i * vocabulary);
  }
  return {};
}

}  // namespace tokenmark
