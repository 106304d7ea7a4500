// How much each run of layers changes the hidden state of a text's tokens: the angular distance between the state that
// enters the first and the one that leaves the last, arccos of their cosine similarity over π. Runs that change little
// are the ones that depth pruning takes away (Gromov et al. 2024, "The Unreasonable Ineffectiveness of the Deeper
// Layers", section 3.2): as there it is measured at the last token of each sequence.
// Cost: one pass of the sequences through the model, and the memory of a single layer beside two sets of states: each
// layer is loaded alone, with the states that it gets as its embedding, and let go again.
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/model/model.h"
#include "engine/tokenizer/tokenizer.h"
#include "plugins/api/registry.h"

namespace tokenmark {

struct LayerDistanceOptions {
  std::string device = "cpu";
  std::uint32_t threads = 0;             // 0: one per core
  std::uint32_t sequence_tokens = 256;   // the text is cut into sequences of so many tokens,
  std::uint32_t sequences = 16;          // of which the first so many are taken
  std::function<void(double)> progress;  // share 0…1; may be empty
  std::stop_token stop;
};

struct LayerDistances {
  std::uint32_t layers = 0, sequences = 0, sequence_tokens = 0;
  std::vector<std::vector<double>> distances;  // [first layer][run length - 1], the mean over the sequences
  double of(std::uint32_t first, std::uint32_t count) const { return distances[first][count - 1]; }
};

// A text shorter than a sequence is one sequence; fewer than 2 tokens are an error.
Result<LayerDistances> measure_layer_distances(const Model& model, std::span<const TokenId> text,
                                               PluginRegistry& plugins, const LayerDistanceOptions& options);

// The run of `count` layers that changes the state least, of those that the model can be without (without_layers).
Result<std::vector<std::uint32_t>> least_important_layers(const Model& model, const LayerDistances& distances,
                                                          std::uint32_t count);

}  // namespace tokenmark
