#include "plugins/cpu/products.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/plugins/cpu/formula_weights.h"

namespace tokenmark::cpu_plugin {
namespace {

using Floats = std::vector<float>;

struct Packed {
  cpu::Matrix matrix;
  std::vector<std::byte> memory;

  Packed(const cpu::Kernels& k, const std::string& name, Format format, std::uint64_t rows, std::uint64_t columns) {
    const Floats values = test::formula(name, rows * columns, 1);
    const std::uint64_t panel = k.panel_bytes(format, columns), row = row_bytes(format, columns);
    memory.resize((rows + cpu::kPanelRows - 1) / cpu::kPanelRows * panel + 64);
    std::vector<std::byte> raw(rows * row);
    for (std::uint64_t r = 0; r < rows; ++r) quantize_row(format, values.data() + r * columns, columns, raw.data() + r * row);
    for (std::uint64_t r = 0; r < rows; r += cpu::kPanelRows)
      k.pack_panel(format, raw.data() + r * row, std::min(cpu::kPanelRows, rows - r), columns, begin() + r / cpu::kPanelRows * panel);
    matrix = {format, rows, columns, begin()};
  }
  std::byte* begin() { return aligned(memory); }
  static std::byte* aligned(std::vector<std::byte>& memory) {
    return memory.data() + (64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64) % 64;
  }
};

// However a list is cut for threads, its products are those of each matrix with all tokens at once. (With matrix units
// many tokens are multiplied otherwise than few, hence these kernels.)
TEST(Products, are_the_same_however_they_are_cut) {
  const cpu::Kernels& k = cpu::kernels(cpu::Isa::avx512);
  constexpr std::uint64_t kColumns = 4096;  // long enough for the tokens to be cut as well
  Packed gate(k, "gate", Format::f32, 70, kColumns), up(k, "up", Format::q8_0, 70, kColumns), down(k, "down", Format::f32, 33, kColumns);
  const Forms forms(k, {&gate.matrix, &up.matrix, &down.matrix});
  for (const std::uint32_t tokens : {1u, 5u, 129u, 300u}) {
    std::vector<std::byte> memory(tokens * forms.row_bytes() + 64);
    std::byte* input = Packed::aligned(memory);
    for (std::uint32_t t = 0; t < tokens; ++t)
      forms.prepare(test::formula(std::to_string(t), kColumns, 1).data(), t, tokens, input);
    std::size_t scratch_bytes = 64;
    for (const Format format : {Format::f32, Format::q8_0}) scratch_bytes = std::max(scratch_bytes, k.matmul_scratch(format, kColumns) + 64);
    std::vector<std::byte> scratch(scratch_bytes);
    const Floats bias = test::formula("bias", 33, 1);

    const std::uint64_t n = 70;
    const auto factor = [&](const Packed& m, const float* b, Floats& out) {
      const Format format = m.matrix.format;
      return Factor{m.matrix, b, forms.offset(format, tokens), forms.bytes(format), out.data()};
    };
    Floats expected_gate(n * tokens), expected_up(n * tokens), expected_down(33 * tokens);
    const auto whole = [&](const Packed& m, Floats& out, std::uint64_t rows) {
      k.matmul(m.matrix, input + forms.offset(m.matrix.format, tokens), tokens, 0, rows, out.data(), rows, Packed::aligned(scratch));
    };
    whole(gate, expected_gate, n);
    whole(up, expected_up, n);
    whole(down, expected_down, 33);
    for (std::size_t i = 0; i < expected_down.size(); ++i) expected_down[i] += bias[i % 33];

    for (const std::uint32_t threads : {1u, 3u, 64u}) {
      Floats got_gate(n * tokens), got_up(n * tokens), got_down(33 * tokens);
      Worklist work;
      work.add({factor(gate, nullptr, got_gate), factor(up, nullptr, got_up), tokens, n});
      work.add({factor(down, bias.data(), got_down), {}, tokens, 33});
      work.cut(threads, k.isa);
      for (std::uint32_t i = 0; i < work.chunks(); ++i) multiply(k, work.at(i), input, Packed::aligned(scratch));
      EXPECT_EQ(got_gate, expected_gate) << tokens << " tokens, " << threads << " threads";
      EXPECT_EQ(got_up, expected_up) << tokens << " tokens, " << threads << " threads";
      EXPECT_EQ(got_down, expected_down) << tokens << " tokens, " << threads << " threads";
    }
  }
}

}  // namespace
}  // namespace tokenmark::cpu_plugin
