#include "tests/engine/runtime/paged_device.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace tokenmark::fake {
namespace {

std::uint64_t hash_of(std::span<const std::int32_t> tokens) {
  std::uint64_t hash = 0xcbf29ce484222325ull;  // FNV-1a
  for (const std::int32_t token : tokens) hash = (hash ^ static_cast<std::uint32_t>(token)) * 0x100000001b3ull;
  return hash ^ (hash >> 29);
}

std::string check(const PagedDevice& device, const tm_step& step) {
  std::set<std::int32_t> ids(step.sequence_ids, step.sequence_ids + step.n_sequences);
  if (ids.size() != step.n_sequences) return "a sequence is twice in the step";
  std::set<std::int32_t> slots(step.slots, step.slots + step.n_tokens);
  if (slots.size() != step.n_tokens) return "a slot is written twice";
  if (*slots.begin() < 0 || static_cast<std::size_t>(*slots.rbegin()) >= device.cache.size()) return "no such slot";
  if (step.token_offsets[0] != 0 || step.token_offsets[step.n_sequences] != static_cast<std::int32_t>(step.n_tokens))
    return "the offsets do not span the tokens";
  // By block: how many sequences have it, and whether this step writes it. Shared blocks are only read.
  std::map<std::int32_t, int> users;
  std::set<std::int32_t> written;
  for (std::uint32_t t = 0; t < step.n_tokens; ++t) written.insert(step.slots[t] / device.tokens_per_block);
  for (std::uint32_t s = 0; s < step.n_sequences; ++s) {
    const std::int32_t begin = step.token_offsets[s], end = step.token_offsets[s + 1];
    if (begin >= end) return "a sequence without tokens";
    for (std::int32_t row = begin; row < end; ++row)
      if (step.positions[row] != step.kv_lengths[s] - (end - row)) return "positions do not end at the length";
    for (std::int32_t entry = 0; entry * device.tokens_per_block < step.kv_lengths[s]; ++entry) {
      const std::int32_t block = step.block_tables[s * step.block_table_stride + static_cast<std::uint32_t>(entry)];
      if (block < 0 || static_cast<std::size_t>(block * device.tokens_per_block) >= device.cache.size()) return "no such block";
      if (++users[block] > 1 && written.contains(block)) return "two sequences share a block that is written";
    }
  }
  return {};
}

// A hidden state is a hash in floats that hold it exactly.
void write_hidden(std::span<const std::int32_t> tokens, float* hidden) {
  std::uint64_t hash = hash_of(tokens);
  for (std::int32_t i = 0; i < PagedDevice::kWidth; ++i, hash = hash * 31 + 7) hidden[i] = static_cast<float>(hash & 0xffff);
}

}  // namespace

std::int32_t reference_next(std::span<const std::int32_t> tokens, const tm_sampling& sampling, std::int32_t first_token,
                            std::int32_t vocabulary) {
  std::uint64_t hash = hash_of(tokens);
  if (sampling.temperature > 0) hash = hash * 31 + static_cast<std::uint64_t>(sampling.uniform * 0x1p24f);
  return first_token + static_cast<std::int32_t>(hash % static_cast<std::uint64_t>(vocabulary - first_token));
}

std::int32_t PagedDevice::next(std::span<const std::int32_t> tokens, const tm_sampling& sampling) const {
  const auto seen = window > 0 ? std::min(tokens.size(), static_cast<std::size_t>(window)) : tokens.size();
  return reference_next(tokens.last(seen), sampling, first_token, vocabulary);
}

std::int32_t PagedDevice::drafted(std::span<const std::int32_t> tokens, const tm_sampling& sampling) const {
  const std::int32_t right = next(tokens, sampling);
  if (wrong_every == 0 || hash_of(tokens) / 7 % static_cast<std::uint64_t>(wrong_every) != 0) return right;
  return first_token + (right - first_token + 1) % (vocabulary - first_token);
}

std::string PagedDevice::gather(const tm_step& step, std::uint32_t sequence, std::int32_t length,
                                std::vector<std::int32_t>& tokens) {
  tokens.clear();
  const std::int32_t* table = step.block_tables + sequence * step.block_table_stride;
  for (std::int32_t position = 0; position < length; ++position) {
    const std::int32_t entry = position / tokens_per_block;
    if (entry >= static_cast<std::int32_t>(step.block_table_stride)) return "the block table is too short";
    tokens.push_back(cache[static_cast<std::size_t>(table[entry] * tokens_per_block + position % tokens_per_block)]);
  }
  return {};
}

