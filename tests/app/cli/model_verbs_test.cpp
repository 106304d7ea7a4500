// The verbs tokenize and model, run as a user runs them.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
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

class ModelFiles : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  nlohmann::json json(const std::string& arguments) {
    const Ran ran = run(arguments + " --json");
    EXPECT_EQ(ran.code, 0) << arguments;
    return nlohmann::json::parse(ran.output, nullptr, false);
  }
  fs::path folder_ = fs::temp_directory_path() / ("tokenmark-model-verbs-" + std::to_string(getpid()));
};

TEST_F(ModelFiles, a_model_is_converted_with_the_error_of_every_tensor) {
  const auto report = json("model make --from shape:stories260k:f32 --format q4_0 --embedding-format f16 -o " + file("q4.gguf"));
  EXPECT_LT(report["bytes_after"], report["bytes_before"]);
  EXPECT_GT(report["relative_error"], 0.01);
  EXPECT_LT(report["relative_error"], 0.2);
  for (const auto& tensor : report["tensors"]) {
    if (tensor["name"] == "token_embd.weight") {
      EXPECT_EQ(tensor["to"], "f16");
    }
    if (tensor["name"] == "blk.0.attn_q.weight") {
      EXPECT_EQ(tensor["to"], "q4_0");
    }
    if (tensor["name"] == "blk.0.ffn_down.weight") {  // 172 columns
      EXPECT_EQ(tensor["fell_back"], true);
    }
    if (tensor["name"] == "blk.0.attn_norm.weight") {
      EXPECT_EQ(tensor["relative_error"], 0);
    }
  }
  EXPECT_EQ(json("model info " + file("q4.gguf"))["weight_bytes"], report["bytes_after"]);
  const auto planned = json("model make --from shape:stories260k:f32 --format q4_0 --embedding-format f16 --dry-run");
  EXPECT_EQ(planned["bytes_after"], report["bytes_after"]);
  EXPECT_EQ(planned["tensors"].size(), report["tensors"].size());
  EXPECT_FALSE(planned.contains("relative_error"));
  EXPECT_NE(run("model make --from shape:stories260k:f32 --format q8_0 -o " + file("q8.gguf")).output.find("f32 → q8_0"),
            std::string::npos);
}

// A copy of a GGUF file with one more key before the others: its chat template. The length of what is put in stays a
// multiple of the tensors' alignment.
void write_with_template(const std::string& from, const std::string& to, std::string chat_template) {
  std::ifstream in(from, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto number = [](auto value) { return std::string(reinterpret_cast<const char*>(&value), sizeof value); };
  const std::string key = "tokenizer.chat_template";
  const std::string head = number(std::uint64_t{key.size()}) + key + number(std::uint32_t{8});
  while ((head.size() + 8 + chat_template.size()) % 64 != 0) chat_template += ' ';
  std::uint64_t keys = 0;
  std::memcpy(&keys, bytes.data() + 16, sizeof keys);
  bytes.replace(16, 8, number(keys + 1));
  bytes.insert(24, head + number(std::uint64_t{chat_template.size()}) + chat_template);
  std::ofstream(to, std::ios::binary) << bytes;
}

TEST_F(ModelFiles, a_chat_template_that_cannot_be_used_is_named_with_line_and_reason) {
  ASSERT_EQ(run("model make --shape stories260k --format q8_0 -o " + file("plain.gguf")).code, 0);
  EXPECT_FALSE(json("model info " + file("plain.gguf")).contains("chat_template_error"));
  write_with_template(file("plain.gguf"), file("good.gguf"), "{{ messages[0].content }}");
  const auto good = json("model info " + file("good.gguf"));
  EXPECT_EQ(good["facts"]["chat template"], "present");
  EXPECT_FALSE(good.contains("chat_template_error"));
  write_with_template(file("plain.gguf"), file("bad.gguf"), "{{ messages[0].content }}\n{% import 'x' %}");
  const auto bad = json("model info " + file("bad.gguf"));
  EXPECT_EQ(bad["chat_template"], true);
  EXPECT_EQ(bad["chat_template_error"].get<std::string>().find("the template's line 2: "), 0u);
  const Ran said = run("model info " + file("bad.gguf"));
  EXPECT_NE(said.output.find("cannot be used, a chat is refused: the template's line 2: "), std::string::npos) << said.output;
}

TEST_F(ModelFiles, layers_are_dropped_by_number_or_by_what_a_text_says) {
  std::ofstream(file("text")) << std::string(3000, 'a') << " and some more words";
  const auto list = json("model prune --model shape:stories260k:f32 --drop-layers 1,3-4 -o " + file("a.gguf"));
  EXPECT_EQ(list["dropped_layers"], (nlohmann::json{1, 3, 4}));
  EXPECT_EQ(json("model info " + file("a.gguf"))["layers"], 2);
  const auto measured = json("model prune --model shape:stories260k:f32 --drop 2 --tokens 64 --text " + file("text") + " -o " + file("b.gguf"));
  EXPECT_EQ(measured["layers_after"], 3);
  const auto& runs = measured["distances"]["of_each_run"];
  ASSERT_EQ(runs.size(), 4u);
  const auto first = static_cast<std::size_t>(std::min_element(runs.begin(), runs.end()) - runs.begin());
  EXPECT_EQ(measured["dropped_layers"], (nlohmann::json{first, first + 1}));
  EXPECT_EQ(json("model info " + file("b.gguf"))["layers"], 3);
}

TEST_F(ModelFiles, wrong_requests_are_wrong_usage_and_leave_nothing) {
  const std::string to = " -o " + file("x.gguf");
  EXPECT_EQ(run("model make" + to).code, 2);
  EXPECT_EQ(run("model make --shape stories260k" + to).code, 2);
  EXPECT_EQ(run("model make --shape stories260k --from shape:stories260k:f32 --format f16" + to).code, 2);
  EXPECT_EQ(run("model make --from shape:stories260k:f32 --format q9" + to).code, 2);
  EXPECT_EQ(run("model make --from shape:stories260k:f32 --format q8_0 --output-format f16" + to).code, 2);  // tied
  EXPECT_EQ(run("model prune --model shape:stories260k:f32" + to).code, 2);
  EXPECT_EQ(run("model prune --model shape:stories260k:f32 --drop 2" + to).code, 2);
  EXPECT_EQ(run("model prune --model shape:stories260k:f32 --drop-layers 5" + to).code, 2);
  EXPECT_EQ(run("model prune --model shape:stories260k:f32 --drop-layers 0-4" + to).code, 2);
  EXPECT_TRUE(fs::is_empty(folder_));
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
