#include "plugins/cpu/products.h"

#include <algorithm>
#include <cstring>

namespace tokenmark::cpu_plugin {
namespace {

constexpr std::uint64_t kChunkCost = 1 << 15;   // multiply-adds below which a chunk costs more to hand out than to do
constexpr std::uint64_t kChunksPerThread = 8;   // of one list: even when one thread is held up
constexpr std::uint64_t kLargeChunksPerThread = 4;  // where each chunk goes through many tokens' input
constexpr std::uint32_t kManyTokens = 64;
constexpr std::uint64_t kInputBytes = 1 << 20;  // of a chunk's tokens: half of a server core's second-level cache
constexpr std::uint32_t kLeastTokens = 128;     // of a chunk where there are more: rows are unpacked once for all
constexpr std::uint32_t kTokenTile = 32;
constexpr std::uint64_t kReadingTokens = 4;     // as many tokens a product takes in the time in which its matrix is read

// Of one row with `tokens` tokens.
std::uint64_t cost(const Product& p, std::uint32_t tokens) {
  const std::uint64_t matrices = p.second.matrix.values ? 2 : 1;
  return matrices * p.first.matrix.columns * (tokens == 1 ? 1 : std::max<std::uint64_t>(tokens, kReadingTokens));
}

// Tokens that go through a chunk's rows at once: even parts of all, in whole tiles. With AMX all of them: its products keep
// the weights in the cache, unpacked, while the tokens go by.
std::uint32_t tokens_at_once(const Product& p, cpu::Isa isa) {
  if (isa == cpu::Isa::amx) return p.tokens;
  const std::uint64_t row = p.first.input_row + (p.second.matrix.values && p.second.input != p.first.input ? p.second.input_row : 0);
  const auto most = static_cast<std::uint32_t>(std::max<std::uint64_t>(kInputBytes / std::max<std::uint64_t>(row, 1), kLeastTokens));
  const std::uint32_t parts = (p.tokens + most - 1) / most;
  return parts <= 1 ? p.tokens : ((p.tokens + parts - 1) / parts + kTokenTile - 1) / kTokenTile * kTokenTile;
}

std::uint64_t parts_of(std::uint64_t all, std::uint64_t at_once) { return all == 0 ? 0 : (all + at_once - 1) / at_once; }

void multiply_one(const cpu::Kernels& k, const Factor& f, const Worklist::Chunk& c, const std::byte* input, void* scratch) {
  const Product& p = *c.product;
  const std::byte* from = input + f.input + c.token * f.input_row;
  k.matmul(f.matrix, from, c.end_token - c.token, c.begin, c.end, f.out + c.token * p.stride, p.stride, scratch);
  for (std::uint32_t t = c.token; f.bias && t < c.end_token; ++t)
    k.add(f.out + t * p.stride + c.begin, f.bias + c.begin, c.end - c.begin);
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

void Worklist::cut(std::uint32_t threads, cpu::Isa isa) {
  std::uint64_t all = 0;
  bool large = false;
  for (const Product& p : products_) {
    all += p.first.matrix.rows * cost(p, p.tokens);
    large = large || p.tokens >= kManyTokens;
  }
  const std::uint64_t share = std::max(all / (threads * (large ? kLargeChunksPerThread : kChunksPerThread)), kChunkCost);
  cuts_.clear();
  first_chunk_.assign(1, 0);
  for (const Product& p : products_) {
    const std::uint32_t tokens = tokens_at_once(p, isa);
    const std::uint64_t panels = std::max<std::uint64_t>(share / cost(p, tokens) / cpu::kPanelRows, 1);
    cuts_.push_back({panels * cpu::kPanelRows, tokens});
    const std::uint64_t chunks = parts_of(p.tokens, tokens) * parts_of(p.first.matrix.rows, cuts_.back().rows);
    first_chunk_.push_back(first_chunk_.back() + static_cast<std::uint32_t>(chunks));
  }
}

// Neighbours have the same rows of the matrix.
Worklist::Chunk Worklist::at(std::uint32_t chunk) const {
  const auto next = std::upper_bound(first_chunk_.begin(), first_chunk_.end(), chunk);
  const auto i = static_cast<std::size_t>(next - first_chunk_.begin() - 1);
  const Product& p = products_[i];
  const Cut& cut = cuts_[i];
  const auto parts = static_cast<std::uint32_t>(parts_of(p.tokens, cut.tokens));
  const std::uint32_t place = chunk - first_chunk_[i], token = place % parts * cut.tokens;
  const std::uint64_t begin = place / parts * cut.rows;
  return {&p, begin, std::min(begin + cut.rows, p.first.matrix.rows), token, std::min(token + cut.tokens, p.tokens)};
}

void multiply(const cpu::Kernels& k, const Worklist::Chunk& chunk, const std::byte* input, void* scratch) {
  multiply_one(k, chunk.product->first, chunk, input, scratch);
  if (chunk.product->second.matrix.values) multiply_one(k, chunk.product->second, chunk, input, scratch);
}

}  // namespace tokenmark::cpu_plugin
