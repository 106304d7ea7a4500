#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "core/quality/evaluate.h"
#include "core/quality/judge.h"
#include "core/quality/windows.h"
#include "engine/runtime/engine.h"
#include "engine/template/chat.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {
namespace {

// Answers as they come in on the engine's thread.
class Answers {
 public:
  explicit Answers(const Tokenizer& tokenizer, std::size_t items) {
    for (std::size_t i = 0; i < items; ++i) slots_.emplace_back(tokenizer);
  }

  void take(std::size_t index, const TokenEvent& event, bool shown) {
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_[index];
    if (event.token >= 0 && shown) slot.text += slot.decoder.add(event.token);
    if (event.finish == FinishReason::none) return;
    slot.text += slot.decoder.finish();
    if (event.finish == FinishReason::error || event.finish == FinishReason::cancelled)
      slot.error = event.error.empty() ? "cancelled" : event.error;
    ++finished_;
    changed_.notify_all();
  }

  // Until fewer than `most` of the `asked` requests run, or a stop is wanted.
  void wait(std::size_t asked, std::size_t most, const std::stop_token& stop = {}) {
    std::unique_lock lock(mutex_);
    while (asked - finished_ >= most && !stop.stop_requested()) changed_.wait_for(lock, std::chrono::milliseconds(50));
  }

  std::string text(std::size_t index) const { return slots_[index].text; }
  std::string error(std::size_t index) const { return slots_[index].error; }

 private:
  struct Slot {
    explicit Slot(const Tokenizer& tokenizer) : decoder(tokenizer) {}
    StreamDecoder decoder;
    std::string text, error;
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Slot> slots_;
  std::size_t finished_ = 0;
};

Result<GenerationRequest> request_for(const Engine& engine, const QualityTask& task, const QualityItem& item,
                                      const std::vector<TokenId>& ends) {
  const Model& model = engine.model();
  const Tokenizer& tokenizer = *model.tokenizer;
  GenerationRequest request;
  if (task.chat) {
    TOKENMARK_TRY(const ChatTemplate chat, ChatTemplate::make(model.chat_template, tokenizer.spelling(tokenizer.bos()),
                                                              tokenizer.spelling(tokenizer.eos())));
    jinja::Dict message;
    message.set("role", jinja::Value("user"));
    message.set("content", jinja::Value(item.prompt));
    Conversation conversation;
    conversation.messages = jinja::Value::list({jinja::Value::dict(std::move(message))});
    TOKENMARK_TRY(const std::string text, chat.render(conversation, std::chrono::system_clock::now()));
    request.prompt = tokenizer.encode(text, chat.is_plain(), true);  // a template writes BOS itself
  } else {
    request.prompt = tokenizer.encode(item.prompt, true);
  }
  const auto left = engine.options().context - static_cast<std::int32_t>(request.prompt.size());
  if (left < 1)
    return fail(ErrorKind::invalid_input, "{}:{}: the prompt's {} tokens leave no room in the context of {}", task.file, item.line,
                request.prompt.size(), engine.options().context);
  request.max_tokens = std::min(task.max_tokens, left);
  request.sampling.temperature = static_cast<float>(task.temperature);
  request.sampling.seed = task.seed + static_cast<std::uint64_t>(item.line);
  request.stop_tokens = ends;
  return request;
}

Result<QualityResult> perplexity(Engine& engine, const QualityTask& task, const QualityProgressSink& progress,
                                 const std::stop_token& stop) {
  TOKENMARK_TRY(const TextWindows text, read_windows(*engine.model().tokenizer, task));
  const auto vocabulary = static_cast<std::size_t>(engine.model().description.vocabulary);
  PerplexitySum sum;
  for (const auto& window : text.windows) {
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "the evaluation was cancelled");
    double nll = 0;
    TOKENMARK_CHECK(engine.score(window, text.first_scored, [&](std::size_t row, const float* logits) {
      if (row + 1 < window.size())
        nll += log_sum_exp(logits, vocabulary) - static_cast<double>(logits[static_cast<std::size_t>(window[row + 1])]);
    }));
    sum.add_window(nll, static_cast<std::int64_t>(window.size() - 1 - text.first_scored));
    if (progress) progress({static_cast<std::int64_t>(&window - text.windows.data()) + 1, static_cast<std::int64_t>(text.windows.size())});
  }
  QualityResult result;
  result.figures.push_back(sum.figure(task.name));
  result.dataset_hash = text.hash;
  return result;
}

}  // namespace

