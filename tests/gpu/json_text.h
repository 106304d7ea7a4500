// JSON as text, for result files: objects and lists put together member by member.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace tokenmark::gpu {

class Json {
 public:
  static Json object() { return Json('{', '}'); }
  static Json list() { return Json('[', ']'); }

  Json& add(std::string_view key, const auto& value) {
    separate();
    text_ += quoted(key) + ": " + text_of(value);
    return *this;
  }
  Json& add(const auto& value) {
    separate();
    text_ += text_of(value);
    return *this;
  }
  std::string text() const { return text_ + end_; }

 private:
  Json(char begin, char end) : text_(1, begin), end_(end) {}
  void separate() {
    if (text_.size() > 1) text_ += ", ";
  }
  static std::string quoted(std::string_view text) {
    constexpr char kHex[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') (out += '\\') += c;
      else if (static_cast<unsigned char>(c) < 0x20) ((out += "\\u00") += kHex[c >> 4]) += kHex[c & 15];
      else out += c;
    }
    return out + '"';
  }
  // What is no number is null. The shortest text that means the same value.
  template <class T>
  static std::string text_of(const T& value) {
    if constexpr (std::is_same_v<T, Json>) return value.text();
    else if constexpr (std::is_same_v<T, bool>) return value ? "true" : "false";
    else if constexpr (std::is_arithmetic_v<T>) {
      if constexpr (std::is_floating_point_v<T>)
        if (!std::isfinite(value)) return "null";
      char text[40];
      return {text, std::to_chars(text, text + sizeof text, value).ptr};
    } else return quoted(value);
  }

  std::string text_;
  char end_;
};

}  // namespace tokenmark::gpu
