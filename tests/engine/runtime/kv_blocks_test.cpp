#include "engine/runtime/kv_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace tokenmark {
namespace {

TEST(KvBlocks, a_sequence_grows_by_a_block_only_when_the_last_is_full) {
  KvBlocks blocks(4, 16, 2);
  ASSERT_TRUE(blocks.grow(0, 16));
  EXPECT_EQ(blocks.free_blocks(), 3);
  ASSERT_TRUE(blocks.grow(0, 1));
  EXPECT_EQ(blocks.free_blocks(), 2);
  ASSERT_TRUE(blocks.grow(0, 15));
  EXPECT_EQ(blocks.free_blocks(), 2);
}

TEST(KvBlocks, growing_is_all_or_nothing) {
  KvBlocks blocks(3, 4, 2);
  ASSERT_TRUE(blocks.grow(0, 5));
  EXPECT_FALSE(blocks.grow(1, 5));
  EXPECT_EQ(blocks.free_blocks(), 1);
  EXPECT_EQ(blocks.tokens(1), 0);
  EXPECT_TRUE(blocks.table(1).empty());
  EXPECT_TRUE(blocks.grow(1, 4));
  EXPECT_FALSE(blocks.grow(0, 4));
  EXPECT_TRUE(blocks.grow(0, 3)) << "there is still room in its last block";
}

TEST(KvBlocks, slots_of_different_positions_and_sequences_differ) {
  KvBlocks blocks(6, 4, 2);
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(blocks.grow(i % 2, 1) && blocks.grow((i + 1) % 2, 1));
  std::set<std::int32_t> slots;
  for (int sequence = 0; sequence < 2; ++sequence)
    for (int position = 0; position < 12; ++position) slots.insert(blocks.slot(sequence, position));
  EXPECT_EQ(slots.size(), 24u);
  EXPECT_EQ(*slots.begin(), 0);
  EXPECT_EQ(*slots.rbegin(), 23);
}

TEST(KvBlocks, released_blocks_serve_others) {
  KvBlocks blocks(2, 4, 2);
  ASSERT_TRUE(blocks.grow(0, 8));
  ASSERT_FALSE(blocks.grow(1, 1));
  blocks.release(0);
  EXPECT_EQ(blocks.free_blocks(), 2);
  EXPECT_TRUE(blocks.grow(1, 8));
  EXPECT_THAT(blocks.table(1), testing::UnorderedElementsAre(0, 1));
  EXPECT_TRUE(blocks.table(0).empty());
}

}  // namespace
}  // namespace tokenmark
