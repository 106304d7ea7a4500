// Stands for tl::expected where a machine with a GPU has nothing but a compiler: what base/result.h and its users need.
#pragma once

#include <cstdlib>
#include <optional>
#include <utility>

namespace tl {

template <class E>
class unexpected {
 public:
  explicit unexpected(E error) : error_(std::move(error)) {}
  const E& value() const& { return error_; }
  E&& value() && { return std::move(error_); }

 private:
  E error_;
};
template <class E>
unexpected(E) -> unexpected<E>;

template <class T, class E>
class expected {
 public:
  using value_type = T;
  template <class U = T>
    requires(std::is_constructible_v<T, U &&> && !std::is_same_v<std::remove_cvref_t<U>, expected>)
  expected(U&& value) : value_(std::in_place, std::forward<U>(value)) {}
  expected() requires std::is_default_constructible_v<T> : value_(std::in_place) {}
  template <class F>
  expected(unexpected<F> error) : error_(std::move(error).value()) {}
  template <class U, class F>
    requires std::is_constructible_v<T, U&&>
  expected(expected<U, F>&& other) {
    if (other) value_.emplace(std::move(*other));
    else error_.emplace(std::move(other.error()));
  }

  explicit operator bool() const { return value_.has_value(); }
  bool has_value() const { return value_.has_value(); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return std::move(*value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  T& value() & { return has_value() ? *value_ : (std::abort(), *value_); }
  T&& value() && { return std::move(has_value() ? *value_ : (std::abort(), *value_)); }
  E& error() & { return *error_; }
  const E& error() const& { return *error_; }
  E&& error() && { return std::move(*error_); }
  template <class F>
  auto map(F&& f) && -> expected<decltype(f(std::declval<T>())), E> {
    if (!value_) return unexpected<E>(std::move(*error_));
    return f(*std::move(value_));
  }

 private:
  std::optional<T> value_;
  std::optional<E> error_;
};

template <class E>
class expected<void, E> {
 public:
  expected() = default;
  template <class F>
  expected(unexpected<F> error) : error_(std::move(error).value()) {}
  explicit operator bool() const { return !error_.has_value(); }
  bool has_value() const { return !error_.has_value(); }
  E& error() & { return *error_; }
  const E& error() const& { return *error_; }
  E&& error() && { return std::move(*error_); }

 private:
  std::optional<E> error_;
};

}  // namespace tl
