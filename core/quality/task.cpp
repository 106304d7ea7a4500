#include "core/quality/task.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/quality/answers.h"
#include "core/quality/rouge.h"
#include "core/statistics/random.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 4> kKinds = {"perplexity", "multiple_choice", "exact", "rouge"};
constexpr std::size_t kMaxChoices = 26;

constexpr std::string_view kChoicePrompt =
    "Answer the following multiple choice question. The last line of your response must be 'Answer: LETTER', with one "
    "of the letters of the choices. Think before you answer.\n\n{question}\n\n{choices}";
constexpr std::string_view kExactPrompt =
    "Solve the following problem step by step. Give the final answer on the last line inside \\boxed{}.\n\n{question}";

std::string_view default_prompt(TaskKind kind) {
  if (kind == TaskKind::multiple_choice) return kChoicePrompt;
  return kind == TaskKind::exact ? kExactPrompt : "{question}";
}

Result<const Cell*> cell(const QualityTask& task, const DatasetRow& row, const std::string& column) {
  const auto found = row.cells.find(column);
  if (found == row.cells.end() || found->second.texts.empty())
    return fail(ErrorKind::invalid_input, "{}:{}: there is no value in column '{}'", task.file, row.line, column);
  return &found->second;
}

// {name} becomes a column's text; braces around anything else stay (\boxed{}, {x}).
std::string filled(std::string_view prompt, const DatasetRow& row, const std::string& question, const std::string& choices) {
  std::string out;
  for (std::size_t at = 0; at < prompt.size();) {
    const std::size_t close = prompt[at] == '{' ? prompt.find('}', at) : std::string_view::npos;
    if (close == std::string_view::npos) {
      out += prompt[at++];
      continue;
    }
    const std::string name(prompt.substr(at + 1, close - at - 1));
    const auto column = row.cells.find(name);
    if (name == "question") out += question;
    else if (name == "choices") out += choices;
    else if (column != row.cells.end() && !column->second.texts.empty()) out += column->second.texts.front();
    else {
      out += prompt[at++];
      continue;
    }
    at = close + 1;
  }
  return out;
}

// The letter, index or text that a file gives as the right choice, as an index into `choices`.
std::optional<std::size_t> index_of_answer(const std::vector<std::string>& choices, const std::string& answer) {
  const auto found = std::find(choices.begin(), choices.end(), answer);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  if (answer.size() != 1) return std::nullopt;
  const char c = answer[0] >= 'a' && answer[0] <= 'z' ? static_cast<char>(answer[0] - 32) : answer[0];
  const int index = c >= 'A' && c <= 'Z' ? c - 'A' : c >= '0' && c <= '9' ? c - '0' : -1;  // digits count from 0, as MMLU's
  if (index < 0 || static_cast<std::size_t>(index) >= choices.size()) return std::nullopt;
  return static_cast<std::size_t>(index);
}

Result<QualityItem> choice_item(const QualityTask& task, const DatasetRow& row, const std::string& question,
                                const std::string& answer) {
  std::vector<std::string> choices;
  for (const std::string& column : task.choices) {
    TOKENMARK_TRY(const Cell* texts, cell(task, row, column));
    choices.insert(choices.end(), texts->texts.begin(), texts->texts.end());
  }
  auto right = index_of_answer(choices, answer);
  if (!right && task.choices.size() > 1) {
    right = choices.size();
    choices.push_back(answer);
  }
  if (!right)
    return fail(ErrorKind::invalid_input, "{}:{}: the answer '{}' is none of the {} choices, no letter and no index of them",
                task.file, row.line, answer, choices.size());
  if (choices.size() < 2 || choices.size() > kMaxChoices)
    return fail(ErrorKind::invalid_input, "{}:{}: there are {} choices, expected 2 to {}", task.file, row.line,
                choices.size(), kMaxChoices);
  // Where the right one always stands last it must be moved; everywhere it does no harm.
  std::vector<std::size_t> order(choices.size());
  std::iota(order.begin(), order.end(), 0u);
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[below(random_at(task.seed, static_cast<std::uint64_t>(row.line), i), i)]);
  QualityItem item{row.line, {}, {}, static_cast<char>('A' + choices.size() - 1)};
  std::string listed;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const char letter = static_cast<char>('A' + i);
    listed += fmt::format("{}) {}{}", letter, choices[order[i]], i + 1 < order.size() ? "\n" : "");
    if (order[i] == *right) item.expected = std::string(1, letter);
  }
  item.prompt = filled(task.prompt.empty() ? default_prompt(task.kind) : std::string_view(task.prompt), row, question, listed);
  return item;
}

