#include "core/quality/mlperf_scores.h"

#include <algorithm>

#include "core/quality/answers.h"
#include "core/quality/rouge.h"

namespace tokenmark {
namespace {

bool right(const std::string& answer, const std::string& reference) {
  const std::string expected = extract_exact(reference).value_or(reference);
  if (expected.size() == 1 && expected[0] >= 'A' && expected[0] <= 'J') return extract_choice(answer, 'J') == expected[0];
  const std::optional<std::string> given = extract_exact(answer);
  return given && same_answer(*given, expected);
}

double characters(const std::string& text) {
  return static_cast<double>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::map<std::string, double> mlperf_scores(const MlperfBenchmark& benchmark, const std::vector<std::string>& answers,
                                            const std::vector<std::string>& references, const std::vector<std::int32_t>& tokens) {
  std::map<std::string, double> scores;
  const std::size_t count = std::min(answers.size(), references.size());
  if (count == 0) return scores;
  const auto wanted = [&](std::string_view metric) {
    return std::any_of(benchmark.targets.begin(), benchmark.targets.end(), [&](const MlperfTarget& t) { return t.metric == metric; });
  };
  const double percent = 100.0 / static_cast<double>(count);
  if (wanted("ROUGEL")) {
    Rouge sum;
    for (std::size_t i = 0; i < count; ++i) {
      const Rouge one = rouge(answers[i], references[i]);
      sum = {sum.rouge1 + one.rouge1, sum.rouge2 + one.rouge2, sum.rougeL + one.rougeL, sum.rougeLsum + one.rougeLsum};
    }
    scores = {{"ROUGE1", sum.rouge1 * percent}, {"ROUGE2", sum.rouge2 * percent}, {"ROUGEL", sum.rougeL * percent}, {"ROUGELSUM", sum.rougeLsum * percent}};
  }
  if (wanted("exact_match")) {
    std::size_t matches = 0;
    for (std::size_t i = 0; i < count; ++i) matches += right(answers[i], references[i]);
    scores["exact_match"] = static_cast<double>(matches) * percent;
  }
  if (wanted("GEN_LEN")) {
    for (std::size_t i = 0; i < count; ++i) scores["GEN_LEN"] += characters(answers[i]);
  }
  if (wanted("TOKENS_PER_SAMPLE") && tokens.size() == count && std::ranges::all_of(tokens, [](std::int32_t n) { return n >= 0; })) {
    double sum = 0;
    for (const std::int32_t n : tokens) sum += n;
    scores["TOKENS_PER_SAMPLE"] = sum / static_cast<double>(count);
  }
  return scores;
}

}  // namespace tokenmark
