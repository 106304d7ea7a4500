// A step's arrays on their way to the GPU: laid out one after another in pinned memory, copied in one piece. Where each
// lies depends on the counts alone, so that a captured graph finds the arrays of every step with the same counts.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/gpu/attention_arguments.h"
#include "kernels/gpu/sampling_arguments.h"
#include "plugins/api/plugin.h"
#include "plugins/executor/wanted_rows.h"

namespace tokenmark::gpu {

// Rows whose logits are made at once, at most.
constexpr std::uint32_t kLogitRows = 512;

// How much of everything a step has, padding included.
struct StepCounts {
  std::uint32_t tokens = 0, sequences = 0, block_table_stride = 0;
  std::uint32_t rows = 0;         // tokens that somebody wants something of: those that the last layer goes on with
  std::uint32_t logit_rows = 0;   // of them, those with logits
  std::uint32_t samples = 0, hidden = 0;

  bool operator==(const StepCounts&) const = default;
  auto operator<=>(const StepCounts&) const = default;
  bool narrows() const { return rows < tokens; }
  std::uint32_t logit_chunks() const { return (logit_rows + kLogitRows - 1) / kLogitRows; }
};

using executor::WantedRows;

// The arrays in memory that begins at `begin`, of the host or of the device.
struct StepPointers {
  StepArrays step;
  StepRows wanted;                               // tokens null: all
  const std::int32_t* sequence_ids = nullptr;    // [tokens]: of the token's sequence, for those sampled last
  const std::int32_t* logit_rows = nullptr;      // [logit_rows]: rows
  const std::int32_t* hidden_rows = nullptr;     // [hidden]: rows
  // [chunks][samples]: which row of a chunk of kLogitRows logit_rows; -1: none of it
  const std::int32_t* sample_rows = nullptr;
  const std::int32_t* sample_sequence_ids = nullptr;
  const Sampling* sampling = nullptr;            // [samples]
};
std::size_t step_bytes(const StepCounts& counts);
StepPointers step_pointers(const StepCounts& counts, const void* begin);

// The step's arrays at `to`, with padding up to `counts`. `spare_sequence_id`: who gets what padding samples.
void write_step(const tm_step& step, const WantedRows& wanted, const StepCounts& counts, std::int32_t spare_sequence_id, std::byte* to);

}  // namespace tokenmark::gpu
