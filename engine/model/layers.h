// A model with some of its layers only: depth pruning, and single layers to be looked at.
#pragma once

#include <span>

#include "engine/model/model.h"

namespace tokenmark {

// Whether a layer sees the last `window` keys only.
bool is_windowed(const ModelDescription& description, std::uint32_t layer);

// The layers `kept`, ascending, numbered anew; MTP layers stay behind them. The weights are the model's own, nothing is
// copied. Leading dense layers and windowed layers are described anew where the description can say it, else an error.
Result<Model> with_layers(const Model& model, std::span<const std::uint32_t> kept);

// All layers but `dropped` (ascending). Refused where the pattern of windowed layers would not go on as the
// architecture has it: then whole periods have to go.
Result<Model> without_layers(const Model& model, std::span<const std::uint32_t> dropped);

// "3,7,10-12" as ascending numbers below `layers`, each once.
Result<std::vector<std::uint32_t>> parse_layers(std::string_view text, std::uint32_t layers);

// "3, 7, 10-12".
std::string layers_text(std::span<const std::uint32_t> layers);

}  // namespace tokenmark
