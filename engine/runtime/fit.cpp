#include "engine/runtime/fit.h"

#include <algorithm>
#include <fstream>
#include <optional>

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

std::optional<std::uint64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  if (file >> number) return number;
  return std::nullopt;  // no such file, or "max"
}

// What version 2 control groups leave to this process, from its own group up to the root.
std::uint64_t left_by_control_groups() {
  std::uint64_t least = UINT64_MAX;
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("0::")) continue;
    for (std::string group = line.substr(3); !group.empty(); group.resize(group.find_last_of('/'))) {
      const std::string folder = "/sys/fs/cgroup" + group;
      const auto limit = number_in(folder + "/memory.max"), used = number_in(folder + "/memory.current");
      if (limit && used) least = std::min(least, *limit - std::min(*limit, *used));
      if (group.find('/') == std::string::npos) break;
    }
  }
  return least;
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
  std::ifstream file("/proc/meminfo");
  std::string key, unit;
  std::uint64_t kilobytes = 0;
  while (file >> key >> kilobytes && std::getline(file, unit))
    if (key == "MemAvailable:") return std::min(kilobytes * 1024, left_by_control_groups());
  return 1ull << 30;
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 999.5 && unit < 5; ++unit) value /= 1000;
  return fmt::format("{:.3g} {}", value, kUnits[unit]);
}

}  // namespace tokenmark
