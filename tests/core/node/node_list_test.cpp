#include "core/node/node_list.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <fstream>

#include "core/node/ssh.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

class NodeListTest : public testing::Test {
 protected:
  NodeListTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tokenmark-nodes-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    file_ = folder_ / "deep/nodes.json";
  }
  ~NodeListTest() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& text) {
    std::filesystem::create_directories(file_.parent_path());
    std::ofstream(file_) << text;
  }
  std::string refused(const std::string& text) {
    write(text);
    const auto nodes = read_nodes(file_);
    return nodes ? "" : nodes.error().message;
  }
  std::filesystem::path folder_, file_;
};

TEST_F(NodeListTest, nodes_come_back_as_they_were_written) {
  const std::vector<SshNode> nodes = {{.host = "user@box", .agent = "~/bin/cli", .options = {"-p", "2222"}, .name = "box"}, {.host = "other", .name = "b.2"}};
  ASSERT_TRUE(write_nodes(file_, nodes));
  const auto read = read_nodes(file_);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, nodes);
  EXPECT_EQ(node_name(read->at(0)), "box");
}

TEST_F(NodeListTest, a_list_that_is_not_there_is_empty) { EXPECT_TRUE(read_nodes(file_)->empty()); }

TEST_F(NodeListTest, what_is_wrong_is_named) {
  EXPECT_THAT(refused("[]"), HasSubstr("nodes.json"));
  EXPECT_THAT(refused(R"({"nodes": [{"name": "a"}]})"), HasSubstr("node 1: 'ssh' must be a text"));
  EXPECT_THAT(refused(R"({"nodes": [{"name": "a", "ssh": "h", "port": 22}]})"), HasSubstr("'port' is not known"));
  EXPECT_THAT(refused(R"({"nodes": [{"name": "a b", "ssh": "h"}]})"), HasSubstr("'a b'"));
  EXPECT_THAT(refused(R"({"nodes": [{"name": "local", "ssh": "h"}]})"), HasSubstr("this machine already"));
  EXPECT_THAT(refused(R"({"nodes": [{"name": "a", "ssh": "-oProxyCommand=x"}]})"), HasSubstr("must be a host"));
  EXPECT_THAT(refused(R"({"nodes": [{"name": "a", "ssh": "h"}, {"name": "a", "ssh": "h"}]})"), HasSubstr("two nodes 'a'"));
  EXPECT_FALSE(write_nodes(file_, {{.host = "h", .name = ""}}));
}

TEST_F(NodeListTest, a_command_is_quoted_for_the_shell_there_and_not_here) {
  const auto there = node_command(SshNode{.host = "h", .agent = "~/it's"}, "unused", {"devices", "--json"});
  EXPECT_EQ(there.back(), R"(~/'it'\''s' 'devices' '--json')");
  EXPECT_EQ(node_command(LocalNode{}, "/bin/cli", {"agent"}), (std::vector<std::string>{"/bin/cli", "agent"}));
}

TEST_F(NodeListTest, a_command_that_hangs_is_ended_and_one_that_ends_gives_what_it_said) {
  const auto begun = std::chrono::steady_clock::now();
  const auto hung = run_command({"sh", "-c", "echo waiting >&2; sleep 60"}, std::chrono::milliseconds(300), {});
  ASSERT_FALSE(hung);
  EXPECT_THAT(hung.error().message, HasSubstr("waiting"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
  const auto ended = run_command({"sh", "-c", "echo out; echo err >&2; exit 3"}, std::chrono::seconds(20), {});
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ(ended->status, 3);
  EXPECT_EQ(ended->out, "out\n");
  EXPECT_EQ(ended->err, "err\n");
}

}  // namespace
}  // namespace tokenmark
