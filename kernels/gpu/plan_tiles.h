// The step's rows as tiles (attention_arguments.h): a thread a sequence.
#pragma once

#include "kernels/gpu/heads.h"

namespace TM_GPU_NAMESPACE {

struct PlanTiles {
  using Args = PlanTilesArguments;
  static constexpr int kThreads = 256;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    SharedMemory memory;
    const auto short_sums = memory.take<std::uint32_t>(kThreads), long_sums = memory.take<std::uint32_t>(kThreads);
    std::uint32_t shorts = 0, longs = 0;  // before this round's sequences
    for (std::uint32_t base = 0; base < args.step.n_sequences; base += kThreads) {
      const std::uint32_t sequence = base + thread_index();
      std::uint32_t first = 0, rows = 0;
      if (sequence < args.step.n_sequences) {
        first = first_row(args, args.step.token_offsets[sequence]);
        rows = first_row(args, args.step.token_offsets[sequence + 1]) - first;
        if (rows > 0 && token_of_row(args.step, args.rows, first) < 0) rows = 0;
      }
      const bool is_short = rows <= args.short_rows;
      const std::uint32_t tile = is_short ? args.short_tile : args.long_tile, tiles = (rows + tile - 1) / tile;
      const std::uint32_t short_end = prefix(short_sums, is_short ? tiles : 0), long_end = prefix(long_sums, is_short ? 0 : tiles);
      AttentionTile* list = is_short ? args.short_tiles + shorts + short_end : args.long_tiles + longs + long_end;
      for (std::uint32_t t = 0; t < tiles; ++t) {
        const std::uint32_t left = rows - t * tile;
        (list - tiles)[t] = {static_cast<std::int32_t>(sequence), static_cast<std::int32_t>(first + t * tile), static_cast<std::int32_t>(left < tile ? left : tile)};
      }
      shorts += short_sums[kThreads - 1];
      longs += long_sums[kThreads - 1];
      sync_block();
    }
    if (thread_index() == 0) {
      args.counts[0] = shorts;
      args.counts[1] = longs;
    }
  }

 private:
  // The first row that is `token` or a later one.
  TM_DEVICE static std::uint32_t first_row(const Args& args, std::int32_t token) {
    const auto wanted = static_cast<std::uint32_t>(token);
    if (!args.rows.tokens) return wanted;
    std::uint32_t begin = 0, end = args.rows.count;
    while (begin < end) {
      const std::uint32_t middle = (begin + end) / 2;
      if (static_cast<std::uint32_t>(args.rows.tokens[middle]) < wanted) begin = middle + 1;  // padding is after all tokens
      else end = middle;
    }
    return begin;
  }
  // The sum of this thread's and all earlier ones' counts.
  TM_DEVICE static std::uint32_t prefix(Shared<std::uint32_t> sums, std::uint32_t count) {
    const std::uint32_t thread = thread_index();
    sums[thread] = count;
    sync_block();
    for (std::uint32_t step = 1; step < kThreads; step *= 2) {
      if (thread >= step) count += sums[thread - step];
      sync_block();
      sums[thread] = count;
      sync_block();
    }
    return count;
  }
};

}  // namespace TM_GPU_NAMESPACE
