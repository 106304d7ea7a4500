// Heads that are stored by the product which makes them: cache and queries are, bit for bit, those of the kernel store_heads.
#include "kernels/formats/format.h"
#include "plugins/gpu/attention.h"
#include "plugins/gpu/products.h"
#include "tests/kernels/gpu/case.h"
#include "tests/kernels/gpu/weights.h"

namespace tokenmark::gpu {
namespace {

struct HeadsShape {
  Format weights = Format::bf16;
  std::uint32_t cache = TM_F16;
  std::uint32_t rows = 1, heads = 4, kv_heads = 2, dim = 16, rope_dim = 16;
  bool normed = false, interleaved = false, biased = false;
};

// What is made in memory of its own, once in one way and once in the other.
struct Made {
  DeviceArray<float> projected;
  DeviceArray<std::uint16_t> queries;
  DeviceArray<std::byte> cache;
};

class HeadsCase {
 public:
  HeadsCase(Gpu& gpu, const HeadsShape& shape) : gpu_(gpu), s_(shape) {}

  Status run() {
    TOKENMARK_CHECK(bring());
    TOKENMARK_TRY(Made apart, room());
    TOKENMARK_TRY(Made together, room());
    TOKENMARK_CHECK(make_apart(apart));
    for (int i = 0; i < 2; ++i) TOKENMARK_CHECK(make_together(together));  // the second time finds its counters as the first one did
    TOKENMARK_CHECK(same("queries", apart.queries, together.queries));
    return same("the cache", apart.cache, together.cache);
  }

 private:
  static constexpr std::uint32_t kColumns = 128, kBlocks = 4, kTokensPerBlock = 8;
  std::uint32_t q_width() const { return s_.heads * s_.dim; }
  std::uint32_t kv_width() const { return s_.kv_heads * s_.dim; }

  Status bring() {
    TOKENMARK_TRY(k_, TestMatrix::make(gpu_, s_.weights, kv_width(), kColumns, 1));
    TOKENMARK_TRY(v_, TestMatrix::make(gpu_, s_.weights, kv_width(), kColumns, 2));
    TOKENMARK_TRY(q_, TestMatrix::make(gpu_, s_.weights, q_width(), kColumns, 3));
    TOKENMARK_TRY(x_, DeviceArray<float>::of(gpu_, random_floats(std::size_t{s_.rows} * kColumns, 4)));
    TOKENMARK_TRY(norm_, DeviceArray<float>::of(gpu_, random_floats(std::max(kColumns, q_width()), 5)));
    TOKENMARK_TRY(rope_, DeviceArray<float>::of(gpu_, random_floats(std::size_t{64} * s_.rope_dim, 6)));
    std::vector<std::int32_t> positions, slots, tokens(s_.rows, 0);
    for (std::uint32_t row = 0; row < s_.rows; ++row) {
      positions.push_back(static_cast<std::int32_t>(row * 7 % 64));
      slots.push_back(row % 3 == 2 ? -1 : static_cast<std::int32_t>((row * 5 + 3) % (kBlocks * kTokensPerBlock)));
    }
    TOKENMARK_TRY(positions_, DeviceArray<std::int32_t>::of(gpu_, positions));
    TOKENMARK_TRY(slots_, DeviceArray<std::int32_t>::of(gpu_, slots));
    tm_model model{};
    model.heads = s_.heads;
    model.kv_heads = s_.kv_heads;
    model.head_dim = model.value_dim = s_.dim;
    model.rope_dim = s_.rope_dim;
    model.rope_style = s_.interleaved ? TM_ROPE_INTERLEAVED : TM_ROPE_HALF;
    model.rms_epsilon = 1e-5f;
    const tm_executor_options options{sizeof(tm_executor_options), TM_ABI_VERSION, kTokensPerBlock, kBlocks, s_.rows, s_.rows, s_.cache, nullptr};
    TOKENMARK_TRY(layout_, cache_layout(model, options));
    TOKENMARK_TRY(kernels_, AttentionKernels::make(gpu_, model, options));
    TOKENMARK_TRY(products_, Products::make(gpu_, {s_.rows, kColumns, s_.heads + 2 * s_.kv_heads}, {}));
    return {};
  }
  Result<Made> room() {
    Made m;
    TOKENMARK_TRY(m.projected, DeviceArray<float>::make(gpu_, std::size_t{s_.rows} * (q_width() + 2 * kv_width())));
    TOKENMARK_TRY(m.queries, DeviceArray<std::uint16_t>::make(gpu_, std::size_t{s_.rows} * q_width()));
    TOKENMARK_TRY(m.cache, DeviceArray<std::byte>::make(gpu_, layout_.bytes()));
    TOKENMARK_CHECK(gpu_.fill(m.queries.get(), 0x11, m.queries.bytes()));
    TOKENMARK_CHECK(gpu_.fill(m.cache.get(), 0x22, m.cache.bytes()));
    return m;
  }
  std::array<ProductOutput, 3> outs(const Made& m) const {
    float* keys = m.projected.get() + std::size_t{s_.rows} * q_width();
    const float* bias = s_.biased ? norm_.get() : nullptr;
    return {{{k_.matrix(), bias, keys, 2 * kv_width()}, {v_.matrix(), bias, keys + kv_width(), 2 * kv_width()}, {q_.matrix(), bias, m.projected.get(), q_width()}}};
  }
  StoreHeadsArguments arguments(const Made& m) const {
    StoreHeadsArguments a;
    a.step.positions = positions_.get();
    a.step.slots = slots_.get();
    a.step.n_tokens = a.rows.count = s_.rows;
    a.cache = layout_.at(m.cache.get());
    a.rope.table = rope_.get();
    a.queries = m.projected.get();
    a.keys = m.projected.get() + std::size_t{s_.rows} * q_width();
    a.values = a.keys + kv_width();
    if (s_.normed) a.q_norm = a.k_norm = norm_.get();
    a.out = m.queries.get();
    a.query_pitch = q_width();
    a.kv_pitch = 2 * kv_width();
    return kernels_.completed(a);
  }
  ProductInput in() const { return {.floats = x_.get(), .pitch = kColumns, .norm = norm_.get(), .epsilon = 1e-5f}; }

