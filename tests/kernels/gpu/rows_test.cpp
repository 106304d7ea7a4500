#include "kernels/gpu/rows_arguments.h"

#include <cmath>

#include "kernels/reference/reference.h"
#include "tests/kernels/gpu/weights.h"

namespace tokenmark::gpu {
namespace {

class Rows : public EmulatedGpu {};
INSTANTIATE_WAVES(Rows);

TEST_P(Rows, embeddings_of_all_formats_are_looked_up) {
  for (const Format format : {Format::f32, Format::f16, Format::bf16, Format::q8_0, Format::q4_0, Format::mxfp4, Format::fp8, Format::q6_k}) {
    const auto width = static_cast<std::uint32_t>(5 * std::max(block_values(format), 8));
    const TestMatrix embedding(format, 11, width, 3);
    const OnDevice<std::int32_t> tokens({4, 0, -1, 10}), sequences({0, 0, 2, 1}), last({7, 8, 9});
    const OnDevice<float> residual(4 * width);
    launch("embed", {4}, 0, EmbedArguments{embedding.matrix(), tokens, sequences, last, residual});
    const std::vector<float> found = residual.values();
    const std::uint32_t wanted[] = {4, 0, 9, 10};
    for (std::size_t row = 0; row < 4; ++row)
      for (std::size_t c = 0; c < width; ++c) {
        const float expected = embedding.floats()[wanted[row] * width + c];
        ASSERT_NEAR(found[row * width + c], expected, std::abs(expected) / 128) << format_name(format) << ' ' << row << ' ' << c;
      }
  }
}

TEST_P(Rows, norms_are_the_references_for_odd_widths_and_chosen_rows) {
  for (const std::uint32_t width : {1u, 7u, 64u, 255u, 257u, 1000u}) {
    const std::vector<float> x = random_floats(5 * width, width), weight = random_floats(width, 9);
    const OnDevice<float> x_there(x), weight_there(weight);
    const OnDevice<std::int32_t> chosen({3, 1});
    const std::uint32_t pitch = width + 3;
    const OnDevice<std::uint16_t> out(std::size_t{2} * pitch);
    launch("rms_norm", {2}, 64, RmsNormArguments{x_there, weight_there, out, width, pitch, 1e-5f, chosen});
    const std::vector<std::uint16_t> found = out.values();
    std::vector<float> expected(width);
    for (std::size_t row = 0; row < 2; ++row) {
      reference::rms_norm(&x[(row == 0 ? 3 : 1) * width], weight.data(), width, 1e-5f, expected.data());
      for (std::size_t c = 0; c < width; ++c)
        ASSERT_NEAR(bf16_to_float(found[row * pitch + c]), expected[c], std::abs(expected[c]) / 200 + 1e-6f) << width << ' ' << c;
    }
  }
}

}  // namespace
}  // namespace tokenmark::gpu
