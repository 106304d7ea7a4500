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

TEST(ModelVerb, info_explains_a_mixture_in_words_and_as_json) {
  const Ran text = run("model info shape:gpt-oss-20b:mxfp4");
  EXPECT_EQ(text.code, 0);
  for (const char* part : {"4 of 32 experts of width 2880", "with sinks", "a window of 128 tokens except in one layer of 2",
                           "YaRN by 32", "20.91B", "of which a token uses 3.61B", "random weights"})
    EXPECT_NE(text.output.find(part), std::string::npos) << part;
  const auto document = nlohmann::json::parse(run("model info --json --tensors shape:deepseek-v3-1.1b:q4_k").output);
  EXPECT_EQ(document["experts"]["count"], 64);
  EXPECT_EQ(document["latent"]["kv_lora"], 512);
  EXPECT_EQ(document["kv_bytes_per_token"]["bf16"], 11 * 576 * 2);  // of ten layers and the MTP layer
  std::uint64_t bytes = 0, listed = 0;
  for (const auto& share : document["formats"]) bytes += share["bytes"].get<std::uint64_t>();
  for (const auto& tensor : document["all_tensors"]) listed += tensor["bytes"].get<std::uint64_t>();
  EXPECT_EQ(bytes, document["weight_bytes"]);
  EXPECT_EQ(listed, document["weight_bytes"]);
  EXPECT_GT(document["fit"]["needed_bytes"].get<std::uint64_t>(), document["weight_bytes"].get<std::uint64_t>());
}

}  // namespace
