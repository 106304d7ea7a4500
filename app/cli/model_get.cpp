// model get: a model's file by its URL; stopped and broken downloads go on where they were.
#include <chrono>
#include <nlohmann/json.hpp>

#include "app/cli/model_verbs.h"
#include "app/cli/terminal.h"
#include "core/download/download.h"
#include "core/download/hub.h"
#include "engine/runtime/fit.h"

namespace tokenmark::cli {
namespace {

using json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

struct GetOptions {
  std::string url, output, folder = ".", sha256, ca_file;
  bool json = false;
};

Result<DownloadRequest> request_of(const GetOptions& options) {
  TOKENMARK_TRY(const std::string url, download_url(options.url));
  DownloadRequest request{
      .url = url, .file = options.output, .sha256 = options.sha256, .token = token_for(url), .ca_file = options.ca_file};
  if (options.output.empty()) {
    TOKENMARK_TRY(const std::string name, file_name_of(url));
    request.file = std::filesystem::path(options.folder) / name;
  }
  return request;
}

// "1.20 of 4.70 GB, 85 MB/s, 41 s left"
std::string words_of(const DownloadProgress& at, double elapsed_s) {
  if (at.checking) return "checking the SHA-256";
  std::string words =
      at.total > 0 ? fmt::format("{} of {}", bytes_text(at.bytes), bytes_text(at.total)) : bytes_text(at.bytes);
  if (elapsed_s < 1 || at.bytes <= at.begun_at) return words;
  const double rate = static_cast<double>(at.bytes - at.begun_at) / elapsed_s;
  words += fmt::format(", {}/s", bytes_text(static_cast<std::uint64_t>(rate)));
  if (at.total > at.bytes) words += fmt::format(", {} left", duration_text(static_cast<double>(at.total - at.bytes) / rate));
  return words;
}

int get(const GetOptions& options, const std::stop_token& stop) {
  const auto request = request_of(options);
  if (!request) return report(request.error());
  const std::string file = request->file.string();
  Result<Downloaded> got;
  {
    ProgressBar bar(request->file.filename().string());
    const auto begun = Clock::now();
    got = download(
        *request,
        [&](const DownloadProgress& at) {
          if (!at.note.empty()) return bar.say(at.note);
          const double share = at.total > 0 ? static_cast<double>(at.bytes) / static_cast<double>(at.total) : 0;
          bar.set(share, words_of(at, std::chrono::duration<double>(Clock::now() - begun).count()));
        },
        stop);
  }
  if (!got) return report(got.error());
  if (options.json) {
    fmt::print("{}\n", json{{"file", file},
                            {"url", shown_url(request->url)},
                            {"bytes", got->bytes},
                            {"resumed_at_bytes", got->resumed_at},
                            {"sha256", got->sha256},
                            {"checked", got->checked},
                            {"was_there", got->was_there}}
                           .dump(2, ' ', false, json::error_handler_t::replace));
    return kDone;
  }
  fmt::print("{}: {}{}, SHA-256 {}{}\n", file, bytes_text(got->bytes), got->was_there ? ", was there already" : "",
             got->sha256, got->checked ? ", as it must be" : "; the server told none to check it against");
  return kDone;
}

}  // namespace

void add_model_get(CLI::App& verb, Context& context) {
  const auto options = std::make_shared<GetOptions>();
  CLI::App* get_verb =
      verb.add_subcommand("get", "A model's file by its URL; what was stopped or broke goes on where it was");
  get_verb
      ->add_option("URL", options->url,
                   "http, https, or hf:OWNER/NAME/FILE for a file on the hub; its token is taken from HF_TOKEN")
      ->required();
  auto* output = get_verb->add_option("-o,--output", options->output, "The new file (default: named as in the URL)");
  get_verb->add_option("--folder", options->folder, "Where it goes, named as in the URL (default: here)")->excludes(output);
  get_verb->add_option("--sha256", options->sha256,
                       "What the file's SHA-256 must be; default: what the server tells, if it does");
  get_verb->add_option("--ca-file", options->ca_file, "Certificates to trust besides the system's (PEM)");
  get_verb->add_flag("--json", options->json, "One JSON document on standard output");
  get_verb->footer(
      "Example: tokenmark-cli model get hf:ggml-org/gemma-3-1b-it-GGUF/gemma-3-1b-it-Q4_K_M.gguf --folder models");
  get_verb->callback([&context, options] { context.action = [&context, options] { return get(*options, context.stop); }; });
}

}  // namespace tokenmark::cli
