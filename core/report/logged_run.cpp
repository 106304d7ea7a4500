#include "core/report/logged_run.h"

namespace tokenmark {

Result<LoggedRun> logged_run(Store& store, const RunRow& row) {
  const auto without = [&](const std::string& why) { return fail(ErrorKind::unavailable, "Run {} has no event log: {}.", row.id, why); };
  if (row.id < 0) return fail(ErrorKind::unavailable, "'{}' is a published sample: it has figures, but no event log.", row.series);
  if (row.state == RunState::running) return without("it is still being measured");
  if (row.state != RunState::done) return without(fmt::format("it is {}", run_state_name(row.state)));
  Result<EventLog> log = store.event_log(row.id);
  if (!log && log.error().kind == ErrorKind::not_found)
    return without(row.source == "measured" ? "it was stored without one" : fmt::format("only its figures were stored ({})", row.source));
  if (!log) return fail(log.error().kind, "Run {}: {}", row.id, log.error().message);
  TOKENMARK_TRY(const Point point, store.point(row.id));
  return LoggedRun{row, point.limits, std::make_shared<const EventLog>(*std::move(log))};
}

std::size_t bytes_of(const EventLog& log) {
  constexpr std::size_t kPerRequest = 110, kPerMessage = 21;
  std::size_t bytes = log.requests.size() * kPerRequest + log.messages.size() * kPerMessage;
  for (const std::string& answer : log.answers) bytes += answer.size();
  return bytes;
}

}  // namespace tokenmark
