#include "plugins/gpu/step_arrays.h"

#include <gmock/gmock.h>

namespace tokenmark::gpu {
namespace {

using testing::ElementsAre;

// Two sequences: a prompt of three tokens of which the last is sampled, and one decoding token whose hidden state is wanted.
struct Steps {
  std::vector<std::int32_t> tokens{5, 6, 7, -1}, positions{0, 1, 2, 9}, slots{8, 9, 10, 25}, ids{3, 1}, offsets{0, 3, 4}, lengths{3, 10};
  std::vector<std::int32_t> tables{2, 0, 0, 4, 6, 0}, sample_rows{2}, hidden_rows{3};
  tm_sampling sampling{0.7f, 0.9f, 0.1f, 40, 0.25f};
  tm_step step{};
  Steps() {
    step = {.size = sizeof step, .version = TM_ABI_VERSION, .n_sequences = 2, .n_tokens = 4, .tokens = tokens.data(), .positions = positions.data(),
            .slots = slots.data(), .sequence_ids = ids.data(), .token_offsets = offsets.data(), .kv_lengths = lengths.data(),
            .block_tables = tables.data(), .block_table_stride = 3, .n_samples = 1, .sample_rows = sample_rows.data(), .sampling = &sampling,
            .n_hidden = 1, .hidden_rows = hidden_rows.data()};
  }
};

template <class T>
std::vector<T> array(const T* begin, std::size_t n) {
  return {begin, begin + n};
}

TEST(WantedRows, are_those_somebody_wants_something_of) {
  const Steps s;
  const WantedRows wanted(s.step);
  EXPECT_THAT(wanted.tokens(), ElementsAre(2, 3));
  EXPECT_THAT(wanted.logit_rows(), ElementsAre(0));
  EXPECT_EQ(wanted.row_of(3), 1);
  EXPECT_EQ(wanted.logits_of(2), 0);
  EXPECT_EQ(wanted.logits_of(3), -1);
}

TEST(StepArrays, hold_the_step_and_padding_that_writes_nowhere) {
  const Steps s;
  const WantedRows wanted(s.step);
  const StepCounts counts{6, 3, 4, 3, 2, 2, 1};
  alignas(16) std::byte memory[2048];
  ASSERT_LE(step_bytes(counts), sizeof memory);
  write_step(s.step, wanted, counts, 99, memory);
  const StepPointers p = step_pointers(counts, memory);
  EXPECT_EQ(p.step.n_tokens, 6u);
  EXPECT_THAT(array(p.step.tokens, 6), ElementsAre(5, 6, 7, -1, 0, 0));
  EXPECT_THAT(array(p.step.slots, 6), ElementsAre(8, 9, 10, 25, -1, -1));
  EXPECT_THAT(array(p.step.sequence_of_token, 6), ElementsAre(0, 0, 0, 1, 2, 2));
  EXPECT_THAT(array(p.sequence_ids, 6), ElementsAre(3, 3, 3, 1, 99, 99));
  EXPECT_THAT(array(p.step.token_offsets, 4), ElementsAre(0, 3, 4, 4));
  EXPECT_THAT(array(p.wanted.tokens, 3), ElementsAre(2, 3, -1));
  EXPECT_THAT(array(p.logit_rows, 2), ElementsAre(0, 0));
  EXPECT_THAT(array(p.hidden_rows, 1), ElementsAre(1));
  EXPECT_THAT(array(p.sample_rows, 2), ElementsAre(0, -1));
  EXPECT_THAT(array(p.sample_sequence_ids, 2), ElementsAre(3, 99));
  EXPECT_EQ(p.sampling[0].top_k, 40);
  EXPECT_FLOAT_EQ(p.sampling[0].uniform, 0.25f);
  EXPECT_THAT(array(p.step.block_tables, 12), ElementsAre(2, 0, 0, 0, 4, 6, 0, 0, 0, 0, 0, 0));
}

TEST(StepArrays, need_no_list_where_all_tokens_are_wanted) {
  const StepCounts counts{4, 4, 2, 4, 4, 4, 0};
  EXPECT_EQ(step_pointers(counts, nullptr).wanted.tokens, nullptr);
  EXPECT_EQ(step_pointers(counts, nullptr).wanted.count, 4u);
}

}  // namespace
}  // namespace tokenmark::gpu
