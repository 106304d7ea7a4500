#include "core/report/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <sstream>

#include "tests/core/report/logs.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

// Three requests in two slots, from 0 to 100 ms; the second fails, the third was due before it could be sent.
EventLog small_log() {
  return log_of({{0, 0, {20, 30, 40}, 40}, {0, 10, {}, 60, RequestError::closed}, {40, 50, {70, 100}, 100, RequestError::none, true}});
}

Timeline all_of(EventLog log, TimelineQuery query = {}) { return timeline(TimelineLog(logged(std::move(log))), query); }

TEST(Timeline, bars_have_the_times_of_their_requests) {
  const Timeline made = all_of(small_log());
  ASSERT_EQ(made.bars.size(), 3u);
  EXPECT_EQ(made.requests, 3u);
  EXPECT_EQ(made.failed, 1u);
  EXPECT_DOUBLE_EQ(made.whole.from_s, 0);
  EXPECT_DOUBLE_EQ(made.whole.to_s, 0.1);
  const auto bar = [&](std::uint32_t request) {
    return *std::find_if(made.bars.begin(), made.bars.end(), [&](const TimelineBar& b) { return b.request == request; });
  };
  EXPECT_DOUBLE_EQ(*bar(0).first_token_s, 0.020);
  EXPECT_DOUBLE_EQ(bar(0).end_s, 0.040);
  EXPECT_EQ(bar(0).output_tokens, 3);
  EXPECT_EQ(bar(1).error, RequestError::closed);
  EXPECT_FALSE(bar(1).first_token_s);
  EXPECT_DOUBLE_EQ(bar(2).intended_s, 0.040);
  EXPECT_DOUBLE_EQ(bar(2).sent_s, 0.050);
  EXPECT_TRUE(bar(2).warmup);
}

TEST(Timeline, bars_of_a_slot_never_overlap_and_no_slot_is_wasted) {
  std::vector<LoggedRequest> requests;
  for (int i = 0; i < 400; ++i) {
    const double start = (i * 37) % 211, length = 1 + (i * 13) % 29;
    requests.push_back({start, start, {start + length}, start + length});
  }
  const TimelineLog log(logged(log_of(requests)));
  std::int32_t most = 0;
  for (const TimelineBar& bar : log.bars) {
    std::int32_t at_once = 0;
    for (const TimelineBar& other : log.bars) at_once += other.intended_s <= bar.intended_s && bar.intended_s < other.end_s;
    most = std::max(most, at_once);
    for (const TimelineBar& other : log.bars)
      if (other.request != bar.request && other.slot == bar.slot) {
        EXPECT_TRUE(other.end_s <= bar.intended_s || bar.end_s <= other.intended_s) << bar.request << " " << other.request;
      }
  }
  EXPECT_EQ(log.slot_count, most);
}

TEST(Timeline, bins_hold_means_peaks_tokens_and_arrivals) {
  TimelineQuery query;
  query.width = 40;   // ten bins of 10 ms
  const Timeline made = all_of(small_log(), query);
  ASSERT_EQ(made.bins.size(), 10u);
  EXPECT_NEAR(made.bins[0].in_flight, 1, 1e-9);
  EXPECT_NEAR(made.bins[1].in_flight, 2, 1e-9);
  EXPECT_NEAR(made.bins[4].in_flight, 1, 1e-9);
  EXPECT_EQ(made.bins[3].in_flight_peak, 2);
  EXPECT_NEAR(made.bins[9].in_flight, 1, 1e-9);
  double tokens = 0, arrivals = 0, in_flight_s = 0;
  for (const TimelineBin& bin : made.bins) {
    const double width = bin.time.to_s - bin.time.from_s;
    tokens += bin.tok_s * width;
    arrivals += bin.arrivals_s * width;
    in_flight_s += bin.in_flight * width;
  }
  EXPECT_NEAR(tokens, 5, 1e-9) << "none lost, the one at the very end included";
  EXPECT_NEAR(arrivals, 3, 1e-9);
  EXPECT_NEAR(in_flight_s, 0.040 + 0.050 + 0.050, 1e-9) << "the sum of the requests' times";
}

TEST(Timeline, a_range_holds_what_is_seen_in_it) {
  TimelineQuery query;
  query.time = TimeWindow{0.045, 0.055};
  const Timeline made = all_of(small_log(), query);
  EXPECT_EQ(made.bars.size(), 2u);
  EXPECT_DOUBLE_EQ(made.bins.front().time.from_s, 0.045);
  EXPECT_NEAR(made.bins.front().in_flight, 1, 1e-9);
  EXPECT_NEAR(made.bins.back().in_flight, 2, 1e-9);
  query.time = TimeWindow{5, 6};
  EXPECT_TRUE(all_of(small_log(), query).bars.empty());
}

TEST(Timeline, messages_out_of_order_are_counted_all_the_same) {
  EventLog log = small_log();
  std::swap(log.messages.received.front(), log.messages.received.back());
  double tokens = 0;
  for (const TimelineBin& bin : all_of(log).bins) tokens += bin.tok_s * (bin.time.to_s - bin.time.from_s);
  EXPECT_NEAR(tokens, 5, 1e-9);
}

