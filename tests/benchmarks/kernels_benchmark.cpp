// How fast the kernels are beside what the machine reaches at best. Pieces of well under a millisecond are timed in turn
// with their yardsticks, and the best of each is compared: other programs on the machine disturb only some of them.
//
// matmul: products of packed weights of 2048 columns that come from memory.
//   weights_GB_s  bytes of packed weights a second, 10^9
//   of_memory     that over the speed of merely reading as much: what counts for few tokens
//   GOP_s         two operations a weight and token
//   of_rate       that over the densest stream of the kind of instruction that the format has there (int8 dot products
//                 for quantised weights on AVX-512; BF16 dot products; AMX: BF16 tiles; else multiply-adds of floats)
//   of_limit      the time that the slower of the two yardsticks needs over the time taken
// Arguments: format (ggml's number; 56 fp8, 57 mxfp6), tokens, instruction set (0 portable, 1 avx2, 2 avx512,
// 3 avx512_bf16, 4 amx, 5 neon, 6 neon_dotprod), threads.
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

using Clock = std::chrono::steady_clock;

double seconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

struct Memory {
  explicit Memory(std::size_t bytes) : size(std::max<std::size_t>(bytes, 64)) {
    begin = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (begin == MAP_FAILED) std::abort();
    madvise(begin, size, MADV_HUGEPAGE);
  }
  ~Memory() { munmap(begin, size); }
  Memory(const Memory&) = delete;
  void* begin;
  std::size_t size;
};

// How fast a stream of instructions is, 10^9 operations a second, over some ten microseconds.
double rate_of(double (*stream)(std::uint64_t rounds)) {
  const auto start = Clock::now();
  const double operations = stream(2000);
  return operations / seconds(start, Clock::now()) / 1e9;
}

constexpr std::uint64_t kColumns = 2048;

// `panels` packed panels, all with the same random values: the speed does not depend on them.
std::unique_ptr<Memory> packed_panels(const Kernels& k, Format format, std::uint64_t panels) {
  std::vector<float> values(kColumns);
  const std::size_t row = row_bytes(format, kColumns), panel = k.panel_bytes(format, kColumns);
  std::vector<std::byte> rows(kPanelRows * row);
  for (std::uint64_t r = 0; r < kPanelRows; ++r) {
    for (std::size_t i = 0; i < kColumns; ++i)
      values[i] = static_cast<float>(((i + 7 * r) * 2654435761u >> 7) % 2001) / 1000 - 1;
    quantize_row(format, values.data(), kColumns, rows.data() + r * row);
  }
  auto memory = std::make_unique<Memory>(panels * panel);
  auto* at = static_cast<std::byte*>(memory->begin);
  k.pack_panel(format, rows.data(), kPanelRows, kColumns, at);
  for (std::uint64_t p = 1; p < panels; ++p) std::memcpy(at + p * panel, at, panel);
  return memory;
}

auto* densest_stream(Isa isa, Format format) {
  const Peaks& peaks = best_peaks();
  const bool floats = block_values(format) == 1 || format == Format::fp8;
  if (isa == Isa::amx && format != Format::f32 && format != Format::f16) return peaks.matrix_bf16;
  if (!floats && isa >= Isa::avx512 && peaks.int8 != nullptr) return peaks.int8;
  return floats && format != Format::f32 && isa >= Isa::avx512_bf16 && peaks.bf16 != nullptr ? peaks.bf16 : peaks.f32;
}

