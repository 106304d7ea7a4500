// The verbs tokenize and model, run as a user runs them.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace {

namespace fs = std::filesystem;

struct Ran {
  int code = -1;
  std::string output;  // standard output
};

Ran run(const std::string& arguments) {
  std::FILE* pipe = popen(("2>/dev/null " TOKENMARK_CLI " " + arguments).c_str(), "r");
  Ran ran;
  if (!pipe) return ran;
  char part[4096];
  while (const std::size_t count = std::fread(part, 1, sizeof(part), pipe)) ran.output.append(part, count);
  const int status = pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

TEST(TokenizeVerb, ids_come_out_and_go_back_in) {
  const std::string model = " tokenize --model shape:stories260k:f32 ";
  const Ran ids = run(model + "< /dev/null");
  EXPECT_EQ(ids.code, 0);
  EXPECT_EQ(ids.output, "\n");
  const Ran json = run(model + "--json <<'E'\nHi ba\nE");
  ASSERT_EQ(json.code, 0);
  const auto document = nlohmann::json::parse(json.output);
  EXPECT_EQ(document["ids"], (nlohmann::json{'H', 'i', 258, '\n'}));
  const Ran back = run(model + "--decode <<'E'\n72 105 258 10\nE");
  EXPECT_EQ(back.output, "Hi ba\n");
  const Ran json_back = run(model + "--decode <<'E'\n" + json.output + "\nE");
  EXPECT_EQ(json_back.output, "Hi ba\n");
}

TEST(TokenizeVerb, what_is_no_token_id_is_wrong_usage) {
  const std::string model = " tokenize --decode --model shape:stories260k:f32 ";
  EXPECT_EQ(run(model + "<<'E'\n512\nE").code, 2);
  EXPECT_EQ(run(model + "<<'E'\n-1\nE").code, 2);
  EXPECT_EQ(run(model + "<<'E'\nword\nE").code, 2);
  EXPECT_EQ(run("tokenize < /dev/null").code, 2);
}

TEST(ModelVerb, a_made_file_has_the_facts_of_its_shape) {
  const fs::path path = fs::temp_directory_path() / ("tokenmark-cli-" + std::to_string(getpid()) + ".gguf");
  EXPECT_EQ(run("model make --shape stories260k --format q8_0 -o " + path.string()).code, 0);
  const Ran made = run("model info --hash --json " + path.string()), shape = run("model info --json shape:stories260k:q8_0");
  fs::remove(path);
  ASSERT_EQ(made.code, 0);
  ASSERT_EQ(shape.code, 0);
  const auto file = nlohmann::json::parse(made.output), known = nlohmann::json::parse(shape.output);
  for (const char* key : {"parameters", "layers", "width", "vocabulary", "context", "weight_bytes", "format",
                          "random_weights", "kv_bytes_per_token_f16"})
    EXPECT_EQ(file[key], known[key]) << key;
  EXPECT_EQ(file["hash"].get<std::string>().size(), 7u + 64);
}

TEST(ModelVerb, shapes_are_listed_and_unknown_ones_refused) {
  const auto document = nlohmann::json::parse(run("model list --json").output);
  EXPECT_GE(document["shapes"].size(), 8u);
  EXPECT_EQ(run("model info shape:nothing:q4_0").code, 2);
  EXPECT_EQ(run("model make --shape stories260k --format q9 -o /dev/null/x").code, 2);
  EXPECT_EQ(run("model info /no/such/file.gguf").code, 2);
}

}  // namespace
