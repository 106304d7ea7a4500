#include "core/quality/judge.h"

namespace tokenmark {

Result<QualityResult> judge(const QualityTask& task, const Dataset& dataset, std::vector<AnsweredItem> items,
                            const AnswerSink& answers, const std::string& asked) {
  std::vector<ItemScore> scores;
  for (AnsweredItem& item : items) {
    if (item.error.empty()) scores.push_back(item.score = score_item(task, item.item, item.answer));
    if (answers) answers(item);
  }
  if (scores.empty())
    return fail(ErrorKind::unavailable, "{}: no question was answered; the first error: {}", asked, items.front().error);
  QualityResult result = summarise(task, scores, static_cast<std::int64_t>(items.size() - scores.size()));
  result.dataset_hash = dataset.hash;
  return result;
}

}  // namespace tokenmark
