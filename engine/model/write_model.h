// Any model as one GGUF file that this and other programs open: in its own formats or quantised into another, with its
// metadata and its vocabulary. Files of random weights say so (kRandomWeightsKey); files with formats that ggml has no
// number for carry kFormatsKey.
#pragma once

#include "engine/model/gguf_writer.h"

namespace tokenmark {

inline constexpr std::string_view kDroppedLayersKey = "tokenmark.dropped_layers";

// Norms, biases, sinks and experts' gates are small and sensitive: they stay in F32. A matrix whose columns do not fill
// whole blocks of the wanted format becomes Q8_0, or F16 where that does not fit either. As in published files, MXFP4
// for a mixture of experts means the experts; its other matrices become Q8_0.
struct WriteOptions {
  std::optional<Format> format;            // of matrices; nothing: each as it is
  std::optional<Format> embedding_format;  // nothing: as `format`
  std::optional<Format> output_format;     // not for models whose output is the embedding
  unsigned threads = 0;                    // 0: one per core
  std::vector<std::uint32_t> dropped_layers;  // that the model was pruned of: stand in the file under kDroppedLayersKey
};

struct WrittenTensor {
  std::string name;
  Format from = Format::f32, to = Format::f32;
  bool fell_back = false;     // another format than was asked for, since the columns do not fill its blocks
  std::uint64_t values = 0, bytes_before = 0, bytes_after = 0;
  double relative_error = 0;  // root of the mean square error over the root of the values' mean square
  std::uint64_t not_finite = 0;  // NaN and infinite values in the source; left out of the error
};

struct WrittenModel {
  std::vector<WrittenTensor> tensors;
  std::uint64_t bytes_before = 0, bytes_after = 0;  // of all tensors
  double relative_error = 0;                        // over all tensors that changed their format
};

// What write_model would make: formats and sizes; all errors are 0. Reads and writes nothing.
Result<WrittenModel> plan_model(const Model& model, const WriteOptions& options);

Result<WrittenModel> write_model(const Model& model, const WriteOptions& options, const std::string& path,
                                 const WriteProgress& progress = {});

}  // namespace tokenmark
