// Feed-forward by experts beside the products: which experts a row goes to, in which order rows lie for the experts'
// products, and the sum of what these give.
#pragma once

#include "kernels/gpu/experts_arguments.h"
#include "kernels/gpu/numbers.h"

namespace TM_GPU_NAMESPACE {

TM_DEVICE bool is_nan(float x) { return x != x; }

// place = where the choice's expert begins + its rank.
TM_DEVICE void place_choice(const ExpertChoices& choices, std::uint32_t i, std::uint32_t used) {
  const std::int32_t expert = choices.experts[i];
  if (expert < 0) return;
  const std::uint32_t place = choices.begins[expert] + choices.ranks[i];
  choices.places[i] = place;
  choices.row_of_place[place] = static_cast<std::int32_t>(i / used);
}

// The rules, ties and NaN included, are those of plugins/cpu/routing.cpp. The block that comes last orders the choices.
struct ChooseExperts {
  using Args = ChooseExpertsArguments;
  static constexpr int kThreads = kChooseThreads, kWarps = kThreads / kWave;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    SharedMemory memory;
    const auto scores = memory.take<float>(kWarps * args.experts), worths = memory.take<float>(kWarps * args.groups + 1);
    const auto scratch = memory.take<std::uint32_t>(kWarps + 1);
    const std::uint32_t row = block_index().x * kWarps + static_cast<std::uint32_t>(warp());
    if (row < args.rows) choose(args, row, scores + warp() * static_cast<int>(args.experts), worths + warp() * static_cast<int>(args.groups));
    fence_device();
    sync_block();
    if (thread_index() == 0) scratch[kWarps] = atomic_add(args.choices.arrived, 1u);
    sync_block();
    const bool last = scratch[kWarps] + 1 == grid_blocks().x;
    if (last) order(args, scratch);
  }

 private:
  static constexpr float kLeast = -__builtin_inff();
  TM_DEVICE static float sigmoid(float x) { return 1 / (1 + exponential(-x)); }

  // The best of `n` scores that are not NaN, the first of equal ones, by the whole warp; it becomes NaN. n: there is none.
  TM_DEVICE static std::uint32_t take_best(Shared<float> scores, std::uint32_t n) {
    std::uint32_t best = n;
    float best_score = 0;
    const auto consider = [&](std::uint32_t e, float score) {
      if (e < n && !is_nan(score) && (best == n || score > best_score || (score == best_score && e < best))) {
        best = e;
        best_score = score;
      }
    };
    for (std::uint32_t e = static_cast<std::uint32_t>(lane()); e < n; e += kWave) consider(e, scores[e]);
    for (int step = kWave / 2; step > 0; step /= 2) {
      const std::uint32_t other = shuffle_xor(best, step);
      consider(other, shuffle_xor(best_score, step));
    }
    sync_warp();
    if (lane() == 0 && best < n) scores[best] = bits_to_float(0x7fc00000u);
    sync_warp();
    return best;
  }

  TM_DEVICE static void keep_best_groups(const Args& args, Shared<float> scores, Shared<float> worths) {
    const std::uint32_t size = args.experts / args.groups;
    for (std::uint32_t g = static_cast<std::uint32_t>(lane()); g < args.groups; g += kWave) {
      float first = kLeast, second = kLeast;
      for (std::uint32_t e = g * size; e < (g + 1) * size; ++e) {
        const float score = scores[e];
        if (score > first) {
          second = first;
          first = score;
        } else if (score > second) {
          second = score;
        }
      }
      worths[g] = size == 1 ? first : first + second;
    }
    sync_warp();
    for (std::uint32_t i = 0; i < args.groups_used; ++i) take_best(worths, args.groups);
    for (std::uint32_t e = static_cast<std::uint32_t>(lane()); e < args.experts; e += kWave)
      if (!is_nan(worths[e / size])) scores[e] = kLeast;
    sync_warp();
  }

