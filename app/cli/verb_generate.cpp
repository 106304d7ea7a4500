#include <fmt/ranges.h>

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>

#include "app/cli/engine_options.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "engine/runtime/engine.h"
#include "plugins/cpu/cpu_plugin.h"

namespace tokenmark::cli {
namespace {

struct Arguments {
  std::string model, prompt;
  EngineOptions engine{.max_sequences = 1};
  GenerationRequest request{.max_tokens = 128};
  bool ids = false, json = false, seeded = false;
};

// Takes tokens on the engine's thread and shows their text at once, unless a document comes at the end.
class Output {
 public:
  Output(const Tokenizer& tokenizer, bool silent, const std::string& prompt)
      : decoder_(tokenizer), silent_(silent), prompt_(prompt) {}

  void add(const TokenEvent& event) {
    const std::lock_guard lock(mutex_);
    if (!silent_) fmt::print("{}", std::exchange(prompt_, {}));  // only now is the request known to be accepted
    if (event.token >= 0) {
      ids_.push_back(event.token);
      show(decoder_.add(event.token));
    }
    if (event.finish == FinishReason::none) return;
    show(decoder_.finish());
    last_ = event;
    changed_.notify_all();
  }

  TokenEvent wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return last_.finish != FinishReason::none; });
    return last_;
  }

  const std::string& text() const { return text_; }
  const std::vector<TokenId>& ids() const { return ids_; }

 private:
  void show(const std::string& text) {
    text_ += text;
    if (silent_) return;
    fmt::print("{}", text);
    std::fflush(stdout);
  }

  StreamDecoder decoder_;
  bool silent_;
  std::string prompt_;  // not yet shown
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  std::vector<TokenId> ids_;
  TokenEvent last_;
};

std::string_view name_of(FinishReason reason) {
  switch (reason) {
    case FinishReason::length: return "length";
    case FinishReason::stop: return "stop";
    case FinishReason::cancelled: return "cancelled";
    default: return "error";
  }
}

// Of the drafted tokens: all of them, then by place in the draft.
std::vector<double> acceptance(const SchedulerCounts& counts) {
  const auto share = [](std::uint64_t accepted, std::uint64_t drafted) {
    return static_cast<double>(accepted) / static_cast<double>(drafted);
  };
  std::vector<double> shares;
  if (counts.drafted_tokens == 0) return shares;
  shares.push_back(share(counts.accepted_tokens, counts.drafted_tokens));
  for (std::size_t place = 0; place < kMaxDraftTokens && counts.drafted_at[place] > 0; ++place)
    shares.push_back(share(counts.accepted_at[place], counts.drafted_at[place]));
  return shares;
}

std::string acceptance_text(const SchedulerCounts& counts) {
  const auto shares = acceptance(counts);
  std::string text = fmt::format("{} of {} drafted tokens were accepted: {:.1f} %; by place in the draft", counts.accepted_tokens,
                                 counts.drafted_tokens, 100 * shares.front());
  for (std::size_t place = 1; place < shares.size(); ++place) text += fmt::format("{} {:.1f} %", place > 1 ? "," : "", 100 * shares[place]);
  return text;
}

