// The Llama forward pass straight from its definition: one sequence, a contiguous cache, double arithmetic on
// dequantised weights, one token after the other. Slow and obvious; shares no code with the executors.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "plugins/api/plugin.h"

namespace tokenmark::test {

class ReferenceForward {
 public:
  // Reads and dequantises all weights at once. The model and its source must be good: this is an oracle, not a reader.
  ReferenceForward(const tm_model& model, const tm_weight_source& source);

  // Appends a token to the sequence and gives its logits.
  std::vector<float> next(std::int32_t token);
  // Logits after each of these tokens, as the start of a new sequence.
  std::vector<std::vector<float>> run(const std::vector<std::int32_t>& tokens);
  void reset();

  // From here on attention takes queries, keys and values as rounded: the latter to halves first, as in a cache of them,
  // then all to BF16 (queries times scale and log2 e), which is what matrix units multiply; the softmax's weights too.
  void round_attention() { rounds_attention_ = true; }

 private:
  struct Weight {
    std::uint64_t rows = 0, columns = 0;
    std::vector<float> values;
  };
  const Weight& weight(const std::string& name) const { return weights_.at(name); }
  void read(const tm_weight_source& source, const std::string& name);
  std::vector<double> multiply(const std::string& name, const std::vector<double>& x) const;
  std::vector<double> norm(const std::string& name, const std::vector<double>& x) const;
  double angle(std::uint32_t pair, std::int64_t position) const;
  void rope(std::vector<double>& heads, std::int64_t position) const;
  std::vector<double> attention(std::uint32_t layer, const std::vector<double>& query) const;

  tm_model m_;
  bool rounds_attention_ = false;
  std::map<std::string, Weight> weights_;
  std::vector<std::vector<std::vector<double>>> keys_, values_;  // [layer][position][kv_heads * head_dim]
};

}  // namespace tokenmark::test
