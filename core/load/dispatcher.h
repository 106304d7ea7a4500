// Which request goes out next, and when: one object a client loop, for all load shapes. It has no clock, no socket and no
// thread of its own. Times are nanoseconds since the run's start (Recording::now).
//
// A unit is what takes a place: one request; a conversation, whose turns follow each other (the place is kept while its
// user thinks); or an MLPerf query, whose samples go out together. Closed loop: a unit starts when a place is free, and
// its intended time is when the place became free. Open loop: it starts at its arrival time, counted from the begin of
// the measurement and never moved; where places are limited it waits, and the intended time stays.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <queue>
#include <vector>

#include "core/workload/requests.h"

namespace tokenmark {

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

struct DispatchRules {
  std::size_t places = 1;              // units in flight; open loop without a limit: any large number
  std::int64_t duration_ns = kNever;   // no unit begins later than this after the measurement began
  // The first unit that begins so late and is at least the so-manieth is the last (MLPerf's rule); 0 units: all are sent.
  std::int64_t enough_ns = 0;
  std::size_t enough_units = 0;
};

class Dispatcher {
 public:
  struct Due {
    std::size_t request = 0;   // index into the plan
    std::int64_t intended = 0;
  };

  // `requests`: indices into the plan, in its order, without warm-ups or warm-ups alone. The plan must outlive this.
  Dispatcher(const std::vector<PlannedRequest>& plan, const std::vector<std::uint32_t>& requests, const DispatchRules& rules);

  void begin(std::int64_t now);          // all places are free from now on, and arrivals count from here
  // A request that is due; false: none is, before next_due().
  bool take(std::int64_t now, Due& due);
  std::int64_t next_due() const;         // kNever: none, unless an answer ends
  // The rest of a conversation whose turn failed is not sent: it would lack what was answered.
  void ended(std::size_t request, std::int64_t now, bool failed);
  void stop();                           // nothing more is taken
  bool over() const;                     // nothing is in flight and nothing more will be
  std::size_t in_flight() const { return in_flight_; }

 private:
  struct Unit {
    std::uint32_t first = 0, count = 0;  // in order_
    std::uint32_t left = 0;              // requests that have not ended
  };
  struct Turn {
    std::int64_t at = 0;
    std::uint32_t position = 0;          // in order_
    bool operator>(const Turn& other) const { return at > other.at; }
  };

  bool units_left() const;
  std::int64_t next_unit_at() const;
  bool closed_for_units(std::int64_t at) const;
  void abandon_rest(Unit& unit, std::uint32_t position);

  const std::vector<PlannedRequest>& plan_;
  DispatchRules rules_;
  std::vector<std::uint32_t> order_;     // indices into the plan
  std::vector<std::uint32_t> position_;  // of a request in order_, by index − the smallest
  std::vector<std::uint32_t> unit_of_;   // by position in order_
  std::vector<Unit> units_;
  std::size_t next_unit_ = 0, in_flight_ = 0;
  std::int64_t begin_ = 0, last_unit_at_ = 0;
  std::queue<std::int64_t> free_since_;  // places that are free
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns_;  // later turns, thinking
  std::deque<Due> together_;             // the other requests of a query that has begun
  bool stopped_ = false;
};

// The parts of a plan that `loops` loops send: whole units in turn, so that each loop's load has the same shape.
std::vector<std::vector<std::uint32_t>> split_plan(const std::vector<PlannedRequest>& plan, bool warmups, std::size_t loops);

}  // namespace tokenmark
