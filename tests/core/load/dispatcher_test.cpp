// The dispatcher in virtual time: which request goes out when, for every load shape.
#include "core/load/dispatcher.h"

#include <gtest/gtest.h>

#include <numeric>

namespace tokenmark {
namespace {

std::vector<std::uint32_t> all_of(const std::vector<PlannedRequest>& plan) {
  std::vector<std::uint32_t> all(plan.size());
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

struct Sent {
  std::size_t request;
  std::int64_t intended, at;
  bool operator==(const Sent&) const = default;
};

// Everything that is due at `now`.
std::vector<Sent> take_all(Dispatcher& dispatcher, std::int64_t now) {
  std::vector<Sent> sent;
  Dispatcher::Due due;
  while (dispatcher.take(now, due)) sent.push_back({due.request, due.intended, now});
  return sent;
}

TEST(Dispatcher, a_closed_loop_fills_a_place_that_became_free_and_intends_it_for_that_moment) {
  const std::vector<PlannedRequest> plan(4);
  Dispatcher dispatcher(plan, all_of(plan), {.places = 2});
  dispatcher.begin(100);
  EXPECT_EQ(take_all(dispatcher, 105), (std::vector<Sent>{{0, 100, 105}, {1, 100, 105}}));
  EXPECT_EQ(dispatcher.next_due(), kNever);
  dispatcher.ended(1, 250, false);
  EXPECT_EQ(dispatcher.next_due(), 250);
  EXPECT_EQ(take_all(dispatcher, 260), (std::vector<Sent>{{2, 250, 260}}));
  dispatcher.ended(0, 300, false);
  dispatcher.ended(2, 300, true);
  EXPECT_EQ(take_all(dispatcher, 300), (std::vector<Sent>{{3, 300, 300}}));
  EXPECT_FALSE(dispatcher.over());
  dispatcher.ended(3, 400, false);
  EXPECT_TRUE(dispatcher.over());
}

TEST(Dispatcher, an_open_loop_sends_at_its_times_whatever_the_answers_do_and_never_moves_them) {
  std::vector<PlannedRequest> plan(4);
  plan[0].arrival_ns = 0;
  plan[1].arrival_ns = 50;
  plan[2].arrival_ns = 60;
  plan[3].arrival_ns = 1000;
  Dispatcher dispatcher(plan, all_of(plan), {.places = 1000});
  dispatcher.begin(10'000);
  EXPECT_EQ(take_all(dispatcher, 10'000), (std::vector<Sent>{{0, 10'000, 10'000}}));
  EXPECT_EQ(dispatcher.next_due(), 10'050);
  EXPECT_TRUE(take_all(dispatcher, 10'049).empty());
  EXPECT_EQ(take_all(dispatcher, 10'500), (std::vector<Sent>{{1, 10'050, 10'500}, {2, 10'060, 10'500}})) << "late, and intended when they were";
  EXPECT_EQ(dispatcher.next_due(), 11'000) << "not re-anchored to the late ones";
}

TEST(Dispatcher, arrivals_beyond_the_places_wait_and_keep_their_intended_time) {
  std::vector<PlannedRequest> plan(3);
  for (std::size_t i = 0; i < 3; ++i) plan[i].arrival_ns = static_cast<std::int64_t>(i) * 10;
  Dispatcher dispatcher(plan, all_of(plan), {.places = 1});
  dispatcher.begin(0);
  EXPECT_EQ(take_all(dispatcher, 100).size(), 1u);
  EXPECT_EQ(dispatcher.next_due(), kNever);
  dispatcher.ended(0, 500, false);
  EXPECT_EQ(take_all(dispatcher, 510), (std::vector<Sent>{{1, 10, 510}}));
}

TEST(Dispatcher, a_conversation_keeps_its_place_while_its_user_thinks) {
  std::vector<PlannedRequest> plan(3);
  plan[0].group = plan[1].group = 7;
  plan[1].turn = 1;
  plan[1].think_ns = 1000;
  Dispatcher dispatcher(plan, all_of(plan), {.places = 1});
  dispatcher.begin(0);
  EXPECT_EQ(take_all(dispatcher, 0).size(), 1u);
  dispatcher.ended(0, 100, false);
  EXPECT_EQ(dispatcher.next_due(), 1100);
  EXPECT_TRUE(take_all(dispatcher, 1099).empty());
  EXPECT_EQ(take_all(dispatcher, 1103), (std::vector<Sent>{{1, 1100, 1103}}));
  dispatcher.ended(1, 2000, false);
  EXPECT_EQ(take_all(dispatcher, 2001), (std::vector<Sent>{{2, 2000, 2001}}));
}

TEST(Dispatcher, the_rest_of_a_conversation_is_left_out_when_a_turn_fails) {
  std::vector<PlannedRequest> plan(4);
  for (std::size_t i = 0; i < 3; ++i) {
    plan[i].group = 0;
    plan[i].turn = static_cast<std::int32_t>(i);
  }
  Dispatcher dispatcher(plan, all_of(plan), {.places = 1});
  dispatcher.begin(0);
  take_all(dispatcher, 0);
  dispatcher.ended(0, 100, true);
  EXPECT_EQ(take_all(dispatcher, 100), (std::vector<Sent>{{3, 100, 100}}));
  dispatcher.ended(3, 200, false);
  EXPECT_TRUE(dispatcher.over());
}

TEST(Dispatcher, the_samples_of_a_query_go_out_together_and_the_next_query_waits_for_all) {
  std::vector<PlannedRequest> plan(6);
  for (std::size_t i = 0; i < 6; ++i) plan[i].group = static_cast<std::int32_t>(i / 3);
  Dispatcher dispatcher(plan, all_of(plan), {.places = 1});
  dispatcher.begin(0);
  EXPECT_EQ(take_all(dispatcher, 5), (std::vector<Sent>{{0, 0, 5}, {1, 0, 5}, {2, 0, 5}}));
  dispatcher.ended(2, 10, false);
  dispatcher.ended(0, 20, false);
  EXPECT_TRUE(take_all(dispatcher, 25).empty());
  dispatcher.ended(1, 30, false);
  EXPECT_EQ(take_all(dispatcher, 31), (std::vector<Sent>{{3, 30, 31}, {4, 30, 31}, {5, 30, 31}}));
}

TEST(Dispatcher, nothing_begins_after_the_duration_and_what_runs_is_awaited) {
  const std::vector<PlannedRequest> plan(10);
  Dispatcher dispatcher(plan, all_of(plan), {.places = 1, .duration_ns = 100});
  dispatcher.begin(1000);
  take_all(dispatcher, 1000);
  dispatcher.ended(0, 1100, false);
  EXPECT_EQ(take_all(dispatcher, 1100).size(), 1u) << "at the very end";
  EXPECT_FALSE(dispatcher.over());
  dispatcher.ended(1, 1101, false);
  EXPECT_TRUE(take_all(dispatcher, 1101).empty());
  EXPECT_TRUE(dispatcher.over());
}

TEST(Dispatcher, mlperfs_rule_goes_on_until_both_time_and_count_are_enough) {
  const std::vector<PlannedRequest> plan(100);
  const auto sent_with = [&](std::int64_t enough_ns, std::size_t enough_units) {
    Dispatcher dispatcher(plan, all_of(plan), {.places = 1, .enough_ns = enough_ns, .enough_units = enough_units});
    dispatcher.begin(0);
    std::size_t sent = 0;
    for (std::int64_t now = 0; !dispatcher.over(); now += 10) {
      const auto taken = take_all(dispatcher, now);
      sent += taken.size();
      for (const Sent& one : taken) dispatcher.ended(one.request, now + 10, false);
    }
    return sent;
  };
  EXPECT_EQ(sent_with(100, 3), 11u) << "the time decides: the one at 100 is the last";
  EXPECT_EQ(sent_with(100, 50), 50u) << "the count decides";
  EXPECT_EQ(sent_with(1'000'000, 3), 100u) << "the plan is all there is";
}

TEST(Dispatcher, after_a_stop_nothing_is_taken_and_it_is_over_when_all_have_ended) {
  std::vector<PlannedRequest> plan(5);
  Dispatcher dispatcher(plan, all_of(plan), {.places = 2});
  dispatcher.begin(0);
  take_all(dispatcher, 0);
  dispatcher.stop();
  dispatcher.ended(0, 10, false);
  EXPECT_TRUE(take_all(dispatcher, 20).empty());
  EXPECT_FALSE(dispatcher.over());
  dispatcher.ended(1, 30, true);
  EXPECT_TRUE(dispatcher.over());
}

TEST(SplitPlan, gives_every_loop_whole_units_in_turn) {
  std::vector<PlannedRequest> plan(7);
  plan[0].warmup = true;
  plan[1].group = plan[2].group = 0;
  plan[2].turn = 1;
  const auto parts = split_plan(plan, false, 2);
  EXPECT_EQ(parts[0], (std::vector<std::uint32_t>{1, 2, 4, 6}));
  EXPECT_EQ(parts[1], (std::vector<std::uint32_t>{3, 5}));
  EXPECT_EQ(split_plan(plan, true, 2)[0], (std::vector<std::uint32_t>{0}));
}

}  // namespace
}  // namespace tokenmark
