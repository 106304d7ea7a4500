// Drafting and accepting, beside the random traffic of scheduler_property_test.cpp.
#include "engine/runtime/speculation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "engine/runtime/ngram_index.h"

namespace tokenmark {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<TokenId> proposed(NgramIndex& index, const std::vector<TokenId>& tokens, std::int32_t count) {
  std::vector<TokenId> drafts;
  index.propose(tokens, count, drafts);
  return drafts;
}

TEST(NgramIndex, what_followed_the_last_tokens_before_is_proposed) {
  NgramIndex index(100);
  EXPECT_THAT(proposed(index, {1, 2, 3, 4, 5, 6, 1, 2, 3}, 2), ElementsAre(4, 5));
}

TEST(NgramIndex, the_latest_occurrence_counts_and_three_tokens_before_two) {
  NgramIndex index(100);
  EXPECT_THAT(proposed(index, {7, 1, 2, 30, 8, 1, 2, 40, 9, 1, 2}, 1), ElementsAre(40));
  NgramIndex other(100);
  EXPECT_THAT(proposed(other, {7, 1, 2, 30, 8, 1, 2, 40, 7, 1, 2}, 1), ElementsAre(30));
}

TEST(NgramIndex, a_loop_is_proposed_beyond_its_end) {
  NgramIndex index(100);
  EXPECT_THAT(proposed(index, {5, 6, 7, 5, 6, 7, 5}, 6), ElementsAre(6, 7, 5, 6, 7, 5));
}

TEST(NgramIndex, nothing_is_proposed_where_nothing_was_seen) {
  NgramIndex index(100);
  EXPECT_THAT(proposed(index, {1}, 4), IsEmpty());
  EXPECT_THAT(proposed(index, {1, 2, 3, 4}, 4), IsEmpty());
  EXPECT_THAT(proposed(index, {1, 2, 3, 4, 2, 3}, 1), ElementsAre(4)) << "it learns on";
}

TEST(Speculation, names_that_are_not_known_are_refused) {
  EXPECT_EQ(parse_speculation("ngram")->drafting, Drafting::ngram);
  EXPECT_EQ(parse_speculation("draft:a.gguf")->model, "a.gguf");
  EXPECT_EQ(parse_speculation("none")->drafting, Drafting::none);
  EXPECT_FALSE(parse_speculation("draft:"));
  EXPECT_FALSE(parse_speculation("ngrams"));
  EXPECT_FALSE(parse_policy("lifo"));
  EXPECT_FALSE(parse_kv_format("q4_0"));
}

// A device whose next token has a distribution that depends on the last token only, sampled by inverse transform as
// real samplers do. A draft model has another distribution.
struct Chain {
  static constexpr int kTokens = 6;
  std::array<std::array<double, kTokens>, kTokens> share{};

  explicit Chain(unsigned seed) {
    std::mt19937 random(seed);
    for (auto& row : share) {
      double sum = 0;
      for (double& entry : row) sum += entry = 0.02 + std::uniform_real_distribution<>(0, 1)(random);
      for (double& entry : row) entry /= sum;
    }
  }
  std::int32_t sample(std::int32_t last, float uniform) const {
    double sum = 0;
    for (int token = 0; token < kTokens - 1; ++token)
      if (uniform < (sum += share[static_cast<std::size_t>(last)][static_cast<std::size_t>(token)])) return token;
    return kTokens - 1;
  }
  std::vector<std::int32_t> run(const PlannedStep& step) const {
    std::vector<std::int32_t> sampled;
    for (std::size_t i = 0; i < step.sample_rows.size(); ++i)
      sampled.push_back(sample(step.tokens[static_cast<std::size_t>(step.sample_rows[i])], step.sampling[i].uniform));
    return sampled;
  }
};

// What 3000 requests of 24 tokens generate, one after the other, and how much of what was drafted was accepted.
std::vector<TokenId> generate(const Chain& target, const Chain& drafter, Drafting drafting, double* accepted) {
  Scheduler scheduler({.tokens_per_block = 4, .blocks = 100, .max_sequences = 8, .step_tokens = 64, .context = 40,
                       .vocabulary = Chain::kTokens, .chunk_slowdown = 0, .drafting = drafting});
  std::map<RequestId, std::vector<TokenId>> tokens;
  std::vector<TokenEvent> events;
  RequestId next = 0;
  while (next < 3000 || !scheduler.idle()) {
    if (next < 3000 && scheduler.counts().running + scheduler.counts().waiting < 8) {
      GenerationRequest wanted{.prompt = {static_cast<TokenId>(next % Chain::kTokens)}, .max_tokens = 24};
      wanted.sampling.seed = 1000 + next;
      EXPECT_TRUE(scheduler.add(++next, wanted, 0));
    }
    while (const PlannedStep* draft = scheduler.plan_draft()) scheduler.complete_draft({drafter.run(*draft).data()});
    scheduler.complete({target.run(scheduler.plan(0)).data()}, 0, events);
    for (const TokenEvent& event : events) tokens[event.request].push_back(event.token);
    events.clear();
  }
  if (accepted)
    *accepted = static_cast<double>(scheduler.counts().accepted_tokens) / static_cast<double>(scheduler.counts().drafted_tokens);
  std::vector<TokenId> all;
  for (const auto& [id, generated] : tokens) all.insert(all.end(), generated.begin(), generated.end());
  return all;
}

TEST(Speculation, sampled_output_is_that_of_plain_decoding_and_has_the_targets_distribution) {
  const Chain target(1), drafter(2);
  double accepted = 0;
  const std::vector<TokenId> tokens = generate(target, drafter, Drafting::model, &accepted);
  EXPECT_GT(accepted, 0.2) << "the same random numbers make the two agree";
  EXPECT_LT(accepted, 0.9) << "they are not the same";
  EXPECT_EQ(tokens, generate(target, drafter, Drafting::none, nullptr));
  EXPECT_EQ(tokens, generate(target, drafter, Drafting::ngram, nullptr));

  // Chi-square of the transitions; 5 degrees of freedom, 20.5 at the 0.1 % level.
  for (int last = 0; last < Chain::kTokens; ++last) {
    std::array<double, Chain::kTokens> seen{};
    double all = 0;
    for (std::size_t i = 1; i < tokens.size(); ++i) {
      if (i % 24 == 0 || tokens[i - 1] != last) continue;  // each request begins anew
      ++seen[static_cast<std::size_t>(tokens[i])];
      ++all;
    }
    double chi_square = 0;
    for (std::size_t token = 0; token < seen.size(); ++token) {
      const double expected = all * target.share[static_cast<std::size_t>(last)][token];
      chi_square += (seen[token] - expected) * (seen[token] - expected) / expected;
    }
    EXPECT_GT(all, 3000);
    EXPECT_LT(chi_square, 20.5) << "after token " << last;
  }
}

}  // namespace
}  // namespace tokenmark