void matmul(benchmark::State& state) {
  const auto format = static_cast<Format>(state.range(0));
  const auto tokens = static_cast<std::uint32_t>(state.range(1));
  const auto isa = static_cast<Isa>(state.range(2));
  const auto threads = static_cast<std::uint32_t>(state.range(3));
  if (!isa_available(isa)) return state.SkipWithError("not on this processor");
  const Kernels& k = kernels(isa);
  const std::uint64_t rows = tokens <= 32 ? 512 : 128;  // of a piece
  const std::size_t piece_bytes = rows / kPanelRows * k.panel_bytes(format, kColumns);
  // Of each thread; a pass goes through all of them: for few tokens more than any cache holds.
  const std::uint64_t pieces = tokens <= 32 ? (std::size_t{768} << 20) / threads / piece_bytes : 64;
  const auto weights = packed_panels(k, format, pieces * threads * rows / kPanelRows);
  std::vector<float> x(kColumns), out(rows * tokens * threads);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 17) - 8;
  Memory prepared(k.prepared_bytes(format, kColumns) * tokens), scratch(k.matmul_scratch(format, kColumns) * threads);
  for (std::uint32_t t = 0; t < tokens; ++t)
    k.prepare(format, x.data(), kColumns, static_cast<std::byte*>(prepared.begin) + t * k.prepared_bytes(format, kColumns));
  auto* const rate = densest_stream(isa, format);

  std::barrier<> meet(threads);
  double best[3] = {1e9, 1e9, 1e9}, rate_operations = 0;  // product, read, arithmetic
  // Thread 0 keeps the time; the piece that is read was multiplied half a pass ago.
  const auto timed = [&](std::uint32_t thread, int what, const auto& work) {
    meet.arrive_and_wait();
    const auto start = Clock::now();
    work();
    meet.arrive_and_wait();
    if (thread == 0) best[what] = std::min(best[what], seconds(start, Clock::now()));
  };
  const auto pass = [&](std::uint32_t thread) {
    const auto* mine = static_cast<const std::byte*>(weights->begin) + thread * pieces * piece_bytes;
    auto* my_scratch = static_cast<std::byte*>(scratch.begin) + thread * k.matmul_scratch(format, kColumns);
    for (std::uint64_t i = 0; i < pieces; ++i) {
      const Matrix piece{format, rows, kColumns, mine + i * piece_bytes};
      timed(thread, 0, [&] {
        k.matmul(piece, prepared.begin, tokens, 0, rows, out.data() + thread * rows * tokens, rows, my_scratch);
      });
      timed(thread, 1, [&] {
        best_peaks().read(mine + (i + pieces / 2) % pieces * piece_bytes, piece_bytes / 1024 * 1024);
      });
      timed(thread, 2, [&] {
        const double operations = rate(20000);
        if (thread == 0) rate_operations = operations;
      });
    }
  };
  std::atomic<bool> stop = false;
  std::vector<std::jthread> others;
  for (std::uint32_t i = 1; i < threads; ++i)
    others.emplace_back([&, i] {
      while (meet.arrive_and_wait(), !stop) pass(i);
    });
  for (auto _ : state) {
    meet.arrive_and_wait();
    pass(0);
  }
  stop = true;
  meet.arrive_and_wait();
  others.clear();

  const double operations = 2.0 * static_cast<double>(rows * kColumns * tokens);
  const double arithmetic = operations / rate_operations * best[2];  // seconds that it takes at best
  state.counters["weights_GB_s"] = static_cast<double>(piece_bytes * threads) / best[0] / 1e9;
  state.counters["of_memory"] = best[1] / best[0];
  state.counters["GOP_s"] = operations * threads / best[0] / 1e9;
  state.counters["of_rate"] = arithmetic / best[0];
  state.counters["of_limit"] = std::max(best[1], arithmetic) / best[0];
  state.SetLabel(std::string(format_name(format)) + " " + std::string(isa_name(isa)));
}

void decode_and_prefill(benchmark::internal::Benchmark* benchmark) {
  for (int format : {2, 8, 12, 13, 14, 39, 57, 30, 1, 56})
    for (int isa : {0, 1, 2, 3, 4})
      for (int tokens : {1, 4, 8, 16, 32, 512})
        if (isa > 0 || tokens <= 4) benchmark->Args({format, tokens, isa, 1});
}
BENCHMARK(matmul)->Apply(decode_and_prefill)->Unit(benchmark::kMillisecond);

// Attention of one head's group of queries, `tokens` of them in a row at the end of a long context.
//   of_memory   tokens 1: the speed of the cache's bytes over that of merely reading as many, head by head in turn, the
//               best piece against the best
//   of_rate     two operations a multiplication, over the densest stream of what multiplies, in turn, best against best:
//               multiply-adds of floats (AVX2 can reach half of that at most), with AMX tiles of BF16
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
  KvCache cache{format, 16, context / 16, 1, dim, latent ? 512 : dim, nullptr, nullptr};
  const std::size_t head_bytes = key_bytes(cache) + (latent ? 0 : value_bytes(cache));
  const std::uint32_t heads =
      tokens > 1 ? 1 : std::max(1u, static_cast<std::uint32_t>((std::size_t{64} << 20) / head_bytes));
  cache.kv_heads = heads;
  Memory keys(key_bytes(cache)), values(value_bytes(cache)), scratch(k.attention_scratch(cache));
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
    operations += 2.0 * queries[q].end * (dim + cache.value_dim);
  }
  const bool tiles = isa == Isa::amx && format != Format::f32;
  double best = 1e9, best_read = 1e9, rate = 0;
  for (auto _ : state) {
    double pass = 0;
    for (std::uint32_t h = 0; h < heads; ++h) {  // short pieces: some of them other programs leave alone
      const auto start = Clock::now();
      k.attention(cache, h, blocks.data(), queries.data(), static_cast<std::uint32_t>(queries.size()), 0.1f, scratch.begin);
      const auto middle = Clock::now();
      pass += seconds(start, middle);
      best = std::min(best, seconds(start, middle));
      if (tokens > 1) continue;
      const std::size_t piece = keys.size / heads / 1024 * 1024;
      best_peaks().read(static_cast<const std::byte*>(keys.begin) + (h + heads / 2) % heads * piece, piece);
      best_read = std::min(best_read, seconds(middle, Clock::now()) * static_cast<double>(head_bytes) / static_cast<double>(piece));
    }
    state.SetIterationTime(pass);
    rate = std::max(rate, rate_of(tiles ? best_peaks().matrix_bf16 : best_peaks().f32));
  }
  if (tokens == 1) {
    state.counters["of_memory"] = best_read / best;
    state.counters["GB_s"] = static_cast<double>(head_bytes) / best / 1e9;
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
