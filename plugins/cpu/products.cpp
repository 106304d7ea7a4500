#include "plugins/cpu/products.h"

#include <algorithm>
#include <cstring>

namespace tokenmark::cpu_plugin {
namespace {

constexpr std::uint64_t kChunkCost = 1 << 15;   // multiply-adds below which a chunk costs more to hand out than to do
constexpr std::uint64_t kChunksPerThread = 8;   // of one list: even when one thread is held up
constexpr std::uint64_t kLargeChunksPerThread = 4;  // where each chunk goes through many tokens' input
constexpr std::uint32_t kManyTokens = 64;
constexpr std::uint64_t kReadingTokens = 4;     // as many tokens a product takes in the time in which its matrix is read

// Of one row.
std::uint64_t cost(const Product& p) {
  const std::uint64_t matrices = p.second.matrix.values ? 2 : 1;
  return matrices * p.first.matrix.columns * (p.tokens == 1 ? 1 : std::max<std::uint64_t>(p.tokens, kReadingTokens));
}

void multiply_one(const cpu::Kernels& k, const Factor& f, const Worklist::Chunk& c, const std::byte* input, void* scratch) {
  const Product& p = *c.product;
  k.matmul(f.matrix, input + f.input, p.tokens, c.begin, c.end, f.out, p.stride, scratch);
  if (!f.bias) return;
  for (std::uint32_t t = 0; t < p.tokens; ++t) k.add(f.out + t * p.stride + c.begin, f.bias + c.begin, c.end - c.begin);
}

}  // namespace

Forms::Forms(const cpu::Kernels& kernels, std::initializer_list<const cpu::Matrix*> matrices)
    : kernels_(kernels), columns_((*matrices.begin())->columns) {
  for (const cpu::Matrix* m : matrices) {
    const int kind = kernels.prepared_kind(m->format);
    const auto end = forms_.begin() + static_cast<std::ptrdiff_t>(n_);
    if (std::any_of(forms_.begin(), end, [&](const Form& form) { return form.kind == kind; })) continue;
    forms_[n_++] = {m->format, kind, kernels.prepared_bytes(m->format, columns_)};
    row_bytes_ += forms_[n_ - 1].bytes;
  }
}

std::size_t Forms::find(Format format) const {
  const int kind = kernels_.prepared_kind(format);
  std::size_t i = 0;
  while (i + 1 < n_ && forms_[i].kind != kind) ++i;
  return i;
}

std::uint64_t Forms::offset(Format format, std::uint64_t rows) const {
  std::uint64_t offset = 0;
  for (std::size_t i = 0, n = find(format); i < n; ++i) offset += rows * forms_[i].bytes;
  return offset;
}

std::uint64_t Forms::bytes(Format format) const { return forms_[find(format)].bytes; }

void Forms::prepare(const float* x, std::uint64_t row, std::uint64_t rows, std::byte* to) const {
  for (std::size_t i = 0; i < n_; ++i) {
    kernels_.prepare(forms_[i].format, x, columns_, to + row * forms_[i].bytes);
    to += rows * forms_[i].bytes;
  }
}

void Forms::copy(const std::byte* from, std::uint64_t from_row, std::uint64_t from_rows, std::byte* to,
                 std::uint64_t to_row, std::uint64_t to_rows) const {
  for (std::size_t i = 0; i < n_; ++i) {
    std::memcpy(to + to_row * forms_[i].bytes, from + from_row * forms_[i].bytes, forms_[i].bytes);
    from += from_rows * forms_[i].bytes;
    to += to_rows * forms_[i].bytes;
  }
}

void Worklist::cut(std::uint32_t threads) {
  std::uint64_t all = 0;
  bool large = false;
  for (const Product& p : products_) {
    all += p.first.matrix.rows * cost(p);
    large = large || p.tokens >= kManyTokens;
  }
  const std::uint64_t share = std::max(all / (threads * (large ? kLargeChunksPerThread : kChunksPerThread)), kChunkCost);
  rows_.clear();
  first_chunk_.assign(1, 0);
  for (const Product& p : products_) {
    const std::uint64_t panels = std::max<std::uint64_t>(share / cost(p) / cpu::kPanelRows, 1);
    rows_.push_back(panels * cpu::kPanelRows);
    const std::uint64_t chunks = p.tokens == 0 ? 0 : (p.first.matrix.rows + rows_.back() - 1) / rows_.back();
    first_chunk_.push_back(first_chunk_.back() + static_cast<std::uint32_t>(chunks));
  }
}

Worklist::Chunk Worklist::at(std::uint32_t chunk) const {
  const auto next = std::upper_bound(first_chunk_.begin(), first_chunk_.end(), chunk);
  const auto i = static_cast<std::size_t>(next - first_chunk_.begin() - 1);
  const std::uint64_t begin = (chunk - first_chunk_[i]) * rows_[i];
  return {&products_[i], begin, std::min(begin + rows_[i], products_[i].first.matrix.rows)};
}

void multiply(const cpu::Kernels& k, const Worklist::Chunk& chunk, const std::byte* input, void* scratch) {
  multiply_one(k, chunk.product->first, chunk, input, scratch);
  if (chunk.product->second.matrix.values) multiply_one(k, chunk.product->second, chunk, input, scratch);
}

}  // namespace tokenmark::cpu_plugin
