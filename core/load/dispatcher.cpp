#include "core/load/dispatcher.h"

#include <algorithm>

namespace tokenmark {
namespace {

bool same_unit(const PlannedRequest& a, const PlannedRequest& b) { return a.group >= 0 && a.group == b.group; }

}  // namespace

Dispatcher::Dispatcher(const std::vector<PlannedRequest>& plan, const std::vector<std::uint32_t>& requests, const DispatchRules& rules)
    : plan_(plan), rules_(rules), order_(requests) {
  if (order_.empty()) return;
  position_.resize(order_.back() + std::size_t{1} - order_.front());
  for (std::uint32_t i = 0; i < order_.size(); ++i) {
    position_[order_[i] - order_.front()] = i;
    if (i == 0 || !same_unit(plan_[order_[i - 1]], plan_[order_[i]])) units_.push_back({i, 0, 0});
    ++units_.back().count;
    ++units_.back().left;
    unit_of_.push_back(static_cast<std::uint32_t>(units_.size() - 1));
  }
}

void Dispatcher::begin(std::int64_t now) {
  begin_ = now;
  const std::size_t places = std::min(rules_.places, units_.size());
  for (std::size_t i = 0; i < places; ++i) free_since_.push(now);
}

bool Dispatcher::units_left() const { return !stopped_ && next_unit_ < units_.size(); }

// Whether the rules let no unit begin that is due at this time.
bool Dispatcher::closed_for_units(std::int64_t at) const {
  if (rules_.enough_units > 0 && next_unit_ >= rules_.enough_units && last_unit_at_ - begin_ >= rules_.enough_ns) return true;
  return at - begin_ > rules_.duration_ns;
}

// When the next unit may begin, as far as places are free.
std::int64_t Dispatcher::next_unit_at() const {
  if (!units_left() || free_since_.empty()) return kNever;
  const std::int64_t arrival = plan_[order_[units_[next_unit_].first]].arrival_ns;
  return arrival < 0 ? free_since_.front() : begin_ + arrival;
}

std::int64_t Dispatcher::next_due() const {
  if (!together_.empty()) return together_.front().intended;
  const std::int64_t turn = turns_.empty() || stopped_ ? kNever : turns_.top().at;
  return std::min(turn, next_unit_at());
}

bool Dispatcher::take(std::int64_t now, Due& due) {
  if (!together_.empty()) {
    due = together_.front();
    together_.pop_front();
    ++in_flight_;
    return true;
  }
  const std::int64_t turn_at = turns_.empty() || stopped_ ? kNever : turns_.top().at, unit_at = next_unit_at();
  if (std::min(turn_at, unit_at) > now) return false;
  if (turn_at <= unit_at) {
    due = {order_[turns_.top().position], turn_at};
    turns_.pop();
    ++in_flight_;
    return true;
  }
  if (closed_for_units(unit_at)) {
    next_unit_ = units_.size();
    return take(now, due);
  }
  const Unit& unit = units_[next_unit_++];
  free_since_.pop();
  last_unit_at_ = now;
  for (std::uint32_t p = unit.first; p < unit.first + unit.count && plan_[order_[p]].turn == 0; ++p) together_.push_back({order_[p], unit_at});
  return take(now, due);
}

void Dispatcher::stop() {
  stopped_ = true;
  together_.clear();
}

void Dispatcher::abandon_rest(Unit& unit, std::uint32_t position) { unit.left -= unit.first + unit.count - 1 - position; }

void Dispatcher::ended(std::size_t request, std::int64_t now, bool failed) {
  --in_flight_;
  const std::uint32_t position = position_[request - order_.front()];
  Unit& unit = units_[unit_of_[position]];
  --unit.left;
  const std::uint32_t next = position + 1;
  if (next < unit.first + unit.count && plan_[order_[next]].turn > 0) {
    if (failed || stopped_) abandon_rest(unit, position);
    else turns_.push({now + plan_[order_[next]].think_ns, next});
  }
  if (unit.left == 0) free_since_.push(now);
}

bool Dispatcher::over() const {
  return in_flight_ == 0 && (stopped_ || (together_.empty() && turns_.empty() && next_unit_ >= units_.size()));
}

std::vector<std::vector<std::uint32_t>> split_plan(const std::vector<PlannedRequest>& plan, bool warmups, std::size_t loops) {
  std::vector<std::vector<std::uint32_t>> parts(loops);
  std::size_t loop = loops - 1;
  const PlannedRequest* previous = nullptr;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (plan[i].warmup != warmups) continue;
    if (previous == nullptr || !same_unit(*previous, plan[i])) loop = (loop + 1) % loops;
    parts[loop].push_back(static_cast<std::uint32_t>(i));
    previous = &plan[i];
  }
  return parts;
}

}  // namespace tokenmark