  TM_DEVICE static void choose(const Args& args, std::uint32_t row, Shared<float> scores, Shared<float> worths) {
    const ExpertChoices& to = args.choices;
    const std::uint32_t at = row * args.used;
    if (args.marks && args.marks[row] < 0) {
      for (std::uint32_t i = static_cast<std::uint32_t>(lane()); i < args.used; i += kWave) to.experts[at + i] = -1;
      return;
    }
    const bool sigmoids = args.gating == 1;
    const float* logits = args.logits + std::uint64_t{row} * args.experts;
    for (std::uint32_t e = static_cast<std::uint32_t>(lane()); e < args.experts; e += kWave) {
      const float score = sigmoids ? sigmoid(logits[e]) + (args.selection_bias ? args.selection_bias[e] : 0) : logits[e];
      scores[e] = is_nan(score) ? kLeast : score;
    }
    sync_warp();
    if (args.groups > 0) keep_best_groups(args, scores, worths);
    float greatest = 0, sum = 0;
    for (std::uint32_t i = 0; i < args.used; ++i) {
      const std::uint32_t expert = take_best(scores, args.experts);
      if (i == 0) greatest = logits[expert];
      const float weight = sigmoids ? sigmoid(logits[expert]) : exponential(logits[expert] - greatest);
      sum += weight;
      if (lane() != 0) continue;
      to.experts[at + i] = static_cast<std::int32_t>(expert);
      to.weights[at + i] = weight;
      to.ranks[at + i] = atomic_add(to.counts + expert, 1u);
    }
    if (args.gating == 2) sum = sum_of_all(args, logits, greatest);
    const float scale = args.scale > 0 ? args.scale : 1;
    const float factor = !sigmoids || args.normalise ? scale / (sum + (sigmoids ? 1e-20f : 0)) : scale;
    if (lane() == 0)
      for (std::uint32_t i = 0; i < args.used; ++i) to.weights[at + i] *= factor;
  }
  TM_DEVICE static float sum_of_all(const Args& args, const float* logits, float greatest) {
    float sum = 0;
    for (std::uint32_t e = static_cast<std::uint32_t>(lane()); e < args.experts; e += kWave) sum += exponential(logits[e] - greatest);
    return sum_lanes(sum);
  }

  // Where each expert's choices begin and what items they make: both are sums over the experts before.
  TM_DEVICE static void order(const Args& args, Shared<std::uint32_t> scratch) {
    const ExpertChoices& to = args.choices;
    fence_device();
    const std::uint32_t each = (args.experts + kThreads - 1) / kThreads, first = thread_index() * each;
    std::uint32_t choices = 0, items = 0;
    for (std::uint32_t e = first; e < first + each && e < args.experts; ++e) {
      choices += to.counts[e];
      items += (to.counts[e] + args.item_rows - 1) / args.item_rows;
    }
    std::uint32_t all_items = 0, all_choices = 0;
    std::uint32_t place = sum_before(choices, scratch, all_choices), item = sum_before(items, scratch, all_items);
    for (std::uint32_t e = first; e < first + each && e < args.experts; ++e) {
      const std::uint32_t count = to.counts[e];
      to.begins[e] = place;
      to.counts[e] = 0;
      for (std::uint32_t begin = 0; begin < count; begin += args.item_rows)
        to.items[item++] = {e, place + begin, count - begin < args.item_rows ? count - begin : args.item_rows};
      place += count;
    }
    if (thread_index() == 0) {
      *to.n_items = all_items;
      *to.arrived = 0;
    }
    sync_block();
    if (!args.places_too) return;
    for (std::uint32_t i = thread_index(); i < args.rows * args.used; i += kThreads) place_choice(to, i, args.used);
  }

  // Of the threads before this one; `all`: of all.
  TM_DEVICE static std::uint32_t sum_before(std::uint32_t value, Shared<std::uint32_t> scratch, std::uint32_t& all) {
    std::uint32_t sum = value;
    for (int step = 1; step < kWave; step *= 2) {
      const std::uint32_t other = shuffle(sum, lane() >= step ? lane() - step : 0);
      if (lane() >= step) sum += other;
    }
    sync_block();
    if (lane() == kWave - 1) scratch[warp()] = sum;
    sync_block();
    std::uint32_t before = 0;
    all = 0;
    for (int w = 0; w < kWarps; ++w) {
      if (w < warp()) before += scratch[w];
      all += scratch[w];
    }
    return before + sum - value;
  }
};

// For many rows, by many blocks.
struct PlaceChoices {
  using Args = ChooseExpertsArguments;
  static constexpr int kThreads = 256;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    wait_for_previous();
    const std::uint32_t i = block_index().x * kThreads + thread_index();
    if (i < args.rows * args.used) place_choice(args.choices, i, args.used);
  }
};

struct GatherExperts {
  using Args = GatherExpertsArguments;
  static constexpr int kThreads = 256;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    const std::uint32_t row = block_index().y, at = row * args.used;
    for (std::uint32_t c = 0; c < 4; ++c) {
      const std::uint32_t column = (block_index().x * 4 + c) * kThreads + thread_index();
      if (column >= args.width) return;
      float* to = args.residual + std::uint64_t{row} * args.width + column;
      float sum = *to;
      for (std::uint32_t i = at; i < at + args.used; ++i)
        if (args.choices.experts[i] >= 0) sum += args.choices.weights[i] * args.out[std::uint64_t{args.choices.places[i]} * args.width + column];
      *to = sum;
    }
  }
};

}  // namespace TM_GPU_NAMESPACE
