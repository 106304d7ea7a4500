// Which kernel a product takes: the table where it has an entry that can be launched, else a rule that fills the device.
#include "kernels/gpu/tuning/tuning.h"

#include <gtest/gtest.h>

#include "kernels/formats/format.h"
#include "kernels/gpu/products_arguments.h"

namespace tokenmark::gpu {
namespace {

const Machine kBig{"a GPU", 32, 132, 227 << 10}, kSmallShared{"another GPU", 64, 304, 64 << 10};

ProductShape shape(Format format, std::uint32_t rows, std::uint32_t matrix_rows, std::uint32_t columns) {
  return {static_cast<std::uint32_t>(format), rows, matrix_rows, columns};
}

TEST(Tuning, every_choice_of_the_rule_fits_the_machine) {
  for (const Machine& machine : {kBig, kSmallShared})
    for (const Format format : {Format::f32, Format::f16, Format::bf16, Format::q8_0, Format::q4_0, Format::mxfp4, Format::fp8})
      for (const std::uint32_t rows : {1u, 2u, 7u, 8u, 9u, 64u, 65u, 500u, 8192u})
        for (const std::uint32_t columns : {128u, 4096u, 53248u})
          for (const std::uint32_t matrix_rows : {1u, 128u, 6144u, 152064u}) {
            const ProductShape s = shape(format, rows, matrix_rows, columns);
            const ProductChoice choice = choose_product({}, machine, s);
            EXPECT_LE(shared_bytes(choice, s, machine), machine.shared_bytes) << format_name(format) << " " << rows << " " << columns;
            EXPECT_GE(choice.split, 1u);
            EXPECT_TRUE(!choice.gemv || (choice.blocks > 0 && choice.chunk > 0 && choice.chunk % 256 == 0));
          }
}

TEST(Tuning, a_decoding_product_occupies_most_of_the_machine) {
  for (const std::uint32_t matrix_rows : {4096u, 6144u, 28672u, 128256u}) {
    const ProductChoice choice = choose_product({}, kBig, shape(Format::bf16, 1, matrix_rows, 4096));
    ASSERT_TRUE(choice.gemv);
    const std::uint32_t warps = std::min(choice.blocks * 8, matrix_rows / 2 * choice.split);
    EXPECT_GE(warps, kBig.compute_units * 12) << matrix_rows << " rows";
  }
}

TEST(Tuning, few_tiles_are_cut_along_their_columns) {
  const ProductChoice few = choose_product({}, kBig, shape(Format::bf16, 16, 1024, 4096));
  EXPECT_FALSE(few.gemv);
  EXPECT_GT(few.split, 1u);
  EXPECT_LE(1024 / 64 * few.split, most_partial_tiles(kBig));
  EXPECT_EQ(choose_product({}, kBig, shape(Format::bf16, 4096, 14336, 4096)).split, 1u);
}

TEST(Tuning, the_tables_entry_of_the_least_rows_that_cover_a_product_wins) {
  const ProductChoice first{.rows_a_block = 32, .split = 2}, second{.rows_a_block = 64};
  const auto entry = [](std::uint32_t rows, const ProductChoice& choice) { return TunedProduct{"a GPU", 30, rows, 4096, 4096, choice, 1, {}}; };
  const TuningTable table{{entry(64, second), entry(16, first)}, {}, {}};
  EXPECT_EQ(choose_product(table, kBig, shape(Format::bf16, 12, 4096, 4096)).split, 2u);
  EXPECT_EQ(choose_product(table, kBig, shape(Format::bf16, 17, 4096, 4096)).rows_a_block, 64u);
  const ProductShape beyond = shape(Format::bf16, 65, 4096, 4096);
  EXPECT_EQ(choose_product(table, kBig, beyond).rows_a_block, choose_product({}, kBig, beyond).rows_a_block);
  // Another device, format or shape has the rule.
  EXPECT_TRUE(choose_product(table, kSmallShared, shape(Format::bf16, 2, 4096, 4096)).gemv);
  EXPECT_TRUE(choose_product(table, kBig, shape(Format::q8_0, 2, 4096, 4096)).gemv);
  EXPECT_TRUE(choose_product(table, kBig, shape(Format::bf16, 2, 4096, 4352)).gemv);
}

TEST(Tuning, an_entry_that_cannot_be_launched_is_passed_over) {
  const ProductShape s = shape(Format::bf16, 2, 4096, 4096);
  for (const ProductChoice& bad : {ProductChoice{.gemv = true, .rows_a_block = 3, .blocks = 8, .chunk = 4096}, ProductChoice{.gemv = true, .rows_a_block = 2, .blocks = 8, .split = 16, .chunk = 4096},
                                   ProductChoice{.gemv = true, .rows_a_block = 2, .blocks = 8, .chunk = 100}, ProductChoice{.gemv = true, .rows_a_block = 8, .blocks = 8, .chunk = 1 << 20},
                                   ProductChoice{.rows_a_block = 48}, ProductChoice{.rows_a_block = 16, .split = 1000}, ProductChoice{.rows_a_block = 16, .split = 0}}) {
    const ProductChoice choice = choose_product({{{"a GPU", 30, 8, 4096, 4096, bad, 1, {}}}, {}, {}}, kBig, s);
    EXPECT_TRUE(choice.gemv && choice.rows_a_block == 2 && choice.chunk == 4096) << bad.rows_a_block << " " << bad.split;
  }
}

TEST(Tuning, groups_have_about_twice_the_rows_of_an_expert) {
  const std::uint64_t bf16 = std::uint64_t{1} << 30;
  EXPECT_EQ(choose_group_rows({}, kBig, bf16, 1, 128, 8, 2048), 1u);
  EXPECT_EQ(choose_group_rows({}, kBig, bf16, 64, 128, 8, 2048), 8u);
  EXPECT_EQ(choose_group_rows({}, kBig, bf16, 8192, 128, 8, 2048), 128u);
  const TuningTable table{{}, {{"a GPU", 30, 64, 128, 8, 16, 2048, {}}}, {}};
  EXPECT_EQ(choose_group_rows(table, kBig, bf16, 64, 128, 8, 2048), 16u);
  for (const std::uint32_t rows : {1u, 4u, 300u, 8192u})
    for (const Machine& machine : {kBig, kSmallShared}) {
      const std::uint32_t of_item = choose_group_rows({}, machine, bf16, rows, 128, 8, 2048);
      EXPECT_EQ(choose_grouped({}, machine, {30, of_item, 1536, 2048, 100}).rows_a_block, of_item);
    }
}

}  // namespace
}  // namespace tokenmark::gpu