  Status make_apart(const Made& m) {
    TOKENMARK_CHECK(products_.project(in(), s_.rows, outs(m)));
    return kernels_.store_heads(gpu_, arguments(m));
  }
  Status make_together(const Made& m) {
    TOKENMARK_TRY(const bool stored, products_.project_heads(in(), s_.rows, outs(m), arguments(m)));
    if (!stored) return fail(ErrorKind::internal, "{} rows were not stored by the product", s_.rows);
    return {};
  }
  template <class T>
  static Status same(const char* what, const DeviceArray<T>& expected, const DeviceArray<T>& found) {
    TOKENMARK_TRY(const auto e, expected.values());
    TOKENMARK_TRY(const auto f, found.values());
    for (std::size_t i = 0; i < e.size(); ++i)
      if (e[i] != f[i]) return fail(ErrorKind::internal, "{}: value {} is another one", what, i);
    return {};
  }

  Gpu& gpu_;
  HeadsShape s_;
  TestMatrix k_, v_, q_;
  DeviceArray<float> x_, norm_, rope_;
  DeviceArray<std::int32_t> positions_, slots_;
  CacheLayout layout_;
  AttentionKernels kernels_;
  Products products_;
};

// Many rows, or matrices of two formats, are left to the caller.
Status others_are_left(Gpu& gpu) {
  const std::uint32_t heads = 2, dim = 16, columns = 128;
  TOKENMARK_TRY(Products products, Products::make(gpu, {64, columns, 3 * heads}, {}));
  TOKENMARK_TRY(const TestMatrix m, TestMatrix::make(gpu, Format::bf16, heads * dim, columns, 1));
  TOKENMARK_TRY(const TestMatrix other, TestMatrix::make(gpu, Format::f16, heads * dim, columns, 1));
  StoreHeadsArguments args;
  args.heads = args.cache.kv_heads = heads;
  args.cache.key_dim = args.cache.value_dim = dim;
  const auto stored = [&](std::uint32_t rows, const TestMatrix& q, std::uint32_t of_step) {
    args.step.n_tokens = args.rows.count = of_step;
    const std::array<ProductOutput, 3> outs = {{{m.matrix()}, {m.matrix()}, {q.matrix()}}};
    return products.project_heads({}, rows, outs, args);
  };
  for (const auto& result : {stored(20, m, 20), stored(4, other, 4), stored(4, m, 5)}) {
    if (!result) return tl::unexpected(result.error());
    if (*result) return fail(ErrorKind::internal, "something was stored");
  }
  args.heads = heads + 1;
  return stored(4, m, 4) ? fail(ErrorKind::internal, "heads that are not those of the product were taken") : Status{};
}

}  // namespace

std::vector<Case> heads_cases() {
  std::vector<Case> cases;
  const auto add = [&](const HeadsShape& s) {
    cases.push_back({"gemv, heads", std::string(format_name(s.weights)),
                     fmt::format("{} rows, {} heads on {} of {}, {} turned{}, {} cache{}{}", s.rows, s.heads, s.kv_heads, s.dim, s.rope_dim, s.interleaved ? " in pairs" : "",
                                 format_name(static_cast<Format>(s.cache)), s.normed ? ", normed" : "", s.biased ? ", biased" : ""),
                     [s](Gpu& gpu) { return HeadsCase(gpu, s).run(); }});
  };
  for (const Format format : kKernelFormats)
    for (const std::uint32_t rows : {1u, 2u, 3u, 8u})
      for (const bool normed : {false, true}) add({.weights = format, .rows = rows, .normed = normed, .interleaved = rows % 2 == 0});
  for (const std::uint32_t cache : {TM_F32, TM_F16, TM_BF16, TM_FP8, TM_Q8_0})
    for (const bool normed : {false, true}) add({.cache = cache, .rows = 5, .heads = 3, .kv_heads = 1, .dim = 40, .rope_dim = 24, .normed = normed, .biased = true});
  add({.weights = Format::f32, .rows = 20, .normed = true});  // three groups of rows
  add({.weights = Format::q4_0, .rows = 4, .heads = 8, .kv_heads = 8, .dim = 128, .rope_dim = 128});
  cases.push_back({"gemv, heads", "", "others are left to store_heads", others_are_left});
  return cases;
}

}  // namespace tokenmark::gpu
