// Matrix products of the emulation: every value of the result is a scalar product, and lies with a thread that no rule
// gives away (its place, turned by a prime).
#pragma once

namespace TM_GPU_NAMESPACE {

inline void publish_tiles() {}

template <int M, int N, int kThreads>
class TileProduct {
  static_assert(M % 16 == 0 && N % 16 == 0);

 public:
  void clear() {
    for (float& sum : sums_) sum = 0;
  }
  template <int K>
  void add_nk(const Tile<M, K>& a, const Tile<N, K>& b, int k) {
    each([&](int row, int column, float& sum) {
      for (int i = 0; i < k; ++i) sum += a.load(row, i) * b.load(column, i);
    });
  }
  template <int K>
  void add_kn(const Tile<M, K>& a, const Tile<K, N>& b, int k) {
    each([&](int row, int column, float& sum) {
      for (int i = 0; i < k; ++i) sum += a.load(row, i) * b.load(i, column);
    });
  }
  template <class F>
  void each(F&& f) {
    int mine = 0;
    for (int place = static_cast<int>(thread_index()); place < M * N; place += kThreads, ++mine) {
      const int at = static_cast<int>(std::int64_t{place} * 7919 % (M * N));  // a prime: every value once
      f(at / N, at % N, sums_[mine]);
    }
  }

 private:
  float sums_[(M * N + kThreads - 1) / kThreads] = {};
};

}  // namespace TM_GPU_NAMESPACE
