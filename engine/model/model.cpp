#include "engine/model/model.h"

#include <cstring>
#include <filesystem>
#include <unordered_map>

#include "engine/model/gguf.h"
#include "engine/model/hash.h"
#include "engine/model/llama.h"
#include "engine/model/random_weights.h"
#include "engine/model/shapes.h"
#include "engine/model/vocabulary_gguf.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {
namespace {

class MappedWeights : public WeightSource {
 public:
  MappedWeights(std::shared_ptr<const GgufFile> file, std::vector<Tensor> tensors)
      : file_(std::move(file)), tensors_(std::move(tensors)) {
    for (const Tensor& tensor : tensors_) by_name_.emplace(tensor.name, &tensor);
  }
  const Tensor* find(std::string_view name) const override {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }
  Status read_rows(const Tensor& tensor, std::uint64_t first, std::uint64_t count, std::byte* destination) const override {
    const std::uint64_t bytes = row_bytes(tensor.format, tensor.columns);
    std::memcpy(destination, tensor.mapped + first * bytes, count * bytes);
    return {};
  }
  const std::vector<Tensor>& tensors() const override { return tensors_; }

 private:
  std::shared_ptr<const GgufFile> file_;  // shared: keeps the mapping that tensors_ point into
  std::vector<Tensor> tensors_;
  std::unordered_map<std::string_view, const Tensor*> by_name_;
};

Result<Model> open_shape(const std::string& specification) {
  TOKENMARK_TRY(ShapeSpecification shape, parse_shape_specification(specification));
  Model model;
  auto tensors = shape_tensors(shape.description, shape.format);
  model.description = shape.description;
  count_weights(tensors, model.description);
  model.weights = std::make_shared<const RandomWeights>(std::move(tensors), shape.seed);
  model.tokenizer = make_synthetic_tokenizer(static_cast<std::int32_t>(shape.description.vocabulary));
  model.source = specification;
  model.random_weights = true;
  TOKENMARK_TRY(model.hash, sha256(fmt::format("{} {} {}", shape.text, format_name(shape.format), shape.seed)));
  return model;
}

Result<Model> open_gguf(const std::string& path) {
  TOKENMARK_TRY(const auto file, GgufFile::open(path));
  TOKENMARK_TRY(const auto architecture, file->text("general.architecture"));
  if (!architecture)
    return fail(ErrorKind::invalid_input, "{}: key 'general.architecture' is missing", path);
  if (file->tensor_headers().empty())
    return fail(ErrorKind::invalid_input, "{}: has no tensors: it is a vocabulary without a model", path);
  if (*architecture != "llama")
    return fail(ErrorKind::invalid_input, "{}: architecture '{}' is not known; known are llama", path, *architecture);
  TOKENMARK_TRY(auto tensors, file->tensors());
  Model model;
  TOKENMARK_TRY(model.description, describe_llama(*file, tensors));
  // A file's own name is often only "llama"; its path says more then.
  if (model.description.name.empty() || model.description.name == *architecture)
    model.description.name = std::filesystem::path(path).stem().string();
  TOKENMARK_TRY(model.tokenizer, read_tokenizer(*file));
  if (static_cast<std::uint32_t>(model.tokenizer->vocabulary_size()) != model.description.vocabulary)
    return fail(ErrorKind::invalid_input, "{}: tensor 'token_embd.weight' has {} rows, expected {} by the vocabulary", path,
                model.description.vocabulary, model.tokenizer->vocabulary_size());
  TOKENMARK_TRY(auto chat_template, file->text("tokenizer.chat_template"));
  model.chat_template = std::move(chat_template).value_or("");
  TOKENMARK_TRY(const auto random, file->boolean(kRandomWeightsKey));
  model.random_weights = random.value_or(false);
  model.weights = std::make_shared<const MappedWeights>(file, std::move(tensors));
  model.source = path;
  return model;
}

}  // namespace

Result<Model> open_model(const std::string& specification) {
  return is_shape_specification(specification) ? open_shape(specification) : open_gguf(specification);
}

Result<std::shared_ptr<const Tokenizer>> open_tokenizer(const std::string& specification) {
  if (is_shape_specification(specification)) {
    TOKENMARK_TRY(const ShapeSpecification shape, parse_shape_specification(specification));
    return make_synthetic_tokenizer(static_cast<std::int32_t>(shape.description.vocabulary));
  }
  TOKENMARK_TRY(const auto file, GgufFile::open(specification));
  return read_tokenizer(*file);
}

Result<std::string> hash_model(const Model& model) {
  if (!model.hash.empty()) return model.hash;
  return sha256_of_file(model.source);
}

}  // namespace tokenmark
