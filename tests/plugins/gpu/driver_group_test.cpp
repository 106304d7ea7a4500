// Groups of GPUs where there is no library for sums: by our kernels alone, and what that asks of the devices.
#include <chrono>

#include "tests/plugins/gpu/driver_group.h"

namespace tokenmark::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST_F(DriverGroup, sums_are_our_kernels_alone_however_many_values_there_are) {
  expect_the_same(small_model(), "cuda:0,cuda:1,cuda:2,cuda:3", 20);
  expect_the_same(wide_model(), "cuda:1,cuda:3", 100);
}

TEST_F(DriverGroup, devices_that_do_not_see_each_other_are_an_error_that_says_what_is_missing) {
  play("no-peers");
  EXPECT_THAT(why_not_opened("cuda:0,cuda:1"), AllOf(HasSubstr("cuda:0, cuda:1 do not see each other's memory"), HasSubstr("libnccl.so.2: it has no ncclCommInitAll")));
}

TEST_F(DriverGroup, ids_that_are_not_there_or_named_twice_are_errors) {
  EXPECT_THAT(why_not_opened("cuda:2,cuda:4"), HasSubstr("has no device 'cuda:4'; there are 4"));
  EXPECT_THAT(why_not_opened("cuda:1,cuda:1"), HasSubstr("names cuda:1 twice"));
}

TEST_F(DriverGroup, a_device_that_is_lost_ends_the_step_and_holds_nobody_up) {
  play("lost:1");
  const tm_model model = small_model();
  FormulaWeights weights(model);
  Runner group(model, weights.source(), on("cuda:0,cuda:1,cuda:2"  ",cuda:3"));
  const auto begin = std::chrono::steady_clock::now();
  const std::string why = first_failure(group);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
  EXPECT_THAT(why, AllOf(HasSubstr("cuda:1: "), HasSubstr("unspecified launch failure")));
  EXPECT_EQ(first_failure(group), why);  // and every step after it
}

}  // namespace
}  // namespace tokenmark::test
