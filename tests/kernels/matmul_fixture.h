// A matrix product from the file's rows to the result, on every instruction set: packs, prepares, multiplies.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>

#include "tests/kernels/kernels_fixture.h"

namespace tokenmark::cpu {

struct Problem {
  Format format = Format::f32;
  std::uint64_t rows = 0, columns = 0, tokens = 0;
  std::vector<std::byte> weights;
  std::vector<float> x;
};

using Aligned = std::shared_ptr<std::byte>;

// Memory that ends where it says, so that a sanitizer sees an access beyond.
inline Aligned aligned(std::size_t bytes) {
  return Aligned(static_cast<std::byte*>(std::aligned_alloc(64, std::max<std::size_t>(64, (bytes + 63) / 64 * 64))),
                 [](std::byte* b) { std::free(b); });
}

class Matmul : public Kernel {
 protected:
  Problem problem(Format format, std::uint64_t rows, std::uint64_t columns, std::uint64_t tokens) {
    Problem p{format,
              rows,
              columns,
              tokens,
              std::vector<std::byte>(rows * row_bytes(format, columns)),
              random(tokens * columns)};
    const std::vector<float> values = random(rows * columns, 0.05f);
    for (std::uint64_t r = 0; r < rows; ++r)
      quantize_row(format, values.data() + r * columns, columns,
                   p.weights.data() + r * row_bytes(format, columns));
    return p;
  }

  Aligned prepare(const Problem& p) {
    const std::size_t bytes = k().prepared_bytes(p.format, p.columns);
    EXPECT_EQ(bytes % 64, 0u);
    Aligned memory = aligned(bytes * p.tokens);
    for (std::uint64_t t = 0; t < p.tokens; ++t)
      k().prepare(p.format, p.x.data() + t * p.columns, p.columns, memory.get() + t * bytes);
    return memory;
  }

  Aligned pack(const Problem& p) {
    const std::size_t panel = k().panel_bytes(p.format, p.columns);
    Aligned memory = aligned(panel * ((p.rows + kPanelRows - 1) / kPanelRows));
    for (std::uint64_t r = 0; r < p.rows; r += kPanelRows)
      k().pack_panel(p.format, p.weights.data() + r * row_bytes(p.format, p.columns), std::min(kPanelRows, p.rows - r),
                     p.columns, memory.get() + r / kPanelRows * panel);
    return memory;
  }

  // The rows [ends[i - 1], ends[i]) call by call.
  std::vector<float> multiply(const Problem& p, std::vector<std::uint64_t> ends) {
    const Aligned weights = pack(p), prepared = prepare(p), scratch = aligned(k().matmul_scratch(p.format, p.columns));
    std::vector<float> out(p.rows * p.tokens, std::nanf(""));
    std::uint64_t begin = 0;
    for (std::uint64_t end : ends) {
      k().matmul({p.format, p.rows, p.columns, weights.get()}, prepared.get(), static_cast<std::uint32_t>(p.tokens), begin,
                 end, out.data(), p.rows, scratch.get());
      begin = end;
    }
    return out;
  }
  std::vector<float> multiply(const Problem& p) { return multiply(p, {p.rows}); }
};

}  // namespace tokenmark::cpu
