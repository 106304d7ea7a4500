#include "engine/model/layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "engine/model/architecture.h"

namespace tokenmark {
namespace {

constexpr std::string_view kLayerPrefix = "blk.";

// The tensors of some layers under new numbers.
class LayerSubset : public WeightSource {
 public:
  LayerSubset(std::shared_ptr<const WeightSource> source, const std::unordered_map<std::uint32_t, std::uint32_t>& numbers)
      : source_(std::move(source)) {
    for (const Tensor& tensor : source_->tensors()) {
      Tensor renamed = tensor;
      if (tensor.name.starts_with(kLayerPrefix)) {
        const char* begin = tensor.name.data() + kLayerPrefix.size();
        std::uint32_t layer = 0;
        const auto [end, error] = std::from_chars(begin, tensor.name.data() + tensor.name.size(), layer);
        const auto number = numbers.find(layer);
        if (error != std::errc() || number == numbers.end()) continue;
        renamed.name = fmt::format("{}{}{}", kLayerPrefix, number->second, end);
      }
      tensors_.push_back(std::move(renamed));
      originals_.push_back(&tensor);
    }
    for (std::size_t i = 0; i < tensors_.size(); ++i) by_name_.emplace(tensors_[i].name, i);
  }
  LayerSubset(const LayerSubset&) = delete;
  LayerSubset& operator=(const LayerSubset&) = delete;

  const Tensor* find(std::string_view name) const override {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &tensors_[found->second];
  }
  Status read_rows(const Tensor& tensor, std::uint64_t first, std::uint64_t count, std::byte* destination) const override {
    return source_->read_rows(*originals_[by_name_.at(tensor.name)], first, count, destination);
  }
  const std::vector<Tensor>& tensors() const override { return tensors_; }

 private:
  std::shared_ptr<const WeightSource> source_;  // shared with the whole model
  std::vector<Tensor> tensors_;
  std::vector<const Tensor*> originals_;  // of the source, one for each
  std::unordered_map<std::string_view, std::size_t> by_name_;
};

bool pattern_goes_on(const ModelDescription& d, std::span<const std::uint32_t> kept) {
  for (std::uint32_t i = 0; i < kept.size(); ++i)
    if (is_windowed(d, i) != is_windowed(d, kept[i])) return false;
  return true;
}

Status describe_windows(const Model& model, std::span<const std::uint32_t> kept, ModelDescription& d) {
  if (pattern_goes_on(model.description, kept)) return {};
  const auto windowed = [&](std::uint32_t layer) { return is_windowed(model.description, layer); };
  if (std::ranges::none_of(kept, windowed)) {
    d.window = d.window_period = 0;
    return {};
  }
  if (std::ranges::all_of(kept, windowed)) {
    d.window_period = 1;
    return {};
  }
  return fail(ErrorKind::invalid_input, "{}: the layers {} mix windowed and full attention in an order that cannot be"
              " described", model.source, layers_text(kept));
}

}  // namespace

bool is_windowed(const ModelDescription& d, std::uint32_t layer) {
  return d.window > 0 && (d.window_period <= 1 || layer % d.window_period != d.window_period - 1);
}

Result<Model> with_layers(const Model& model, std::span<const std::uint32_t> kept) {
  Model subset = model;
  ModelDescription& d = subset.description;
  TOKENMARK_CHECK(describe_windows(model, kept, d));
  d.layers = static_cast<std::uint32_t>(kept.size());
  d.experts.dense_layers = static_cast<std::uint32_t>(
      std::ranges::count_if(kept, [&](std::uint32_t layer) { return layer < model.description.experts.dense_layers; }));
  std::unordered_map<std::uint32_t, std::uint32_t> numbers;
  for (const std::uint32_t layer : kept) numbers.emplace(layer, static_cast<std::uint32_t>(numbers.size()));
  for (std::uint32_t i = 0; i < d.mtp_layers; ++i) numbers.emplace(model.description.layers + i, d.layers + i);
  subset.weights = std::make_shared<const LayerSubset>(model.weights, numbers);
  count_weights(subset.weights->tensors(), d);
  subset.hash.clear();
  return subset;
}

Result<Model> without_layers(const Model& model, std::span<const std::uint32_t> dropped) {
  std::vector<std::uint32_t> kept;
  for (std::uint32_t layer = 0; layer < model.description.layers; ++layer)
    if (!std::ranges::binary_search(dropped, layer)) kept.push_back(layer);
  if (kept.empty())
    return fail(ErrorKind::invalid_input, "{}: has {} layers, dropping {} leaves none", model.source,
                model.description.layers, dropped.size());
  if (!pattern_goes_on(model.description, kept))
    return fail(ErrorKind::invalid_input,
                "{}: one layer in {} has full attention, the others a window: without the layers {} this pattern breaks;"
                " drop runs of {} layers",
                model.source, model.description.window_period, layers_text(dropped), model.description.window_period);
  return with_layers(model, kept);
}

Result<std::vector<std::uint32_t>> parse_layers(std::string_view text, std::uint32_t layers) {
  const auto wrong = [&](std::string_view part, std::string_view why) {
    return fail(ErrorKind::invalid_input, "layers '{}': '{}' {}; expected numbers and ranges from 0 to {} as in 3,7,10-12",
                text, part, why, layers - 1);
  };
  std::vector<std::uint32_t> found;
  for (std::string_view rest = text;;) {
    const std::string_view part = rest.substr(0, rest.find(','));
    std::uint32_t first = 0, last = 0;
    const char* end = part.data() + part.size();
    auto read = std::from_chars(part.data(), end, first);
    last = first;
    if (read.ec == std::errc() && read.ptr != end && *read.ptr == '-') read = std::from_chars(read.ptr + 1, end, last);
    if (read.ec != std::errc() || read.ptr != end) return wrong(part, "is not a layer or a range");
    if (first > last || last >= layers) return wrong(part, "is not within the model");
    for (std::uint32_t layer = first; layer <= last; ++layer) found.push_back(layer);
    if (part.size() == rest.size()) break;
    rest.remove_prefix(part.size() + 1);
  }
  std::ranges::sort(found);
  if (const auto twice = std::ranges::adjacent_find(found); twice != found.end())
    return wrong(std::to_string(*twice), "is named twice");
  return found;
}

std::string layers_text(std::span<const std::uint32_t> layers) {
  std::string text;
  for (std::size_t i = 0; i < layers.size();) {
    std::size_t last = i;
    while (last + 1 < layers.size() && layers[last + 1] == layers[last] + 1) ++last;
    if (i > 0) text += ", ";
    text += last > i ? fmt::format("{}-{}", layers[i], layers[last]) : std::to_string(layers[i]);
    i = last + 1;
  }
  return text;
}

}  // namespace tokenmark
