#include "core/node/wire.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <random>

namespace tokenmark {
namespace {

struct Pipe {
  Pipe() { EXPECT_EQ(pipe(ends), 0); }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
  int ends[2];
};

TEST(Wire, messages_and_blocks_arrive_whole_and_in_order) {
  Pipe pipe;
  Outbox outbox(pipe.ends[1]);
  const std::string block("\n{\0}\n", 5);
  ASSERT_TRUE(outbox.send({{"a", {{"block", block.size()}}}}, block));
  ASSERT_TRUE(outbox.send({{"b", nlohmann::json::object()}}));
  Inbox inbox;
  ASSERT_TRUE(inbox.receive(pipe.ends[0]));
  auto first = inbox.next_message();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((**first)["a"]["block"], 5);
  EXPECT_EQ(inbox.next_block(5), block);
  auto second = inbox.next_message();
  ASSERT_TRUE(second && *second);
  EXPECT_TRUE((*second)->contains("b"));
  EXPECT_FALSE(*inbox.next_message());
}

TEST(Wire, what_is_no_message_is_refused) {
  for (const std::string line :
       {"hello", "[]", "{}", "{\"a\": 1}", "{\"a\": {}, \"b\": {}}", "", "\xff\xfe", "{\"a\": {}"}) {
    Pipe pipe;
    ASSERT_EQ(write(pipe.ends[1], (line + "\n").data(), line.size() + 1),
              static_cast<ssize_t>(line.size() + 1));
    Inbox inbox;
    ASSERT_TRUE(inbox.receive(pipe.ends[0]));
    EXPECT_FALSE(inbox.next_message()) << line;
  }
}

TEST(Wire, a_peer_that_is_gone_is_an_error) {
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  Outbox outbox(ends[1]);
  EXPECT_FALSE(outbox.send({{"a", nlohmann::json::object()}}));
  close(ends[1]);
}

}  // namespace
}  // namespace tokenmark
