// What the kernels of experts.h take. A choice is one expert of one row: choice row · used + i is the row's i-th best. Choices
// get places, those of an expert next to each other, in any order within it: what becomes of a row does not depend on which
// rows lie beside it.
#pragma once

#include "kernels/gpu/products_arguments.h"

namespace tokenmark::gpu {

struct ExpertChoices {
  std::int32_t* experts = nullptr;       // [rows][used], −1: none
  float* weights = nullptr;              // [rows][used]
  std::uint32_t* ranks = nullptr;        // [rows][used]: among the choices of its expert
  std::uint32_t* places = nullptr;       // [rows][used]
  std::int32_t* row_of_place = nullptr;  // [rows · used]
  std::uint32_t* begins = nullptr;       // [experts]: the first place
  std::uint32_t* counts = nullptr;       // [experts], 0 before and after
  WorkItem* items = nullptr;             // [most_items]: what the experts' products do
  std::uint32_t* n_items = nullptr;
  std::uint32_t* arrived = nullptr;      // 0 before and after
};

struct ChooseExpertsArguments {
  const float* logits = nullptr;          // [rows][experts]
  const float* selection_bias = nullptr;  // [experts] or null
  const std::int32_t* marks = nullptr;    // [rows]: a row whose mark is below 0 has no experts; null: all have
  std::uint32_t rows = 0, experts = 0, used = 0, groups = 0, groups_used = 0;
  std::uint32_t gating = 0;               // tm_gating
  std::uint32_t normalise = 0;
  float scale = 0;                        // 0: 1
  std::uint32_t item_rows = 0;            // at most, of an item
  std::uint32_t places_too = 0;           // 1: places and row_of_place; 0: place_choices follows
  ExpertChoices choices;
};  // a warp a row, kChooseThreads a block; shared memory: choose_shared_bytes

constexpr std::uint32_t kChooseThreads = 256;
constexpr std::uint32_t choose_shared_bytes(std::uint32_t wave, std::uint32_t experts, std::uint32_t groups) {
  return kChooseThreads / wave * ((experts + groups) * 4 + 16) + 512;
}
// Of `choices` choices.
constexpr std::uint32_t most_items(std::uint32_t choices, std::uint32_t experts, std::uint32_t item_rows) {
  return (choices < experts ? choices : experts) + choices / item_rows;
}

// residual[row] += sum over its choices, the best first, of weight · out[place].
struct GatherExpertsArguments {
  const float* out = nullptr;  // [places][width]
  float* residual = nullptr;   // [rows][width]
  std::uint32_t rows = 0, width = 0, used = 0;
  ExpertChoices choices;
};  // blocks: x 1024 columns, y rows

}  // namespace tokenmark::gpu
