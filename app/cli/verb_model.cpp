// model: known shapes, a model's facts, files with random weights.
#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "app/cli/model_verbs.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "engine/model/model.h"
#include "engine/tokenizer/chat.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark::cli {
namespace {

using json = nlohmann::ordered_json;

struct ModelOptions {
  std::string model;
  bool json = false, hash = false;
};

void print_json(const json& document) {
  fmt::print("{}\n", document.dump(2, ' ', false, json::error_handler_t::replace));
}

std::string bytes_text(double bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; bytes >= 1000 && unit < 4; ++unit) bytes /= 1000;
  return fmt::format("{:.3g} {}", bytes, kUnits[unit]);
}

std::string count_text(std::uint64_t count) {
  if (count >= 1'000'000'000) return fmt::format("{:.2f}B", static_cast<double>(count) / 1e9);
  if (count >= 1'000'000) return fmt::format("{:.1f}M", static_cast<double>(count) / 1e6);
  return fmt::format("{:.0f}K", static_cast<double>(count) / 1e3);
}

std::uint64_t kv_bytes_per_token(const ModelDescription& d) {  // keys and values of all layers in F16
  return std::uint64_t{2} * 2 * d.layers * d.kv_heads * d.head_dim;
}

std::string_view scaling_name(const Model& model) {
  switch (model.description.rope_scaling.kind) {
    case RopeScalingKind::linear: return "linear";
    case RopeScalingKind::llama3: return "llama3";
    case RopeScalingKind::yarn: return "yarn";
    case RopeScalingKind::none: break;
  }
  return model.weights && model.weights->find("rope_freqs.weight") ? "factors in rope_freqs.weight" : "none";
}

json description_json(const ModelDescription& d) {
  return {{"name", d.name},
          {"architecture", d.architecture},
          {"parameters", d.parameters},
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
          {"kv_bytes_per_token_f16", kv_bytes_per_token(d)}};
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
    rows.push_back({d.name, count_text(d.parameters), std::to_string(d.layers), std::to_string(d.width),
                    fmt::format("{}/{} × {}", d.heads, d.kv_heads, d.head_dim), std::to_string(d.vocabulary),
                    std::to_string(d.context), bytes_text(static_cast<double>(kv_bytes_per_token(d)))});
  fmt::print("{}", table({"shape", "parameters", "layers", "width", "heads", "vocabulary", "context", "KV/token (f16)"}, rows));
  fmt::print(stderr, "Use one as --model shape:NAME:FORMAT with f32, f16, bf16, q8_0 or q4_0.\n");
  return kDone;
}

// "blk.12.attn_q.weight" → "blk.*.attn_q": the same matrix of all layers is one group.
std::string group_of(std::string_view tensor) {
  if (tensor.ends_with(".weight")) tensor.remove_suffix(7);
  if (!tensor.starts_with("blk.")) return std::string(tensor);
  return "blk.*" + std::string(tensor.substr(std::min(tensor.find('.', 4), tensor.size())));
}

struct Group {
  std::uint64_t tensors = 0, rows = 0, columns = 0, bytes = 0;
  std::map<std::string, std::uint64_t> formats;
};

std::vector<std::pair<std::string, Group>> groups_of(const Model& model) {
  std::vector<std::pair<std::string, Group>> groups;  // in the file's order
  for (const Tensor& tensor : model.weights->tensors()) {
    const std::string name = group_of(tensor.name);
    auto found = std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.first == name; });
    if (found == groups.end()) found = groups.insert(groups.end(), {name, {}});
    Group& group = found->second;
    ++group.tensors;
    group.rows = tensor.rows;
    group.columns = tensor.columns;
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

json info_json(const Model& model, const std::string& hash) {
  json document = description_json(model.description);
  document["source"] = model.source;
  document["format"] = format_name(model.description.format);
  document["weight_bytes"] = model.description.weight_bytes;
  document["rope_scaling"] = scaling_name(model);
  document["random_weights"] = model.random_weights;
  document["tokenizer"] = model.tokenizer->kind();
  document["bos"] = model.tokenizer->bos();
  document["eos"] = model.tokenizer->eos();
  document["chat_template"] = !model.chat_template.empty();
  if (!hash.empty()) document["hash"] = hash;
  for (const auto& [name, group] : groups_of(model))
    document["tensors"].push_back({{"group", name}, {"count", group.tensors}, {"rows", group.rows},
                                   {"columns", group.columns}, {"bytes", group.bytes}, {"formats", group.formats}});
  return document;
}

void print_info(const Model& model, const std::string& hash) {
  const ModelDescription& d = model.description;
  const auto line = [](std::string_view what, const std::string& value) { fmt::print("{:<15}{}\n", what, value); };
  line("name", d.name);
  line("source", model.source + (model.random_weights ? " (random weights: speed is real, text is not)" : ""));
  line("architecture", fmt::format("{}, {} layers, width {}, feed-forward {}", d.architecture, d.layers, d.width, d.ffn_width));
  line("attention", fmt::format("{} heads, {} for keys and values, {} values each", d.heads, d.kv_heads, d.head_dim));
  line("rope", fmt::format("theta {}, {} values, scaling: {}", d.rope_theta, d.rope_dim, scaling_name(model)));
  line("context", fmt::format("{} tokens, {} of keys and values a token in f16", d.context,
                              bytes_text(static_cast<double>(kv_bytes_per_token(d)))));
  line("parameters", fmt::format("{} ({})", count_text(d.parameters), d.parameters));
  line("weights", fmt::format("{}, mostly {}{}", bytes_text(static_cast<double>(d.weight_bytes)), format_name(d.format),
                              d.tied_output ? ", output tied to the embedding" : ""));
  line("tokenizer", fmt::format("{}, {} tokens, BOS {}, EOS {}", model.tokenizer->kind(),
                                model.tokenizer->vocabulary_size(), model.tokenizer->bos(), model.tokenizer->eos()));
  line("chat template", model.chat_template.empty() ? "none" : "present");
  if (!hash.empty()) line("hash", hash);
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, group] : groups_of(model))
    rows.push_back({name, std::to_string(group.tensors), fmt::format("{} × {}", group.rows, group.columns),
                    mix_text(group.formats), bytes_text(static_cast<double>(group.bytes))});
  fmt::print("\n{}", table({"tensors", "count", "rows × columns", "format", "size"}, rows));
}

