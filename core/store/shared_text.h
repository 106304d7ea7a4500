// A text that many rows have in common (a model, a series, a configuration), kept once. Reads as a std::string and
// never changes; copying it copies a pointer. Any thread.
#pragma once

#include <fmt/format.h>

#include <compare>
#include <concepts>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>

namespace tokenmark {

class SharedText {
 public:
  SharedText() = default;
  // Explicit, so that where both kinds of text meet (`a ? b : c`) there is one way: to a std::string.
  explicit SharedText(std::string text)
      : text_(text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text))) {}
  SharedText(const char* text) : SharedText(std::string(text)) {}
  SharedText& operator=(std::string text) { return *this = SharedText(std::move(text)); }
  SharedText& operator=(const char* text) { return *this = SharedText(text); }

  const std::string& str() const {
    static const std::string kEmpty;
    return text_ ? *text_ : kEmpty;
  }
  operator const std::string&() const { return str(); }
  operator std::string_view() const { return str(); }

  bool empty() const { return !text_; }
  std::size_t size() const { return str().size(); }
  const char* data() const { return str().data(); }
  const char* c_str() const { return str().c_str(); }
  bool starts_with(std::string_view start) const { return str().starts_with(start); }
  bool ends_with(std::string_view end) const { return str().ends_with(end); }
  std::string substr(std::size_t at, std::size_t count = std::string::npos) const { return str().substr(at, count); }
  std::size_t find(std::string_view part, std::size_t from = 0) const { return str().find(part, from); }
  // Where it is kept: the same for two texts that share, so a quick proof that they are equal.
  const std::string* place() const { return text_.get(); }
  long uses() const { return text_.use_count(); }

  friend bool operator==(const SharedText& a, const SharedText& b) { return a.text_ == b.text_ || a.str() == b.str(); }
  friend std::strong_ordering operator<=>(const SharedText& a, const SharedText& b) { return a.str() <=> b.str(); }
  template <class Text>
    requires(std::is_convertible_v<const Text&, std::string_view> && !std::is_same_v<Text, SharedText>)
  friend bool operator==(const SharedText& a, const Text& b) { return std::string_view(a.str()) == std::string_view(b); }
  friend std::string operator+(const SharedText& a, std::string_view b) { return a.str() + std::string(b); }
  friend std::string operator+(std::string_view a, const SharedText& b) { return std::string(a) + b.str(); }
  template <std::same_as<SharedText> A, std::same_as<SharedText> B>
  friend std::string operator+(const A& a, const B& b) { return a.str() + b.str(); }
  friend std::string operator+(const SharedText& a, char b) { return a.str() + b; }
  friend std::ostream& operator<<(std::ostream& out, const SharedText& text) { return out << text.str(); }
  // For nlohmann's JSON, whatever its header is.
  template <class Json>
  friend void to_json(Json& json, const SharedText& text) { json = text.str(); }

 private:
  std::shared_ptr<const std::string> text_;   // null: empty
};

}  // namespace tokenmark

template <>
struct fmt::formatter<tokenmark::SharedText> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const tokenmark::SharedText& text, Context& context) const {
    return fmt::formatter<std::string_view>::format(text.str(), context);
  }
};
