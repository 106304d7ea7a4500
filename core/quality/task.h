// What a quality evaluation asks: a file the user brings, how its columns are meant, how an answer is read and scored.
// Plain values; the JSON form is what sweep files, agents and the store carry.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/statistics/statistics.h"
#include "core/quality/dataset.h"

namespace tokenmark {

enum class TaskKind {
  perplexity,       // exp of the mean negative log-probability of a text's tokens
  multiple_choice,  // a question with lettered choices, as GPQA and MMLU
  exact,            // one right answer in free text, as GSM8K and MATH
  rouge,            // closeness to a reference text, as in MLPerf's summarisation
};
std::string_view task_kind_name(TaskKind kind);

struct QualityTask {
  std::string name;                  // free, names the result: "gpqa-diamond"
  TaskKind kind = TaskKind::exact;
  std::string file;
  // Columns: `question` and `answer` always; choices by `choices` (one column with a list, or several columns). With
  // several columns the answer may be none of them and is then one more choice (GPQA's "Correct Answer").
  std::string question = "question", answer = "answer";
  std::vector<std::string> choices;
  std::string prompt;                // with {question}, {choices} and any {column}; empty: the kind's own
  bool chat = true;                  // through the model's chat template; false: the bare prompt
  std::int32_t max_tokens = 512;
  std::int32_t concurrency = 8;
  std::int64_t limit = 0;            // at most so many rows; 0: all
  std::uint64_t seed = 0;            // of the order of choices
  double temperature = 0;
  std::int32_t context = 512;        // perplexity: tokens of a window
  bool operator==(const QualityTask&) const = default;
};

// Unknown keys, wrong types and impossible values are named.
Result<QualityTask> task_from_json(const nlohmann::json& json);
nlohmann::json to_json(const QualityTask& task);

// One question as it is asked and judged.
struct QualityItem {
  std::int64_t line = 0;
  std::string prompt, expected;
  char last_letter = 'A';            // multiple choice
};
// Errors name file, line and column.
Result<std::vector<QualityItem>> make_items(const QualityTask& task, const Dataset& dataset);

// How right one answer is, 0…1 (ROUGE: rougeL), and what was read out of it.
struct ItemScore {
  double score = 0;
  bool answered = true;              // false: nothing that could be an answer was found
  std::string read;
  double rouge1 = 0, rouge2 = 0, rougeLsum = 0;
};
ItemScore score_item(const QualityTask& task, const QualityItem& item, std::string_view answer);

// A figure as it is stored and drawn. Which direction is better: perplexity and kl_divergence lower, others higher.
struct QualityFigure {
  std::string task, metric;          // "gpqa-diamond", "accuracy"
  double value = 0;
  std::optional<Interval> interval;  // 95 %: Wilson's for shares, t over windows for perplexity
  std::int64_t items = 0;
  bool operator==(const QualityFigure& other) const {
    return task == other.task && metric == other.metric && value == other.value && items == other.items;
  }
};

struct QualityResult {
  std::vector<QualityFigure> figures;  // the first one is the headline
  std::int64_t unanswered = 0, failed = 0;
  std::string dataset_hash;
};
// A task that gave no result, and why. What was measured beside it stands.
struct QualityFailure {
  std::string task, error;
  bool operator==(const QualityFailure&) const = default;
};

nlohmann::json to_json(const QualityResult& result);
Result<QualityResult> quality_result_from_json(const nlohmann::json& json);

// Wilson's score interval of a share of n.
Interval wilson_interval(double share, std::int64_t n);

// From the scores of all items; `failed` requests count as wrong.
QualityResult summarise(const QualityTask& task, const std::vector<ItemScore>& scores, std::int64_t failed);

}  // namespace tokenmark