Status info(const ModelOptions& options) {
  TOKENMARK_TRY(const Model model, open_model(options.model));
  std::string hash;
  if (options.hash) {
    TOKENMARK_TRY(hash, hash_model(model));
  }
  if (options.json)
    print_json(info_json(model, hash));
  else
    print_info(model, hash);
  return {};
}

int exit_code(const Status& done) { return done ? kDone : report(done.error()); }

}  // namespace

void add_model(CLI::App& app, Context& context) {
  const auto options = std::make_shared<ModelOptions>();
  CLI::App* verb = app.add_subcommand("model", "Known shapes, a model's facts, and files with random weights");
  verb->require_subcommand(1);
  verb->footer("Example: tokenmark-cli model make --shape smollm2-135m --format q8_0 -o smollm2.gguf");

  CLI::App* list_verb = verb->add_subcommand("list", "Known shapes");
  list_verb->add_flag("--json", options->json, "One JSON document on standard output");
  list_verb->footer("Example: tokenmark-cli model list");
  list_verb->callback([&context, options] { context.action = [options] { return list(*options); }; });

  CLI::App* info_verb = verb->add_subcommand("info", "Facts of a model");
  info_verb->add_option("model", options->model, "GGUF file, or shape:NAME:FORMAT")->required();
  info_verb->add_flag("--hash", options->hash, "Also the SHA-256 of the whole file");
  info_verb->add_flag("--json", options->json, "One JSON document on standard output");
  info_verb->footer("Example: tokenmark-cli model info shape:llama-3.2-1b:q4_0");
  info_verb->callback([&context, options] { context.action = [options] { return exit_code(info(*options)); }; });

  add_model_make(*verb, context);
}

}  // namespace tokenmark::cli
