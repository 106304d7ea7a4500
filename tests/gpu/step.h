// A step as the executor takes it, put together sequence by sequence. Sequence s has the blocks from s · blocks on.
#pragma once

#include <vector>

#include "plugins/api/plugin.h"

namespace tokenmark::gpu {

struct StepShape {
  std::uint32_t tokens_per_block = 16, blocks = 0;  // blocks of a sequence
};

class Step {
 public:
  explicit Step(const StepShape& shape) : shape_(shape) {}

  // `count` tokens of a sequence from position `first` on, after which one is sampled. `token(i)`: the i-th; -1: the one
  // sampled last.
  template <class Token>
  void add(std::uint32_t sequence, std::uint32_t first, std::uint32_t count, Token&& token) {
    for (std::uint32_t t = 0; t < count; ++t) {
      tokens_.push_back(static_cast<std::int32_t>(token(t)));
      positions_.push_back(static_cast<std::int32_t>(first + t));
      slots_.push_back(static_cast<std::int32_t>(sequence * shape_.blocks * shape_.tokens_per_block + first + t));
    }
    for (std::uint32_t b = 0; b < shape_.blocks; ++b) tables_.push_back(static_cast<std::int32_t>(sequence * shape_.blocks + b));
    ids_.push_back(static_cast<std::int32_t>(sequence));
    offsets_.push_back(static_cast<std::int32_t>(tokens_.size()));
    lengths_.push_back(static_cast<std::int32_t>(first + count));
    samples_.push_back(static_cast<std::int32_t>(tokens_.size()) - 1);
  }
  // The arrays are this object's, which stays where it is until the step has been waited for.
  const tm_step& finished() {
    sampling_.assign(samples_.size(), tm_sampling{0, 1, 0, 0, 0});
    sampled_.resize(samples_.size());
    step_ = {};
    step_.size = sizeof step_;
    step_.version = TM_ABI_VERSION;
    step_.n_sequences = static_cast<std::uint32_t>(ids_.size());
    step_.n_tokens = static_cast<std::uint32_t>(tokens_.size());
    step_.tokens = tokens_.data();
    step_.positions = positions_.data();
    step_.slots = slots_.data();
    step_.sequence_ids = ids_.data();
    step_.token_offsets = offsets_.data();
    step_.kv_lengths = lengths_.data();
    step_.block_tables = tables_.data();
    step_.block_table_stride = shape_.blocks;
    step_.n_samples = static_cast<std::uint32_t>(samples_.size());
    step_.sample_rows = samples_.data();
    step_.sampling = sampling_.data();
    result.size = sizeof result;
    result.version = TM_ABI_VERSION;
    result.tokens = sampled_.data();
    return step_;
  }
  tm_step_result result{};

 private:
  StepShape shape_;
  std::vector<std::int32_t> tokens_, positions_, slots_, ids_, offsets_{0}, lengths_, tables_, samples_, sampled_;
  std::vector<tm_sampling> sampling_;
  tm_step step_{};
};

}  // namespace tokenmark::gpu
