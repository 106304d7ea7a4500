#include "kernels/gpu/emulated/machine.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "tests/kernels/gpu/emulated_fixture.h"
#include "tests/kernels/gpu/planted_kernels.h"

namespace tokenmark::gpu {
namespace {

using testing::HasSubstr;

class Machine : public EmulatedGpu {
 protected:
  std::vector<float> counted(std::size_t n) {
    std::vector<float> values(n);
    std::iota(values.begin(), values.end(), 1.0f);
    return values;
  }
  PlantedArguments arguments() { return {in_, out_, 128}; }
  std::string fault(const char* kernel, std::uint32_t shared_bytes = 512) {
    const Status done = try_launch(kernel, {2}, shared_bytes, arguments());
    return done ? "no fault was found" : done.error().message;
  }

  OnDevice<float> in_{counted(128)}, out_{std::vector<float>(128, 0)};
};
INSTANTIATE_WAVES(Machine);

TEST_P(Machine, a_sound_kernel_gives_its_result_in_every_order_of_threads) {
  const std::vector<float> values = counted(300);
  const OnDevice<float> in(values), out(3);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    launch("sound_sum", {3}, 64, PlantedArguments{in, out, 300}, seed);
    EXPECT_EQ(out.values(), (std::vector<float>{128 * 129 / 2, 128 * 129 / 2 + 128 * 128, 300 * 301 / 2 - 256 * 257 / 2})) << seed;
  }
}

// from_e4m3_pair takes neither −0 nor NaN, and says so.
TEST_P(Machine, rows_in_fp8_have_no_minus_zero_and_pass_on_what_is_not_finite) {
  constexpr std::size_t kDim = 40;
  std::vector<float> row(kDim);
  for (std::size_t i = 0; i < kDim; ++i) row[i] = (i % 3 == 0 ? -1.0f : 1.0f) * (i % 4 == 0 ? 1e-30f : static_cast<float>(1 + i % 7));
  const OnDevice<float> out(std::vector<float>(kDim * 3, 0));
  const auto stored = [&] {
    launch("stored_fp8", {1}, 0, PlantedArguments{OnDevice<float>(row), out, kDim});
    auto values = out.values();
    values.resize(kDim);
    return values;
  };
  const std::vector<float> found = stored();
  for (std::size_t i = 0; i < kDim; ++i) EXPECT_NEAR(found[i], i % 4 == 0 ? 0 : row[i], 7.0 / 16) << i;
  for (const float odd : {NAN, INFINITY}) {
    row[17] = odd;
    for (const float value : stored()) EXPECT_TRUE(std::isnan(value));
  }
}

TEST_P(Machine, threads_see_each_others_values_after_a_barrier) {
  launch("neighbour", {1}, 512, arguments());
  EXPECT_EQ(out_.values()[0], 2);
  EXPECT_EQ(out_.values()[127], 1);
}

TEST_P(Machine, a_missing_barrier_is_found) {
  EXPECT_THAT(fault("neighbour_without_barrier"), testing::AnyOf(HasSubstr("with no barrier between"), HasSubstr("nobody wrote")));
}

TEST_P(Machine, a_race_is_found) {
  EXPECT_THAT(fault("same_place"), HasSubstr("writes byte 0 of shared memory, as lane"));
  EXPECT_THAT(fault("write_after_read"), HasSubstr("with no barrier between"));
}

TEST_P(Machine, a_fault_names_kernel_wave_block_and_thread) {
  EXPECT_THAT(fault("same_place"), testing::MatchesRegex("kernel 'same_place' \\(waves of (32|64)\\), block [01],0,0: thread [0-9]+: .*"));
}

TEST_P(Machine, shared_memory_that_nobody_wrote_is_found) { EXPECT_THAT(fault("never_written"), HasSubstr("which nobody wrote")); }

TEST_P(Machine, accesses_outside_of_memory_are_found) {
  EXPECT_THAT(fault("out_of_bounds"), testing::MatchesRegex(".*accesses byte (51[2-9]|[5-9][0-9][0-9]|[0-9]{4}) of an allocation of 512 bytes"));
  EXPECT_THAT(fault("out_of_bounds_before"), HasSubstr("wrote 8 bytes before an allocation of 512 bytes"));
  EXPECT_THAT(fault("shared_out_of_bounds", 256), HasSubstr("of 256 bytes of shared memory"));
  EXPECT_THAT(fault("neighbour", 256), HasSubstr("takes 512 bytes of shared memory, the launch has 256"));
}

TEST_P(Machine, barriers_that_not_all_come_to_are_found) {
  EXPECT_THAT(fault("barrier_of_some"), HasSubstr("wait at a barrier that 28 others did not come to"));
  EXPECT_THAT(fault("divergent_warp"), HasSubstr("not all of them took the same way"));
}

TEST_P(Machine, a_copy_that_was_not_waited_for_has_brought_nothing) {
  launch("async_copy", {1}, 512, arguments());
  EXPECT_EQ(out_.values()[3], 4 * 3 + 2);
  launch("async_copy_not_waited_for", {1}, 512, arguments());
  EXPECT_TRUE(std::isnan(out_.values()[3]));
}

TEST_P(Machine, a_kernel_for_warps_of_32_is_wrong_with_64) {
  launch("assumes_wave_32", {1}, 0, arguments());
  EXPECT_EQ(out_.values()[0] == 64 * 65 / 2, GetParam() == 32);
}

// A kernel ahead has written `between`; nobody copied anything there.
TEST_P(Machine, a_kernel_that_reads_or_writes_before_the_one_ahead_has_ended_is_found) {
  const OnDevice<float> between(128);
  launch("behind", {2}, 0, PlantedArguments{in_, between, 128});
  const auto fault_of = [&](const char* kernel) {
    const Status done = try_launch(kernel, {2}, 0, PlantedArguments{between, out_, 128});
    return done ? "no fault was found" : done.error().message;
  };
  EXPECT_EQ(fault_of("behind"), "no fault was found");
  EXPECT_EQ(out_.values()[127], 4 * 128);
  EXPECT_THAT(fault_of("reads_early"), testing::MatchesRegex(".*touches byte [0-9]+ of an allocation of 512 bytes before wait_for_previous.*"));
  EXPECT_THAT(fault_of("writes_early"), HasSubstr("before wait_for_previous"));
  EXPECT_EQ(between.values()[127], 2 * 128) << "memory is as usual behind a fault";
}

TEST_P(Machine, what_the_host_copied_in_may_be_read_early) {
  launch("reads_early", {2}, 0, arguments());
  EXPECT_EQ(out_.values()[127], 2 * 128);
}

TEST_P(Machine, a_kernel_that_does_not_keep_its_promise_to_wait_is_found) {
  EXPECT_THAT(fault("never_waits"), HasSubstr("ended without wait_for_previous"));
  EXPECT_THAT(fault("some_wait"), HasSubstr("ended without wait_for_previous"));
  EXPECT_THAT(fault("waits_unnoted"), HasSubstr("does not note (kWaits)"));
}

TEST_P(Machine, fresh_memory_holds_no_numbers) {
  const OnDevice<float> fresh(5);
  for (const float value : fresh.values()) EXPECT_TRUE(std::isnan(value));
}

TEST_P(Machine, a_kernel_that_is_not_there_is_named) {
  EXPECT_THAT(try_launch("nonsense", {1}, 0, arguments()).error().message, HasSubstr("no kernel 'nonsense' for waves of"));
}

}  // namespace
}  // namespace tokenmark::gpu
