// The verb model get, over a server of the test's own on loopback; core/download has its own tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/app/cli/program.h"
#include "tests/support/file_server.h"

namespace tokenmark {
namespace {

using test::FileServer;
using testing::HasSubstr;

class ModelGet : public CliTest {
 protected:
  ModelGet() { variables["HF_ENDPOINT"] = server_.url(""); }
  std::string target() const { return file("models"); }

  std::string bytes_ = std::string(400'000, 'x');
  FileServer server_{{.bytes = bytes_}};
};

TEST_F(ModelGet, a_file_comes_into_a_folder_named_as_in_the_url) {
  const auto got = document({"model", "get", server_.url("/a/m%20x.gguf?download=true"), "--folder", target(), "--json"});
  EXPECT_EQ(got["file"], target() + "/m x.gguf");
  EXPECT_EQ(got["bytes"], bytes_.size());
  EXPECT_EQ(got["sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(got["checked"], false);
  EXPECT_EQ(content(target() + "/m x.gguf"), bytes_);
  const auto again =
      document({"model", "get", server_.url("/a/m%20x.gguf"), "--folder", target(), "--sha256", got["sha256"], "--json"});
  EXPECT_EQ(again["was_there"], true);
  EXPECT_EQ(again["checked"], true);
}

TEST_F(ModelGet, the_hubs_short_form_goes_there_with_the_token) {
  variables["HF_TOKEN"] = "secret";
  EXPECT_EQ(cli({"model", "get", "hf:owner/name/m.gguf", "-o", file("m.gguf")}).code, 0);
  EXPECT_THAT(server_.heads().back(), HasSubstr("GET /owner/name/resolve/main/m.gguf "));
  EXPECT_EQ(FileServer::header(server_.heads().back(), "Authorization"), "Bearer secret");
  FileServer other({.bytes = bytes_});
  EXPECT_EQ(cli({"model", "get", other.url(), "-o", file("n.gguf")}).code, 0);
  EXPECT_EQ(FileServer::header(other.heads().back(), "Authorization"), "");
}

TEST_F(ModelGet, what_ctrl_c_and_a_kill_stopped_goes_on_where_it_was) {
  server_.serve({.bytes = bytes_, .piece_ms = 50});
  const std::vector<std::string> get{"model", "get", server_.url(), "-o", file("m.gguf"), "--json"};
  for (const int signal : {SIGINT, SIGKILL}) {
    Program program(folder, get, variables);
    const auto size = [&] {
      std::error_code error;
      const auto bytes = std::filesystem::file_size(file("m.gguf.part"), error);
      return error ? 0 : bytes;
    };
    const auto before = size();
    ASSERT_TRUE(comes_true([&] { return size() > before; }));
    program.signal(signal);
    EXPECT_EQ(program.wait(), signal == SIGINT ? 1 : 128 + SIGKILL);
    if (signal == SIGINT) {
      EXPECT_THAT(program.err(), HasSubstr("m.gguf.part"));
    }
  }
  server_.serve({.bytes = bytes_});
  EXPECT_GT(document(get)["resumed_at_bytes"], 0);
  EXPECT_EQ(content(file("m.gguf")), bytes_);
}

TEST_F(ModelGet, failures_say_why) {
  server_.serve({.answer = "404 Not Found\r\n"});
  const Ran missing = cli({"model", "get", server_.url(), "-o", file("m.gguf")});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("HTTP 404: there is no such file"));
  server_.serve({.bytes = bytes_});
  const Ran wrong = cli({"model", "get", server_.url(), "-o", file("m.gguf"), "--sha256", std::string(64, '0')});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("m.gguf.part"));
  EXPECT_TRUE(std::filesystem::exists(file("m.gguf.part")));
  EXPECT_EQ(cli({"model", "get", "m.gguf"}).code, 2);
  EXPECT_EQ(cli({"model", "get", "hf:a/b"}).code, 2);
  EXPECT_EQ(cli({"model", "get", server_.url("/")}).code, 2);
  EXPECT_EQ(cli({"model", "get", server_.url(), "-o", "a", "--folder", "b"}).code, 2);
}

}  // namespace
}  // namespace tokenmark
