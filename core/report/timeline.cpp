#include "core/report/timeline.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <queue>

#include "core/metrics/steady.h"
#include "core/report/timeline_meters.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMostBars = 20'000;       // more are neither told apart nor drawn fast
constexpr std::int32_t kRowPixels = 3;          // a bar's least height, its gap included
constexpr std::int32_t kCellPixels = 2;         // of the grid, both ways
constexpr std::int32_t kBinPixels = 4;
constexpr std::int32_t kMostPixels = 20'000;
constexpr std::size_t kMessagesBetweenLooks = 1 << 20;  // at the stop token

double overlap(double from, double to, double low, double high) { return std::max(0.0, std::min(to, high) - std::max(from, low)); }

// ---- preparing

bool has_tokens(const MessageColumns& messages, std::size_t k) { return messages.tokens[k] > 0 && carries_tokens(messages.kind[k]); }

// What the messages say of one request, warm-ups too.
struct TokenSpan {
  std::int64_t first = kAbsent, tokens = 0;
};

std::vector<TokenSpan> token_spans(const EventLog& log) {
  std::vector<TokenSpan> spans(log.requests.size());
  for (std::size_t k = 0; k < log.messages.size(); ++k) {
    if (!has_tokens(log.messages, k)) continue;
    TokenSpan& span = spans[log.messages.request[k]];
    if (span.first == kAbsent) span.first = log.messages.received[k];
    span.tokens += log.messages.tokens[k];
  }
  return spans;
}

TimelineBar bar_of(const EventLog& log, std::size_t i, const TokenSpan& span, double log_end_s) {
  const RequestColumns& requests = log.requests;
  TimelineBar bar;
  bar.request = static_cast<std::uint32_t>(i);
  bar.sent_s = seconds_of(requests.send_start[i]);
  bar.intended_s = requests.intended[i] == kAbsent ? bar.sent_s : std::min(seconds_of(requests.intended[i]), bar.sent_s);
  if (span.first != kAbsent) bar.first_token_s = std::max(seconds_of(span.first), bar.sent_s);
  bar.end_s = requests.end[i] == kAbsent ? log_end_s : seconds_of(requests.end[i]);
  bar.end_s = std::max(bar.end_s, bar.first_token_s.value_or(bar.sent_s));
  bar.input_tokens = requests.input_tokens[i];
  bar.output_tokens = requests.output_tokens[i] >= 0 ? requests.output_tokens[i] : static_cast<std::int32_t>(span.tokens);
  bar.error = requests.error[i];
  bar.warmup = requests.warmup[i] != 0;
  if (!requests.traffic_class.empty()) bar.traffic_class = requests.traffic_class[i];
  return bar;
}

double end_of(const EventLog& log) {
  std::int64_t last = 0;
  for (const auto* column : {&log.requests.send_start, &log.requests.end, &log.messages.received})
    for (const std::int64_t at : *column) last = std::max(last, at);
  return seconds_of(last);
}

// Interval colouring: each bar, in the order of beginning, takes the lowest slot that is free; so many slots are used
// as there are bars at once at most.
std::int32_t give_slots(std::vector<TimelineBar>& bars) {
  std::priority_queue<std::int32_t, std::vector<std::int32_t>, std::greater<>> free;
  using Taken = std::pair<double, std::int32_t>;   // until when, which
  std::priority_queue<Taken, std::vector<Taken>, std::greater<>> taken;
  std::int32_t slots = 0;
  for (TimelineBar& bar : bars) {
    for (; !taken.empty() && taken.top().first <= bar.intended_s; taken.pop()) free.push(taken.top().second);
    if (free.empty()) free.push(slots++);
    bar.slot = free.top();
    free.pop();
    taken.emplace(bar.end_s, bar.slot);
  }
  return slots;
}

// ---- one picture

bool seen(const TimelineBar& bar, const TimeWindow& time, std::int32_t first, std::int32_t last) {
  return bar.slot >= first && bar.slot <= last && bar.intended_s <= time.to_s && bar.end_s >= time.from_s;
}

// Adds `share_of` of every column that from … to touches, weighted by how much of the column it covers.
template <class Add>
void each_column(const TimelineGrid& grid, double from, double to, Add add) {
  const double width = (grid.time.to_s - grid.time.from_s) / grid.columns;
  if (to <= grid.time.from_s || from >= grid.time.to_s || to <= from) return;
  const auto column = [&](double at) {
    return std::clamp(static_cast<std::int32_t>((at - grid.time.from_s) / width), 0, grid.columns - 1);
  };
  for (std::int32_t c = column(std::max(from, grid.time.from_s)); c <= column(std::min(to, grid.time.to_s)); ++c) {
    const double low = grid.time.from_s + c * width;
    add(c, overlap(from, to, low, low + width) / width);
  }
}

