// One token from logits (kernels/cpu/sampling.h says what is meant). Weights are exp((logit - greatest) / temperature): 1
// for the most likely token. What top_k and top_p keep is found as a threshold on the weights' bits, which grow with them:
// kept are the weights above it, and the first `ties` in the order of ids of those that equal it.
//
// Usually few tokens have most of the sum: they are gathered in shared memory, in the order of their ids, and searched
// there. Where they are too many the logits themselves are passed over for every two bits of the threshold.
#pragma once

#include "kernels/gpu/device.h"
#include "kernels/gpu/sampling_arguments.h"

namespace TM_GPU_NAMESPACE {

// Grows with x; NaN is below all, and zeros are equal.
TM_DEVICE std::uint32_t order_of(float x) {
  if (x != x) return 0;
  const std::uint32_t bits = float_to_bits(x + 0.0f);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}
TM_DEVICE float of_order(std::uint32_t order) {
  return bits_to_float(order & 0x80000000u ? order & 0x7fffffffu : ~order);
}
TM_DEVICE Likeliest likelier(const Likeliest& a, const Likeliest& b) {
  return a.order > b.order || (a.order == b.order && a.id < b.id) ? a : b;
}
TM_DEVICE Likeliest likeliest_of_lanes(Likeliest best) {
  for (int step = kWave / 2; step > 0; step /= 2) {
    const Likeliest other{shuffle_xor(best.order, step), shuffle_xor(best.id, step)};
    best = likelier(best, other);
  }
  return best;
}

// Of each chunk of the vocabulary.
struct FindLikeliest {
  using Args = SampleArguments;
  static constexpr int kThreads = 256;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    const std::uint32_t chunk = block_index().x, sample = block_index().y;
    const std::int32_t row = args.rows ? args.rows[sample] : static_cast<std::int32_t>(sample);
    if (row < 0) return;
    SharedMemory memory;
    const auto orders = memory.take<std::uint32_t>(kThreads / kWave), ids = memory.take<std::uint32_t>(kThreads / kWave);
    const float* logits = args.logits + std::uint64_t{static_cast<std::uint32_t>(row)} * args.logits_pitch;
    Likeliest best{0, UINT32_MAX};
    TM_UNROLL
    for (std::uint32_t i = 0; i < kSamplingChunk / kThreads; ++i) {
      const std::uint32_t id = chunk * kSamplingChunk + i * kThreads + thread_index();
      if (id < args.vocabulary) best = likelier(best, {order_of(logits[id]), id});
    }
    best = likeliest_of_lanes(best);
    if (lane() == 0) {
      orders[warp()] = best.order;
      ids[warp()] = best.id;
    }
    sync_block();
    if (thread_index() > 0) return;
    for (int w = 1; w < kThreads / kWave; ++w) best = likelier(best, {orders[w], ids[w]});
    args.scratch[std::uint64_t{sample} * grid_blocks().x + chunk] = best;
  }
};

