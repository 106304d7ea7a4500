#include <algorithm>

#include "core/statistics/random.h"
#include "core/workload/requests.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {

std::vector<std::int32_t> ordinary_tokens(const Tokenizer& tokenizer, std::int32_t limit) {
  std::vector<std::int32_t> out;
  for (std::int32_t id = 0; id < std::min(limit, tokenizer.vocabulary_size()); ++id)
    if (!tokenizer.is_control(id) && !tokenizer.ends_generation(id)) out.push_back(id);
  return out;
}

std::vector<std::int32_t> ordinary_tokens_of_any_vocabulary() {
  std::vector<std::int32_t> out;
  for (std::int32_t id = 260; id < 512; ++id) out.push_back(id);
  return out;
}

std::vector<std::int32_t> random_prompt(const std::vector<std::int32_t>& ordinary, std::int32_t count, std::uint64_t seed) {
  std::vector<std::int32_t> out(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = ordinary[below(random_at(seed, 0, i), ordinary.size())];
  return out;
}

const DatasetPrompt* dataset_prompt(const Plan& plan, std::size_t index) {
  const auto sample = static_cast<std::size_t>(plan.requests[index].sample);  // -1 becomes the largest number
  return sample < plan.dataset.size() ? &plan.dataset[sample] : nullptr;
}

std::vector<PromptPiece> prompt_pieces(const Plan& plan, std::size_t index) {
  const PlannedRequest& request = plan.requests[index];
  if (request.pieces == 0) return {{request.prompt_seed, request.input}};
  const auto first = plan.pieces.begin() + request.first_piece;
  return {first, first + request.pieces};
}

std::vector<std::int32_t> prompt_ids(const Plan& plan, std::size_t index, const std::vector<std::int32_t>& ordinary,
                                     const Tokenizer* tokenizer) {
  if (const DatasetPrompt* row = dataset_prompt(plan, index); row != nullptr && tokenizer != nullptr)
    return tokenizer->encode(row->text, plan.requests[index].turn == 0);
  std::vector<std::int32_t> ids;
  for (const PromptPiece& piece : prompt_pieces(plan, index)) {
    const std::vector<std::int32_t> part = random_prompt(ordinary, piece.tokens, piece.seed);
    ids.insert(ids.end(), part.begin(), part.end());
  }
  return ids;
}

}  // namespace tokenmark
