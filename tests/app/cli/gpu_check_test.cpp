// The stand-alone check of a GPU (tests/gpu), built without any package, run with a stand-in for the driver that runs the
// emulated kernels, and its result in the store.
#include <gmock/gmock.h>

#include "tests/app/cli/program.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class GpuCheck : public CliTest {
 protected:
  struct Done {
    int code;
    std::string out;
    json result;
  };
  // `driver`: how the stand-in behaves, empty: well.
  Done check(const std::string& driver, const std::string& arguments) {
    const auto log = folder / "log", result = folder / "result.json";
    const std::string command = "LD_LIBRARY_PATH=" TOKENMARK_FAKES "/cuda TOKENMARK_FAKE_DRIVER=" + driver + " " TOKENMARK_GPU_CHECK " --tiny -o '" + result.string() +
                                "' " + arguments + " > '" + log.string() + "' 2>&1";
    const int status = std::system(command.c_str());
    const std::string text = content(result);
    return {WEXITSTATUS(status), content(log), text.empty() ? json() : json::parse(text)};
  }
};

TEST_F(GpuCheck, ends_in_the_store) {
  const Done done = check("", "--cases embed");
  ASSERT_EQ(done.code, 0) << done.out;
  EXPECT_GT(done.result["cases"]["run"], 0);
  EXPECT_EQ(done.result["cases"]["run"], done.result["cases"]["passed"]);
  EXPECT_GT(done.result["kernels"].size(), 40u);
  ASSERT_EQ(done.result["models"].size(), 4u);

  const json imported = document({"runs", "import", (folder / "result.json").string(), "--json"});
  std::size_t runs = 0;
  for (const json& model : done.result["models"]) runs += model["decode"].size() + model["prefill"].size();
  EXPECT_EQ(imported["runs"].size(), runs);
  const json listed = document({"runs", "list", "--json"});
  EXPECT_EQ(listed["runs"].size(), runs);
  const json& step = done.result["models"][0]["decode"][0];
  bool found = false;
  for (const json& run : listed["runs"])
    if (run["model"] == done.result["models"][0]["model"] && run["concurrency"] == step["batch"] && run["input"] == step["context"]) {
      found = true;
      EXPECT_NEAR(run["output_tok_s_gpu"].get<double>(), step["tok_s"].get<double>(), 1e-6 * step["tok_s"].get<double>()) << run.dump(1);
    }
  EXPECT_TRUE(found) << listed["runs"][0].dump(1);
}

// Launches fail from the tenth on: each process gets a few cases done, and every case is told about.
TEST_F(GpuCheck, goes_on_with_a_fresh_process_when_the_device_is_lost) {
  const Done done = check("lost", "--cases tiles --benchmark none");
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.out, HasSubstr("not all kernels' tests passed"));
  const json& cases = done.result["cases"];
  EXPECT_GT(cases["passed"], 9) << done.out;  // more than one process can
  EXPECT_EQ(cases["passed"].get<std::size_t>() + cases["failed"].size(), cases["run"].get<std::size_t>());
  ASSERT_FALSE(cases["failed"].empty());
  EXPECT_THAT(cases["failed"][0]["problem"], HasSubstr("kernel 'tile"));
}

TEST_F(GpuCheck, says_what_is_wrong) {
  EXPECT_THAT(check("no-device", "").out, HasSubstr("no GPU can be used: "));
  EXPECT_THAT(check("", "--cases rows --benchmark none").out, HasSubstr("no kernel's name begins with 'rows'"));
  EXPECT_EQ(check("", "--benchmark everything").code, 2);
  EXPECT_THAT(check("", "--device cuda:7").out, HasSubstr("cuda:7"));
}

}  // namespace
}  // namespace tokenmark
