// The binary form of logs: values, columns and texts, one after the other, little-endian and without padding. Reading takes
// foreign bytes. Internal to core/load.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tokenmark {

class PayloadWriter {
 public:
  template <class T>
  void value(T v) {
    out.append(reinterpret_cast<const char*>(&v), sizeof v);
  }
  template <class T>
  bool column(const std::vector<T>& column, std::size_t rows) {
    assert(column.size() == rows);
    if constexpr (std::is_same_v<T, std::int64_t>) {
      std::uint64_t previous = 0;
      for (const std::int64_t time : column) {
        value(static_cast<std::uint64_t>(time) - previous);
        previous = static_cast<std::uint64_t>(time);
      }
    } else if (rows > 0) {
      out.append(reinterpret_cast<const char*>(column.data()), rows * sizeof(T));
    }
    return true;
  }
  template <class T>
  bool optional_column(const std::vector<T>& entries, std::size_t rows) {
    value(static_cast<std::uint8_t>(!entries.empty()));
    return entries.empty() || column(entries, rows);
  }
  void texts(const std::vector<std::string>& list, std::size_t most) {
    const std::size_t count = std::min(list.size(), most);
    value(static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) text(list[i]);
  }
  void text(const std::string& one) {
    value(static_cast<std::uint32_t>(one.size()));
    out += one;
  }
  std::string out;
};

// Every read checks what is left first; a column is only allocated when all its bytes are there.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  bool value(T& v) {
    if (rest_.size() < sizeof v) return false;
    std::memcpy(&v, rest_.data(), sizeof v);
    rest_.remove_prefix(sizeof v);
    return true;
  }
  template <class T>
  bool column(std::vector<T>& column, std::uint64_t rows) {
    if (rows > rest_.size() / sizeof(T)) return false;
    column.resize(rows);
    if (rows > 0) std::memcpy(static_cast<void*>(column.data()), rest_.data(), rows * sizeof(T));
    rest_.remove_prefix(rows * sizeof(T));
    if constexpr (std::is_same_v<T, std::int64_t>) {
      std::uint64_t time = 0;
      for (std::int64_t& entry : column) entry = static_cast<std::int64_t>(time += static_cast<std::uint64_t>(entry));
    }
    return true;
  }
  bool text(std::string& out) {
    std::uint32_t length = 0;
    if (!value(length) || length > rest_.size()) return false;
    out.assign(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return true;
  }
  template <class T>
  bool optional_column(std::vector<T>& entries, std::uint64_t rows) {
    std::uint8_t there = 0;
    return value(there) && there <= 1 && (there == 0 || column(entries, rows));
  }
  bool texts(std::vector<std::string>& list, std::uint64_t most) {
    std::uint32_t count = 0;
    if (!value(count) || count > most || count > rest_.size() / sizeof(std::uint32_t)) return false;
    list.resize(count);
    for (std::string& one : list)
      if (!text(one)) return false;
    return true;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace tokenmark
