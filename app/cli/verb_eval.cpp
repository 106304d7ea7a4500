#include <fmt/ranges.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "app/cli/engine_options.h"
#include "app/cli/selection.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/load/endpoint_url.h"
#include "core/quality/evaluate.h"
#include "core/store/store.h"
#include "engine/runtime/engine.h"
#include "plugins/api/registry.h"
#include "plugins/cpu/cpu_plugin.h"

namespace tokenmark::cli {
namespace {

using nlohmann::json;

struct Arguments {
  EndpointTarget endpoint;
  std::string model, reference, prompt_file, answers, store;
  QualityTask task;
  std::string kind = "perplexity";
  EngineOptions engine{.max_sequences = 8, .prefix_cache = false};
  bool bare = false, as_json = false;
  RunId attach = 0;
};

Result<std::unique_ptr<Engine>> start(const Arguments& arguments, const std::string& model, PluginRegistry& registry) {
  TOKENMARK_TRY(Model opened, open_model(model));
  EngineOptions options = arguments.engine;
  if (arguments.task.kind == TaskKind::perplexity) options.context = std::max(options.context, arguments.task.context);
  else options.max_sequences = arguments.task.concurrency;
  ProgressBar bar("loading");
  return Engine::start(std::move(opened), registry, options, [&](double share) { bar.set(share, model); });
}

// The task's JSON reader checks it, as it does for a sweep file.
Result<QualityTask> checked_task(const Arguments& arguments) {
  QualityTask task = arguments.task;
  task.chat = !arguments.bare;
  if (!arguments.prompt_file.empty()) {
    std::ifstream in(arguments.prompt_file, std::ios::binary);
    task.prompt.assign(std::istreambuf_iterator<char>(in), {});
    if (!in) return fail(ErrorKind::io, "{}: cannot be read", arguments.prompt_file);
  }
  json document = to_json(task);
  document["kind"] = arguments.kind;
  return task_from_json(document);
}

Result<QualityResult> evaluate(Arguments& arguments, const AnswerSink& answers, const std::stop_token& stop) {
  const QualityTask& task = arguments.task;
  PluginRegistry registry({default_plugin_folders()});
  registry.add(tokenmark_cpu_plugin_query);
  const auto with_progress = [&](auto&& work) {
    ProgressBar bar("eval");
    return work([&bar](const QualityProgress& p) {
      bar.set(p.total > 0 ? static_cast<double>(p.done) / static_cast<double>(p.total) : 0, fmt::format("{} of {}", p.done, p.total));
    });
  };
  if (arguments.endpoint.url.empty()) {
    TOKENMARK_TRY(const auto engine, start(arguments, arguments.model, registry));
    tell_tuning(engine->tuning());
    if (arguments.reference.empty())
      return with_progress([&](const QualityProgressSink& sink) { return evaluate_engine(*engine, task, sink, answers, stop); });
    TOKENMARK_TRY(const auto reference, start(arguments, arguments.reference, registry));
    return with_progress([&](const QualityProgressSink& sink) { return divergence(*engine, *reference, task, sink, stop); });
  }
  std::shared_ptr<const Tokenizer> tokenizer;
  if (!arguments.endpoint.tokenizer.empty()) {
    TOKENMARK_TRY(tokenizer, open_tokenizer(arguments.endpoint.tokenizer));
  }
  TOKENMARK_TRY(const std::string key, api_key_of(arguments.endpoint));
  return with_progress([&](const QualityProgressSink& sink) {
    return evaluate_endpoint(arguments.endpoint, key, tokenizer.get(), task, sink, answers, stop);
  });
}

void print(const QualityResult& result) {
  std::vector<std::vector<std::string>> rows;
  for (const QualityFigure& f : result.figures)
    rows.push_back({f.task, f.metric, fmt::format("{:.5g}", f.value),
                    f.interval ? fmt::format("[{:.5g}, {:.5g}]", f.interval->low, f.interval->high) : "–", std::to_string(f.items)});
  fmt::print("{}", table({"task", "metric", "value", "95 % interval", "items"}, rows));
  if (result.failed > 0) fmt::print("{} requests failed and count as wrong\n", result.failed);
  if (result.unanswered > 0) fmt::print("in {} answers nothing was found that could be an answer\n", result.unanswered);
}

std::string answer_line(const AnsweredItem& a) {
  json line = {{"line", a.item.line}, {"prompt", a.item.prompt}, {"expected", a.item.expected}, {"answer", a.answer},
               {"read", a.score.read}, {"score", a.score.score}};
  if (!a.error.empty()) line["error"] = a.error;
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

// Refused before anything runs, not after an hour.
Status check(const Arguments& arguments) {
  if (!arguments.endpoint.url.empty() && arguments.endpoint.model.empty())
    return fail(ErrorKind::invalid_input, "--url needs --model NAME: the name of the model as the server knows it");
  if (!arguments.reference.empty() && (arguments.task.kind != TaskKind::perplexity || arguments.model.empty() || !arguments.endpoint.url.empty()))
    return fail(ErrorKind::invalid_input, "--reference compares two models on a text: it needs --model and --kind perplexity");
  if (!std::ifstream(arguments.task.file)) return fail(ErrorKind::io, "{}: cannot be opened", arguments.task.file);
  if (arguments.attach == 0) return {};
  TOKENMARK_TRY(const auto store, open_existing_store(arguments.store));
  if (!store) return fail(ErrorKind::not_found, "--attach: there is no store yet");
  return store->run(arguments.attach).map([](const RunRow&) {});
}

int eval(Arguments& arguments, const std::stop_token& stop) {
  auto task = checked_task(arguments);
  if (!task) return report(task.error());
  arguments.task = *std::move(task);
  if (!arguments.endpoint.url.empty()) arguments.endpoint.model = std::exchange(arguments.model, {});
  if (const Status checked = check(arguments); !checked) return report(checked.error());
  std::string lines;
  const AnswerSink keep = [&](const AnsweredItem& answered) { lines += answer_line(answered); };
  const auto result = evaluate(arguments, arguments.answers.empty() ? AnswerSink() : keep, stop);
  if (!result) return report(result.error());
  if (!arguments.answers.empty())
    if (const Status written = write_file(arguments.answers, lines); !written) return report(written.error());
  if (arguments.attach != 0) {
    const auto store = open_existing_store(arguments.store);
    if (!store) return report(store.error());
    if (const Status added = (*store)->add_quality(arguments.attach, {*result}); !added) return report(added.error());
  }
  if (arguments.as_json) {
    json document = to_json(*result);
    document["task"] = to_json(arguments.task);
    fmt::print("{}\n", document.dump(2, ' ', false, json::error_handler_t::replace));
  } else {
    print(*result);
  }
  return kDone;
}

}  // namespace

void add_eval(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  QualityTask& task = arguments->task;
  auto* verb = app.add_subcommand("eval", "How good a model answers: perplexity, divergence from another precision, scores on your own question files");
  verb->add_option("--model", arguments->model, "Model file, folder or shape; with --url the name at the server")->required();
  verb->add_option("--url", arguments->endpoint.url, "An OpenAI-compatible server instead of the embedded engine");
  verb->add_option("--api-key-env", arguments->endpoint.api_key_env, "Variable that holds the API key");
  verb->add_option("--tokenizer", arguments->endpoint.tokenizer, "With --url and perplexity: model whose vocabulary cuts the text");
  verb->add_option("--reference", arguments->reference, "With perplexity: KL divergence from this model, the exacter one");
  verb->add_option("--kind", arguments->kind, "perplexity, multiple_choice, exact or rouge")->capture_default_str()
      ->check(CLI::IsMember({"perplexity", "multiple_choice", "exact", "rouge"}));
  verb->add_option("--file", task.file, "The text, or the questions as JSON lines or .csv")->required();
  verb->add_option("--name", task.name, "Name of the result (default: the kind)");
  verb->add_option("--question", task.question, "Column with the question")->capture_default_str();
  verb->add_option("--answer", task.answer, "Column with the right answer or the reference text")->capture_default_str();
  verb->add_option("--choices", task.choices, "Column with the list of choices, or several columns: A,B,C")->delimiter(',');
  verb->add_option("--prompt-file", arguments->prompt_file, "Prompt with {question}, {choices} and any {column} (default: the kind's own)");
  verb->add_flag("--bare", arguments->bare, "Send the bare prompt, not through the chat template");
  verb->add_option("--max-tokens", task.max_tokens, "Tokens of an answer at most")->capture_default_str();
  verb->add_option("--concurrency", task.concurrency, "Questions asked at once")->capture_default_str();
  verb->add_option("--limit", task.limit, "At most so many questions or windows (0: all)")->capture_default_str();
  verb->add_option("--temperature", task.temperature, "0: always the most likely token")->capture_default_str();
  verb->add_option("--seed", task.seed, "Of the order of choices and of sampling")->capture_default_str();
  verb->add_option("--context", task.context, "Perplexity: tokens of a window, of which the second half is scored")->capture_default_str();
  verb->add_option("--answers", arguments->answers, "Write every question with its answer and score to this file (JSON lines)");
  verb->add_option("--attach", arguments->attach, "Store the figures with this run, to draw speed against quality");
  verb->add_option("--store", arguments->store, "Store of --attach (default: the user's)");
  verb->add_option("--threads", arguments->engine.threads, "Kernel threads (default: one per core)");
  verb->add_option("--kernels", arguments->engine.kernels, kernels_help());
  verb->add_flag("--json", arguments->as_json, "One JSON document on standard output");
  verb->footer("Example: tokenmark-cli eval --model m-q4_0.gguf --kind exact --file gsm8k.jsonl --limit 200\n"
               "         tokenmark-cli eval --model m-q4_0.gguf --reference m-bf16.gguf --file text.txt");
  verb->callback([arguments, &context] { context.action = [arguments, &context] { return eval(*arguments, context.stop); }; });
}

}  // namespace tokenmark::cli
