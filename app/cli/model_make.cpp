// model make: random weights of a shape as a file, or an existing model in another format.
#include <nlohmann/json.hpp>

#include "app/cli/model_verbs.h"
#include "app/cli/terminal.h"
#include "app/cli/written_model.h"

namespace tokenmark::cli {
namespace {

constexpr const char* kFormats = "f32, f16, bf16, q8_0, q4_0, q4_k, q5_k, q6_k, mxfp4, mxfp6, fp8";

struct MakeOptions {
  std::string shape, from, format, embedding_format, output_format, output;
  std::uint64_t seed = 0;
  unsigned threads = 0;
  bool json = false, dry_run = false;
};

Result<std::optional<Format>> format_of(const std::string& name) {
  if (name.empty()) return std::nullopt;
  const auto format = format_from_name(name);
  if (!format) return fail(ErrorKind::invalid_input, "number format '{}' is not known; known are {}", name, kFormats);
  return format;
}

Result<WriteOptions> write_options(const MakeOptions& options) {
  WriteOptions write;
  write.threads = options.threads;
  TOKENMARK_TRY(write.embedding_format, format_of(options.embedding_format));
  TOKENMARK_TRY(write.output_format, format_of(options.output_format));
  if (options.from.empty()) return write;  // a shape is made in its format
  TOKENMARK_TRY(write.format, format_of(options.format));
  return write;
}

Status print_plan(const Model& model, const WriteOptions& write, const MakeOptions& options) {
  TOKENMARK_TRY(const WrittenModel planned, plan_model(model, write));
  fmt::print(stderr, "{}", written_remarks(planned));
  if (!options.json) {
    fmt::print("{:.2f} MB become {:.2f} MB\n", static_cast<double>(planned.bytes_before) / 1e6,
               static_cast<double>(planned.bytes_after) / 1e6);
    return {};
  }
  nlohmann::ordered_json document = {{"source", model.source}};
  document.update(written_json(planned));
  document.erase("relative_error");
  for (auto& tensor : document["tensors"]) tensor.erase("relative_error");
  fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  return {};
}

Status make(const MakeOptions& options, std::stop_token stop) {
  TOKENMARK_TRY(const WriteOptions write, write_options(options));
  const bool shape = options.from.empty();
  TOKENMARK_TRY(const Model model, open_model(shape ? fmt::format("shape:{}:{}:{}", options.shape, options.format, options.seed)
                                                    : options.from));
  if (options.dry_run) return print_plan(model, write, options);
  TOKENMARK_TRY(const WrittenModel written, write_with_progress(model, write, options.output, std::move(stop)));
  fmt::print(stderr, "{}", written_remarks(written));
  if (options.json) {
    nlohmann::ordered_json document = {{"source", model.source}, {"output", options.output}};
    document.update(written_json(written));
    fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else if (!shape) {
    fmt::print("{}", written_table(written));
  }
  return {};
}

}  // namespace

void add_model_make(CLI::App& verb, Context& context) {
  const auto options = std::make_shared<MakeOptions>();
  CLI::App* make_verb = verb.add_subcommand("make", "Write a GGUF file: an existing model in another number format, or"
                                                    " random weights of a shape");
  auto* from = make_verb->add_option("--from", options->from, "Model to convert: GGUF file or safetensors folder");
  auto* shape = make_verb->add_option("--shape", options->shape, "Shape for random weights, see 'model list'")->excludes(from);
  make_verb->add_option("--format", options->format, fmt::format("Of the matrices: {}; with --from: as they are if not given", kFormats));
  make_verb->add_option("--embedding-format", options->embedding_format, "Of the embedding, where it differs");
  make_verb->add_option("--output-format", options->output_format, "Of the output matrix, where it differs");
  make_verb->add_option("-o,--output", options->output, "File to write");
  make_verb->add_flag("--dry-run", options->dry_run, "Print the sizes it would have, write nothing");
  make_verb->add_option("--seed", options->seed, "Other weights of the same shape")->capture_default_str()->needs(shape);
  make_verb->add_option("--threads", options->threads, "0: one per core")->capture_default_str();
  make_verb->add_flag("--json", options->json, "Bytes and relative error of every tensor as one JSON document");
  make_verb->footer(
      "The relative error is the root of the mean square error over the root of the values' mean square. Norms, biases\n"
      "and experts' gates stay in F32. fp8 and mxfp6 files are for this program alone. Files made from folders carry their\n"
      "tokenizer.json, and the vocabulary in GGUF's own terms for other programs where it is byte-level BPE with a known\n"
      "pre-tokenizer or SentencePiece's BPE.\n"
      "Example: tokenmark-cli model make --from model-bf16.gguf --format q4_k --embedding-format q6_k -o model-q4_k.gguf\n"
      "Example: tokenmark-cli model make --shape smollm2-135m --format q8_0 -o smollm2.gguf");
  make_verb->callback([&context, options] {
    if (options->from.empty() == options->shape.empty()) throw CLI::ValidationError("make", "give --from or --shape");
    if (!options->shape.empty() && options->format.empty()) throw CLI::RequiredError("--format");
    if (options->output.empty() && !options->dry_run) throw CLI::RequiredError("--output");
    context.action = [options, stop = context.stop] {
      const Status done = make(*options, stop);
      return done ? kDone : report(done.error());
    };
  });
}

}  // namespace tokenmark::cli
