// GGUF files (versions 2 and 3, little-endian): a magic, metadata as typed keys, tensor descriptions, aligned data.
// Every count, length and offset is checked against the file before it is used; errors name file, key or tensor.
// A GgufFile is immutable after opening; any thread may read it. Values are read in place from the mapped file.
// Format: github.com/ggml-org/ggml/blob/master/docs/gguf.md
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/model/mapped_file.h"
#include "engine/model/model.h"

namespace tokenmark {

// Stands in files with formats that ggml has no number for (fp8, mxfp6): then the project's own numbers count.
inline constexpr std::string_view kFormatsKey = "tokenmark.formats";
bool is_own_format(Format format);

// A name out of a file as it can stand in a message: hostile files put control characters into theirs.
std::string printable(std::string_view name);

enum class GgufType : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, string, array, u64, i64, f64 };

std::string_view gguf_type_name(GgufType type);

struct GgufValue {
  GgufType type = GgufType::u8;        // of the value, or of an array's elements
  bool is_array = false;
  std::uint64_t count = 1;             // elements
  std::span<const std::byte> payload;  // the elements as they lie in the file
};

struct GgufTensor {
  std::string name;
  std::uint32_t type = 0;              // ggml's number, maybe one that is not supported here
  std::vector<std::uint64_t> extents;  // innermost (columns) first
  std::uint64_t offset = 0;            // from the start of the data
};

class GgufFile {
 public:
  static Result<std::shared_ptr<const GgufFile>> open(const std::string& path);

  const std::string& path() const { return file_->path(); }
  const std::unordered_map<std::string_view, GgufValue>& metadata() const { return metadata_; }
  bool has(std::string_view key) const { return metadata_.contains(key); }

  // A key's value, nothing where the key is absent, an error where it has another type or does not fit.
  // Integers come from any integer type, numbers from any float or integer type.
  Result<std::optional<std::int64_t>> integer(std::string_view key) const;
  Result<std::optional<double>> number(std::string_view key) const;
  Result<std::optional<bool>> boolean(std::string_view key) const;
  Result<std::optional<std::string>> text(std::string_view key) const;
  Result<std::optional<std::vector<std::string>>> texts(std::string_view key) const;
  Result<std::optional<std::vector<float>>> numbers(std::string_view key) const;
  Result<std::optional<std::vector<std::int64_t>>> integers(std::string_view key) const;

  const std::vector<GgufTensor>& tensor_headers() const { return tensors_; }
  // The tensors with their bytes in the mapped file: formats known, inside the file, aligned, not overlapping.
  Result<std::vector<Tensor>> tensors() const;

 private:
  explicit GgufFile(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {}
  Status parse();
  Status parse_metadata(class GgufCursor& cursor, std::uint64_t count);
  Status parse_tensors(class GgufCursor& cursor, std::uint64_t count);
  Result<Tensor> place(const GgufTensor& header) const;
  Result<const GgufValue*> find(std::string_view key, bool is_array, std::string_view expected) const;

  std::shared_ptr<const MappedFile> file_;  // shared with the weights that point into it
  std::unordered_map<std::string_view, GgufValue> metadata_;
  std::vector<GgufTensor> tensors_;
  std::uint64_t alignment_ = 32;
  std::uint64_t data_begin_ = 0;
};

}  // namespace tokenmark
