#include "kernels/gpu/rows_arguments.h"

#include "kernels/reference/reference.h"
#include "tests/kernels/gpu/case.h"
#include "tests/kernels/gpu/weights.h"

namespace tokenmark::gpu {
namespace {

Status embeddings_are_looked_up(Gpu& gpu, Format format) {
  const auto width = static_cast<std::uint32_t>(5 * std::max(block_values(format), 8));
  TOKENMARK_TRY(const TestMatrix embedding, TestMatrix::make(gpu, format, 11, width, 3));
  TOKENMARK_TRY(const auto tokens, DeviceArray<std::int32_t>::of(gpu, {4, 0, -1, 10}));
  TOKENMARK_TRY(const auto sequences, DeviceArray<std::int32_t>::of(gpu, {0, 0, 2, 1}));
  TOKENMARK_TRY(const auto last, DeviceArray<std::int32_t>::of(gpu, {7, 8, 9}));
  TOKENMARK_TRY(const auto residual, DeviceArray<float>::make(gpu, 4 * width));
  TOKENMARK_CHECK(launch(gpu, "embed", {4}, 0, EmbedArguments{embedding.matrix(), tokens.get(), sequences.get(), last.get(), residual.get()}));
  std::vector<float> expected;
  for (const std::size_t token : {4, 0, 9, 10})
    expected.insert(expected.end(), &embedding.floats()[token * width], &embedding.floats()[token * width] + width);
  TOKENMARK_TRY(const auto found, residual.values());
  return check_near("residual", found, expected, format == packed_format(format) ? 1e-6 : 1.0 / 128, 0);
}

Status norms_are_the_references(Gpu& gpu, std::uint32_t width) {
  const std::vector<float> x = random_floats(5 * width, width), weight = random_floats(width, 9);
  TOKENMARK_TRY(const auto x_there, DeviceArray<float>::of(gpu, x));
  TOKENMARK_TRY(const auto weight_there, DeviceArray<float>::of(gpu, weight));
  TOKENMARK_TRY(const auto chosen, DeviceArray<std::int32_t>::of(gpu, {3, 1}));
  TOKENMARK_TRY(const auto out, DeviceArray<std::uint16_t>::make(gpu, 2 * width));
  TOKENMARK_CHECK(launch(gpu, "rms_norm", {2}, 64, RmsNormArguments{x_there.get(), weight_there.get(), out.get(), width, width, 1e-5f, chosen.get()}));
  std::vector<float> expected(2 * width);
  for (std::size_t row = 0; row < 2; ++row)
    reference::rms_norm(&x[(row == 0 ? 3 : 1) * width], weight.data(), width, 1e-5f, &expected[row * width]);
  TOKENMARK_TRY(const auto found, out.values());
  return check_near("normed", from_bf16_bits(found), expected, 1.0 / 200, 1e-6);
}

Status rows_are_gathered(Gpu& gpu) {
  const std::uint32_t width = 301;
  const std::vector<float> x = random_floats(4 * width, 1);
  TOKENMARK_TRY(const auto x_there, DeviceArray<float>::of(gpu, x));
  TOKENMARK_TRY(const auto rows, DeviceArray<std::int32_t>::of(gpu, {3, -1, 0}));
  TOKENMARK_TRY(const auto out, DeviceArray<float>::make(gpu, 3 * width));
  TOKENMARK_CHECK(launch(gpu, "gather_rows", {3}, 0, GatherRowsArguments{x_there.get(), rows.get(), out.get(), width}));
  std::vector<float> expected(&x[3 * width], &x[3 * width] + width);
  expected.insert(expected.end(), width, 0.0f);
  expected.insert(expected.end(), &x[0], &x[0] + width);
  TOKENMARK_TRY(const auto found, out.values());
  return check_near("gathered", found, expected, 0, 0);
}

Status merged_norms_are_the_references(Gpu& gpu, std::uint32_t width) {
  const std::vector<float> embedded = random_floats(2 * width, 1), hidden = random_floats(2 * width, 2, 3.0f);
  const std::vector<float> embedding_norm = random_floats(width, 3), last_norm = random_floats(width, 4), hidden_norm = random_floats(width, 5);
  TOKENMARK_TRY(const auto embedded_there, DeviceArray<float>::of(gpu, embedded));
  TOKENMARK_TRY(const auto hidden_there, DeviceArray<float>::of(gpu, hidden));
  TOKENMARK_TRY(const auto e, DeviceArray<float>::of(gpu, embedding_norm));
  TOKENMARK_TRY(const auto l, DeviceArray<float>::of(gpu, last_norm));
  TOKENMARK_TRY(const auto h, DeviceArray<float>::of(gpu, hidden_norm));
  TOKENMARK_TRY(const auto out, DeviceArray<std::uint16_t>::make(gpu, 4 * width));
  TOKENMARK_CHECK(launch(gpu, "merge_norms", {2}, 64,
                         MergeNormsArguments{embedded_there.get(), hidden_there.get(), e.get(), l.get(), h.get(), out.get(), width, 1e-6f}));
  std::vector<float> expected(4 * width);
  for (std::size_t row = 0; row < 2; ++row) {
    float* to = &expected[row * 2 * width];
    reference::rms_norm(&embedded[row * width], embedding_norm.data(), width, 1e-6f, to);
    reference::rms_norm(&hidden[row * width], last_norm.data(), width, 1e-6f, to + width);
    const std::vector<float> normed(to + width, to + 2 * width);
    reference::rms_norm(normed.data(), hidden_norm.data(), width, 1e-6f, to + width);
  }
  TOKENMARK_TRY(const auto found, out.values());
  return check_near("merged", from_bf16_bits(found), expected, 1.0 / 200, 1e-6);
}

}  // namespace

std::vector<Case> rows_cases() {
  std::vector<Case> cases;
  for (const Format format : {Format::f32, Format::f16, Format::bf16, Format::q8_0, Format::q4_0, Format::mxfp4, Format::fp8, Format::q6_k})
    cases.push_back({"embed", std::string(format_name(format)), "rows, and the token sampled last", [=](Gpu& gpu) { return embeddings_are_looked_up(gpu, format); }});
  for (const std::uint32_t width : {1u, 7u, 64u, 255u, 257u, 1000u})
    cases.push_back({"rms_norm", "", fmt::format("{} wide, chosen rows", width), [=](Gpu& gpu) { return norms_are_the_references(gpu, width); }});
  cases.push_back({"gather_rows", "", "padding among them", rows_are_gathered});
  for (const std::uint32_t width : {3u, 256u, 300u})
    cases.push_back({"merge_norms", "", fmt::format("{} wide", width), [=](Gpu& gpu) { return merged_norms_are_the_references(gpu, width); }});
  return cases;
}

}  // namespace tokenmark::gpu