std::string document(const Arguments& arguments, const Engine& engine, const Output& output, std::size_t prompt_tokens,
                     FinishReason finish) {
  nlohmann::json made = {{"model", engine.model().source}, {"prompt", arguments.prompt}, {"prompt_tokens", prompt_tokens},
                               {"text", output.text()}, {"ids", output.ids()}, {"seed", arguments.request.sampling.seed},
                               {"finish_reason", name_of(finish)}, {"random_weights", engine.model().random_weights}};
  if (const SchedulerCounts counts = engine.counts().scheduler; counts.drafted_tokens > 0) {
    const auto shares = acceptance(counts);
    made["speculation"] = {{"drafted_tokens", counts.drafted_tokens}, {"accepted_tokens", counts.accepted_tokens},
                           {"acceptance", shares.front()},
                           {"acceptance_at", std::vector(shares.begin() + 1, shares.end())}};
  }
  return made.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The prompt's ids, how to end, and a seed: what the arguments leave open.
Status complete_request(Arguments& arguments, const Engine& engine) {
  const Tokenizer& tokenizer = *engine.model().tokenizer;
  GenerationRequest& request = arguments.request;
  request.prompt = tokenizer.encode(arguments.prompt, true);
  const std::int32_t left = engine.options().context - static_cast<std::int32_t>(request.prompt.size());
  if (left < 1)
    return fail(ErrorKind::invalid_input, "--prompt: {} tokens leave no room in the context of {}", request.prompt.size(),
                engine.options().context);
  request.max_tokens = std::min(request.max_tokens, left);
  request.stop_tokens = end_tokens(tokenizer);
  if (!arguments.seeded) request.sampling.seed = std::random_device{}();
  return {};
}

int generate(Arguments& arguments, const std::stop_token& stop) {
  PluginRegistry registry({default_plugin_folders()});
  registry.add(tokenmark_cpu_plugin_query);
  auto model = open_model(arguments.model);
  if (!model) return report(model.error());
  auto engine = Engine::start(*std::move(model), registry, arguments.engine, {}, stop);
  if (!engine) return report(engine.error());
  tell_tuning((*engine)->tuning());
  if (const Status completed = complete_request(arguments, **engine); !completed) return report(completed.error());

  const bool silent = arguments.json || arguments.ids;
  const std::size_t prompt_tokens = arguments.request.prompt.size();
  Output output(*(*engine)->model().tokenizer, silent, arguments.prompt);
  const auto id = (*engine)->submit(arguments.request, [&output](const TokenEvent& event) { output.add(event); });
  if (!id) return report(id.error());
  TokenEvent last;
  {
    const std::stop_callback cancelling(stop, [&] { (*engine)->cancel(*id); });
    last = output.wait();
  }

  if (arguments.json) fmt::print("{}\n", document(arguments, **engine, output, prompt_tokens, last.finish));
  else if (arguments.ids) fmt::print("{}\n", fmt::join(output.ids(), " "));
  else fmt::print("\n");
  if (const SchedulerCounts counts = (*engine)->counts().scheduler; !arguments.json && counts.drafted_tokens > 0)
    fmt::print(stderr, "{}\n", acceptance_text(counts));
  if (last.finish == FinishReason::error) return report({ErrorKind::internal, last.error});
  return last.finish == FinishReason::cancelled ? kFailed : kDone;
}

}  // namespace

void add_generate(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("generate", "Text from a model, as it comes");
  verb->add_option("--model", arguments->model, "GGUF file or shape:NAME:FORMAT")->required();
  verb->add_option("--prompt", arguments->prompt, "The text to go on from")->required();
  verb->add_option("--max-tokens", arguments->request.max_tokens, "Tokens at most")->capture_default_str()->check(whole_number_from(1));
  SamplingParameters& sampling = arguments->request.sampling;
  verb->add_option("--temperature", sampling.temperature, "0: always the most likely token")->capture_default_str();
  verb->add_option("--top-p", sampling.top_p, "Only the most likely tokens with this probability together")->capture_default_str();
  verb->add_option("--top-k", sampling.top_k, "Only the k most likely tokens (0: all)")->capture_default_str();
  verb->add_option("--min-p", sampling.min_p, "Only tokens with this share of the most likely one's probability")->capture_default_str();
  auto* seed = verb->add_option("--seed", sampling.seed, "Same seed, same text (default: a new one each time)");
  verb->add_flag("--ids", arguments->ids, "Print the token ids instead of the text");
  verb->add_flag("--json", arguments->json, "Print one JSON document at the end");
  add_engine_options(*verb, arguments->engine);
  verb->footer("Example: tokenmark-cli generate --model stories260K.gguf --prompt \"Once upon a time\" --temperature 0");
  verb->callback([arguments, seed, &context] {
    arguments->seeded = seed->count() > 0;
    context.action = [arguments, &context] { return generate(*arguments, context.stop); };
  });
}

}  // namespace tokenmark::cli
