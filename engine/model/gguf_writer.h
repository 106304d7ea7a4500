// Writes GGUF files (version 3): metadata, then tensors whose bytes come from a function. The file appears under its
// name only when it is complete: it is written beside it and renamed; on any failure nothing is left.
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <unordered_set>

#include "engine/model/gguf.h"

namespace tokenmark {

class GgufMetadata {
 public:
  void add(std::string_view key, std::uint32_t value);
  void add(std::string_view key, float value);
  void add(std::string_view key, bool value);
  void add(std::string_view key, std::string_view value);
  void add(std::string_view key, const char* value) { add(key, std::string_view(value)); }
  void add(std::string_view key, std::span<const float> values);
  void add(std::string_view key, std::span<const std::int32_t> values);
  void add(std::string_view key, std::span<const std::string> values);
  void add(std::string_view key, const GgufValue& value);  // as it stands in another file
  bool has(const std::string& key) const { return keys_.contains(key); }

  // Everything before the tensors' bytes, padded to where they begin; offsets follow the order of `tensors`.
  std::string header(std::span<const Tensor> tensors) const;

 private:
  void begin(std::string_view key, GgufType type);
  void begin_array(std::string_view key, GgufType element, std::size_t count);
  std::unordered_set<std::string> keys_;
  std::uint64_t count_ = 0;
  std::string bytes_;
};

// Fills `destination` with `count` rows of the tensor from row `first` on (rows of all its matrices numbered through).
// Called from several threads at once.
using RowSource = std::function<Status(const Tensor& tensor, std::uint64_t first, std::uint64_t count,
                                       std::byte* destination)>;
struct WriteProgress {
  std::function<void(double)> report;  // share written, 0…1; may be empty
  std::stop_token stop;                // requested: ends with ErrorKind::cancelled
};

// Rows are made on `threads` threads (0: one per core) and written by the calling one, which also reports.
Status write_gguf(const std::string& path, const GgufMetadata& metadata, std::span<const Tensor> tensors,
                  const RowSource& rows, const WriteProgress& progress = {}, unsigned threads = 0);

}  // namespace tokenmark
