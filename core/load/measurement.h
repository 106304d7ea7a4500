// What measurements of endpoints and of the embedded engine have in common: a point's rules for the dispatcher, and the
// watch over a run.
#pragma once

#include <condition_variable>
#include <functional>
#include <stop_token>

#include "base/result.h"
#include "core/load/dispatcher.h"
#include "core/load/load.h"
#include "core/load/monitor.h"
#include "core/workload/arrivals.h"
#include "core/workload/requests.h"

namespace tokenmark {

bool keeps_answers(const Load& load);
std::int32_t warmup_concurrency(const Load& load);
DispatchRules dispatch_rules(const Point& point, const Plan& plan);
std::size_t measured_count(const Plan& plan);

// Notes what ended the run and judges it: an error if too many of its requests failed. Where the point's limit ended it,
// all of the plan had to be there, else what was sent: rules may end a run, and the rest of a broken conversation is left out.
Status judge_end(EventLog& log, EndReason ended_by, const Point& point, const Plan& plan);

// Blocks until `over`, reporting progress; `end` is called when a rule or the user ends the run. `changed` is notified
// when `over` may have become true. Gives what ended it.
EndReason watch(Monitor& monitor, const std::function<bool()>& over, const std::function<void(RequestError)>& end,
                std::condition_variable_any& changed, const LoadProgressSink& progress, std::stop_token stop);

}  // namespace tokenmark
