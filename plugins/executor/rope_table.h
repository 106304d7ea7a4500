// The angles of rotary position embeddings: one frequency per pair of values, scaled as the model says.
//   plain:  f_i = theta^(-2i / rope_dim), angle = position * f_i
//   linear: f_i / factor
//   llama3: f_i where the wavelength 2π/f_i is below original/high, f_i / factor where it is above original/low, and
//           between them (1 - s) f_i / factor + s f_i with s = (original / wavelength - low) / (high - low)
//           (the published Llama 3.1 rule)
//   yarn:   dimension d(r) = rope_dim ln(original / (2π r)) / (2 ln theta) turns r times in the original context; f_i up
//           to d(high), f_i / factor from d(low) on, linear in i between them; cos and sin times the attention factor
//           (YaRN, arXiv 2309.00071)
// A file's rope_freqs.weight divides the frequencies and stands for llama3 scaling, which is then not applied again.
// Immutable after making; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "plugins/api/plugin.h"

namespace tokenmark::executor {

class RopeTable {
 public:
  // `model` must have passed check_model. Reads rope_freqs.weight where the source has it.
  static Result<RopeTable> make(const tm_model& model, const tm_weight_source& source);

  std::size_t pairs() const { return frequencies_.size(); }
  // cosines and sines: [pairs()]
  void at(std::int32_t position, float* cosines, float* sines) const;

 private:
  std::vector<double> frequencies_;
  double magnitude_ = 1;
};

}  // namespace tokenmark::executor
