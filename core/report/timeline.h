// A run on a time axis, as data: requests as bars, requests in flight, tokens and arrivals a second, power where it was
// sampled. A log may hold a million requests and fifty million messages, so what is made is what can be seen: for a
// range of time and slots, at a picture's resolution. Pure functions, any thread. Times are in seconds since the run's
// start, rates a second.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/metrics/frontier.h"
#include "core/report/logged_run.h"

namespace tokenmark {

struct TimeWindow {
  double from_s = 0, to_s = 0;
  bool operator==(const TimeWindow&) const = default;
};

// One request. Bars of one slot never overlap.
struct TimelineBar {
  std::uint32_t request = 0;              // its place in the log
  std::int32_t slot = 0;
  double intended_s = 0, sent_s = 0;      // intended ≤ sent
  std::optional<double> first_token_s;
  double end_s = 0;                       // of one that never ended: the end of the log
  std::int32_t input_tokens = -1, output_tokens = -1;  // -1: unknown
  RequestError error = RequestError::none;
  bool warmup = false;
  std::int32_t traffic_class = 0;         // index into Timeline::class_names
};

// Where bars would be too many or too thin to be told apart: which share of a rectangle of time and slots is taken by
// what. The shares of one cell add up to 1 at most; the rest is idle.
struct TimelineCell {
  float late = 0, waiting = 0, streaming = 0, failed = 0;
};
struct TimelineGrid {
  TimeWindow time;
  std::int32_t first_slot = 0, slots_per_row = 1, rows = 0, columns = 0;
  std::vector<TimelineCell> cells;        // [row][column]
};

struct TimelineBin {
  TimeWindow time;
  double in_flight = 0;                   // mean over the bin
  std::int32_t in_flight_peak = 0;
  double tok_s = 0, arrivals_s = 0;       // output tokens received, requests intended, a second
};

// What the devices that computed told besides their power: "busy_share" and "core_mhz" as means over them, "temperature_c"
// of the hottest.
struct TimelineCurve {
  std::string key;
  std::vector<XY> values;
};

struct Timeline {
  std::string title, subtitle;
  RunId run = 0;
  TimeWindow whole, shown;                // all of the run; what bars, grid and bins are about
  std::int32_t slot_count = 0;            // rows that the whole run needs
  std::size_t requests = 0, failed = 0;   // of the whole run, warm-ups included
  std::vector<TimelineBar> bars;          // by slot and time; empty where there is a grid
  std::optional<TimelineGrid> grid;
  std::vector<TimelineBin> bins;          // of equal width
  std::optional<TimeWindow> steady;       // the steady-state window
  std::vector<XY> power_w;                // of all devices that computed, over time
  std::vector<TimelineCurve> meters;
  std::vector<std::string> class_names;
  std::vector<std::string> notes;
};

// A log prepared for any number of timelines. Immutable: any thread may ask.
class TimelineLog {
 public:
  explicit TimelineLog(LoggedRun run);

  RunRow row;
  std::shared_ptr<const EventLog> log;
  TimeWindow whole;
  std::int32_t slot_count = 0;
  std::vector<TimelineBar> bars;          // in the order of their beginning
  std::vector<double> starts, ends, arrivals;  // sorted, for counting
  std::size_t never_sent = 0, failed = 0;
  bool messages_in_order = true;          // of time: then a range of it is found by bisection
  std::optional<TimeWindow> steady;
  std::string unsettled;                  // why there is no steady state
  std::vector<XY> power_w;
  std::vector<TimelineCurve> meters;
};

struct TimelineQuery {
  std::optional<TimeWindow> time;         // absent: the whole run
  std::int32_t first_slot = 0, last_slot = -1;  // -1: all
  std::int32_t width = 1000, height = 400;      // of the bars' area, in pixels; at least 1, at most 20,000
  bool every_bar = false;                       // bars whatever their number, never a grid: for data
  bool operator==(const TimelineQuery&) const = default;
};

// `stop`: asked for while it counts messages; what was made until then is returned.
Timeline timeline(const TimelineLog& log, const TimelineQuery& query, std::stop_token stop = {});

// One row a bar, a cell that is not empty, a bin and a reading of power or of another meter; lines of '#' first.
std::string timeline_csv(const Timeline& timeline);

}  // namespace tokenmark