double mean_of(const std::vector<ItemScore>& scores, std::int64_t failed, double ItemScore::*field) {
  double sum = 0;
  for (const ItemScore& score : scores) sum += score.*field;
  const auto n = static_cast<double>(scores.size()) + static_cast<double>(failed);
  return n > 0 ? sum / n : 0;
}

template <class T>
Status take(const Json& json, const char* key, T& value) {
  const auto found = json.find(key);
  if (found == json.end()) return {};
  if constexpr (std::is_same_v<T, std::string>) {
    if (!found->is_string()) return fail(ErrorKind::invalid_input, "quality.{} must be text, not {}", key, found->dump());
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!found->is_boolean()) return fail(ErrorKind::invalid_input, "quality.{} must be true or false, not {}", key, found->dump());
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!found->is_number()) return fail(ErrorKind::invalid_input, "quality.{} must be a number, not {}", key, found->dump());
  } else {
    if (!found->is_number_integer()) return fail(ErrorKind::invalid_input, "quality.{} must be a whole number, not {}", key, found->dump());
  }
  value = found->get<T>();
  return {};
}

Status in_range(const char* key, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return {};
  return fail(ErrorKind::invalid_input, "quality.{} is {} but must be from {} to {}", key, value, low, high);
}

Result<std::vector<std::string>> texts_of(const Json& json) {
  if (json.is_string()) return std::vector<std::string>{json.get<std::string>()};
  if (json.is_array() && std::all_of(json.begin(), json.end(), [](const Json& j) { return j.is_string(); }))
    return json.get<std::vector<std::string>>();
  return fail(ErrorKind::invalid_input, "quality.choices must be a column's name or a list of them, not {}", json.dump());
}

}  // namespace