Result<QualityResult> evaluate_engine(Engine& engine, const QualityTask& task, const QualityProgressSink& progress,
                                      const AnswerSink& answers, std::stop_token stop) {
  if (task.kind == TaskKind::perplexity) return perplexity(engine, task, progress, stop);
  TOKENMARK_TRY(const Dataset dataset, read_dataset(task.file, task.limit));
  TOKENMARK_TRY(const auto items, make_items(task, dataset));
  const Tokenizer& tokenizer = *engine.model().tokenizer;
  const std::vector<TokenId> ends = end_tokens(tokenizer);
  Answers received(tokenizer, items.size());
  std::vector<RequestId> asked;
  Status failed_early;
  for (std::size_t i = 0; i < items.size() && !stop.stop_requested(); ++i) {
    auto request = request_for(engine, task, items[i], ends);
    if (!request) { failed_early = tl::unexpected(request.error()); break; }
    const auto id = engine.submit(*std::move(request), [&received, &tokenizer, i](const TokenEvent& event) {
      received.take(i, event, event.finish != FinishReason::stop && !(event.token >= 0 && tokenizer.is_control(event.token)));
    });
    if (!id) { failed_early = tl::unexpected(id.error()); break; }
    asked.push_back(*id);
    received.wait(asked.size(), static_cast<std::size_t>(task.concurrency), stop);
    if (progress) progress({static_cast<std::int64_t>(i), static_cast<std::int64_t>(items.size())});
  }
  received.wait(failed_early ? asked.size() : 0, 1, stop);
  if (stop.stop_requested() || !failed_early)
    for (const RequestId id : asked) engine.cancel(id);
  received.wait(asked.size(), 1);  // the sinks refer to what lives here
  if (!failed_early) return tl::unexpected(failed_early.error());
  if (stop.stop_requested()) return fail(ErrorKind::cancelled, "the evaluation was cancelled");
  if (progress) progress({static_cast<std::int64_t>(items.size()), static_cast<std::int64_t>(items.size())});
  std::vector<AnsweredItem> answered;
  for (std::size_t i = 0; i < items.size(); ++i) answered.push_back({items[i], received.text(i), received.error(i), {}});
  return judge(task, dataset, std::move(answered), answers, engine.model().source);
}

Result<QualityResult> divergence(Engine& model, Engine& reference, const QualityTask& task, const QualityProgressSink& progress,
                                 std::stop_token stop) {
  const auto vocabulary = static_cast<std::size_t>(model.model().description.vocabulary);
  if (reference.model().description.vocabulary != vocabulary)
    return fail(ErrorKind::invalid_input, "{} has a vocabulary of {}, {} one of {}: they cannot be compared", model.model().source,
                vocabulary, reference.model().source, reference.model().description.vocabulary);
  TOKENMARK_TRY(const TextWindows text, read_windows(*reference.model().tokenizer, task));
  PerplexitySum own, others;
  std::vector<double> divergences;
  std::int64_t same = 0;
  for (const auto& window : text.windows) {
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "the evaluation was cancelled");
    const std::size_t rows = window.size() - 1 - text.first_scored;
    std::vector<float> expected(rows * vocabulary);
    const auto nll_of = [&](const float* logits, double log_sum, std::size_t row) {
      return log_sum - static_cast<double>(logits[static_cast<std::size_t>(window[row + 1])]);
    };
    double reference_nll = 0, model_nll = 0;
    TOKENMARK_CHECK(reference.score(window, text.first_scored, [&](std::size_t row, const float* logits) {
      if (row + 1 >= window.size()) return;
      std::copy_n(logits, vocabulary, expected.begin() + static_cast<std::ptrdiff_t>((row - text.first_scored) * vocabulary));
      reference_nll += nll_of(logits, log_sum_exp(logits, vocabulary), row);
    }));
    TOKENMARK_CHECK(model.score(window, text.first_scored, [&](std::size_t row, const float* logits) {
      if (row + 1 >= window.size()) return;
      const float* p = expected.data() + (row - text.first_scored) * vocabulary;
      const double p_sum = log_sum_exp(p, vocabulary), q_sum = log_sum_exp(logits, vocabulary);
      double kl = 0;
      for (std::size_t v = 0; v < vocabulary; ++v) {
        const double log_p = static_cast<double>(p[v]) - p_sum;
        if (log_p > -100) kl += std::exp(log_p) * (log_p - (static_cast<double>(logits[v]) - q_sum));
      }
      divergences.push_back(std::max(kl, 0.0));
      same += std::max_element(p, p + vocabulary) - p == std::max_element(logits, logits + vocabulary) - logits;
      model_nll += nll_of(logits, q_sum, row);
    }));
    own.add_window(model_nll, static_cast<std::int64_t>(rows));
    others.add_window(reference_nll, static_cast<std::int64_t>(rows));
    if (progress) progress({static_cast<std::int64_t>(&window - text.windows.data()) + 1, static_cast<std::int64_t>(text.windows.size())});
  }
  const auto tokens = static_cast<std::int64_t>(divergences.size());
  const Distribution spread = distribution_of(divergences);
  const double share = static_cast<double>(same) / static_cast<double>(tokens);
  QualityResult result;
  result.dataset_hash = text.hash;
  result.figures.push_back({task.name, "kl_divergence", spread.mean.value_or(0), interval_of_mean(divergences), tokens});
  if (spread.p99.value) result.figures.push_back({task.name, "kl_divergence_p99", *spread.p99.value, spread.p99.interval, tokens});
  result.figures.push_back({task.name, "same_top", share, wilson_interval(share, tokens), tokens});
  result.figures.push_back(own.figure(task.name));
  QualityFigure of_reference = others.figure(task.name);
  of_reference.metric = "reference_perplexity";
  result.figures.push_back(of_reference);
  return result;
}

}  // namespace tokenmark
