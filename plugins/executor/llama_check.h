// Is this a Llama that an executor can run? Descriptions and tensors come from files and are hostile: everything a
// kernel later relies on (sizes, divisibility, formats, bytes) is checked here, once. Pure functions; any thread.
#pragma once

#include <string>

#include "base/result.h"
#include "kernels/formats/format.h"
#include "plugins/api/plugin.h"

namespace tokenmark::executor {

constexpr std::uint32_t kMaxHeadDim = 256;

Status check_model(const tm_model& model);
Status check_options(const tm_executor_options& options);

// The tensor `name`, which must have exactly this shape and as many bytes as its format needs.
Result<tm_tensor> find_tensor(const tm_weight_source& source, const std::string& name, std::uint64_t rows,
                              std::uint64_t columns);
// Is there one at all? A source that fails otherwise than with TM_NOT_FOUND is an error of find_tensor.
bool has_tensor(const tm_weight_source& source, const std::string& name);

}  // namespace tokenmark::executor