std::string_view task_kind_name(TaskKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

Result<QualityTask> task_from_json(const Json& json) {
  static constexpr std::array<std::string_view, 14> kKeys = {"name", "kind", "file", "question", "answer", "choices", "prompt",
      "chat", "max_tokens", "concurrency", "limit", "seed", "temperature", "context"};
  if (!json.is_object()) return fail(ErrorKind::invalid_input, "a quality task must be a map of keys");
  for (const auto& item : json.items())
    if (std::find(kKeys.begin(), kKeys.end(), item.key()) == kKeys.end())
      return fail(ErrorKind::invalid_input, "quality.{} is not a known key; there are: {}", item.key(), fmt::join(kKeys, ", "));
  QualityTask task;
  std::string kind;
  TOKENMARK_CHECK(take(json, "kind", kind));
  const auto known = std::find(kKinds.begin(), kKinds.end(), kind);
  if (known == kKinds.end())
    return fail(ErrorKind::invalid_input, "quality.kind is '{}'; there are: {}", kind, fmt::join(kKinds, ", "));
  task.kind = static_cast<TaskKind>(known - kKinds.begin());
  TOKENMARK_CHECK(take(json, "name", task.name));
  TOKENMARK_CHECK(take(json, "file", task.file));
  TOKENMARK_CHECK(take(json, "question", task.question));
  TOKENMARK_CHECK(take(json, "answer", task.answer));
  TOKENMARK_CHECK(take(json, "prompt", task.prompt));
  TOKENMARK_CHECK(take(json, "chat", task.chat));
  TOKENMARK_CHECK(take(json, "max_tokens", task.max_tokens));
  TOKENMARK_CHECK(take(json, "concurrency", task.concurrency));
  TOKENMARK_CHECK(take(json, "limit", task.limit));
  TOKENMARK_CHECK(take(json, "seed", task.seed));
  TOKENMARK_CHECK(take(json, "temperature", task.temperature));
  TOKENMARK_CHECK(take(json, "context", task.context));
  if (json.contains("choices")) {
    TOKENMARK_TRY(task.choices, texts_of(json["choices"]));
  }
  if (task.file.empty()) return fail(ErrorKind::invalid_input, "quality.file is missing: the questions are yours to bring");
  if (task.name.empty()) task.name = kind;
  if (task.kind == TaskKind::multiple_choice && task.choices.empty())
    return fail(ErrorKind::invalid_input, "quality.choices is missing: the column with the list of choices, or several columns");
  TOKENMARK_CHECK(in_range("max_tokens", task.max_tokens, 1, 1 << 20));
  TOKENMARK_CHECK(in_range("concurrency", task.concurrency, 1, 4096));
  TOKENMARK_CHECK(in_range("limit", task.limit, 0, std::int64_t{1} << 40));
  TOKENMARK_CHECK(in_range("context", task.context, 8, 1 << 24));
  if (!(task.temperature >= 0 && task.temperature <= 10))
    return fail(ErrorKind::invalid_input, "quality.temperature is {} but must be from 0 to 10", task.temperature);
  return task;
}

Json to_json(const QualityTask& task) {
  return {{"name", task.name}, {"kind", task_kind_name(task.kind)}, {"file", task.file}, {"question", task.question},
          {"answer", task.answer}, {"choices", task.choices}, {"prompt", task.prompt}, {"chat", task.chat},
          {"max_tokens", task.max_tokens}, {"concurrency", task.concurrency}, {"limit", task.limit}, {"seed", task.seed},
          {"temperature", task.temperature}, {"context", task.context}};
}

Result<std::vector<QualityItem>> make_items(const QualityTask& task, const Dataset& dataset) {
  std::vector<std::string> wanted = {task.question, task.answer};
  wanted.insert(wanted.end(), task.choices.begin(), task.choices.end());
  for (const std::string& column : wanted)
    if (std::find(dataset.columns.begin(), dataset.columns.end(), column) == dataset.columns.end())
      return fail(ErrorKind::invalid_input, "{}: there is no column '{}'; there are: {}", dataset.path, column,
                  fmt::join(dataset.columns, ", "));
  std::vector<QualityItem> items;
  for (const DatasetRow& row : dataset.rows) {
    TOKENMARK_TRY(const Cell* question, cell(task, row, task.question));
    TOKENMARK_TRY(const Cell* answer, cell(task, row, task.answer));
    if (task.kind == TaskKind::multiple_choice) {
      TOKENMARK_TRY(auto item, choice_item(task, row, question->texts.front(), answer->texts.front()));
      items.push_back(std::move(item));
      continue;
    }
    std::string expected = answer->texts.front();
    if (task.kind == TaskKind::exact)  // a file may give the whole solution
      if (const auto read = extract_exact(expected); read && (expected.find("####") != std::string::npos || last_boxed(expected)))
        expected = *read;
    items.push_back({row.line, filled(task.prompt.empty() ? default_prompt(task.kind) : std::string_view(task.prompt), row,
                                      question->texts.front(), ""), std::move(expected), 'A'});
  }
  return items;
}

ItemScore score_item(const QualityTask& task, const QualityItem& item, std::string_view answer) {
  ItemScore score;
  if (task.kind == TaskKind::multiple_choice) {
    const auto letter = extract_choice(answer, item.last_letter);
    score.answered = letter.has_value();
    if (letter) score.read = std::string(1, *letter);
    score.score = score.read == item.expected ? 1 : 0;
  } else if (task.kind == TaskKind::exact) {
    const auto read = extract_exact(answer);
    score.answered = read.has_value();
    score.read = read.value_or("");
    score.score = read && same_answer(*read, item.expected) ? 1 : 0;
  } else {
    const Rouge r = rouge(answer, item.expected);
    score.answered = !answer.empty();
    score.score = r.rougeL;
    score.rouge1 = r.rouge1;
    score.rouge2 = r.rouge2;
    score.rougeLsum = r.rougeLsum;
  }
  return score;
}

Interval wilson_interval(double share, std::int64_t n) {
  constexpr double z = 1.959963984540054;
  const auto count = static_cast<double>(n);
  const double middle = share + z * z / (2 * count), spread = z * std::sqrt(share * (1 - share) / count + z * z / (4 * count * count));
  const double scale = 1 + z * z / count;
  return {(middle - spread) / scale, (middle + spread) / scale};
}

QualityResult summarise(const QualityTask& task, const std::vector<ItemScore>& scores, std::int64_t failed) {
  QualityResult result;
  const auto items = static_cast<std::int64_t>(scores.size()) + failed;
  const double mean = mean_of(scores, failed, &ItemScore::score);
  result.failed = failed;
  result.unanswered = std::count_if(scores.begin(), scores.end(), [](const ItemScore& s) { return !s.answered; });
  if (task.kind != TaskKind::rouge) {
    result.figures.push_back({task.name, "accuracy", mean, items > 0 ? std::optional(wilson_interval(mean, items)) : std::nullopt, items});
    return result;
  }
  const auto figure = [&](const char* metric, double ItemScore::*field) {
    std::vector<double> values(static_cast<std::size_t>(failed), 0.0);
    for (const ItemScore& score : scores) values.push_back(score.*field);
    result.figures.push_back({task.name, metric, mean_of(scores, failed, field), interval_of_mean(values), items});
  };
  figure("rougeL", &ItemScore::score);
  figure("rouge1", &ItemScore::rouge1);
  figure("rouge2", &ItemScore::rouge2);
  figure("rougeLsum", &ItemScore::rougeLsum);
  return result;
}

Json to_json(const QualityResult& result) {
  Json figures = Json::array();
  for (const QualityFigure& f : result.figures) {
    Json one = {{"task", f.task}, {"metric", f.metric}, {"value", f.value}, {"items", f.items}};
    if (f.interval) one["ci"] = {f.interval->low, f.interval->high};
    figures.push_back(std::move(one));
  }
  return {{"figures", figures}, {"unanswered", result.unanswered}, {"failed", result.failed}, {"dataset", result.dataset_hash}};
}

Result<QualityResult> quality_result_from_json(const Json& json) {
  const auto wrong = [] { return fail(ErrorKind::protocol, "a quality result is not as agreed"); };
  if (!json.is_object() || !json.contains("figures") || !json["figures"].is_array()) return wrong();
  QualityResult result;
  for (const Json& one : json["figures"]) {
    if (!one.is_object() || !one.contains("value") || !one["value"].is_number() || !one.contains("task") ||
        !one["task"].is_string() || !one.contains("metric") || !one["metric"].is_string())
      return wrong();
    QualityFigure f{one["task"], one["metric"], one["value"], {}, 0};
    if (const auto items = one.find("items"); items != one.end() && items->is_number_integer()) f.items = *items;
    if (const auto ci = one.find("ci"); ci != one.end() && ci->is_array() && ci->size() == 2 && (*ci)[0].is_number() && (*ci)[1].is_number())
      f.interval = Interval{(*ci)[0], (*ci)[1]};
    result.figures.push_back(std::move(f));
  }
  if (const auto n = json.find("unanswered"); n != json.end() && n->is_number_integer()) result.unanswered = *n;
  if (const auto n = json.find("failed"); n != json.end() && n->is_number_integer()) result.failed = *n;
  if (const auto text = json.find("dataset"); text != json.end() && text->is_string()) result.dataset_hash = *text;
  return result;
}

}  // namespace tokenmark
