// The verb generate as a person calls it.
#include <gmock/gmock.h>

#include "tests/app/cli/program.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Generate : public CliTest {
 protected:
  // A model that drafts for itself.
  std::vector<std::string> arguments(const std::vector<std::string>& more) const {
    const std::string model = "shape:stories260k:f32";
    std::vector<std::string> all = {"generate", "--model", model, "--prompt", "a b c", "--max-tokens", "40", "--temperature", "0",
                                    "--kv-format", "f32", "--threads", "1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  const std::vector<std::string> self = {"--speculate", "draft:shape:stories260k:f32", "--draft-tokens", "3"};
};

TEST_F(Generate, the_share_of_accepted_drafts_is_told_by_place) {
  std::vector<std::string> more = self;
  more.push_back("--json");
  const json plain = document(arguments({"--json"})), drafted = document(arguments(more));
  EXPECT_FALSE(plain.contains("speculation"));
  EXPECT_EQ(drafted["ids"], plain["ids"]);
  const json& speculation = drafted["speculation"];
  EXPECT_GT(speculation["drafted_tokens"], 20);
  EXPECT_EQ(speculation["acceptance"], 1.0);
  EXPECT_EQ(speculation["acceptance_at"], json({1.0, 1.0, 1.0}));
}

TEST_F(Generate, people_read_it_on_standard_error) {
  const Ran plain = cli(arguments({"--ids"}));
  std::vector<std::string> more = self;
  more.push_back("--ids");
  const Ran drafted = cli(arguments(more));
  EXPECT_EQ(drafted.code, 0) << drafted.err;
  EXPECT_EQ(drafted.out, plain.out);
  EXPECT_THAT(plain.err, testing::Not(HasSubstr("drafted")));
  EXPECT_THAT(drafted.err, HasSubstr("drafted tokens were accepted: 100.0 %; by place in the draft 100.0 %, 100.0 %, 100.0 %"));
}

}  // namespace
}  // namespace tokenmark
