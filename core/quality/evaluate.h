// Runs a quality task on the embedded engine or on an OpenAI-compatible endpoint and gives its figures. Blocks in the
// caller's thread; `stop` ends it with an Error of kind cancelled. Progress is called from the calling thread.
//
// Perplexity: the text's tokens (with BOS in front where the vocabulary wants one) are cut into windows of `context`
// tokens; of each window the second half is scored, so that every scored token has at least context / 2 tokens before
// it (llama.cpp's way; figures compare at equal context only). exp(mean over tokens of −ln p). On an endpoint it needs
// a tokenizer and a server that gives the log-probabilities of a prompt (completions with `echo` and `logprobs`).
//
// Divergence: the same windows on two models of one vocabulary. Mean over tokens of KL(p ‖ q) = Σ p ln(p / q) in nats,
// p the reference; share of tokens with the same most likely next token; ratio of perplexities.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/quality/task.h"
#include "core/workload/point.h"

namespace tokenmark {

class Engine;
class Tokenizer;

struct QualityProgress {
  std::int64_t done = 0, total = 0;
};
using QualityProgressSink = std::function<void(const QualityProgress&)>;

// One item's answer, for people and for files of details.
struct AnsweredItem {
  QualityItem item;
  std::string answer, error;  // an error: there is no answer
  ItemScore score;
};
using AnswerSink = std::function<void(const AnsweredItem&)>;  // may be empty; called in the items' order

Result<QualityResult> evaluate_engine(Engine& engine, const QualityTask& task, const QualityProgressSink& progress,
                                      const AnswerSink& answers, std::stop_token stop);
// `tokenizer`: for perplexity; may be null otherwise.
Result<QualityResult> evaluate_endpoint(const EndpointTarget& endpoint, const std::string& api_key, const Tokenizer* tokenizer,
                                        const QualityTask& task, const QualityProgressSink& progress,
                                        const AnswerSink& answers, std::stop_token stop);

// Figures "kl_divergence" (first), "kl_divergence_p99", "same_top", "perplexity", "reference_perplexity" under task.name.
Result<QualityResult> divergence(Engine& model, Engine& reference, const QualityTask& task,
                                 const QualityProgressSink& progress, std::stop_token stop);

}  // namespace tokenmark