TimelineGrid make_grid(const TimelineLog& log, const TimeWindow& time, std::int32_t first, std::int32_t last, const TimelineQuery& query) {
  TimelineGrid grid;
  grid.time = time;
  grid.first_slot = first;
  const std::int32_t slots = last - first + 1, most_rows = std::max(1, query.height / kCellPixels);
  grid.slots_per_row = (slots + most_rows - 1) / most_rows;
  grid.rows = (slots + grid.slots_per_row - 1) / grid.slots_per_row;
  grid.columns = std::max(1, query.width / kCellPixels);
  grid.cells.resize(static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.columns));
  for (const TimelineBar& bar : log.bars) {
    if (!seen(bar, time, first, last)) continue;
    const std::int32_t row = (bar.slot - first) / grid.slots_per_row;
    const std::int32_t in_row = std::min(grid.slots_per_row, slots - row * grid.slots_per_row);
    TimelineCell* cells = grid.cells.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(grid.columns);
    const auto fill = [&](double from, double to, float TimelineCell::*part) {
      each_column(grid, from, to, [&](std::int32_t c, double share) { cells[c].*part += static_cast<float>(share / in_row); });
    };
    fill(bar.intended_s, bar.sent_s, &TimelineCell::late);
    if (bar.error != RequestError::none) {
      fill(bar.sent_s, bar.end_s, &TimelineCell::failed);
      continue;
    }
    const double first_token = bar.first_token_s.value_or(bar.end_s);
    fill(bar.sent_s, first_token, &TimelineCell::waiting);
    fill(first_token, bar.end_s, &TimelineCell::streaming);
  }
  return grid;
}

void add_bars(const TimelineLog& log, const TimelineQuery& query, Timeline& made) {
  const std::int32_t first = std::clamp(query.first_slot, 0, std::max(0, log.slot_count - 1));
  const std::int32_t last = query.last_slot < 0 ? log.slot_count - 1 : std::clamp(query.last_slot, first, std::max(0, log.slot_count - 1));
  if (log.slot_count == 0) return;
  const bool rows_fit = last - first + 1 <= std::max(1, query.height / kRowPixels);
  std::size_t count = 0;
  for (const TimelineBar& bar : log.bars) count += seen(bar, made.shown, first, last) ? 1 : 0;
  if (!query.every_bar && (!rows_fit || count > kMostBars)) {
    made.grid = make_grid(log, made.shown, first, last, query);
    return;
  }
  for (const TimelineBar& bar : log.bars)
    if (seen(bar, made.shown, first, last)) made.bars.push_back(bar);
  std::stable_sort(made.bars.begin(), made.bars.end(), [](const TimelineBar& a, const TimelineBar& b) { return a.slot < b.slot; });
}

std::vector<TimelineBin> empty_bins(const TimeWindow& time, std::int32_t width) {
  std::vector<TimelineBin> bins(static_cast<std::size_t>(std::max(1, width / kBinPixels)));
  const double step = (time.to_s - time.from_s) / static_cast<double>(bins.size());
  for (std::size_t i = 0; i < bins.size(); ++i)
    bins[i].time = {time.from_s + static_cast<double>(i) * step, time.from_s + static_cast<double>(i + 1) * step};
  bins.back().time.to_s = time.to_s;
  return bins;
}

// Walks over the times at which the number in flight changes; its integral and peak go to the bins.
void count_in_flight(const TimelineLog& log, std::vector<TimelineBin>& bins) {
  const auto after = [](const std::vector<double>& times, double at) {
    return static_cast<std::size_t>(std::upper_bound(times.begin(), times.end(), at) - times.begin());
  };
  std::size_t start = after(log.starts, bins.front().time.from_s), end = after(log.ends, bins.front().time.from_s);
  auto now = static_cast<std::int32_t>(start - end);
  for (TimelineBin& bin : bins) {
    double at = bin.time.from_s, area = 0;
    bin.in_flight_peak = now;
    while (true) {
      const double next_start = start < log.starts.size() ? log.starts[start] : INFINITY;
      const double next_end = end < log.ends.size() ? log.ends[end] : INFINITY;
      const double next = std::min(next_start, next_end);
      if (next > bin.time.to_s) break;
      area += now * (next - at);
      at = next;
      if (next_end <= next_start) --now, ++end;   // who ends makes place for who begins in the same moment
      else ++now, ++start;
      bin.in_flight_peak = std::max(bin.in_flight_peak, now);
    }
    area += now * (bin.time.to_s - at);
    bin.in_flight = area / (bin.time.to_s - bin.time.from_s);
  }
}

void count_arrivals(const TimelineLog& log, std::vector<TimelineBin>& bins) {
  for (TimelineBin& bin : bins) {
    const auto begin = std::lower_bound(log.arrivals.begin(), log.arrivals.end(), bin.time.from_s);
    const auto end = &bin == &bins.back() ? std::upper_bound(begin, log.arrivals.end(), bin.time.to_s)
                                          : std::lower_bound(begin, log.arrivals.end(), bin.time.to_s);
    bin.arrivals_s = static_cast<double>(end - begin) / (bin.time.to_s - bin.time.from_s);
  }
}

