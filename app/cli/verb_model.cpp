// model: known shapes; model_get.cpp, model_info.cpp, model_make.cpp and model_prune.cpp are its other parts.
#include <nlohmann/json.hpp>

#include "app/cli/model_verbs.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "engine/runtime/kv_size.h"
#include "engine/runtime/model_facts.h"

namespace tokenmark::cli {
namespace {

using json = nlohmann::ordered_json;

struct ModelOptions {
  bool json = false;
};

void print_json(const json& document) {
  fmt::print("{}\n", document.dump(2, ' ', false, json::error_handler_t::replace));
}

std::string heads_text(const ModelDescription& d) {
  if (d.latent.kv_lora > 0) return fmt::format("{} latent", d.heads);
  return fmt::format("{}/{} × {}", d.heads, d.kv_heads, d.head_dim);
}

int list(const ModelOptions& options) {
  const auto shapes = known_shapes();
  if (options.json) {
    json document = {{"shapes", json::array()}};
    for (const ModelDescription& shape : shapes) document["shapes"].push_back(description_json(shape));
    print_json(document);
    return kDone;
  }
  std::vector<std::vector<std::string>> rows;
  for (const ModelDescription& d : shapes)
    rows.push_back({d.name, d.architecture, count_text(d.parameters),
                    d.experts.count > 0 ? count_text(d.active_parameters) : "all", std::to_string(d.layers),
                    std::to_string(d.width), heads_text(d), std::to_string(d.vocabulary), std::to_string(d.context),
                    bytes_text(kv_bytes_per_token(d, Format::f16))});
  fmt::print("{}", table({"shape", "architecture", "parameters", "active", "layers", "width", "heads", "vocabulary",
                          "context", "KV/token (f16)"}, rows));
  fmt::print(stderr, "Use one as --model shape:NAME:FORMAT with f32, f16, bf16, q8_0, q4_0, q4_k, q5_k, q6_k, mxfp4,"
                     " fp8 or mxfp6.\n");
  return kDone;
}

}  // namespace

void add_model(CLI::App& app, Context& context) {
  const auto options = std::make_shared<ModelOptions>();
  CLI::App* verb = app.add_subcommand("model", "Known shapes, download, a model's facts, conversion and pruning");
  verb->require_subcommand(1);
  verb->footer("Example: tokenmark-cli model make --shape smollm2-135m --format q8_0 -o smollm2.gguf");

  CLI::App* list_verb = verb->add_subcommand("list", "Known shapes");
  list_verb->add_flag("--json", options->json, "One JSON document on standard output");
  list_verb->footer("Example: tokenmark-cli model list");
  list_verb->callback([&context, options] { context.action = [options] { return list(*options); }; });

  add_model_get(*verb, context);
  add_model_info(*verb, context);
  add_model_make(*verb, context);
  add_model_prune(*verb, context);
}

}  // namespace tokenmark::cli
