#include "engine/model/write_model.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>

#include "engine/tokenizer/tokenizer.h"
#include "engine/model/random_weights.h"
#include "tests/engine/model/tiny_models.h"

namespace tokenmark {
namespace {

namespace fs = std::filesystem;

class WriteModel : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("tokenmark-write-" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path() const { return (folder_ / "model.gguf").string(); }
  std::size_t files() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {})); }
  fs::path folder_;
};

std::vector<std::byte> bytes_of(const Model& model, const std::string& name) {
  const Tensor* tensor = model.weights->find(name);
  EXPECT_NE(tensor, nullptr) << name;
  std::vector<std::byte> bytes(tensor ? tensor->bytes : 0);
  if (tensor) {
    EXPECT_TRUE(model.weights->read(*tensor, bytes.data()));
  }
  return bytes;
}

TEST_F(WriteModel, a_written_shape_opens_as_the_same_model) {
  for (const char* format : {"f32", "f16", "bf16", "q8_0", "q4_0"}) {
    const auto shape = make_shape_specification("stories260k", format, 3);
    ASSERT_TRUE(shape);
    const auto written = write_random_model(*shape, path());
    ASSERT_TRUE(written) << written.error().message;
    const auto file = open_model(path());
    ASSERT_TRUE(file) << file.error().message;
    const auto made = open_model(fmt::format("shape:stories260k:{}:3", format));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(file->random_weights);
    EXPECT_EQ(file->description.parameters, made->description.parameters);
    EXPECT_EQ(file->description.weight_bytes, made->description.weight_bytes);
    EXPECT_EQ(file->description.format, made->description.format);
    EXPECT_EQ(file->description.context, made->description.context);
    for (const Tensor& tensor : made->weights->tensors())
      EXPECT_EQ(bytes_of(*file, tensor.name), bytes_of(*made, tensor.name)) << tensor.name;
    const std::string text = random_text(*made->tokenizer, 40, 1);
    EXPECT_EQ(file->tokenizer->encode(text, true), made->tokenizer->encode(text, true));
    EXPECT_EQ(file->tokenizer->eos(), made->tokenizer->eos());
    EXPECT_EQ(files(), 1u);
  }
}

TEST_F(WriteModel, every_architecture_is_written_as_other_programs_name_it) {
  for (const Architecture& row : architectures()) {
    const ShapeSpecification shape{tiny_description(row.name), Format::q8_0, 3, ""};
    const auto written = write_random_model(shape, path());
    ASSERT_TRUE(written) << written.error().message;
    const auto file = open_model(path());
    ASSERT_TRUE(file) << row.name << ": " << file.error().message;
    const RandomWeights made(shape_tensors(shape.description, shape.format), shape.seed);
    for (const Tensor& tensor : made.tensors()) {
      std::vector<std::byte> bytes(tensor.bytes);
      ASSERT_TRUE(made.read(tensor, bytes.data()));
      EXPECT_EQ(bytes_of(*file, tensor.name), bytes) << row.name << " " << tensor.name;
    }
    const auto headers = (*GgufFile::open(path()))->tensor_headers();
    EXPECT_EQ(std::any_of(headers.begin(), headers.end(),
                          [](const GgufTensor& one) { return one.name == "blk.0.post_attention_norm.weight"; }),
              row.name == "gpt-oss");
  }
}

TEST_F(WriteModel, llama3_scaling_travels_as_a_tensor) {
  auto shape = make_shape_specification("stories260k", "q8_0", 0);
  ASSERT_TRUE(shape);
  shape->description.rope_scaling = {RopeScalingKind::llama3, 8, 1, 4, 64};
  ASSERT_TRUE(write_random_model(*shape, path()));
  const auto file = open_model(path());
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->description.rope_scaling.kind, RopeScalingKind::none);
  const auto bytes = bytes_of(*file, "rope_freqs.weight");
  std::vector<float> divisors(bytes.size() / sizeof(float));
  std::memcpy(divisors.data(), bytes.data(), bytes.size());
  EXPECT_EQ(divisors, llama3_rope_divisors(shape->description));
}

TEST_F(WriteModel, a_full_disk_is_an_error_and_leaves_nothing) {
  const auto shape = make_shape_specification("stories260k", "f32", 0);
  ASSERT_TRUE(shape);
  // A limit on the size of files stands in for the disk's end.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit limit = before;
  limit.rlim_cur = 100'000;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);
  const auto written = write_random_model(*shape, path());
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::exhausted);
  EXPECT_THAT(written.error().message, testing::HasSubstr(path()));
  EXPECT_EQ(files(), 0u);
}

TEST_F(WriteModel, a_disk_that_is_too_small_is_said_before_writing) {
  const auto shape = make_shape_specification("llama-3.1-405b", "f32", 0);
  ASSERT_TRUE(shape);
  const auto written = write_random_model(*shape, path());
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::exhausted);
  EXPECT_THAT(written.error().message, testing::HasSubstr("the disk has"));
  EXPECT_EQ(files(), 0u);
}

TEST_F(WriteModel, a_stop_leaves_nothing) {
  const auto shape = make_shape_specification("stories260k", "f32", 0);
  ASSERT_TRUE(shape);
  std::stop_source stop;
  WriteProgress progress;
  progress.stop = stop.get_token();
  progress.report = [&](double share) {
    if (share > 0.5) stop.request_stop();
  };
  const auto written = write_random_model(*shape, path(), progress);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(files(), 0u);
}

TEST_F(WriteModel, what_was_there_survives_a_failure) {
  std::ofstream(path()) << "precious";
  const auto shape = make_shape_specification("llama-3.1-405b", "f32", 0);
  ASSERT_FALSE(write_random_model(*shape, path()));
  std::ifstream file(path());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "precious");
}

TEST_F(WriteModel, a_place_that_cannot_be_written_is_named) {
  const auto shape = make_shape_specification("stories260k", "f32", 0);
  ASSERT_TRUE(shape);
  const auto folder = write_random_model(*shape, folder_.string());
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, testing::HasSubstr("is a folder"));
  const auto nowhere = write_random_model(*shape, path() + "/x/y.gguf");
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, testing::HasSubstr("cannot be created"));
}

}  // namespace
}  // namespace tokenmark
