#include "tests/engine/runtime/paged_device.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace tokenmark::fake {
namespace {

std::uint64_t hash_of(std::span<const std::int32_t> tokens) {
  std::uint64_t hash = 0xcbf29ce484222325ull;  // FNV-1a
  for (const std::int32_t token : tokens) hash = (hash ^ static_cast<std::uint32_t>(token)) * 0x100000001b3ull;
  return hash ^ (hash >> 29);
}

// What the cache holds of one sequence.
std::string gather(const PagedDevice& device, const tm_step& step, std::uint32_t sequence, std::int32_t length,
                   std::vector<std::int32_t>& tokens) {
  tokens.clear();
  const std::int32_t* table = step.block_tables + sequence * step.block_table_stride;
  for (std::int32_t position = 0; position < length; ++position) {
    const std::int32_t entry = position / device.tokens_per_block;
    if (entry >= static_cast<std::int32_t>(step.block_table_stride)) return "the block table is too short";
    const auto slot = static_cast<std::size_t>(table[entry] * device.tokens_per_block + position % device.tokens_per_block);
    if (slot >= device.cache.size()) return fmt::format("block {} does not exist", table[entry]);
    tokens.push_back(device.cache[slot]);
  }
  return {};
}

std::string check(const PagedDevice& device, const tm_step& step) {
  std::set<std::int32_t> ids(step.sequence_ids, step.sequence_ids + step.n_sequences);
  if (ids.size() != step.n_sequences) return "a sequence is twice in the step";
  std::set<std::int32_t> slots(step.slots, step.slots + step.n_tokens);
  if (slots.size() != step.n_tokens) return "a slot is written twice";
  if (*slots.begin() < 0 || static_cast<std::size_t>(*slots.rbegin()) >= device.cache.size()) return "no such slot";
  if (step.token_offsets[0] != 0 || step.token_offsets[step.n_sequences] != static_cast<std::int32_t>(step.n_tokens))
    return "the offsets do not span the tokens";
  std::vector<bool> used(device.cache.size() / static_cast<std::size_t>(device.tokens_per_block));
  for (std::uint32_t s = 0; s < step.n_sequences; ++s) {
    const std::int32_t begin = step.token_offsets[s], end = step.token_offsets[s + 1];
    if (begin >= end) return "a sequence without tokens";
    for (std::int32_t row = begin; row < end; ++row)
      if (step.positions[row] != step.kv_lengths[s] - (end - row)) return "positions do not end at the length";
    for (std::int32_t entry = 0; entry * device.tokens_per_block < step.kv_lengths[s]; ++entry) {
      const auto block = static_cast<std::size_t>(step.block_tables[s * step.block_table_stride + static_cast<std::uint32_t>(entry)]);
      if (block >= used.size()) return "no such block";
      if (used[block]) return "two sequences share a block";
      used[block] = true;
    }
  }
  return {};
}

}  // namespace

std::int32_t reference_next(std::span<const std::int32_t> tokens, const tm_sampling& sampling, std::int32_t first_token,
                            std::int32_t vocabulary) {
  std::uint64_t hash = hash_of(tokens);
  if (sampling.temperature > 0) hash = hash * 31 + static_cast<std::uint64_t>(sampling.uniform * 0x1p24f);
  return first_token + static_cast<std::int32_t>(hash % static_cast<std::uint64_t>(vocabulary - first_token));
}

std::string PagedDevice::step(const tm_step& step, std::int32_t* sampled, float* logits) {
  if (std::string wrong = check(*this, step); !wrong.empty()) return wrong;
  for (std::uint32_t row = 0; row < step.n_tokens; ++row)
    cache[static_cast<std::size_t>(step.slots[row])] = step.tokens[row];

  std::vector<std::int32_t> tokens;
  std::uint32_t sample = 0, logit = 0;
  for (std::uint32_t s = 0; s < step.n_sequences; ++s) {
    const std::int32_t last = step.token_offsets[s + 1] - 1;
    if (sample == step.n_samples || step.sample_rows[sample] != last) continue;
    if (std::string wrong = gather(*this, step, s, step.kv_lengths[s], tokens); !wrong.empty()) return wrong;
    sampled[sample] = reference_next(tokens, step.sampling[sample], first_token, vocabulary);
    if (logit < step.n_logits && step.logit_rows[logit] == last) {
      float* row = logits + static_cast<std::size_t>(logit++) * static_cast<std::size_t>(vocabulary);
      for (std::int32_t i = 0; i < vocabulary; ++i) row[i] = static_cast<float>((i * 7 + step.kv_lengths[s]) % 5) * 0.25f;
      row[sampled[sample]] = 3;
    }
    ++sample;
  }
  if (sample != step.n_samples || logit != step.n_logits) return "a wanted row is not the last of its sequence";
  return {};
}

}  // namespace tokenmark::fake
