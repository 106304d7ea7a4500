// Groups of GPUs where there is a library for sums: it has the large ones, and what goes wrong with it.
#include "tests/plugins/gpu/driver_group.h"

namespace tokenmark::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST_F(DriverGroup, many_values_are_summed_by_the_library) {
  expect_the_same(wide_model(), "cuda:0,cuda:1", 100);
  setenv("TOKENMARK_FAKE_SUMS", "no-sum", 1);
  const tm_model wide = wide_model(), small = small_model();
  FormulaWeights weights(wide), of_small(small);
  Runner runner(wide, weights.source(), on("cuda:0,cuda:1")), of_few(small, of_small.source(), on("cuda:0,cuda:1"));
  Step step, few;
  Sequence sequence = runner.sequence(0), short_one = of_few.sequence(0);
  runner.add(step, sequence, Tokens(100, 7));
  Runner::want_all_logits(step);
  EXPECT_NE(runner.run(step), TM_OK);
  EXPECT_THAT(runner.error(), HasSubstr("NCCL: a sum failed on cuda:0, cuda:1: unhandled system error (2)"));
  of_few.add(few, short_one, Tokens(20, 7));
  Runner::sample_last_rows(few);
  EXPECT_EQ(of_few.run(few), TM_OK) << of_few.error();  // few values do not need it
}

TEST_F(DriverGroup, devices_that_do_not_see_each_other_sum_everything_by_it) {
  play("no-peers");
  expect_the_same(small_model(), "cuda:0,cuda:1,cuda:2,cuda:3", 20);
}

TEST_F(DriverGroup, a_lost_device_ends_its_sums_too) {
  play("no-peers");
  {
    FormulaWeights weights(small_model());
    Runner group(small_model(), weights.source(), on("cuda:2,cuda:3"));
    play("lost:3");
    EXPECT_THAT(first_failure(group), AllOf(HasSubstr("cuda:3: "), HasSubstr("unspecified launch failure")));
  }
}

TEST_F(DriverGroup, a_library_that_fails_is_an_error_with_its_words) {
  setenv("TOKENMARK_FAKE_SUMS", "no-init", 1);
  EXPECT_THAT(why_not_opened("cuda:0,cuda:2"), HasSubstr("NCCL: connecting the GPUs failed on cuda:0, cuda:2: unhandled system error (2)"));
}

}  // namespace
}  // namespace tokenmark::test
