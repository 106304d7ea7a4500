// What a step of a model costs at least, for comparison with a device's ceilings. Plain values; pure functions.
//
// Experts: with uniform routing, n tokens that choose k of E experts each reach E (1 − (1 − k/E)^n) of them on average.
// Windowed layers read at most the window's keys. The MTP layer is not counted.
#pragma once

#include "engine/model/model.h"

namespace tokenmark {

class StepCost {
 public:
  StepCost(const Model& model, Format kv_format);

  // Read by a step of one token for each of `sequences`, all with `keys` tokens in the cache (these included).
  double decode_bytes(double sequences, double keys) const;
  // 2 · multiply-adds of a prompt's matrices and of its attention, with one sampled token.
  double prompt_operations(double tokens) const;

 private:
  double experts_ = 1, experts_used_ = 1, full_layers_ = 0, windowed_layers_ = 0, window_ = 0;
  double shared_bytes_ = 0, expert_bytes_ = 0;  // of matrices read by every step; of all experts
  double layer_multiply_adds_ = 0;              // of a token's matrices
  double output_multiply_adds_ = 0;             // of a sampled token
  double key_bytes_ = 0, key_multiply_adds_ = 0;  // of a layer, for a token and a key
};

}  // namespace tokenmark
