// model info: a file, a folder or a shape explained.
#include <map>
#include <nlohmann/json.hpp>

#include "app/cli/model_verbs.h"
#include "app/cli/terminal.h"
#include "engine/runtime/kv_size.h"
#include "engine/runtime/model_facts.h"
#include "engine/template/chat.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark::cli {
namespace {

using json = nlohmann::ordered_json;

struct InfoOptions {
  std::string model;
  bool json = false, hash = false, tensors = false;
};

std::string_view scaling_name(const Model& model) {
  switch (model.description.rope_scaling.kind) {
    case RopeScalingKind::linear:
      return "linear";
    case RopeScalingKind::llama3:
      return "llama3";
    case RopeScalingKind::yarn:
      return "yarn";
    case RopeScalingKind::none:
      break;
  }
  return model.weights->find("rope_freqs.weight") ? "factors in rope_freqs.weight" : "none";
}

// Why a chat would be refused: the template cannot be used, with the place. Empty: it can.
std::string chat_template_problem(const Model& model) {
  const auto made = ChatTemplate::make(model.chat_template, "", "");
  return made ? std::string() : made.error().message;
}

std::vector<ModelFact> facts_of(const Model& model, std::uint64_t available_bytes) {
  std::vector<ModelFact> facts = model_facts(model, available_bytes);
  const std::string problem = chat_template_problem(model);
  facts.push_back({"chat template", model.chat_template.empty() ? "none: a chat becomes plain lines \"role: content\""
                                    : problem.empty()           ? "present"
                                                      : "present, but it cannot be used, a chat is refused: " + problem});
  return facts;
}

// "blk.12.attn_q.weight" → "blk.*.attn_q": the same matrix of all layers is one group.
std::string group_of(std::string_view tensor) {
  if (tensor.ends_with(".weight")) tensor.remove_suffix(7);
  if (!tensor.starts_with("blk.")) return std::string(tensor);
  return "blk.*" + std::string(tensor.substr(std::min(tensor.find('.', 4), tensor.size())));
}

std::string shape_text(const Tensor& tensor) {
  const std::string matrix = fmt::format("{} × {}", tensor.rows, tensor.columns);
  return tensor.depth > 1 ? fmt::format("{} × {}", tensor.depth, matrix) : matrix;
}

struct Group {
  const Tensor* first = nullptr;
  std::uint64_t tensors = 0, bytes = 0;
  std::map<std::string, std::uint64_t> formats;
};

std::vector<std::pair<std::string, Group>> groups_of(const Model& model) {
  std::vector<std::pair<std::string, Group>> groups;  // in the file's order
  std::map<std::string, std::size_t> places;
  for (const Tensor& tensor : model.weights->tensors()) {
    const auto [place, is_new] = places.emplace(group_of(tensor.name), groups.size());
    if (is_new) groups.push_back({place->first, {&tensor}});
    Group& group = groups[place->second].second;
    ++group.tensors;
    group.bytes += tensor.bytes;
    ++group.formats[std::string(format_name(tensor.format))];
  }
  return groups;
}

std::string mix_text(const std::map<std::string, std::uint64_t>& formats) {
  std::string text;
  for (const auto& [name, count] : formats)
    text += (text.empty() ? "" : ", ") + (formats.size() == 1 ? name : fmt::format("{} × {}", count, name));
  return text;
}

json tensor_json(const Tensor& tensor) {
  return {{"name", tensor.name},       {"format", format_name(tensor.format)},
          {"depth", tensor.depth},     {"rows", tensor.rows},
          {"columns", tensor.columns}, {"bytes", tensor.bytes}};
}

json info_json(const Model& model, const InfoOptions& options, const std::string& hash) {
  const ModelDescription& d = model.description;
  json document = description_json(d);
  document["source"] = model.source;
  document["files"] = model.files;
  document["format"] = format_name(d.format);
  document["weight_bytes"] = d.weight_bytes;
  document["rope_scaling"] = scaling_name(model);
  document["random_weights"] = model.random_weights;
  document["tokenizer"] = model.tokenizer->kind();
  document["tokens"] = model.tokenizer->vocabulary_size();
  document["bos"] = model.tokenizer->bos();
  document["eos"] = model.tokenizer->eos();
  document["chat_template"] = !model.chat_template.empty();
  if (const std::string problem = chat_template_problem(model); !problem.empty())
    document["chat_template_error"] = problem;
  for (const Format format : {Format::f16, Format::bf16, Format::fp8, Format::q8_0})
    document["kv_bytes_per_token"][std::string(format_name(format))] = kv_bytes_per_token(d, format);
  for (const FormatShare& share : formats_of(model))
    document["formats"].push_back({{"format", format_name(share.format)},
                                   {"tensors", share.tensors},
                                   {"values", share.values},
                                   {"bytes", share.bytes}});
  const Fit fit =
      fit_in_memory(d, std::min<std::uint64_t>(d.context, 8192), Format::f16, available_host_bytes());
  document["fit"] = {{"tokens", fit.tokens},
                     {"needed_bytes", fit.needed_bytes()},
                     {"available_bytes", fit.available_bytes},
                     {"fits", fit.fits()},
                     {"most_tokens", fit.most_tokens}};
  if (fit.smaller_bytes > 0) document["fit"]["smaller_format"] = format_name(fit.smaller);
  if (!hash.empty()) document["hash"] = hash;
  for (const ModelFact& fact : facts_of(model, fit.available_bytes))
    document["facts"][fact.name] = fact.text;
  for (const auto& [name, group] : groups_of(model))
    document["tensors"].push_back({{"group", name},
                                   {"count", group.tensors},
                                   {"depth", group.first->depth},
                                   {"rows", group.first->rows},
                                   {"columns", group.first->columns},
                                   {"bytes", group.bytes},
                                   {"formats", group.formats}});
  if (options.tensors)
    for (const Tensor& tensor : model.weights->tensors())
      document["all_tensors"].push_back(tensor_json(tensor));
  return document;
}

void print_info(const Model& model, const InfoOptions& options, const std::string& hash) {
  for (const ModelFact& fact : facts_of(model, available_host_bytes()))
    fmt::print("{:<15}{}\n", fact.name, fact.text);
  if (!hash.empty()) fmt::print("{:<15}{}\n", "hash", hash);
  std::vector<std::vector<std::string>> rows;
  if (options.tensors) {
    for (const Tensor& tensor : model.weights->tensors())
      rows.push_back({tensor.name, shape_text(tensor), std::string(format_name(tensor.format)),
                      bytes_text(tensor.bytes)});
    fmt::print("\n{}", table({"tensor", "rows × columns", "format", "size"}, rows));
    return;
  }
  for (const auto& [name, group] : groups_of(model))
    rows.push_back({name, std::to_string(group.tensors), shape_text(*group.first), mix_text(group.formats),
                    bytes_text(group.bytes)});
  fmt::print("\n{}", table({"tensors", "count", "rows × columns", "format", "size"}, rows));
}

int info(const InfoOptions& options, const std::stop_token& stop) {
  const auto model = open_model(options.model);
  if (!model) return report(model.error());
  std::string hash;
  if (options.hash) {
    auto computed = hash_model(*model, stop);
    if (!computed) return report(computed.error());
    hash = *std::move(computed);
  }
  if (options.json)
    fmt::print("{}\n", info_json(*model, options, hash).dump(2, ' ', false, json::error_handler_t::replace));
  else
    print_info(*model, options, hash);
  return kDone;
}

}  // namespace

