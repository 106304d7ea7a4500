// What a comparison needs of a run, from its log; and a comparison as JSON.
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/metrics/compare.h"

namespace tokenmark {

ComparedRun compared_run(const EventLog& log, const Limits& limits, std::int32_t repeat) {
  constexpr double kNever = std::numeric_limits<double>::infinity();  // of a failed request
  const LogReading reading(log);
  const RequestColumns& r = log.requests;
  ComparedRun out;
  out.repeat = repeat;
  out.limited = limits.ttft_s || limits.tpot_s || limits.itl_s || limits.e2e_s;
  if (const auto span = span_of(log)) out.duration_s = span->seconds();
  std::int64_t first = kAbsent, last = kAbsent;
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (!reading.measured(i) || r.send_start[i] == kAbsent) continue;
    first = first == kAbsent ? r.send_start[i] : std::min(first, r.send_start[i]);
    last = std::max(last, r.send_start[i]);
  }
  const auto count_in_slice = [&](std::vector<double>& slices, std::int64_t at, double amount) {
    if (last <= first || at < first || at >= last) return;
    slices.resize(kComparedParts);
    slices[static_cast<std::size_t>(static_cast<double>(at - first) / static_cast<double>(last - first) * kComparedParts)] +=
        amount;
  };
  std::vector<std::uint32_t> number(r.size(), 0);
  out.input_tokens = 0;
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (!reading.measured(i)) continue;
    number[i] = static_cast<std::uint32_t>(out.requests.size());
    out.requests.emplace_back(r.requested_input[i], r.requested_output[i]);
    const bool completed = reading.completed(i) && reading.gave_tokens(i);
    const Latencies latencies = completed ? reading.latencies(i) : Latencies{kNever, kNever, kNever, kNever};
    out.ttft.push_back({*latencies.ttft, number[i]});
    out.e2e.push_back({latencies.e2e, number[i]});
    if (latencies.tpot) out.tpot.push_back({*latencies.tpot, number[i]});
    if (!completed) out.itl.push_back({kNever, number[i]});
    if (completed) {
      if (r.input_tokens[i] < 0) out.input_tokens.reset();
      else if (out.input_tokens) *out.input_tokens += r.input_tokens[i];
      count_in_slice(out.total_in_slice, reading.first_token(i), std::max(0, r.input_tokens[i]));
    }
    if (!completed || !latencies.meet(limits)) continue;
    ++out.good;
    count_in_slice(out.good_in_slice, reading.finished(i), 1);
  }
  reading.each_token_message([&](std::size_t i, std::int64_t at, const std::optional<double>& itl, std::int32_t tokens) {
    const double counted = tokens * reading.tokens_per_message_token(i);
    out.output_tokens += counted;
    count_in_slice(out.tokens_in_slice, at, counted);
    count_in_slice(out.total_in_slice, at, counted);
    if (itl) out.itl.insert(out.itl.end(), static_cast<std::size_t>(tokens), {*itl, number[i]});
  });
  return out;
}

nlohmann::json to_json(const Comparison& comparison) {
  using Json = nlohmann::json;
  const auto number = [](double x) { return std::isfinite(x) ? Json(x) : Json(x > 0 ? "inf" : "-inf"); };
  Json out = {{"runs_a", comparison.runs_a},
              {"runs_b", comparison.runs_b},
              {"same_requests", comparison.same_requests},
              {"covers_run_to_run", comparison.covers_run_to_run},
              {"method", comparison.method},
              {"notes", comparison.notes},
              {"figures", Json::object()},
              {"withheld", Json::object()}};
  for (const FigureComparison& f : comparison.figures) {
    if (!f.compared) {
      out["withheld"][f.figure] = f.verdict;
      continue;
    }
    out["figures"][f.figure] = {{"unit", f.unit}, {"a", f.a}, {"b", f.b}, {"change", number(f.change)},
                                {"change_ci", {number(f.interval.low), number(f.interval.high)}}, {"p_holm", f.p},
                                {"differs", f.differs}, {"detectable_change", number(f.detectable)}, {"verdict", f.verdict}};
  }
  return out;
}

}  // namespace tokenmark
