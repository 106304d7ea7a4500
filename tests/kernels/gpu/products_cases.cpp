// Matrix products through plugins/gpu/products.h: every format, kernels for few and many rows, odd shapes, all epilogues.
#include "plugins/gpu/products.h"

#include "kernels/reference/reference.h"
#include "tests/kernels/gpu/case.h"
#include "tests/kernels/gpu/weights.h"

namespace tokenmark::gpu {
namespace {

struct Shape {
  std::uint32_t rows = 1, matrix_rows = 1, columns = 1;
};

// x is of floats, with a norm, or BF16 rows; what they stand for once normed; and their place on the device.
struct TestInput {
  std::vector<float> floats;  // [rows][columns], what is multiplied
  DeviceArray<float> x, norm;
  DeviceArray<std::uint16_t> bf16;
  DeviceArray<std::int32_t> rows;
  ProductInput in;

  // Every second row of x is taken, from the last on; row `none` is one of zeros.
  static Result<TestInput> make(Gpu& gpu, std::uint32_t rows, std::uint32_t columns, bool normed, bool listed) {
    TestInput t;
    const std::uint32_t of_x = listed ? 2 * rows : rows;
    std::vector<float> x = random_floats(std::size_t{of_x} * columns, columns + rows, 2);
    std::vector<std::int32_t> list;
    for (std::uint32_t r = 0; r < rows; ++r) list.push_back(static_cast<std::int32_t>(listed ? of_x - 1 - 2 * r : r));
    if (listed && rows > 1) list[1] = -1;
    if (normed) {
      const std::vector<float> weight = random_floats(columns, 5);
      TOKENMARK_TRY(t.x, DeviceArray<float>::of(gpu, x));
      TOKENMARK_TRY(t.norm, DeviceArray<float>::of(gpu, weight));
      t.in = {.floats = t.x.get(), .pitch = columns, .norm = t.norm.get(), .epsilon = 1e-5f};
      for (std::uint32_t r = 0; r < of_x; ++r) reference::rms_norm(&x[r * columns], weight.data(), columns, 1e-5f, &x[r * columns]);
    } else {
      x = rounded_to_bf16(x);
      TOKENMARK_TRY(t.bf16, DeviceArray<std::uint16_t>::of(gpu, to_bf16_bits(x)));
      t.in = {.bf16 = t.bf16.get(), .pitch = columns};
    }
    if (listed) {
      TOKENMARK_TRY(t.rows, DeviceArray<std::int32_t>::of(gpu, list));
      t.in.row_list = t.rows.get();
    }
    for (const std::int32_t r : list) {
      if (r < 0) t.floats.insert(t.floats.end(), columns, 0.0f);
      else t.floats.insert(t.floats.end(), &x[static_cast<std::size_t>(r) * columns], &x[static_cast<std::size_t>(r) * columns] + columns);
    }
    return t;
  }
};

// [rows][matrix rows] of the `which`-th matrix, in double.
std::vector<float> product(const TestMatrix& m, const std::vector<float>& x, std::uint32_t which = 0) {
  const std::uint32_t n = m.matrix().rows, columns = m.matrix().columns;
  std::vector<float> out;
  for (std::size_t row = 0; row < x.size() / columns; ++row)
    for (std::size_t r = 0; r < n; ++r) {
      double sum = 0;
      for (std::size_t c = 0; c < columns; ++c) sum += double{m.floats()[(which * n + r) * columns + c]} * double{x[row * columns + c]};
      out.push_back(static_cast<float>(sum));
    }
  return out;
}

// Roundings of `columns` products to BF16, of values about `size`, that add up.
double tolerance(std::uint32_t columns, double size) { return size * std::sqrt(columns) / 100 + 1e-5; }

Result<Products> products(Gpu& gpu, std::uint32_t rows, std::uint32_t values) { return Products::make(gpu, {rows, values}, {}); }

Status one_matrix_is_multiplied(Gpu& gpu, Format format, Shape s, bool normed, bool listed) {
  TOKENMARK_TRY(Products p, products(gpu, s.rows, s.columns));
  TOKENMARK_TRY(const TestMatrix w, TestMatrix::make(gpu, format, s.matrix_rows, s.columns, 3));
  TOKENMARK_TRY(const TestInput x, TestInput::make(gpu, s.rows, s.columns, normed, listed));
  const std::vector<float> bias = random_floats(s.matrix_rows, 8);
  TOKENMARK_TRY(const auto bias_there, DeviceArray<float>::of(gpu, bias));
  const std::uint32_t pitch = s.matrix_rows + 3;
  TOKENMARK_TRY(const auto out, DeviceArray<float>::of(gpu, std::vector<float>(s.rows * pitch, 77)));
  const ProductOutput outs[] = {{w.matrix(), bias_there.get(), out.get(), pitch}};
  TOKENMARK_CHECK(p.project(x.in, s.rows, outs));
  const std::vector<float> sums = product(w, x.floats);
  std::vector<float> expected(s.rows * pitch, 77);
  for (std::size_t row = 0; row < s.rows; ++row)
    for (std::size_t r = 0; r < s.matrix_rows; ++r) expected[row * pitch + r] = sums[row * s.matrix_rows + r] + bias[r];
  TOKENMARK_TRY(const auto found, out.values());
  return check_near("out", found, expected, 1e-5, tolerance(s.columns, 0.6));
}

Status three_matrices_are_multiplied(Gpu& gpu, Format format, std::uint32_t rows) {
  constexpr std::uint32_t kColumns = 256, kRows[] = {5, 8, 67};
  TOKENMARK_TRY(Products p, products(gpu, rows, kColumns));
  TOKENMARK_TRY(const TestInput x, TestInput::make(gpu, rows, kColumns, true, false));
  std::vector<TestMatrix> matrices;
  std::vector<DeviceArray<float>> found;
  std::vector<ProductOutput> outs;
  for (const std::uint32_t n : kRows) {
    TOKENMARK_TRY(TestMatrix w, TestMatrix::make(gpu, n == 8 ? Format::bf16 : format, n, kColumns, n));
    TOKENMARK_TRY(auto out, DeviceArray<float>::make(gpu, std::size_t{rows} * n));
    outs.push_back({w.matrix(), nullptr, out.get(), n});
    matrices.push_back(std::move(w));
    found.push_back(std::move(out));
  }
  TOKENMARK_CHECK(p.project(x.in, rows, outs));
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    TOKENMARK_TRY(const auto values, found[i].values());
    TOKENMARK_CHECK(check_near(fmt::format("matrix {}", i), values, product(matrices[i], x.floats), 1e-5, tolerance(kColumns, 0.6)));
  }
  return {};
}

Status products_are_added(Gpu& gpu, Format format, Shape s) {
  TOKENMARK_TRY(Products p, products(gpu, s.rows, s.columns));
  TOKENMARK_TRY(const TestMatrix w, TestMatrix::make(gpu, format, s.matrix_rows, s.columns, 3));
  TOKENMARK_TRY(const TestInput x, TestInput::make(gpu, s.rows, s.columns, false, false));
  std::vector<float> residual = random_floats(std::size_t{s.rows} * s.matrix_rows, 6);
  TOKENMARK_TRY(const auto there, DeviceArray<float>::of(gpu, residual));
  for (int twice = 0; twice < 2; ++twice) TOKENMARK_CHECK(p.add_product(x.in, s.rows, w.matrix(), nullptr, there.get()));
  const std::vector<float> sums = product(w, x.floats);
  for (std::size_t i = 0; i < residual.size(); ++i) residual[i] += 2 * sums[i];
  TOKENMARK_TRY(const auto found, there.values());
  return check_near("residual", found, residual, 1e-5, 2 * tolerance(s.columns, 0.6));
}

float activated(std::uint32_t activation, float limit, double g, double u) {
  if (activation == 0) return static_cast<float>(g / (1 + std::exp(-g)) * u);
  g = std::min<double>(g, limit);
  u = std::clamp<double>(u, -limit, limit);
  return static_cast<float>(g / (1 + std::exp(-1.702 * g)) * (u + 1));
}

Status gate_and_up_are_activated(Gpu& gpu, Format format, Shape s, std::uint32_t activation) {
  TOKENMARK_TRY(Products p, products(gpu, s.rows, s.columns));
  TOKENMARK_TRY(const TestMatrix gate, TestMatrix::make(gpu, format, s.matrix_rows, s.columns, 3));
  TOKENMARK_TRY(const TestMatrix up, TestMatrix::make(gpu, format, s.matrix_rows, s.columns, 4));
  TOKENMARK_TRY(const TestInput x, TestInput::make(gpu, s.rows, s.columns, true, false));
  const std::vector<float> bias = random_floats(s.matrix_rows, 8);
  TOKENMARK_TRY(const auto bias_there, DeviceArray<float>::of(gpu, bias));
  TOKENMARK_TRY(const auto hidden, DeviceArray<std::uint16_t>::make(gpu, std::size_t{s.rows} * s.matrix_rows));
  TOKENMARK_CHECK(p.project_activated(x.in, s.rows, {gate.matrix(), up.matrix(), bias_there.get(), nullptr, activation, 3, hidden.get(), s.matrix_rows}));
  const std::vector<float> g = product(gate, x.floats), u = product(up, x.floats);
  std::vector<float> expected;
  for (std::size_t i = 0; i < g.size(); ++i) expected.push_back(activated(activation, 3, g[i] + bias[i % s.matrix_rows], u[i]));
  TOKENMARK_TRY(const auto found, hidden.values());
  return check_near("hidden", from_bf16_bits(found), expected, 0.02, 8 * tolerance(s.columns, 0.6));
}

// x [rows][heads][columns] as floats, results [rows][heads][matrix rows].
Status heads_have_their_own_rows(Gpu& gpu, Format format, Shape s) {
  constexpr std::uint32_t kHeads = 3;
  TOKENMARK_TRY(Products p, products(gpu, s.rows, kHeads * s.columns));
  TOKENMARK_TRY(const TestMatrix w, TestMatrix::make(gpu, format, s.matrix_rows, s.columns, 3, kHeads));
  const std::vector<float> x = random_floats(std::size_t{s.rows} * kHeads * s.columns, 2);
  TOKENMARK_TRY(const auto x_there, DeviceArray<float>::of(gpu, x));
  TOKENMARK_TRY(const auto out, DeviceArray<float>::make(gpu, std::size_t{s.rows} * kHeads * s.matrix_rows));
  const ProductInput in{.floats = x_there.get(), .pitch = kHeads * s.columns, .depth_stride = s.columns};
  TOKENMARK_CHECK(p.multiply_heads(in, s.rows, w.matrix(), out.get(), kHeads * s.matrix_rows, s.matrix_rows));
  std::vector<float> expected(out.count());
  for (std::uint32_t head = 0; head < kHeads; ++head) {
    std::vector<float> of_head;
    for (std::size_t row = 0; row < s.rows; ++row)
      for (std::size_t c = 0; c < s.columns; ++c) of_head.push_back(x[(row * kHeads + head) * s.columns + c]);
    const std::vector<float> sums = product(w, of_head, head);
    for (std::size_t i = 0; i < sums.size(); ++i) expected[(i / s.matrix_rows * kHeads + head) * s.matrix_rows + i % s.matrix_rows] = sums[i];
  }
  TOKENMARK_TRY(const auto found, out.values());
  return check_near("out", found, expected, 1e-5, tolerance(s.columns, 0.3));
}

std::uint32_t in_blocks(Format format, std::uint32_t columns) {
  const auto size = static_cast<std::uint32_t>(block_values(format));
  return (columns + size - 1) / size * size;
}

const char* kind(Format format, std::uint32_t rows) { return rows <= (format == Format::f32 ? kExactRows : 8) ? "gemv" : "gemm"; }

}  // namespace

