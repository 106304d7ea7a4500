// Matrix products of the emulation: every value of the result is a scalar product, and lies with a thread that no rule
// gives away (its place, turned by a prime). All that a product reads is looked at once for each warp, as if its first lane
// read it; the arithmetic then goes to the memory straight.
#pragma once

namespace TM_GPU_NAMESPACE {

inline void publish_tiles() {}

// Rows [first, end) of a tile, their first `columns` values (a multiple of 8).
template <int R, int C>
void look_at(const Tile<R, C>& tile, int first, int end, int columns) {
  if (lane() != 0) return;
  for (int row = first; row < end; ++row)
    for (int column = 0; column < columns; column += 8) tile.values().load16(Tile<R, C>::place(row, column));
}

template <int M, int N, int kThreads>
class TileProduct {
  static_assert(M % 16 == 0 && N % 16 == 0);

 public:
  void clear() {
    for (float& sum : sums_) sum = 0;
  }
  template <int K>
  void add_nk(const Tile<M, K>& a, const Tile<N, K>& b, int k) {
    look_at(a, 0, M, k);
    look_at(b, 0, N, k);
    const std::uint16_t *left = a.values().unchecked(), *right = b.values().unchecked();
    each([&](int row, int column, float& sum) {
      for (int i = 0; i < k; i += 8) {
        const std::uint16_t *x = left + Tile<M, K>::place(row, i), *y = right + Tile<N, K>::place(column, i);
        for (int j = 0; j < 8; ++j) sum += from_bf16(x[j]) * from_bf16(y[j]);
      }
    });
  }
  template <int K>
  void add_kn(const Tile<M, K>& a, const Tile<K, N>& b, int k) {
    look_at(a, 0, M, k);
    look_at(b, 0, k, N);
    const std::uint16_t *left = a.values().unchecked(), *right = b.values().unchecked();
    each([&](int row, int column, float& sum) {
      for (int i = 0; i < k; ++i) sum += from_bf16(left[Tile<M, K>::place(row, i)]) * from_bf16(right[Tile<K, N>::place(i, column)]);
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
