// The verb prices, and that frontier prices with the user's sets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/cli/program.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

class PricesCli : public testing::Test {
 protected:
  PricesCli() { std::filesystem::create_directories(folder_); }
  ~PricesCli() override { std::filesystem::remove_all(folder_); }
  struct Outcome {
    int code;
    std::string out, err;
  };
  Outcome cli(const std::string& arguments) {
    const std::string command = "XDG_DATA_HOME='" + folder_.string() + "' XDG_CONFIG_HOME='" + folder_.string() + "' '" TOKENMARK_CLI "' " + arguments + " >'" +
                                (folder_ / "out").string() + "' 2>'" + (folder_ / "err").string() + "'";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(folder_ / "out"), content(folder_ / "err")};
  }
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("tokenmark-prices-" + std::to_string(getpid()));
  std::filesystem::path file_ = folder_ / "tokenmark" / "prices.json";
};

TEST_F(PricesCli, sets_are_listed_shown_copied_edited_used_and_deleted) {
  EXPECT_THAT(cli("prices list").out, HasSubstr("InferenceX 2026-07"));
  EXPECT_THAT(cli("prices show").out, HasSubstr("h200"));
  ASSERT_EQ(cli("prices copy 'InferenceX 2026-07' mine").code, 0);
  ASSERT_EQ(cli("prices set b200 --in mine --kw 3 --dollars hyperscaler=10 --dollars neocloud=20").code, 0);
  const auto cost = [&](const std::string& more) {
    const auto shown = cli("frontier --samples --y dollars_per_mtok --at 150 --json " + more);
    EXPECT_EQ(shown.code, 0) << shown.err;
    return nlohmann::json::parse(shown.out);
  };
  EXPECT_EQ(cost("--prices mine")["price_set"], "mine");
  EXPECT_EQ(cost("--price-set mine")["price_set"], "mine");
  EXPECT_EQ(cost("")["price_set"], "InferenceX 2026-07");
  ASSERT_EQ(cli("prices default mine --tier neocloud").code, 0);
  EXPECT_EQ(cost("")["price_set"], "mine");
  EXPECT_EQ(cost("")["tier"], "neocloud");
  EXPECT_EQ(cli("prices delete mine").code, 0);
  EXPECT_EQ(cost("")["price_set"], "InferenceX 2026-07") << "a default that is gone";
  EXPECT_EQ(cli("prices delete 'InferenceX 2026-07'").code, 2);
}

TEST_F(PricesCli, sets_go_through_files_without_overwriting) {
  const std::string path = (folder_ / "s.json").string();
  ASSERT_EQ(cli("prices export 'InferenceX 2026-07' -o '" + path + "'").code, 0);
  EXPECT_THAT(cli("prices import '" + path + "'").out, HasSubstr("InferenceX 2026-07 2"));
  std::ofstream(path) << "{\"sets\": 1}";
  const auto refused = cli("prices import '" + path + "'");
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("s.json"));
}

TEST_F(PricesCli, a_device_of_the_users_own_has_its_price_in_every_set) {
  ASSERT_EQ(cli("prices set 'EPYC 9654' --kw 0.45 --dollars hyperscaler=0.9").code, 0);
  EXPECT_THAT(cli("prices show 'InferenceMAX 2025-08'").out, HasSubstr("EPYC 9654 (your own)"));
  for (const char* wrong : {"--kw 0", "--kw 1 --dollars spot=1", "--kw 1 --dollars hyperscaler=x", "--kw 1 --dollars hyperscaler"})
    EXPECT_EQ(cli(std::string("prices set x ") + wrong).code, 2) << wrong;
}

TEST_F(PricesCli, a_damaged_file_is_said_set_aside_and_the_work_goes_on) {
  std::filesystem::create_directories(file_.parent_path());
  std::ofstream(file_) << "{\"version\": 1, \"sets\": [";
  const auto shown = cli("prices list");
  EXPECT_EQ(shown.code, 0);
  EXPECT_THAT(shown.err, HasSubstr("prices.json.damaged"));
  EXPECT_TRUE(std::filesystem::exists(file_.string() + ".damaged"));
}

}  // namespace
}  // namespace tokenmark
