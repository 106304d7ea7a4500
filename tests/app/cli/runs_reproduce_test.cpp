// A stored run is measured again by what `runs reproduce` prints, with a shell and the real program.
#include <gmock/gmock.h>

#include "core/store/store.h"
#include "tests/app/cli/program.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

constexpr const char* kSweep = R"yaml(name: "it's a sweep: $(no)"
target: {engine: {model: "shape:stories260k:f32", threads: 1}}
workload: {input: 8, output: 4, range_ratio: 0.5, seed: 3}
load: {requests_per_concurrency: 2, warmups_per_concurrency: 0}
axes: {concurrency: [1, 2]}
repeats: 2
)yaml";

class RunsReproduce : public CliTest {
 protected:
  std::vector<RunRow> rows() {
    const auto store = Store::open(folder / "tokenmark" / "runs.db");
    EXPECT_TRUE(store) << store.error().message;
    return store ? *(*store)->runs() : std::vector<RunRow>();
  }
};

TEST_F(RunsReproduce, the_printed_command_measures_the_same_point_again_in_a_shell) {
  const auto ran = cli({"run", write("s.yaml", kSweep)});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const std::vector<RunRow> before = rows();
  ASSERT_EQ(before.size(), 4u);
  const RunRow& wanted = before.front();
  const auto printed = cli({"runs", "reproduce", std::to_string(wanted.id), "--only", "command"});
  ASSERT_EQ(printed.code, 0) << printed.err;
  const std::string path = std::filesystem::path(TOKENMARK_CLI).parent_path().string() + ":" + getenv("PATH");
  const std::string script = write("again.sh", "export PATH='" + path + "' XDG_DATA_HOME='" + folder.string() + "' XDG_CACHE_HOME='" + file("cache") + "'\n" + printed.out);
  ASSERT_EQ(std::system(("sh -e " + script + " >/dev/null 2>" + file("said")).c_str()), 0) << content(file("said"));
  const std::vector<RunRow> after = rows();
  ASSERT_EQ(after.size(), 6u);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(after[static_cast<std::size_t>(i)].configuration_key, wanted.configuration_key);
    EXPECT_EQ(after[static_cast<std::size_t>(i)].state, RunState::done);
    EXPECT_EQ(after[static_cast<std::size_t>(i)].sweep_name, "it's a sweep: $(no)");
  }
}

TEST_F(RunsReproduce, json_and_wrong_usage) {
  ASSERT_EQ(cli({"run", write("s.yaml", kSweep)}).code, 0);
  const auto made = document({"runs", "reproduce", "1", "--json"});
  EXPECT_THAT(made["sweep"]["text"].get<std::string>(), HasSubstr("repeats: 2"));
  EXPECT_THAT(made["server"]["text"].get<std::string>(), HasSubstr("tokenmark-cli serve --model shape:stories260k:f32 --device cpu --threads 1"));
  EXPECT_EQ(cli({"runs", "reproduce", "99"}).code, 2);
  EXPECT_EQ(cli({"runs", "reproduce", "1", "--only", "luck"}).code, 2);
}

}  // namespace
}  // namespace tokenmark