// The sequence as the MTP layer has read it: `length` positions are length + 1 tokens.
void PagedDevice::gather_mtp(const tm_step& step, std::uint32_t sequence, std::int32_t length, std::vector<std::int32_t>& tokens) {
  const std::int32_t* table = step.block_tables + sequence * step.block_table_stride;
  tokens.assign(1, cache[static_cast<std::size_t>(table[0] * tokens_per_block)]);
  for (std::int32_t position = 0; position < length; ++position)
    tokens.push_back(mtp_cache[static_cast<std::size_t>(table[position / tokens_per_block] * tokens_per_block + position % tokens_per_block)]);
}

std::string PagedDevice::step(const tm_step& step, std::int32_t* sampled, float* logits, float* hidden) {
  if (std::string wrong = check(*this, step); !wrong.empty()) return wrong;
  if (!std::is_sorted(step.sample_rows, step.sample_rows + step.n_samples)) return "the sampled rows are not in order";
  if (step.previous_hidden) {
    run_mtp(step, sampled, hidden);
    return {};
  }
  return run_model(step, sampled, logits, hidden);
}

std::string PagedDevice::run_model(const tm_step& step, std::int32_t* sampled, float* logits, float* hidden) {
  for (std::uint32_t s = 0; s < step.n_sequences; ++s)
    for (std::int32_t row = step.token_offsets[s]; row < step.token_offsets[s + 1]; ++row) {
      const std::int32_t token = step.tokens[row] >= 0 ? step.tokens[row] : last_sampled.at(step.sequence_ids[s]);
      if (token < 0 || token >= vocabulary) return "no such token";
      cache[static_cast<std::size_t>(step.slots[row])] = token;
    }
  std::vector<std::int32_t> tokens;
  std::uint32_t sample = 0, logit = 0, state = 0;
  for (std::uint32_t s = 0; s < step.n_sequences; ++s) {
    for (std::int32_t row = step.token_offsets[s]; row < step.token_offsets[s + 1]; ++row) {
      const bool sampling = sample < step.n_samples && step.sample_rows[sample] == row;
      const bool stating = state < step.n_hidden && step.hidden_rows[state] == row;
      if (!sampling && !stating) continue;
      if (std::string wrong = gather(step, s, step.positions[row] + 1, tokens); !wrong.empty()) return wrong;
      if (stating) write_hidden(tokens, hidden + static_cast<std::ptrdiff_t>(state++) * kWidth);
      if (!sampling) continue;
      sampled[sample] = drafted(tokens, step.sampling[sample]);
      last_sampled[step.sequence_ids[s]] = sampled[sample];
      if (logit < step.n_logits && step.logit_rows[logit] == row) {
        float* values = logits + static_cast<std::size_t>(logit++) * static_cast<std::size_t>(vocabulary);
        for (std::int32_t i = 0; i < vocabulary; ++i) values[i] = static_cast<float>((i * 7 + step.positions[row] + 1) % 5) * 0.25f;
        values[sampled[sample]] = 3;
      }
      ++sample;
    }
  }
  if (sample != step.n_samples || logit != step.n_logits || state != step.n_hidden) return "a wanted row is not there";
  return {};
}

void PagedDevice::run_mtp(const tm_step& step, std::int32_t* sampled, float* hidden) {
  for (std::uint32_t t = 0; t < step.n_tokens; ++t) mtp_cache[static_cast<std::size_t>(step.slots[t])] = step.tokens[t];
  std::vector<std::int32_t> tokens;
  std::uint32_t sample = 0, state = 0;
  for (std::uint32_t s = 0; s < step.n_sequences; ++s) {
    for (std::int32_t row = step.token_offsets[s]; row < step.token_offsets[s + 1]; ++row) {
      gather_mtp(step, s, step.positions[row] + 1, tokens);
      float expected[kWidth];
      write_hidden(std::span(tokens).first(tokens.size() - 1), expected);
      foreign_hidden += !std::equal(expected, expected + kWidth, step.previous_hidden + static_cast<std::ptrdiff_t>(row) * kWidth);
      if (sample < step.n_samples && step.sample_rows[sample] == row) {
        sampled[sample] = drafted(tokens, step.sampling[sample]);
        ++sample;
      }
      if (state < step.n_hidden && step.hidden_rows[state] == row) write_hidden(tokens, hidden + static_cast<std::ptrdiff_t>(state++) * kWidth);
    }
  }
}

}  // namespace tokenmark::fake
