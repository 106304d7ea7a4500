// A warp's attention (strip.h) in the emulation: a row belongs to kWave / 16 neighbouring lanes, each of which holds every
// so manieth key and column of it.
#pragma once

namespace TM_GPU_NAMESPACE {

template <int kTiles, int kKeys, int kValueDim>
class Strip {
  static constexpr int kOfRow = kWave / 16;

 public:
  static constexpr int kSlots = kTiles;
  static int row(int slot) { return slot * 16 + lane() / kOfRow; }

  void clear() {
    each(sums_, [](int, int, float& value) { value = 0; });
  }
  template <int kRows, int kDim>
  void score(const Tile<kRows, kDim>& queries, int first, const Tile<kKeys, kDim>& keys) {
    each(scores_, [&](int slot, int key, float& score) {
      score = 0;
      for (int i = 0; i < kDim; ++i) score += queries.load(first + row(slot), i) * keys.load(key, i);
    });
  }
  template <class F>
  void each_score(F&& f) {
    each(scores_, f);
  }
  static float maximum(float v) { return maximum_lanes<kOfRow>(v); }
  static float sum(float v) { return sum_lanes<kOfRow>(v); }
  void scale(const float* factors) {
    each(sums_, [&](int slot, int, float& value) { value *= factors[slot]; });
  }
  void add(const Tile<kKeys, kValueDim>& values) {
    for (int slot = 0; slot < kTiles; ++slot)
      for (int key = 0; key < kKeys; ++key) {
        const float weight = from_bf16(to_bf16(shuffle(scores_[slot][key / kOfRow], lane() / kOfRow * kOfRow + key % kOfRow)));
        for (int i = 0; i < kValueDim / kOfRow; ++i) sums_[slot][i] += weight * values.load(key, i * kOfRow + lane() % kOfRow);
      }
  }
  template <class F>
  void each_sum(F&& f) {
    each(sums_, f);
  }

 private:
  template <int n, class F>
  static void each(float (&held)[kTiles][n], F&& f) {
    for (int slot = 0; slot < kTiles; ++slot)
      for (int i = 0; i < n; ++i) f(slot, i * kOfRow + lane() % kOfRow, held[slot][i]);
  }

  float scores_[kTiles][kKeys / kOfRow], sums_[kTiles][kValueDim / kOfRow];
};

}  // namespace TM_GPU_NAMESPACE
