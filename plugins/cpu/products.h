// Matrix products as work for a pool of threads: inputs in the forms that weights multiply with, and lists of products
// cut into chunks of rows, and of tokens whose input fits a core's cache, that cost about the same.
#pragma once

#include <array>
#include <vector>

#include "kernels/cpu/kernels.h"

namespace tokenmark::cpu_plugin {

// The distinct forms that some matrices of the same columns multiply with. Prepared input of n rows is the first form
// of all rows, one after another, then the second of all.
class Forms {
 public:
  Forms(const cpu::Kernels& kernels, std::initializer_list<const cpu::Matrix*> matrices);

  std::uint64_t row_bytes() const { return row_bytes_; }  // of all forms together
  // Where the form for `format` begins in the input of `rows` rows.
  std::uint64_t offset(Format format, std::uint64_t rows) const;
  std::uint64_t bytes(Format format) const;  // of one row in this form
  // Row `row` of `rows`.
  void prepare(const float* x, std::uint64_t row, std::uint64_t rows, std::byte* to) const;
  // Copies a prepared row to another place, which has a number of rows of its own.
  void copy(const std::byte* from, std::uint64_t from_row, std::uint64_t from_rows, std::byte* to, std::uint64_t to_row,
            std::uint64_t to_rows) const;

 private:
  struct Form {
    Format format;
    int kind;
    std::uint64_t bytes;
  };
  std::size_t find(Format format) const;
  const cpu::Kernels& kernels_;
  std::uint64_t columns_;
  std::array<Form, 4> forms_{};
  std::size_t n_ = 0;
  std::uint64_t row_bytes_ = 0;
};

// out[t * stride + r] = row r of the matrix · row t of the input (+ bias).
struct Factor {
  cpu::Matrix matrix;
  const float* bias = nullptr;
  std::uint64_t input = 0;      // where its rows begin in the prepared input, in bytes
  std::uint64_t input_row = 0;  // bytes of one
  float* out = nullptr;
};

struct Product {
  Factor first;
  Factor second;  // of the same rows, made together with the first's; none where it has no matrix
  std::uint32_t tokens = 0;
  std::uint64_t stride = 0;
};

class Worklist {
 public:
  struct Chunk {
    const Product* product;
    std::uint64_t begin, end;         // rows
    std::uint32_t token, end_token;
  };

  void clear() { products_.clear(); }
  void add(const Product& product) { products_.push_back(product); }
  // Cuts what was added for this many threads and this instruction set's products.
  void cut(std::uint32_t threads, cpu::Isa isa);
  std::uint32_t chunks() const { return first_chunk_.back(); }
  Chunk at(std::uint32_t chunk) const;

 private:
  std::vector<Product> products_;
  struct Cut {
    std::uint64_t rows;    // of a chunk
    std::uint32_t tokens;  // of a chunk
  };
  std::vector<Cut> cuts_;                        // of each product
  std::vector<std::uint32_t> first_chunk_{0};    // of each product, and the end
};

void multiply(const cpu::Kernels& kernels, const Worklist::Chunk& chunk, const std::byte* input, void* scratch);

}  // namespace tokenmark::cpu_plugin
