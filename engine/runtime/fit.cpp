#include "engine/runtime/fit.h"

#include <algorithm>

#include "base/available_memory.h"
#include "engine/model/architecture.h"
#include "engine/model/shapes.h"
#include "engine/runtime/kv_size.h"

namespace tokenmark {
namespace {

std::uint64_t kv_bytes_of(const ModelDescription& model, std::uint64_t tokens, Format format) {
  const std::uint64_t per_token = std::max<std::uint64_t>(1, kv_bytes_per_token(model, format));
  return tokens > UINT64_MAX / 4 / per_token ? UINT64_MAX / 4 : tokens * per_token;
}

std::uint64_t weight_bytes_in(const ModelDescription& model, Format format) {
  std::uint64_t bytes = 0;
  for (const Tensor& tensor : shape_tensors(model, format)) bytes += tensor.bytes;
  return bytes;
}

}  // namespace

Fit fit_in_memory(const ModelDescription& model, std::uint64_t tokens, Format kv_format,
                  std::uint64_t available) {
  Fit fit{.weight_bytes = model.weight_bytes, .available_bytes = available, .tokens = tokens};
  fit.kv_bytes = kv_bytes_of(model, tokens, kv_format);
  if (available > fit.weight_bytes)
    fit.most_tokens =
        (available - fit.weight_bytes) / std::max<std::uint64_t>(1, kv_bytes_per_token(model, kv_format));
  if (fit.fits() || !find_architecture(model.architecture)) return fit;
  for (const Format format :
       {Format::bf16, Format::q8_0, Format::q6_k, Format::q5_k, Format::q4_k, Format::q4_0, Format::mxfp4}) {
    const std::uint64_t bytes = weight_bytes_in(model, format);
    if (bytes >= fit.weight_bytes || bytes + fit.kv_bytes > available) continue;
    fit.smaller = format;
    fit.smaller_bytes = bytes;
    return fit;
  }
  std::uint64_t largest = 0;
  for (const ModelDescription& shape : known_shapes()) {
    const std::uint64_t bytes = weight_bytes_in(shape, Format::q4_0);
    if (bytes <= largest || bytes + kv_bytes_of(shape, tokens, kv_format) > available) continue;
    fit.shape = shape.name;
    largest = bytes;
  }
  return fit;
}

Status check_fit(const std::string& what, const ModelDescription& model, std::uint64_t tokens,
                 Format kv_format, std::uint64_t available) {
  const Fit fit = fit_in_memory(model, tokens, kv_format, available);
  if (fit.fits()) return {};
  std::string advice;
  if (fit.most_tokens > 0) advice += fmt::format("; {} tokens of keys and values would fit", fit.most_tokens);
  if (fit.smaller_bytes > 0)
    advice += fmt::format("; in {} the weights would take {} and fit", format_name(fit.smaller),
                          bytes_text(fit.smaller_bytes));
  if (!fit.shape.empty())
    advice += fmt::format("; the largest known shape that fits is {} in q4_0", fit.shape);
  return fail(ErrorKind::exhausted,
              "{}: needs {}: {} of weights ({}) and {} of keys and values ({} tokens in {}), but {} of"
              " memory are free{}",
              what, bytes_text(fit.needed_bytes()), bytes_text(fit.weight_bytes), format_name(model.format),
              bytes_text(fit.kv_bytes), tokens, format_name(kv_format), bytes_text(available), advice);
}

std::uint64_t available_host_bytes() {
  const std::uint64_t available = available_memory_bytes();
  return available > 0 ? available : 1ull << 30;
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 999.5 && unit < 5; ++unit) value /= 1000;
  return fmt::format("{:.3g} {}", value, kUnits[unit]);
}

}  // namespace tokenmark
