#include "engine/model/model.h"

#include <filesystem>

#include "engine/model/architecture.h"
#include "engine/model/gguf_model.h"
#include "engine/model/hash.h"
#include "engine/model/hub_model.h"
#include "engine/model/random_weights.h"
#include "engine/model/shapes.h"
#include "engine/model/vocabulary_gguf.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/tokenizer_json.h"

namespace tokenmark {
namespace {

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

}  // namespace

Result<Model> open_model(const std::string& specification) {
  if (is_shape_specification(specification)) return open_shape(specification);
  std::error_code error;
  return std::filesystem::is_directory(specification, error) ? open_hub_model(specification) : open_gguf(specification);
}

Result<std::shared_ptr<const Tokenizer>> open_tokenizer(const std::string& specification) {
  if (is_shape_specification(specification)) {
    TOKENMARK_TRY(const ShapeSpecification shape, parse_shape_specification(specification));
    return make_synthetic_tokenizer(static_cast<std::int32_t>(shape.description.vocabulary));
  }
  std::error_code error;
  if (std::filesystem::is_directory(specification, error)) {
    TOKENMARK_TRY(FolderTokenizer found, read_tokenizer_folder(specification));
    return std::move(found.tokenizer);
  }
  TOKENMARK_TRY(const GgufParts parts, open_gguf_parts(specification));
  return read_tokenizer(parts.first());
}

Result<std::string> hash_model(const Model& model, const std::stop_token& stop) {
  if (!model.hash.empty()) return model.hash;
  return sha256_of_files(model.files.empty() ? std::vector{model.source} : model.files, stop);
}

}  // namespace tokenmark