std::vector<Case> products_cases() {
  std::vector<Case> cases;
  for (const Format format : kKernelFormats) {
    const std::string name(format_name(format));
    const auto add = [&](std::uint32_t rows, const std::string& what, std::function<Status(Gpu&)> run) { cases.push_back({kind(format, rows), name, what, std::move(run)}); };
    for (const std::uint32_t rows : {1u, 2u, 3u, 5u, 8u, 9u, 17u, 40u, 70u, 130u})
      for (const Shape shape : {Shape{rows, 7, in_blocks(format, 40)}, Shape{rows, 70, in_blocks(format, 320)}}) {
        const bool normed = (rows + shape.matrix_rows) % 2 == 0;
        if (rows > 40 && shape.matrix_rows > 7 && format != Format::bf16 && format != Format::q4_0) continue;
        add(rows, fmt::format("{} rows, {} by {}{}", rows, shape.matrix_rows, shape.columns, normed ? ", normed" : ""),
            [=](Gpu& gpu) { return one_matrix_is_multiplied(gpu, format, shape, normed, false); });
      }
    for (const std::uint32_t rows : {2u, 20u}) {
      add(rows, fmt::format("{} rows of a list, one of zeros", rows), [=](Gpu& gpu) { return one_matrix_is_multiplied(gpu, format, {rows, 9, in_blocks(format, 64)}, false, true); });
      add(rows, fmt::format("{} rows of a list, one of zeros, normed", rows), [=](Gpu& gpu) { return one_matrix_is_multiplied(gpu, format, {rows, 9, in_blocks(format, 64)}, true, true); });
      add(rows, fmt::format("{} rows, three matrices, one of another format", rows), [=](Gpu& gpu) { return three_matrices_are_multiplied(gpu, format, rows); });
      for (const std::uint32_t activation : {0u, 1u})
        add(rows, fmt::format("{} rows, activation {}", rows, activation), [=](Gpu& gpu) { return gate_and_up_are_activated(gpu, format, {rows, 37, in_blocks(format, 96)}, activation); });
      add(rows, fmt::format("{} rows, heads", rows), [=](Gpu& gpu) { return heads_have_their_own_rows(gpu, format, {rows, 21, in_blocks(format, 64)}); });
    }
    for (const auto& [rows, columns] : {std::pair{1u, 9000u}, {6u, 9000u}, {12u, 2100u}})
      add(rows, fmt::format("{} rows added, long columns", rows), [=, rows = rows, columns = columns](Gpu& gpu) { return products_are_added(gpu, format, {rows, 5, in_blocks(format, columns)}); });
  }
  for (const Format format : {Format::f32, Format::f16, Format::bf16})
    for (const std::uint32_t rows : {1u, 4u, format == Format::f32 ? 65u : 11u})
      for (const std::uint32_t columns : {1u, 7u, 13u, 172u})
        cases.push_back({kind(format, rows), std::string(format_name(format)), fmt::format("{} rows, {} odd columns", rows, columns),
                         [=](Gpu& gpu) { return one_matrix_is_multiplied(gpu, format, {rows, 3, columns}, columns % 2 == 0, false); }});
  return cases;
}

}  // namespace tokenmark::gpu
