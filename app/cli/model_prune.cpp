// model prune: a model without some of its layers.
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "app/cli/model_verbs.h"
#include "app/cli/terminal.h"
#include "app/cli/written_model.h"
#include "engine/model/layers.h"
#include "engine/runtime/layer_distances.h"
#include "plugins/cpu/cpu_plugin.h"

namespace tokenmark::cli {
namespace {

using json = nlohmann::ordered_json;

struct PruneOptions {
  std::string model, drop_layers, text, output;
  std::uint32_t drop = 0;
  LayerDistanceOptions measure;
  bool json = false;
};

Result<std::vector<TokenId>> text_tokens(const Model& model, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::not_found, "{}: cannot be opened", path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return model.tokenizer->encode(text, true);
}

Result<LayerDistances> measure(const Model& model, const PruneOptions& options, std::stop_token stop) {
  TOKENMARK_TRY(const std::vector<TokenId> tokens, text_tokens(model, options.text));
  PluginRegistry plugins({default_plugin_folders()});
  plugins.add(tokenmark_cpu_plugin_query);
  ProgressBar bar("Measuring layers");
  LayerDistanceOptions measure = options.measure;
  measure.stop = std::move(stop);
  measure.progress = [&](double share) { bar.set(share, ""); };
  return measure_layer_distances(model, tokens, plugins, measure);
}

std::string distances_table(const LayerDistances& distances, std::uint32_t run, std::span<const std::uint32_t> dropped) {
  std::vector<std::string> header = {"layer", "distance over it"};
  if (run > 1) header.push_back(fmt::format("over {} from it on", run));
  header.emplace_back();
  std::vector<std::vector<std::string>> rows;
  for (std::uint32_t layer = 0; layer < distances.layers; ++layer) {
    rows.push_back({std::to_string(layer), fmt::format("{:.4f}", distances.of(layer, 1))});
    if (run > 1) rows.back().push_back(layer + run <= distances.layers ? fmt::format("{:.4f}", distances.of(layer, run)) : "");
    rows.back().push_back(std::ranges::find(dropped, layer) != dropped.end() ? "dropped" : "");
  }
  return table(header, rows);
}

json distances_json(const LayerDistances& distances, std::uint32_t run) {
  json single = json::array(), runs = json::array();
  for (std::uint32_t layer = 0; layer < distances.layers; ++layer) {
    single.push_back(distances.of(layer, 1));
    if (layer + run <= distances.layers) runs.push_back(distances.of(layer, run));
  }
  return {{"sequences", distances.sequences},
          {"sequence_tokens", distances.sequence_tokens},
          {"of_each_layer", std::move(single)},
          {"run_layers", run},
          {"of_each_run", std::move(runs)}};
}

Status prune(const PruneOptions& options, const std::stop_token& stop) {
  TOKENMARK_TRY(const Model model, open_model(options.model));
  std::vector<std::uint32_t> dropped;
  LayerDistances distances;
  if (options.drop > 0) {
    TOKENMARK_TRY(distances, measure(model, options, stop));
    TOKENMARK_TRY(dropped, least_important_layers(model, distances, options.drop));
  } else {
    TOKENMARK_TRY(dropped, parse_layers(options.drop_layers, model.description.layers));
  }
  TOKENMARK_TRY(const Model pruned, without_layers(model, dropped));
  WriteOptions write;
  write.dropped_layers = dropped;
  TOKENMARK_TRY(const WrittenModel written, write_with_progress(pruned, write, options.output, stop));
  if (options.json) {
    json document = {{"source", model.source},
                     {"output", options.output},
                     {"dropped_layers", dropped},
                     {"layers_before", model.description.layers},
                     {"layers_after", pruned.description.layers},
                     {"parameters_before", model.description.parameters},
                     {"parameters_after", pruned.description.parameters},
                     {"bytes_before", model.description.weight_bytes},
                     {"bytes_after", written.bytes_after}};
    if (options.drop > 0) document["distances"] = distances_json(distances, options.drop);
    fmt::print("{}\n", document.dump(2, ' ', false, json::error_handler_t::replace));
    return {};
  }
  if (options.drop > 0) fmt::print("{}\n", distances_table(distances, options.drop, dropped));
  fmt::print("Dropped {} of {} layers: {}\n{:.3g} GB of weights, were {:.3g} GB\n", dropped.size(), model.description.layers,
             layers_text(dropped), static_cast<double>(written.bytes_after) / 1e9,
             static_cast<double>(model.description.weight_bytes) / 1e9);
  return {};
}

}  // namespace

void add_model_prune(CLI::App& verb, Context& context) {
  const auto options = std::make_shared<PruneOptions>();
  CLI::App* prune_verb = verb.add_subcommand("prune", "Write a model without some of its layers: faster, and less good");
  prune_verb->add_option("--model", options->model, "GGUF file, safetensors folder, or shape:NAME:FORMAT")->required();
  auto* list = prune_verb->add_option("--drop-layers", options->drop_layers, "These, counted from 0: 3,7,10-12");
  auto* text = prune_verb->add_option("--text", options->text, "File to measure the layers on");
  prune_verb->add_option("--drop", options->drop, "So many: the run that changes the hidden states of the text least")
      ->check(whole_number_from(1))
      ->needs(text)
      ->excludes(list);
  prune_verb->add_option("-o,--output", options->output, "File to write")->required();
  prune_verb->add_option("--sequences", options->measure.sequences, "Of the text, at most")->capture_default_str()->check(whole_number_from(1));
  prune_verb->add_option("--tokens", options->measure.sequence_tokens, "Of a sequence; measured at its last one")->capture_default_str()->check(whole_number_from(2));
  prune_verb->add_option("--device", options->measure.device, "See 'devices'")->capture_default_str();
  prune_verb->add_option("--threads", options->measure.threads, "0: one per core")->capture_default_str();
  prune_verb->add_flag("--json", options->json, "One JSON document on standard output");
  prune_verb->footer(
      "Measured is the angular distance (arccos of the cosine similarity over π) between the hidden states that enter and\n"
      "leave a run of layers (Gromov et al. 2024). It takes one pass of the sequences, with a layer in memory at a time.\n"
      "Example: tokenmark-cli model prune --model model.gguf --drop 8 --text book.txt -o pruned.gguf\n"
      "Example: tokenmark-cli model prune --model model.gguf --drop-layers 20-27 -o pruned.gguf");
  prune_verb->callback([&context, options] {
    if (options->drop_layers.empty() == (options->drop == 0))
      throw CLI::ValidationError("prune", "give --drop-layers, or --drop with --text");
    context.action = [options, stop = context.stop] {
      const Status done = prune(*options, stop);
      return done ? kDone : report(done.error());
    };
  });
}

}  // namespace tokenmark::cli
