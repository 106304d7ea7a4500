// A model from a GGUF file, or from all files of a split one (any of them may be given): its tensors under
// the names and in the shapes that the description calls for, whatever converter wrote them.
#pragma once

#include "engine/model/gguf.h"

namespace tokenmark {

struct GgufParts {
  std::vector<std::shared_ptr<const GgufFile>>
      files;                    // in order; metadata is in the first. Shared: weights keep them
  std::vector<Tensor> tensors;  // of all files
  const std::string& path() const { return files.front()->path(); }
  const GgufFile& first() const { return *files.front(); }
};

// Opens the file and, where it is one of several, the others, which lie beside it.
Result<GgufParts> open_gguf_parts(const std::string& path);

Result<Model> open_gguf(const std::string& path);

}  // namespace tokenmark
