// A rank's part of a model that is split over the GPUs of a group, as a model and a weight source of its own, so that one
// GPU's code loads and runs it unchanged. Split are, evenly up to whole blocks of formats:
//   attention    by heads: rows of q (k and v by theirs, which several ranks share where there are fewer), columns of the
//                output; latent attention also k_b and v_b, while the latent is every rank's
//   feed-forward by its width, inside each expert too: rows of gate and up, columns of down
//   output       by rows of the vocabulary
// Everything else every rank has whole. What ranks would add to the residual more than once (biases of output and down) is 0
// on all but the first. The sum over ranks of what attention and feed-forward add is then what one GPU adds.
// Any thread. Errors name the numbers that do not divide.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "plugins/api/plugin.h"

namespace tokenmark::gpu {

struct Rank {
  std::uint32_t index = 0, count = 1;
};

struct Span {
  std::uint64_t begin = 0, count = 0;
};

class RankSlices {
 public:
  // `model` must have passed check_model, and the source's tensors must be as it says (weight_bytes). Both outlive the slices.
  static Result<std::unique_ptr<RankSlices>> make(const tm_model& model, const tm_weight_source& source, Rank rank);
  RankSlices(const RankSlices&) = delete;
  RankSlices& operator=(const RankSlices&) = delete;

  const tm_model& model() const { return model_; }       // with this rank's numbers of heads and widths, and the whole vocabulary
  const tm_weight_source& source() const { return sliced_; }
  Span vocabulary() const { return vocabulary_; }        // this rank's rows of the output

 private:
  enum class Cut { none, depth, rows, columns, first_only };
  struct Slice {
    Cut cut = Cut::none;
    Span span;
  };
  // A tensor of the source and what this rank has of it.
  struct Sliced {
    std::string name;
    tm_tensor whole{}, part{};
    Slice slice;
  };

  RankSlices(const tm_model& model, const tm_weight_source& source, Rank rank);
  Status split_attention(const tm_model& whole);
  Status split_widths(const tm_model& whole);
  Result<Span> split_width(const char* what, std::uint32_t width, const char* down) const;
  std::uint64_t block_of(const char* tensor) const;      // the largest of a layer's
  Slice slice_of(const std::string& name) const;
  tm_status find(const char* name, Sliced& out) const;
  tm_status read_whole_rows(const Sliced& tensor, std::uint64_t first, std::uint64_t count, std::byte* to) const;
  tm_status read_part(const Sliced& tensor, std::uint64_t first, std::uint64_t count, std::byte* to) const;

  Rank rank_;
  tm_model model_;
  tm_weight_source source_, sliced_{};
  Span heads_, kv_heads_, ffn_, expert_ffn_, shared_ffn_, vocabulary_;
};

}  // namespace tokenmark::gpu