json description_json(const ModelDescription& d) {
  json document = {{"name", d.name},
                   {"architecture", d.architecture},
                   {"parameters", d.parameters},
                   {"active_parameters", d.active_parameters},
                   {"layers", d.layers},
                   {"width", d.width},
                   {"ffn_width", d.ffn_width},
                   {"heads", d.heads},
                   {"kv_heads", d.kv_heads},
                   {"head_dim", d.head_dim},
                   {"vocabulary", d.vocabulary},
                   {"context", d.context},
                   {"tied_output", d.tied_output},
                   {"rope_theta", d.rope_theta},
                   {"rope_dim", d.rope_dim},
                   {"kv_bytes_per_token_f16", kv_bytes_per_token(d, Format::f16)}};
  if (d.window > 0) document["window"] = d.window;
  if (d.latent.kv_lora > 0)
    document["latent"] = {
        {"q_lora", d.latent.q_lora}, {"kv_lora", d.latent.kv_lora}, {"value_dim", d.value_dim}};
  if (d.mtp_layers > 0) document["mtp_layers"] = d.mtp_layers;
  if (d.experts.count > 0)
    document["experts"] = {{"count", d.experts.count},
                           {"used", d.experts.used},
                           {"ffn_width", d.experts.ffn_width},
                           {"shared_ffn_width", d.experts.shared_ffn_width},
                           {"dense_layers", d.experts.dense_layers}};
  return document;
}

void add_model_info(CLI::App& verb, Context& context) {
  const auto options = std::make_shared<InfoOptions>();
  CLI::App* info_verb = verb.add_subcommand("info", "A model explained: facts, formats, memory");
  info_verb
      ->add_option("model", options->model,
                   "GGUF file (any part of a split one), model folder, or shape:NAME:FORMAT")
      ->required();
  info_verb->add_flag("--tensors", options->tensors, "Every tensor instead of groups");
  info_verb->add_flag("--hash", options->hash, "Also the SHA-256 of the whole file or files");
  info_verb->add_flag("--json", options->json, "One JSON document on standard output");
  info_verb->footer("Example: tokenmark-cli model info shape:llama-3.2-1b:q4_0");
  info_verb->callback([&context, options] { context.action = [&context, options] { return info(*options, context.stop); }; });
}

}  // namespace tokenmark::cli
