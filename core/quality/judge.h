// The end of a task whose questions were asked, by whatever answered them.
#pragma once

#include "core/quality/evaluate.h"

namespace tokenmark {

// Scores every item that has an answer, shows each to `answers` and sums up. An Error where nothing was answered;
// `asked` names who was asked.
Result<QualityResult> judge(const QualityTask& task, const Dataset& dataset, std::vector<AnsweredItem> items,
                            const AnswerSink& answers, const std::string& asked);

}  // namespace tokenmark
