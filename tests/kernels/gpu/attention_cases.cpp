#include <fmt/format.h>

#include "kernels/formats/format.h"
#include "tests/kernels/gpu/attention_scene.h"

namespace tokenmark::gpu {
namespace {

using Sequences = std::vector<SceneShape::Sequence>;

constexpr std::uint32_t kFormats[] = {TM_BF16, TM_F16, TM_F32, TM_FP8, TM_Q8_0};
const Sequences kDecode = {{0, 1}, {1, 1}, {62, 1}, {63, 1}, {64, 1}, {199, 1}, {0, 0}, {16, 1}};
const Sequences kPrefill = {{0, 70}, {0, 17}, {31, 33}};
const Sequences kMixed = {{100, 1}, {0, 40}, {130, 5}, {3, 1}, {64, 16}};

std::vector<SceneShape> heads() {
  std::vector<SceneShape> all;
  for (const std::uint32_t format : kFormats) {
    all.push_back({.what = "decode", .format = format, .sequences = kDecode, .padding = 3});
    all.push_back({.what = "mixed step", .qk_norm = true, .sinks = true, .format = format, .sequences = kMixed, .padding = 1});
  }
  for (const std::uint32_t dim : {8u, 80u, 96u, 128u, 256u})
    for (const std::uint32_t format : {TM_BF16, TM_FP8}) {
      all.push_back({.what = "", .head_dim = dim, .rope_dim = dim, .interleaved = dim < 100, .format = format, .sequences = kMixed});
      all.push_back({.what = "decode", .head_dim = dim, .rope_dim = dim / 2, .format = format, .sequences = {{200, 1}, {0, 1}}});
    }
  for (const std::uint32_t group : {1u, 2u, 3u, 7u, 8u, 16u, 24u})
    all.push_back({.what = "", .heads = 2 * group, .sequences = {{90, 1}, {20, 3}, {0, 20}}, .padding = 1});
  for (const std::uint32_t window : {1u, 5u, 64u, 100u}) {
    all.push_back({.what = "decode", .sinks = true, .window = window, .sequences = kDecode});
    all.push_back({.what = "prefill", .window = window, .sequences = {{0, 150}, {90, 30}}});
  }
  for (const std::uint32_t block : {1u, 5u, 64u, 256u}) all.push_back({.what = "mixed step", .tokens_per_block = block, .sequences = kMixed});
  for (const std::uint32_t format : kFormats)
    all.push_back({.what = "prefill", .head_dim = 128, .rope_dim = 128, .sinks = true, .format = format, .window = format == TM_F16 ? 40u : 0u, .sequences = kPrefill});
  all.push_back({.what = "last rows only", .sinks = true, .sequences = kMixed, .padding = 2, .last_rows_only = true});
  all.push_back({.what = "one long sequence, many parts", .heads = 8, .kv_heads = 1, .sinks = true, .sequences = {{700, 1}}});
  all.push_back({.what = "drafted tokens, many parts", .heads = 8, .kv_heads = 1, .sequences = {{400, 5}}});
  for (const std::uint32_t dim : {64u, 128u, 256u})
    all.push_back({.what = "64 KiB of shared memory", .head_dim = dim, .rope_dim = dim, .sequences = {{70, 1}, {5, 20}}, .shared_bytes = 64 << 10});
  all.push_back({.what = "padding only", .sequences = {{0, 0}}, .padding = 4});
  return all;
}

std::vector<SceneShape> latents() {
  const SceneShape small{.what = "", .heads = 16, .head_dim = 48, .kv_lora = 64, .rope_dim = 16, .interleaved = true};
  std::vector<SceneShape> all;
  for (const std::uint32_t format : kFormats) {
    all.push_back(small);
    all.back().format = format;
    all.back().sequences = {{70, 1}, {0, 19}, {40, 3}};
    all.back().padding = 1;
  }
  all.push_back(small);
  all.back().heads = 128;
  all.back().head_dim = 192;
  all.back().kv_lora = 512;
  all.back().rope_dim = 64;
  all.back().sequences = {{100, 1}, {0, 1}, {33, 2}};
  all.push_back(small);
  all.back().what = "64 KiB of shared memory";
  all.back().sequences = {{70, 1}, {0, 19}, {40, 3}};
  all.back().shared_bytes = 64 << 10;
  return all;
}

}  // namespace

std::vector<Case> attention_cases() {
  std::vector<Case> cases;
  for (const bool latent : {false, true})
    for (const SceneShape& shape : latent ? latents() : heads()) {
      const std::string what = fmt::format("{} heads on {} of {}, window {}, blocks of {}{}{}", shape.heads, latent ? 1 : shape.kv_heads,
                                           latent ? shape.kv_lora + shape.rope_dim : shape.head_dim, shape.window, shape.tokens_per_block, shape.what.empty() ? "" : ", ", shape.what);
      cases.push_back({latent ? "attention, latent" : "attention", std::string(format_name(static_cast<Format>(shape.format))), what, [=](Gpu& gpu) { return run_scene(gpu, shape); }});
    }
  return cases;
}

}  // namespace tokenmark::gpu