struct SampleToken {
  using Args = SampleArguments;
  static constexpr int kThreads = 512, kWarps = kThreads / kWave;
  static constexpr bool kWaits = true;
  static constexpr std::uint32_t kCandidates = 4096;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    const std::uint32_t sample = block_index().x;
    const std::int32_t row = args.rows ? args.rows[sample] : static_cast<std::int32_t>(sample);
    if (row < 0) return;
    const Likeliest best = most_likely(args, sample);
    const float greatest = of_order(best.order);
    const Sampling sampling = args.sampling[sample];
    std::uint32_t token = best.id;
    if (sampling.temperature > 0 && best.order != 0 && greatest - greatest == 0) {
      SampleToken block(args, args.logits + std::uint64_t{static_cast<std::uint32_t>(row)} * args.logits_pitch, sampling, greatest);
      token = block.sample();
    }
    if (thread_index() > 0) return;
    args.tokens[sample] = static_cast<std::int32_t>(token);
    if (args.sequence_ids) args.last_sampled[args.sequence_ids[sample]] = static_cast<std::int32_t>(token);
  }

 private:
  static constexpr std::uint32_t kOne = 0x3f800000u;  // the greatest weight's bits

  TM_DEVICE static Likeliest most_likely(const Args& args, std::uint32_t sample) {
    const std::uint32_t chunks = (args.vocabulary + kSamplingChunk - 1) / kSamplingChunk;
    Likeliest best{0, UINT32_MAX};
    for (std::uint32_t c = lane(); c < chunks; c += kWave) best = likelier(best, args.scratch[std::uint64_t{sample} * chunks + c]);
    return likeliest_of_lanes(best);
  }

  TM_DEVICE SampleToken(const Args& args, const float* logits, const Sampling& sampling, float greatest)
      : logits_(logits), vocabulary_(args.vocabulary), sampling_(sampling), greatest_(greatest), inverse_(1 / sampling.temperature),
        least_(sampling.min_p < 1 ? sampling.min_p : 1) {
    SharedMemory memory;
    of_warps_ = memory.take<float>(kWarps * 8);
    totals_ = memory.take<float>(8);
    chosen_ = memory.take<std::uint32_t>(4);
    weights_ = memory.take<float>(kCandidates);
    ids_ = memory.take<std::uint32_t>(kCandidates);
  }

  // ---- where weights are looked at: all logits, or the candidates in shared memory, four neighbours at a time ----

  struct Logits {
    const SampleToken& block;
    TM_DEVICE std::uint32_t size() const { return block.vocabulary_; }
    TM_DEVICE std::uint32_t id(std::uint32_t i) const { return i; }
    TM_DEVICE void weights(std::uint32_t i, float* out) const {
      if (i + 4 <= size() && (reinterpret_cast<std::uintptr_t>(block.logits_ + i) & 15u) == 0) {
        const Bytes16 four = load16(block.logits_ + i);
        for (int j = 0; j < 4; ++j) out[j] = block.weight(bits_to_float(four.word[j]));
        return;
      }
      for (std::uint32_t j = 0; j < 4; ++j) out[j] = i + j < size() ? block.weight(block.logits_[i + j]) : 0;
    }
  };
  struct Candidates {
    const SampleToken& block;
    TM_DEVICE std::uint32_t size() const { return block.n_candidates_; }
    TM_DEVICE std::uint32_t id(std::uint32_t i) const { return block.ids_[i]; }
    TM_DEVICE void weights(std::uint32_t i, float* out) const {
      for (std::uint32_t j = 0; j < 4; ++j) out[j] = i + j < size() ? static_cast<float>(block.weights_[i + j]) : 0;
    }
  };
  // A warp has neighbours, so that the order of warps is that of ids.
  template <class Source>
  TM_DEVICE static std::uint32_t share(const Source& source) {
    const std::uint32_t fours = (source.size() + 3) / 4;
    return (fours + kWarps * kWave - 1) / (kWarps * kWave) * kWave * 4;
  }
  template <class Source, class Each>
  TM_DEVICE static void each4(const Source& source, Each each) {
    const std::uint32_t all = share(source), first = static_cast<std::uint32_t>(warp()) * all;
    for (std::uint32_t i = static_cast<std::uint32_t>(lane()) * 4; i < all; i += kWave * 4) {
      float weights[4];
      source.weights(first + i, weights);
      each(first + i, weights);
    }
  }
  TM_DEVICE float weight(float logit) const {
    const float w = exponential((logit - greatest_) * inverse_);
    return w > 0 && w >= least_ ? w : 0;  // NaN is neither
  }

  // ---- sums over the block ----

  // Of n values a thread, into totals_; of each warp's, into of_warps_[warp * 8 + value].
  template <int n>
  TM_DEVICE void total(const float* values) {
    TM_UNROLL
    for (int v = 0; v < n; ++v) {
      const float sum = sum_lanes(values[v]);
      if (lane() == 0) of_warps_[warp() * 8 + v] = sum;
    }
    sync_block();
    for (int v = warp(); v < n; v += kWarps) {
      const float sum = sum_lanes(lane() < kWarps ? static_cast<float>(of_warps_[lane() * 8 + v]) : 0.0f);
      if (lane() == 0) totals_[v] = sum;
    }
    sync_block();
  }

  // How many weights, or what sum of them, is above each threshold; into totals_[0 … 2].
  template <class Source>
  TM_DEVICE void measure(const Source& source, const std::uint32_t* thresholds, bool counted) {
    float above[3] = {0, 0, 0};
    each4(source, [&](std::uint32_t, const float* w) {
      TM_UNROLL
      for (int j = 0; j < 4; ++j)
        TM_UNROLL
        for (int t = 0; t < 3; ++t)
          if (float_to_bits(w[j]) > thresholds[t]) above[t] += counted ? 1.0f : w[j];
    });
    total<3>(above);
  }

  // The least threshold from `least` on that has less than `wanted` above it, and how much it has.
  struct Found {
    std::uint32_t threshold;
    float above;
  };
  template <class Source>
  TM_DEVICE Found search(const Source& source, std::uint32_t least, float wanted, bool counted) {
    // Thresholds below `begin` have at least `wanted` above them, `end` has not.
    std::uint32_t begin = least, end = kOne;
    float above_end = 0;
    while (begin < end) {
      const std::uint32_t quarter = (end - begin) / 4, thresholds[3] = {begin + quarter, begin + (end - begin) / 2, end - 1 - quarter};
      measure(source, thresholds, counted);
      float above[3];
      for (int t = 0; t < 3; ++t) above[t] = totals_[t];
      sync_block();
      for (int t = 2; t >= 0; --t) {
        if (above[t] < wanted) {
          end = thresholds[t];
          above_end = above[t];
        } else if (thresholds[t] >= begin) {
          begin = thresholds[t] + 1;
          break;
        }
      }
    }
    return {end, above_end};
  }

  // ---- what is kept ----

  TM_DEVICE std::uint32_t sample() {
    if (sampling_.top_k <= 0 && sampling_.top_p >= 1) return pick(Logits{*this}, {0, 0}, UINT32_MAX);
    if (gather()) return keep_and_pick(Candidates{*this});
    return keep_and_pick(Logits{*this});
  }

  // The tokens that are enough for what is to be kept, if they are few: true, and they are in shared memory.
  TM_DEVICE bool gather() {
    const float thresholds[3] = {0x1p-7f, 0x1p-12f, 0x1p-20f};
    float values[7] = {0, 0, 0, 0, 0, 0, 0};  // counts above, sums above, all
    each4(Logits{*this}, [&](std::uint32_t, const float* w) {
      TM_UNROLL
      for (int j = 0; j < 4; ++j) {
        TM_UNROLL
        for (int t = 0; t < 3; ++t) {
          values[t] += w[j] > thresholds[t] ? 1.0f : 0.0f;
          values[3 + t] += w[j] > thresholds[t] ? w[j] : 0.0f;
        }
        values[6] += w[j];
      }
    });
    total<7>(values);
    total_ = totals_[6];
    int enough = 0;
    while (enough < 3 && !suffices(totals_[enough], totals_[3 + enough])) ++enough;
    const bool fits = enough < 3 && totals_[enough] <= static_cast<float>(kCandidates);
    if (fits) compact(thresholds[enough], enough);
    sync_block();
    return fits;
  }
  // The second sum has to reach beyond what rounding could make of it.
  TM_DEVICE bool suffices(float count, float sum) const {
    return sampling_.top_k > 0 ? count >= static_cast<float>(sampling_.top_k) : sum >= sampling_.top_p * total_ * 1.0001f && sum > 0;
  }
  TM_DEVICE void compact(float threshold, int which) {
    std::uint32_t place = 0;
    for (int w = 0; w < warp(); ++w) place += static_cast<std::uint32_t>(of_warps_[w * 8 + which]);
    n_candidates_ = static_cast<std::uint32_t>(static_cast<float>(totals_[which]));
    each4(Logits{*this}, [&](std::uint32_t i, const float* w) {
      std::uint32_t mine = 0;
      for (int j = 0; j < 4; ++j) mine += w[j] > threshold ? 1 : 0;
      const std::uint32_t end = prefix(mine);
      std::uint32_t at = place + end - mine;
      for (std::uint32_t j = 0; j < 4; ++j)
        if (w[j] > threshold) {
          weights_[at] = w[j];
          ids_[at++] = i + j;
        }
      place += shuffle(end, kWave - 1);
    });
  }
  // Of this lane and those before it.
  template <class T>
  TM_DEVICE static T prefix(T value) {
    for (int step = 1; step < kWave; step *= 2) {
      const T before = shuffle(value, lane() >= step ? lane() - step : lane());
      if (lane() >= step) value += before;
    }
    return value;
  }

  template <class Source>
  TM_DEVICE std::uint32_t keep_and_pick(const Source& source) {
    Found kept{0, total_};
    std::uint32_t ties = UINT32_MAX;  // of the weights at the threshold, how many are kept
    float sum = total_;
    if (sampling_.top_k > 0) {
      const auto k = static_cast<float>(sampling_.top_k);
      kept = search(source, 0, k, true);
      ties = kept.threshold == 0 ? UINT32_MAX : static_cast<std::uint32_t>(k - kept.above);
      const std::uint32_t thresholds[3] = {kept.threshold, kOne, kOne};
      measure(source, thresholds, false);
      kept.above = totals_[0];
      sum = kept.above + (kept.threshold == 0 ? 0 : static_cast<float>(ties) * bits_to_float(kept.threshold));
      sync_block();
    }
    if (sampling_.top_p < 1) {
      const float wanted = sampling_.top_p * sum, any = 0x1p-126f;  // the most likely stays whatever top_p is
      const std::uint32_t least = kept.threshold;
      kept = search(source, least, wanted > any ? wanted : any, false);
      if (kept.threshold > 0) {
        const float missing = (wanted - kept.above) / bits_to_float(kept.threshold);
        std::uint32_t more = missing > 1 ? static_cast<std::uint32_t>(missing) : 1;
        if (static_cast<float>(more) < missing) ++more;
        ties = kept.threshold == least && ties < more ? ties : more;
      }
    }
    return pick(source, kept, ties);
  }

  // ---- the token ----

  // The first one in the order of ids whose cumulative share of what is kept exceeds `uniform`.
  template <class Source>
  TM_DEVICE std::uint32_t pick(const Source& source, const Found& kept, std::uint32_t ties) {
    float values[2] = {0, 0};  // sum above the threshold, number at it
    each4(source, [&](std::uint32_t, const float* w) {
      TM_UNROLL
      for (int j = 0; j < 4; ++j) {
        values[0] += float_to_bits(w[j]) > kept.threshold ? w[j] : 0.0f;
        values[1] += float_to_bits(w[j]) == kept.threshold ? 1.0f : 0.0f;
      }
    });
    total<2>(values);
    const float at_threshold = bits_to_float(kept.threshold);  // 0 where all are kept
    const float all_ties = totals_[1], limit = static_cast<float>(ties) < all_ties ? static_cast<float>(ties) : all_ties;
    const float target = sampling_.uniform * (static_cast<float>(totals_[0]) + limit * at_threshold);
    // The last warp that has something kept and begins at or below the target.
    float before = 0, ties_before = 0;
    float chosen_before = 0, chosen_ties = 0;
    int chosen = 0;
    for (int w = 0; w < kWarps; ++w) {
      const float ties_here = of_warps_[w * 8 + 1], left = limit - ties_before, counted = ties_here < left ? ties_here : left > 0 ? left : 0;
      const float here = static_cast<float>(of_warps_[w * 8]) + counted * at_threshold;
      if (here > 0 && before <= target) {
        chosen = w;
        chosen_before = before;
        chosen_ties = ties_before;
      }
      before += here;
      ties_before += ties_here;
    }
    if (warp() == chosen) find(source, kept.threshold, limit - chosen_ties, target - chosen_before);
    sync_block();
    return chosen_[0];
  }
  // Within this warp's share.
  template <class Source>
  TM_DEVICE void find(const Source& source, std::uint32_t threshold, float ties, float target) {
    float before = 0;
    std::uint32_t last = UINT32_MAX;
    bool found = false;
    each4(source, [&](std::uint32_t i, const float* w) {
      if (found) return;
      float mine = 0;
      for (int j = 0; j < 4; ++j) mine += float_to_bits(w[j]) == threshold ? 1.0f : 0.0f;
      float ties_left = ties - (prefix(mine) - mine);
      ties -= sum_lanes(mine);
      float kept[4], sum = 0;
      for (int j = 0; j < 4; ++j) {
        kept[j] = float_to_bits(w[j]) > threshold ? w[j] : 0;
        if (threshold > 0 && float_to_bits(w[j]) == threshold && ties_left-- >= 1) kept[j] = w[j];
        sum += kept[j];
      }
      float cumulative = before + prefix(sum) - sum;
      std::uint32_t candidate = UINT32_MAX, last_here = UINT32_MAX;
      for (std::uint32_t j = 0; j < 4; ++j) {
        cumulative += kept[j];
        if (kept[j] > 0 && cumulative > target && candidate == UINT32_MAX) candidate = i + j;
        if (kept[j] > 0) last_here = i + j;
      }
      before += sum_lanes(sum);
      const std::uint32_t first = reduce_lanes(candidate, [](std::uint32_t a, std::uint32_t b) { return a < b ? a : b; });
      // What rounding leaves unfound is the last that was kept.
      const std::uint32_t latest = maximum_lanes(last_here + 1);
      if (latest > 0) last = latest - 1;
      found = first != UINT32_MAX;
      if (found) last = first;
    });
    if (lane() == 0) chosen_[0] = source.id(last);
  }

  const float* logits_;
  std::uint32_t vocabulary_;
  Sampling sampling_;
  float greatest_, inverse_, least_;
  float total_ = 0;                  // of all weights
  std::uint32_t n_candidates_ = 0;
  Shared<float> of_warps_, totals_, weights_;
  Shared<std::uint32_t> chosen_, ids_;
};

}  // namespace TM_GPU_NAMESPACE