TEST(Timeline, too_many_bars_become_a_grid_whose_shares_add_up_to_the_requests_times) {
  const TimelineLog log(logged(large_log(60'000, 3, 100)));
  const Timeline made = timeline(log, {});
  EXPECT_TRUE(made.bars.empty());
  ASSERT_TRUE(made.grid);
  const TimelineGrid& grid = *made.grid;
  const double width = (grid.time.to_s - grid.time.from_s) / grid.columns;
  double taken = 0, failed = 0, all = 0, all_failed = 0;
  for (std::size_t i = 0; i < grid.cells.size(); ++i) {
    const TimelineCell& cell = grid.cells[i];
    const auto row = static_cast<std::int32_t>(i) / grid.columns;
    const int in_row = std::min(grid.slots_per_row, log.slot_count - row * grid.slots_per_row);
    EXPECT_LE(cell.late + cell.waiting + cell.streaming + cell.failed, 1.001);
    taken += (cell.late + cell.waiting + cell.streaming) * in_row * width;
    failed += cell.failed * in_row * width;
  }
  for (const TimelineBar& bar : log.bars) (bar.error == RequestError::none ? all : all_failed) += bar.end_s - bar.intended_s;
  EXPECT_NEAR(taken, all, all * 1e-3);
  EXPECT_NEAR(failed, all_failed, all_failed * 1e-3);
  TimelineQuery near;
  near.time = TimeWindow{0.1, 0.11};
  near.height = 1000;
  EXPECT_FALSE(timeline(log, near).grid) << "close up each has its bar";
  EXPECT_GT(timeline(log, near).bars.size(), 100u);
}

TEST(Timeline, more_slots_than_rows_are_a_grid_until_few_are_looked_at) {
  const TimelineLog log(logged(large_log(10'000, 2, 5000)));
  TimelineQuery query;
  query.height = 300;
  ASSERT_TRUE(timeline(log, query).grid);
  EXPECT_LE(timeline(log, query).grid->rows, 150);
  query.first_slot = 100;
  query.last_slot = 150;
  const Timeline part = timeline(log, query);
  EXPECT_FALSE(part.grid);
  for (const TimelineBar& bar : part.bars) EXPECT_TRUE(bar.slot >= 100 && bar.slot <= 150);
  query = {};
  query.height = 300;
  query.every_bar = true;
  EXPECT_EQ(timeline(log, query).bars.size(), 10'000u);
}

TEST(Timeline, a_request_that_was_never_sent_or_never_ended_is_told) {
  EventLog log = small_log();
  log.requests.end[0] = kAbsent;
  log.requests.send_start[1] = kAbsent;
  const Timeline made = all_of(log);
  ASSERT_EQ(made.bars.size(), 2u);
  EXPECT_DOUBLE_EQ(made.bars[0].end_s, 0.1) << "open until the end of the log";
  EXPECT_THAT(made.notes, testing::Contains(HasSubstr("1 requests were never sent")));
  EXPECT_THAT(all_of(log_of({})).notes, testing::Contains(HasSubstr("No request was sent")));
}

TEST(Timeline, a_hostile_log_is_drawn_without_harm) {
  EventLog log = small_log();
  log.requests.end[0] = -5'000'000;
  log.requests.intended[2] = kAbsent;
  log.messages.received[0] = -1;
  log.requests.traffic_class = {9, 9, 9};
  const Timeline made = all_of(log, {.time = TimeWindow{-1, 1}, .first_slot = -5, .last_slot = 1 << 30, .width = -1, .height = 1 << 30});
  EXPECT_EQ(made.bars.size(), 3u);
  for (const TimelineBar& bar : made.bars) EXPECT_LE(bar.sent_s, bar.end_s);
  EXPECT_FALSE(timeline_csv(made).empty());
}

TEST(Timeline, every_row_of_the_csv_has_as_many_cells_as_its_head) {
  for (const std::size_t slots : {2, 5000}) {
    TimelineQuery query;
    query.width = 100;
    Timeline made = timeline(TimelineLog(logged(large_log(slots * 2, 3, slots))), query);
    made.power_w = {{0.1, 300}};
    made.meters = {{"busy_share", {{0.1, 0.5}}}};
    std::istringstream lines(timeline_csv(made));
    std::ptrdiff_t commas = -1;
    int rows = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("#")) continue;
      const auto own = std::count(line.begin(), line.end(), ',');
      if (commas < 0) commas = own;
      EXPECT_EQ(own, commas) << line;
      ++rows;
    }
    EXPECT_GT(rows, 25);
  }
}

// Not a limit on time, but on kind: a million requests are prepared and looked at in far less than a minute.
TEST(Timeline, a_million_requests_are_prepared_once_and_then_looked_at_quickly) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); };
  LoggedRun run = logged(large_log(1'000'000, 4, 1000));
  auto start = Clock::now();
  const TimelineLog log(std::move(run));
  RecordProperty("prepare_ms", static_cast<int>(since(start) * 1e3));
  start = Clock::now();
  const Timeline whole = timeline(log, {});
  RecordProperty("whole_ms", static_cast<int>(since(start) * 1e3));
  ASSERT_TRUE(whole.grid);
  start = Clock::now();
  TimelineQuery near;
  near.time = TimeWindow{2, 2.01};
  const Timeline part = timeline(log, near);
  RecordProperty("part_ms", static_cast<int>(since(start) * 1e3));
  EXPECT_EQ(part.bins.size(), whole.bins.size());
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_EQ(timeline(log, {}, stopped.get_token()).bins.size(), whole.bins.size());
}

}  // namespace
}  // namespace tokenmark
