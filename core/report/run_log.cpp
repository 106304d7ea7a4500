#include "core/report/run_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "core/metrics/log_reading.h"

namespace tokenmark {
namespace {

std::string end_text(EndReason reason) {
  switch (reason) {
    case EndReason::all_sent: return "ended: all requests had been sent and answered";
    case EndReason::time: return "ended: the time in which requests are sent was over";
    case EndReason::precision: return "ended: the figure that was to be known was known well enough";
    case EndReason::failures: return "ended: too many requests had failed";
    case EndReason::limit: return "ended: the point's time limit; what was not answered by then was given up";
  }
  return {};
}

std::string reason(RequestError error) {
  std::string words(request_error_name(error));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string failure_text(const RequestColumns& requests, std::size_t i) {
  std::string text = fmt::format("request {} failed: {}", i + 1, reason(requests.error[i]));
  if (requests.status[i] > 0 && requests.status[i] != 200) text += fmt::format(", HTTP {}", requests.status[i]);
  if (requests.end[i] != kAbsent && requests.send_start[i] != kAbsent)
    text += fmt::format(", after {:.3f} s", seconds_of(requests.end[i] - requests.send_start[i]));
  if (requests.warmup[i]) text += " (warm-up)";
  return text;
}

void add_failures(const RequestColumns& requests, std::size_t most, std::vector<RunLogLine>& lines) {
  std::vector<std::size_t> failed;
  for (std::size_t i = 0; i < requests.size(); ++i)
    if (requests.error[i] != RequestError::none) failed.push_back(i);
  const auto at = [&](std::size_t i) { return requests.end[i] != kAbsent ? requests.end[i] : requests.send_start[i]; };
  std::stable_sort(failed.begin(), failed.end(), [&](std::size_t a, std::size_t b) { return at(a) < at(b); });
  std::map<RequestError, std::size_t> others;
  for (std::size_t k = 0; k < failed.size(); ++k) {
    const std::size_t i = failed[k];
    if (k >= most)
      ++others[requests.error[i]];
    else
      lines.push_back({at(i) == kAbsent ? std::nullopt : std::optional(seconds_of(at(i))), failure_text(requests, i), true});
  }
  for (const auto& [error, count] : others)
    lines.push_back({std::nullopt, fmt::format("{} more requests failed: {}", count, reason(error)), true});
}

void add_beginning(const EventLog& log, std::vector<RunLogLine>& lines) {
  const RequestColumns& requests = log.requests;
  std::int64_t first_sent = kAbsent, warm = kAbsent;
  std::size_t warmups = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::int64_t sent = requests.send_start[i];
    if (sent != kAbsent && (first_sent == kAbsent || sent < first_sent)) first_sent = sent;
    if (!requests.warmup[i]) continue;
    ++warmups;
    if (requests.end[i] != kAbsent) warm = std::max(warm, requests.end[i]);
  }
  if (first_sent != kAbsent) lines.push_back({seconds_of(first_sent), "first request sent"});
  if (warm != kAbsent) lines.push_back({seconds_of(warm), fmt::format("{} warm-up requests answered", warmups)});
  for (std::size_t k = 0; k < log.messages.size(); ++k)
    if (carries_tokens(log.messages.kind[k]) && log.messages.tokens[k] > 0) {
      lines.push_back({seconds_of(log.messages.received[k]), "first token received"});
      break;
    }
}

}  // namespace

std::vector<RunLogLine> run_log(const EventLog& log, std::size_t most_failures) {
  std::vector<RunLogLine> lines;
  add_beginning(log, lines);
  add_failures(log.requests, most_failures, lines);
  std::int64_t last = 0;
  for (const auto* column : {&log.requests.send_start, &log.requests.end})
    for (const std::int64_t at : *column) last = std::max(last, at);
  lines.push_back({seconds_of(last), end_text(log.ended_by)});
  const auto when = [](const RunLogLine& line) { return line.at_s.value_or(std::numeric_limits<double>::infinity()); };
  std::stable_sort(lines.begin(), lines.end(), [&](const RunLogLine& a, const RunLogLine& b) { return when(a) < when(b); });
  for (const std::string& text : log.error_texts) lines.push_back({std::nullopt, "said: " + text, true});
  if (log.longest_stall_ns > 0)
    lines.push_back({std::nullopt, fmt::format("the client's loop did not look at its sockets for {:.1f} ms at most", 1e-6 * static_cast<double>(log.longest_stall_ns))});
  return lines;
}

}  // namespace tokenmark
