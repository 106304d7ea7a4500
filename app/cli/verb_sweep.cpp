#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/selection.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/exchange/inferencex_sweep.h"

namespace tokenmark::cli {
namespace {

struct Arguments {
  std::string file, output;
  SweepWanted wanted;
  bool as_json = false;
};

constexpr std::uintmax_t kMaxBytes = 1 << 20;

Result<std::string> read_master(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return fail(ErrorKind::invalid_input, "{}: cannot be read: {}", path, error.message());
  if (size > kMaxBytes) return fail(ErrorKind::invalid_input, "{}: has {} bytes, at most {} can be read", path, size, kMaxBytes);
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

void print_sweeps(const std::vector<ConvertedSweep>& sweeps) {
  nlohmann::json all = nlohmann::json::array();
  for (const ConvertedSweep& sweep : sweeps) all.push_back({{"name", sweep.name}, {"yaml", sweep.yaml}});
  print_document({{"sweeps", all}});
}

// One sweep goes to standard output or the file; several into a folder, a file each. As JSON all may go to standard output.
Status write_sweeps(const std::vector<ConvertedSweep>& sweeps, const std::string& output, bool as_json) {
  if (output.empty() && as_json) return print_sweeps(sweeps), Status();
  if (sweeps.size() == 1 && output.empty()) {
    fmt::print("{}", sweeps.front().yaml);
    return {};
  }
  std::error_code ignored, error;
  const bool folder = sweeps.size() > 1 || std::filesystem::is_directory(output, ignored);
  if (folder && output.empty()) {
    std::string names;
    for (const ConvertedSweep& sweep : sweeps) names += "\n  " + sweep.name;
    return fail(ErrorKind::invalid_input, "there are {} sweeps: give a folder with -o, or choose with --input, --output-tokens and --gpus{}", sweeps.size(), names);
  }
  if (folder) std::filesystem::create_directories(output, error);
  if (error) return fail(ErrorKind::io, "{}: cannot be made: {}", output, error.message());
  nlohmann::json written = nlohmann::json::array();
  for (const ConvertedSweep& sweep : sweeps) {
    const std::string path = folder ? output + "/" + sweep.name + ".yaml" : output;
    TOKENMARK_CHECK(write_file(path, sweep.yaml));
    fmt::print(stderr, "{}\n", path);
    written.push_back(path);
  }
  if (as_json) print_document({{"written", written}});
  return {};
}

int import(const Arguments& arguments) {
  const auto text = read_master(arguments.file);
  if (!text) return report(text.error());
  const auto sweeps = convert_inferencex_sweeps(*text, arguments.file, arguments.wanted);
  if (!sweeps) return report(sweeps.error());
  const Status written = write_sweeps(*sweeps, arguments.output, arguments.as_json);
  return written ? kDone : report(written.error());
}

}  // namespace

void add_sweep(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("sweep", "Sweep files: made from other tools' definitions");
  verb->require_subcommand(1);
  verb->footer("Example: tokenmark-cli sweep import nvidia-master.yaml --key gptoss-fp4-h200-vllm --url http://127.0.0.1:8000 -o sweeps");
  auto* import_verb = verb->add_subcommand("import", "Sweeps of an entry of InferenceX's master YAML, for a server that runs already");
  import_verb->add_option("FILE", arguments->file, "The master YAML")->required();
  import_verb->add_option("--key", arguments->wanted.key, "The entry: gptoss-fp4-h200-vllm")->required();
  import_verb->add_option("--url", arguments->wanted.url, "The server to measure")->default_val("http://127.0.0.1:8000");
  import_verb->add_option("--input", arguments->wanted.input, "Only with this input length")->check(whole_number_from(1));
  import_verb->add_option("--output-tokens", arguments->wanted.output, "Only with this output length")->check(whole_number_from(1));
  import_verb->add_option("--gpus", arguments->wanted.gpus, "Only with so many GPUs")->check(whole_number_from(1));
  import_verb->add_option("-o,--output", arguments->output, "File, or folder for several (default: standard output)");
  import_verb->add_flag("--json", arguments->as_json,
                        "One JSON document on standard output: the sweeps, or the files that were written");
  import_verb->footer(verb->get_footer());
  import_verb->callback([arguments, &context] { context.action = [arguments] { return import(*arguments); }; });
}

}  // namespace tokenmark::cli
