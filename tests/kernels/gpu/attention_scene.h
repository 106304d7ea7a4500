// A step of several sequences with a paged cache, run on a Gpu and compared with kernels/reference: first the tokens that
// were there before, then the step itself. The cache is read back, so that its format's rounding is no part of what
// attention is compared with.
#pragma once

#include <string>
#include <vector>

#include "plugins/gpu/attention.h"
#include "tests/kernels/gpu/case.h"

namespace tokenmark::gpu {

struct SceneShape {
  std::string what;
  std::uint32_t heads = 4, kv_heads = 2, head_dim = 64;
  std::uint32_t kv_lora = 0;                  // > 0: latent attention, of head_dim = nope + rope
  std::uint32_t rope_dim = 64;
  bool interleaved = false, qk_norm = false, sinks = false;
  std::uint32_t format = TM_BF16;
  std::uint32_t tokens_per_block = 16, window = 0;
  struct Sequence {
    std::uint32_t past, fresh;                // tokens before the step and in it
  };
  std::vector<Sequence> sequences;
  std::uint32_t padding = 0;                  // tokens at the end of the step, each a sequence's
  bool last_rows_only = false;                // rows: each sequence's last token, and a padding one
  std::uint32_t shared_bytes = UINT32_MAX;    // of a block at most
};

Status run_scene(Gpu& gpu, const SceneShape& shape);

}  // namespace tokenmark::gpu