void count_tokens(const TimelineLog& log, std::vector<TimelineBin>& bins, const std::stop_token& stop) {
  const MessageColumns& messages = log.log->messages;
  const double from = bins.front().time.from_s, to = bins.back().time.to_s;
  const double per_second = static_cast<double>(bins.size()) / (to - from);
  std::size_t k = 0;
  if (log.messages_in_order)
    k = static_cast<std::size_t>(std::lower_bound(messages.received.begin(), messages.received.end(), std::int64_t(std::floor(from * 1e9))) -
                                 messages.received.begin());
  for (; k < messages.size(); ++k) {
    if (k % kMessagesBetweenLooks == 0 && stop.stop_requested()) return;
    const double at = seconds_of(messages.received[k]);
    if (at > to && log.messages_in_order) return;
    if (at < from || at > to || !has_tokens(messages, k)) continue;
    const auto bin = std::min(static_cast<std::size_t>((at - from) * per_second), bins.size() - 1);
    bins[bin].tok_s += messages.tokens[k] * per_second;
  }
}

std::string subtitle(const RunRow& row) {
  std::string text = row.series;
  if (row.concurrency > 0) text += fmt::format("{}concurrency {}", text.empty() ? "" : ", ", row.concurrency);
  return text;
}

}  // namespace

TimelineLog::TimelineLog(LoggedRun run) : row(std::move(run.row)), log(std::move(run.log)) {
  const RequestColumns& requests = log->requests;
  const double log_end_s = end_of(*log);
  const std::vector<TokenSpan> spans = token_spans(*log);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (requests.send_start[i] == kAbsent) {
      ++never_sent;
      continue;
    }
    bars.push_back(bar_of(*log, i, spans[i], log_end_s));
    failed += requests.error[i] != RequestError::none ? 1 : 0;
  }
  std::stable_sort(bars.begin(), bars.end(), [](const TimelineBar& a, const TimelineBar& b) { return a.intended_s < b.intended_s; });
  slot_count = give_slots(bars);
  for (const TimelineBar& bar : bars) {
    starts.push_back(bar.sent_s);
    ends.push_back(bar.end_s);
    arrivals.push_back(bar.intended_s);
  }
  for (auto* times : {&starts, &ends}) std::sort(times->begin(), times->end());
  whole = {bars.empty() ? 0 : bars.front().intended_s, bars.empty() ? 1 : ends.back()};
  if (!(whole.to_s > whole.from_s)) whole.to_s = whole.from_s + 1e-3;
  const SteadyWindow window = find_steady_window(LogReading(*log));
  if (window.settled) steady = TimeWindow{seconds_of(window.from), seconds_of(window.to)};
  else unsettled = window.reason;
  power_w = power_over_time(log->metering);
  meters = meters_over_time(log->metering);
  messages_in_order = std::is_sorted(log->messages.received.begin(), log->messages.received.end());
}

Timeline timeline(const TimelineLog& log, const TimelineQuery& asked, std::stop_token stop) {
  TimelineQuery query = asked;
  query.width = std::clamp(query.width, 1, kMostPixels);
  query.height = std::clamp(query.height, 1, kMostPixels);
  Timeline made;
  made.title = fmt::format("Run {}: timeline", log.row.id);
  made.subtitle = subtitle(log.row);
  made.run = log.row.id;
  made.whole = log.whole;
  made.shown = query.time.value_or(log.whole);
  if (!(made.shown.to_s > made.shown.from_s)) made.shown = log.whole;
  made.slot_count = log.slot_count;
  made.requests = log.bars.size();
  made.failed = log.failed;
  made.steady = log.steady;
  const std::size_t most = query.every_bar ? SIZE_MAX : 2 * static_cast<std::size_t>(query.width);
  made.power_w = thinned(log.power_w, made.shown.from_s, made.shown.to_s, most);
  for (const TimelineCurve& curve : log.meters) made.meters.push_back({curve.key, thinned(curve.values, made.shown.from_s, made.shown.to_s, most)});
  made.class_names = log.log->class_names;
  add_bars(log, query, made);
  made.bins = empty_bins(made.shown, query.width);
  count_in_flight(log, made.bins);
  count_arrivals(log, made.bins);
  count_tokens(log, made.bins, stop);
  if (log.bars.empty()) made.notes.push_back("No request was sent.");
  if (log.never_sent > 0) made.notes.push_back(fmt::format("{} requests were never sent and are not shown.", log.never_sent));
  if (!log.bars.empty() && !log.steady) made.notes.push_back("No steady state: " + log.unsettled + ".");
  if (log.power_w.empty() && !log.log->metering.empty()) made.notes.push_back("No power: no meter told that of what computed; the run's environment says why.");
  for (const std::string& text : log.log->error_texts) made.notes.push_back("Error: " + text);
  return made;
}

}  // namespace tokenmark
