#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "core/node/agent.h"
#include "tests/core/node/fake_agent.h"

namespace tokenmark {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Agent : public FakeAgentTest {
 protected:
  std::unique_ptr<AgentConnection> open(const std::string& mode, const AgentLimits& limits = {}) {
    auto agent = AgentConnection::open(LocalNode{}, program(mode), limits);
    EXPECT_TRUE(agent) << agent.error().message;
    return agent ? std::move(*agent) : nullptr;
  }
  Error run_fails(const std::string& mode, const AgentLimits& limits = {}) {
    const auto agent = open(mode, limits);
    const auto outcome = agent->run(point(), {}, {});
    EXPECT_FALSE(outcome);
    alive_after = agent->alive();
    return outcome ? Error{} : outcome.error();
  }
  bool alive_after = false;
};

TEST_F(Agent, a_point_runs_and_gives_facts_log_and_progress) {
  const auto agent = open("good");
  EXPECT_EQ(agent->environment()["cpu"], "fake");
  std::string phase;
  for (int i = 0; i < 2; ++i) {  // one connection, several points
    const auto outcome = agent->run(point(2),
                                    [&](const std::string& now, const LoadProgress& load) {
                                      phase = now;
                                      EXPECT_EQ(load.requests, 4);
                                    },
                                    {});
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->facts.model, "fake");
    EXPECT_TRUE(outcome->facts.random_weights);
    EXPECT_EQ(outcome->log.requests.size(), 4u);
  }
  EXPECT_EQ(phase, "measuring");
  EXPECT_TRUE(agent->alive());
}

TEST_F(Agent, a_failed_point_keeps_its_kind_and_the_agent_lives_on) {
  const Error error = run_fails("failed");
  EXPECT_EQ(error.kind, ErrorKind::exhausted);
  EXPECT_EQ(error.message, "not enough memory for this");
  EXPECT_TRUE(alive_after);
}

TEST_F(Agent, a_cancel_ends_the_point_and_not_the_agent) {
  const auto agent = open("until_cancelled");
  for (int i = 0; i < 2; ++i) {
    std::stop_source stop;
    const auto outcome = agent->run(
        point(), [&](const std::string&, const LoadProgress&) { stop.request_stop(); }, stop.get_token());
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::cancelled);
    EXPECT_TRUE(agent->alive());
  }
}

TEST_F(Agent, one_that_does_not_heed_a_cancel_is_ended) {
  const auto agent = open("mute", {.cancel = std::chrono::milliseconds(200)});
  std::stop_source stop;
  const auto outcome = agent->run(
      point(), [&](const std::string&, const LoadProgress&) { stop.request_stop(); }, stop.get_token());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::cancelled);
  EXPECT_FALSE(agent->alive());
}

TEST_F(Agent, a_missing_program_is_named) {
  const auto agent = AgentConnection::open(LocalNode{}, "/nowhere/tokenmark-cli");
  ASSERT_FALSE(agent);
  EXPECT_THAT(agent.error().message, HasSubstr("/nowhere/tokenmark-cli"));
}

TEST_F(Agent, another_version_of_the_protocol_is_refused) {
  const auto agent = AgentConnection::open(LocalNode{}, program("version"));
  ASSERT_FALSE(agent);
  EXPECT_EQ(agent.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(agent.error().message,
              AllOf(HasSubstr("speaks protocol 7 (version '9.9')"), HasSubstr("install the same version")));
}

TEST_F(Agent, a_banner_on_its_output_is_named) {
  const auto agent = AgentConnection::open(LocalNode{}, program("banner"));
  ASSERT_FALSE(agent);
  EXPECT_EQ(agent.error().kind, ErrorKind::protocol);
  EXPECT_THAT(agent.error().message, HasSubstr("'Welcome to this host!'"));
}

TEST_F(Agent, silence_instead_of_a_greeting_is_an_error) {
  const auto agent =
      AgentConnection::open(LocalNode{}, program("silent"), {.handshake = std::chrono::milliseconds(200)});
  ASSERT_FALSE(agent);
  EXPECT_THAT(agent.error().message, HasSubstr("said nothing"));
}

TEST_F(Agent, a_lost_one_says_how_it_ended_and_what_it_said) {
  const Error ended = run_fails("exit");
  EXPECT_EQ(ended.kind, ErrorKind::unavailable);
  EXPECT_THAT(ended.message, AllOf(HasSubstr("exit status 3"), HasSubstr("out of luck")));
  EXPECT_FALSE(alive_after);
  const auto agent = open("die_at_2");
  const auto outcome = agent->run(point(2), {}, {});
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("killed by signal 9"));
  EXPECT_FALSE(agent->run(point(), {}, {}));  // and stays lost
}

TEST_F(Agent, hostile_messages_are_refused_by_name) {
  EXPECT_THAT(run_fails("garbage").message, HasSubstr("Segmentation fault, sorry"));
  EXPECT_FALSE(alive_after);
  EXPECT_THAT(run_fails("long_line").message, HasSubstr("longer than"));
  EXPECT_THAT(run_fails("huge_block").message, HasSubstr("a block of 1099511627776 bytes"));
  EXPECT_THAT(run_fails("bad_block").message, HasSubstr("its result cannot be used"));
  EXPECT_EQ(run_fails("short_block").kind, ErrorKind::unavailable);
  EXPECT_THAT(run_fails("mute", {.silence = std::chrono::milliseconds(200)}).message,
              HasSubstr("said nothing"));
}

TEST_F(Agent, one_that_does_not_leave_is_killed) {
  auto agent = open("stubborn");
  agent.reset();  // returns: the child is gone, or this test hangs until its limit
}

}  // namespace
}  // namespace tokenmark
