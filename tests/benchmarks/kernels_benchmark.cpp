// How fast the kernels are beside what the machine reaches at best. A pass goes once through the matrices of
// Llama-3.2-1B's layers and output (about 1.24e9 weights), as a step of decode or of prefill does.
//   weights_GB_s   bytes of weights a second, 10^9
//   of_memory      that over the speed of merely reading the same weights, in turn: what counts for one token
//                  (the median and the quartiles of the passes)
//   GFLOP_s        two operations a weight and token: what counts for many tokens
// Arguments: format (0 f32, 1 f16, 2 q4_0, 8 q8_0, 30 bf16), tokens, instruction set (0 portable, 1 avx2, 2
// avx512), threads.
#include <benchmark/benchmark.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "kernels/cpu/kernels.h"
#include "kernels/cpu/peaks.h"

namespace tokenmark::cpu {
namespace {

struct Shape {
  std::uint64_t rows, columns;
};
// q, k and v together, attention output, gate and up together, down; and the output matrix.
constexpr Shape kLayer[] = {{3072, 2048}, {2048, 2048}, {16384, 2048}, {2048, 8192}};
constexpr Shape kOutput = {128256, 2048};
constexpr int kLayers = 16;

using Clock = std::chrono::steady_clock;

double seconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

struct Memory {
  explicit Memory(std::size_t bytes) : size(bytes) {
    begin = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (begin == MAP_FAILED) std::abort();
    madvise(begin, bytes, MADV_HUGEPAGE);
  }
  ~Memory() { munmap(begin, size); }
  Memory(const Memory&) = delete;
  void* begin;
  std::size_t size;
};

std::vector<Matrix> matrices(Format format, int layers) {
  std::vector<Matrix> all;
  for (int i = 0; i < layers; ++i)
    for (const Shape& shape : kLayer) all.push_back({format, shape.rows, shape.columns, nullptr});
  all.push_back({format, kOutput.rows, kOutput.columns, nullptr});
  return all;
}

// Rows of random values, the same few rows over and over: the speed does not depend on them.
std::unique_ptr<Memory> fill(std::vector<Matrix>& all) {
  std::size_t bytes = 0;
  for (const Matrix& m : all) bytes += m.rows * row_bytes(m.format, m.columns) + 64;
  auto memory = std::make_unique<Memory>(bytes);
  auto* at = static_cast<std::byte*>(memory->begin);
  std::vector<float> values(8192);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>((i * 2654435761u >> 7) % 2001) / 1000 - 1;
  for (Matrix& m : all) {
    m.values = at;
    const std::size_t size = row_bytes(m.format, m.columns);
    std::vector<std::byte> row(size);
    quantize_row(m.format, values.data(), m.columns, row.data());
    for (std::uint64_t r = 0; r < m.rows; ++r, at += size) std::memcpy(at, row.data(), size);
    at += 64 - size * m.rows % 64;
  }
  return memory;
}

// Operations a second of the instruction set's densest stream, 10^9, for a millisecond or so.
double instruction_rate(Isa isa) {
  const Peaks& peaks = best_peaks();
  auto* kernel = isa == Isa::avx512_bf16 && peaks.bf16 != nullptr ? peaks.bf16 : peaks.f32;
  const auto start = Clock::now();
  const double operations = kernel(10000);
  return operations / seconds(start, Clock::now()) / 1e9;
}

void matmul(benchmark::State& state) {
  const auto format = static_cast<Format>(state.range(0));
  const auto tokens = static_cast<std::uint32_t>(state.range(1));
  const auto isa = static_cast<Isa>(state.range(2));
  const auto threads = static_cast<std::uint32_t>(state.range(3));
  if (!isa_available(isa)) return state.SkipWithError("not on this processor");
  const Kernels& k = kernels(isa);
  std::vector<Matrix> all = matrices(format, tokens > 1 ? 2 : kLayers);
  const auto weights = fill(all);
  double weight_bytes = 0, operations = 0;
  for (const Matrix& m : all) {
    weight_bytes += static_cast<double>(m.rows * row_bytes(format, m.columns));
    operations += 2.0 * static_cast<double>(m.rows * m.columns * tokens);
  }
  std::vector<float> x(8192, 0.5f), out(kOutput.rows * tokens);
  Memory prepared(k.prepared_bytes(format, 8192) * tokens);
  const std::size_t bytes_2048 = k.prepared_bytes(format, 2048), bytes_8192 = k.prepared_bytes(format, 8192);

  // Prepared forms of both widths do not fit the same bytes: each matrix prepares its own, as a real step
  // does.
  std::barrier<> meet(threads);
  const auto pass = [&](std::uint32_t thread) {
    for (const Matrix& m : all) {
      const std::size_t token_bytes = m.columns == 2048 ? bytes_2048 : bytes_8192;
      for (std::uint32_t t = thread; t < tokens; t += threads)
        k.prepare(format, x.data(), m.columns, static_cast<std::byte*>(prepared.begin) + t * token_bytes);
      meet.arrive_and_wait();
      const std::uint64_t share = m.rows / threads / 16 * 16;
      const std::uint64_t end = thread + 1 == threads ? m.rows : (thread + 1) * share;
      k.matmul(m, prepared.begin, tokens, thread * share, end, out.data(), m.rows, nullptr);
      meet.arrive_and_wait();
    }
  };
  // The yardstick: the same memory, merely read, in turn with each pass; so other programs slow down both.
  const auto read = [&](std::uint32_t thread) {
    const std::size_t share = weights->size / threads / 1024 * 1024;
    best_peaks().read(static_cast<const std::byte*>(weights->begin) + thread * share, share);
    meet.arrive_and_wait();
  };
  std::atomic<bool> stop = false;
  std::vector<std::jthread> others;
  for (std::uint32_t i = 1; i < threads; ++i)
    others.emplace_back([&, i] {
      while (meet.arrive_and_wait(), !stop) pass(i), read(i);
    });
  std::vector<double> pass_seconds, shares;
  for (auto _ : state) {
    meet.arrive_and_wait();
    const auto start = Clock::now();
    pass(0);
    const auto middle = Clock::now();
    read(0);
    const auto end = Clock::now();
    pass_seconds.push_back(seconds(start, middle));
    shares.push_back(seconds(middle, end) / pass_seconds.back());
    state.SetIterationTime(pass_seconds.back());
  }
  stop = true;
  meet.arrive_and_wait();
  others.clear();

  std::sort(shares.begin(), shares.end());
  std::sort(pass_seconds.begin(), pass_seconds.end());
  const double pass_median = pass_seconds[pass_seconds.size() / 2];
  state.counters["weights_GB_s"] = weight_bytes / pass_median / 1e9;
  state.counters["of_memory"] = shares[shares.size() / 2];
  state.counters["of_memory_p25"] = shares[shares.size() / 4];
  state.counters["of_memory_p75"] = shares[shares.size() * 3 / 4];
  state.counters["GFLOP_s"] = operations / pass_median / 1e9;
  state.SetLabel(std::string(format_name(format)) + " " + std::string(isa_name(isa)));
}

void decode_and_prefill(benchmark::internal::Benchmark* benchmark) {
  for (int format : {2, 8, 30, 1})
    for (int isa : {0, 1, 2})
      for (int tokens : {1, 4, 8, 16, 64, 256})
        if (isa > 0 || tokens <= 4) benchmark->Args({format, tokens, isa, 2});
}
BENCHMARK(matmul)->Apply(decode_and_prefill)->UseManualTime()->Unit(benchmark::kMillisecond);

// Attention of one head's group of queries, `tokens` of them in a row at the end of a long context.
//   of_memory   tokens 1: the speed of the cache's bytes over that of merely reading them, in turn, best against best
//   of_rate     two operations a multiplication, over the densest stream of the instruction set's own: fused
//               multiply-adds of floats, or BF16 dot products (avx512_bf16, amx), in turn, best against best
// Arguments: format, instruction set, context, queries a head, tokens, key dimension (value dimension the same; 576:
// latent with values of 512).
void attention(benchmark::State& state) {
  const auto format = static_cast<Format>(state.range(0));
  const auto isa = static_cast<Isa>(state.range(1));
  const auto context = static_cast<std::uint32_t>(state.range(2)), group = static_cast<std::uint32_t>(state.range(3));
  const auto tokens = static_cast<std::uint32_t>(state.range(4)), dim = static_cast<std::uint32_t>(state.range(5));
  if (!isa_available(isa)) return state.SkipWithError("not on this processor");
  const Kernels& k = kernels(isa);
  const bool latent = dim == 576;
  // As many heads as make 64 MiB, so that they come from memory one after another; prefill needs only one.
  KvCache cache{format, 16, 1, dim, latent ? 512 : dim, nullptr, nullptr};
  const std::size_t head_bytes = key_bytes(cache, context / 16) + (latent ? 0 : value_bytes(cache, context / 16));
  const std::uint32_t heads =
      tokens > 1 ? 1 : std::max(1u, static_cast<std::uint32_t>((std::size_t{64} << 20) / head_bytes));
  cache.kv_heads = heads;
  Memory keys(key_bytes(cache, context / 16)), values(value_bytes(cache, context / 16)), scratch(k.attention_scratch(cache));
  cache.keys = keys.begin;
  cache.values = latent ? nullptr : values.begin;
  std::vector<float> row(std::size_t{heads} * dim), query(std::size_t{group} * tokens * dim, 0.1f), out(query.size());
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<float>((i * 2654435761u >> 7) % 2001) / 1000 - 1;
  for (std::uint32_t t = 0; t < context; ++t) k.kv_write(cache, t, row.data(), row.data());
  std::vector<std::int32_t> blocks(context / 16);
  for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = static_cast<std::int32_t>(i);
  std::vector<AttentionQuery> queries(std::size_t{group} * tokens);
  double operations = 0;
  for (std::uint32_t q = 0; q < queries.size(); ++q) {
    queries[q] = {query.data() + q * dim, out.data() + q * cache.value_dim, 0, context - tokens + q / group + 1};
    operations += 2.0 * queries[q].end * (dim + cache.value_dim) * heads;
  }
  double best = 1e9, best_read = 1e9, rate = 0;
  for (auto _ : state) {
    const auto start = Clock::now();
    for (std::uint32_t h = 0; h < heads; ++h)
      k.attention(cache, h, blocks.data(), queries.data(), static_cast<std::uint32_t>(queries.size()), 0.1f, scratch.begin);
    const auto middle = Clock::now();
    best = std::min(best, seconds(start, middle));
    state.SetIterationTime(seconds(start, middle));
    if (tokens == 1) {
      best_peaks().read(keys.begin, keys.size / 1024 * 1024);
      if (!latent) best_peaks().read(values.begin, values.size / 1024 * 1024);
      best_read = std::min(best_read, seconds(middle, Clock::now()));
    }
    rate = std::max(rate, instruction_rate(isa));
  }
  if (tokens == 1) {
    state.counters["of_memory"] = best_read / best;
    state.counters["GB_s"] = static_cast<double>(head_bytes * heads) / best / 1e9;
  }
  state.counters["GFLOP_s"] = operations / best / 1e9;
  state.counters["of_rate"] = operations / best / 1e9 / rate;
  state.SetLabel(std::string(format_name(format)) + " " + std::string(isa_name(isa)));
}
void attention_decode(benchmark::internal::Benchmark* benchmark) {
  for (int isa : {1, 2, 3, 4})
    for (int format : {0, 1, 30, 56, 8})
      for (int context : {8192, 32768})
        for (int group : {1, 4, 8}) benchmark->Args({format, isa, context, group, 1, 128});
  for (int isa : {1, 2, 3, 4})
    for (int format : {1, 30, 56, 8}) benchmark->Args({format, isa, 8192, 128, 1, 576});
}
void attention_prefill(benchmark::internal::Benchmark* benchmark) {
  for (int isa : {1, 2, 3, 4})
    for (int format : {0, 1, 30, 56, 8})
      for (int context : {8192, 32768})
        for (int dim : {64, 128}) benchmark->Args({format, isa, context, 4, 64, dim});
}
BENCHMARK(attention)->Name("attention_decode")->Apply(attention_decode)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(attention)->Name("attention_prefill")->Apply(attention_prefill)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tokenmark::cpu

BENCHMARK_MAIN();
