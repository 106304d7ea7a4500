#include "tests/gpu/shapes.h"

#include "engine/model/architecture.h"
#include "engine/model/shapes.h"

namespace tokenmark::gpu {
namespace {

ModelDescription of_architecture(const char* name) {
  ModelDescription model;
  if (const Architecture* row = find_architecture(name)) apply_architecture(*row, model);
  return model;
}

void set_heads(ModelDescription& m, std::uint32_t heads, std::uint32_t kv_heads, std::uint32_t dim) {
  m.heads = heads;
  m.kv_heads = kv_heads;
  m.head_dim = m.rope_dim = dim;
}

ModelDescription made_tiny(ModelDescription m) {
  m.name = "tiny-" + m.name;
  m.layers = 2;
  m.width = 128;
  m.ffn_width = m.ffn_width > 0 ? 256 : 0;
  set_heads(m, 4, 2, 64);
  m.vocabulary = 512;
  m.context = 256;
  if (m.experts.count > 0) {
    m.experts.count = 8;
    m.experts.ffn_width = m.ffn_width = 128;
    m.window = 16;
  }
  return m;
}

}  // namespace

ModelDescription llama_8b() {
  ModelDescription m = of_architecture("llama");
  m.name = "llama-3.1-8b";
  m.layers = 32;
  m.width = 4096;
  m.ffn_width = 14336;
  set_heads(m, 32, 8, 128);
  m.vocabulary = 128256;
  m.context = 131072;
  m.rope_theta = 500000;
  m.rope_scaling.kind = RopeScalingKind::llama3;
  m.rope_scaling.factor = 8;
  m.rope_scaling.original_context = 8192;
  count_weights(shape_tensors(m, Format::bf16), m);
  return m;
}

ModelDescription gpt_oss_20b() {
  ModelDescription m = of_architecture("gpt-oss");
  m.name = "gpt-oss-20b";
  m.layers = 24;
  m.width = 2880;
  set_heads(m, 64, 8, 64);
  m.vocabulary = 201088;
  m.context = 131072;
  m.rope_theta = 150000;
  m.window = 128;
  m.rope_scaling.kind = RopeScalingKind::yarn;
  m.rope_scaling.factor = m.rope_scaling.high = 32;
  m.rope_scaling.original_context = 4096;
  apply_yarn_magnitude(1, 0, m);
  m.experts.count = 32;
  m.experts.used = 4;
  m.experts.ffn_width = m.ffn_width = 2880;
  count_weights(shape_tensors(m, Format::bf16), m);
  return m;
}

std::vector<MeasuredModel> measured_models(bool tiny) {
  const auto of = [&](const ModelDescription& m) { return tiny ? made_tiny(m) : m; };
  return {{of(llama_8b()), Format::bf16}, {of(llama_8b()), Format::fp8}, {of(llama_8b()), Format::q4_0}, {of(gpt_oss_20b()), Format::mxfp4}};
}

}  // namespace tokenmark::gpu
