#include "engine/runtime/kv_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace tokenmark {
namespace {

std::vector<std::int32_t> counting(std::int32_t from, std::int32_t count) {
  std::vector<std::int32_t> tokens(static_cast<std::size_t>(count));
  std::iota(tokens.begin(), tokens.end(), from);
  return tokens;
}

TEST(KvBlocks, a_sequence_grows_by_a_block_only_when_the_last_is_full) {
  KvBlocks blocks(4, 16, 2);
  ASSERT_TRUE(blocks.reserve(0, 16));
  EXPECT_EQ(blocks.free_blocks(), 3);
  ASSERT_TRUE(blocks.reserve(0, 17));
  EXPECT_EQ(blocks.free_blocks(), 2);
  ASSERT_TRUE(blocks.reserve(0, 32));
  EXPECT_EQ(blocks.free_blocks(), 2);
}

TEST(KvBlocks, growing_is_all_or_nothing) {
  KvBlocks blocks(3, 4, 2);
  ASSERT_TRUE(blocks.reserve(0, 5));
  EXPECT_FALSE(blocks.reserve(1, 5));
  EXPECT_EQ(blocks.free_blocks(), 1);
  EXPECT_TRUE(blocks.table(1).empty());
  EXPECT_TRUE(blocks.reserve(1, 4));
  EXPECT_FALSE(blocks.reserve(0, 9));
  EXPECT_TRUE(blocks.reserve(0, 8)) << "there is still room in its last block";
}

TEST(KvBlocks, slots_of_different_positions_and_sequences_differ) {
  KvBlocks blocks(6, 4, 2);
  for (int i = 1; i <= 12; ++i) ASSERT_TRUE(blocks.reserve(i % 2, i) && blocks.reserve((i + 1) % 2, i));
  std::set<std::int32_t> slots;
  for (int sequence = 0; sequence < 2; ++sequence)
    for (int position = 0; position < 12; ++position) slots.insert(blocks.slot(sequence, position));
  EXPECT_EQ(slots.size(), 24u);
  EXPECT_EQ(*slots.begin(), 0);
  EXPECT_EQ(*slots.rbegin(), 23);
}

TEST(KvBlocks, released_blocks_serve_others) {
  KvBlocks blocks(2, 4, 2);
  ASSERT_TRUE(blocks.reserve(0, 8));
  ASSERT_FALSE(blocks.reserve(1, 1));
  blocks.release(0);
  EXPECT_EQ(blocks.free_blocks(), 2);
  EXPECT_TRUE(blocks.reserve(1, 8));
  EXPECT_THAT(blocks.table(1), testing::UnorderedElementsAre(0, 1));
  EXPECT_TRUE(blocks.table(0).empty());
}

class PrefixCache : public testing::Test {
 protected:
  // The sequence reads all of `tokens`.
  void read(std::int32_t sequence, const std::vector<std::int32_t>& tokens) {
    found = blocks.adopt(sequence, tokens);
    ASSERT_TRUE(blocks.reserve(sequence, static_cast<std::int32_t>(tokens.size())));
    blocks.computed(sequence, tokens);
  }
  std::int32_t found_of(const std::vector<std::int32_t>& tokens) { return blocks.find(tokens).blocks; }

  KvBlocks blocks{6, 4, 3, true};
  std::int32_t found = 0;
};

TEST_F(PrefixCache, sequences_that_begin_alike_share_full_blocks) {
  read(0, counting(0, 10));
  EXPECT_EQ(found, 0);
  std::vector<std::int32_t> other = counting(0, 10);
  other[9] = 77;
  read(1, other);
  EXPECT_EQ(found, 8);
  EXPECT_EQ(blocks.table(0)[0], blocks.table(1)[0]);
  EXPECT_EQ(blocks.table(0)[1], blocks.table(1)[1]);
  EXPECT_NE(blocks.table(0)[2], blocks.table(1)[2]);
  EXPECT_EQ(blocks.free_blocks(), 2);
  blocks.release(0);
  EXPECT_EQ(blocks.free_blocks(), 3) << "what the other uses is not free";
}

TEST_F(PrefixCache, the_last_token_is_never_found_since_it_must_be_computed) {
  read(0, counting(0, 8));
  EXPECT_EQ(found_of(counting(0, 8)), 1);
  EXPECT_EQ(found_of(counting(0, 9)), 2);
}

TEST_F(PrefixCache, the_same_tokens_behind_others_are_not_found) {
  read(0, counting(0, 9));
  std::vector<std::int32_t> other = counting(0, 9);
  other[0] = 50;
  EXPECT_EQ(found_of(other), 0);
  EXPECT_EQ(found_of(counting(4, 9)), 0);
}

TEST_F(PrefixCache, unused_blocks_are_found_again_until_their_room_is_needed_the_longest_unused_first) {
  read(0, counting(0, 8));
  read(1, counting(100, 8));
  blocks.release(0);
  blocks.release(1);
  EXPECT_EQ(blocks.free_blocks(), 6);
  EXPECT_EQ(blocks.cached_blocks(), 4);
  ASSERT_TRUE(blocks.reserve(2, 12));  // two are free, one more is needed
  EXPECT_EQ(found_of(counting(0, 9)), 1) << "the end of the older chain goes first";
  EXPECT_EQ(found_of(counting(100, 9)), 2);
  read(0, counting(0, 4));
  EXPECT_EQ(found, 0) << "its one block is its last";
}

TEST_F(PrefixCache, a_block_that_two_computed_at_once_is_kept_once) {
  ASSERT_TRUE(blocks.reserve(0, 9) && blocks.reserve(1, 9));
  blocks.computed(0, counting(0, 9));
  blocks.computed(1, counting(0, 9));
  EXPECT_EQ(blocks.cached_blocks(), 2);
  blocks.release(0);
  blocks.release(1);
  EXPECT_EQ(blocks.free_blocks(), 6);
  EXPECT_EQ(found_of(counting(0, 9)), 2);
}

TEST_F(PrefixCache, forgotten_prefixes_are_not_found_and_their_blocks_are_free) {
  read(0, counting(0, 9));
  read(1, counting(100, 4));
  blocks.release(1);
  blocks.forget_prefixes();
  EXPECT_EQ(blocks.cached_blocks(), 0);
  EXPECT_EQ(found_of(counting(0, 9)), 0);
  blocks.computed(0, counting(0, 12));
  EXPECT_EQ(blocks.cached_blocks(), 0) << "nor what follows them";
  blocks.release(0);
  EXPECT_EQ(blocks.free_blocks(), 6);
}

TEST(KvBlocks, without_the_prefix_cache_nothing_is_found) {
  KvBlocks blocks(6, 4, 1);
  ASSERT_TRUE(blocks.reserve(0, 8));
  blocks.computed(0, counting(0, 8));
  EXPECT_EQ(blocks.find(counting(0, 9)).blocks, 0);
}

}  // namespace
}  // namespace tokenmark
