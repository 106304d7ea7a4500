#include "engine/model/write_model.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>

#include "engine/model/ordered_parts.h"
#include "engine/model/random_weights.h"
#include "engine/model/shapes.h"
#include "engine/tokenizer/tokenizer.h"
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

Model opened(const std::string& specification) {
  auto model = open_model(specification);
  EXPECT_TRUE(model) << model.error().message;
  return model ? *std::move(model) : Model();
}

Model random_model(const ModelDescription& description, Format format) {
  Model model;
  model.description = description;
  auto tensors = shape_tensors(description, format);
  count_weights(tensors, model.description);
  model.weights = std::make_shared<const RandomWeights>(std::move(tensors), 1);
  model.tokenizer = make_synthetic_tokenizer(static_cast<std::int32_t>(description.vocabulary));
  model.source = "random";
  model.random_weights = true;
  return model;
}

std::vector<float> floats_of(const Model& model, const std::string& name) {
  const auto bytes = bytes_of(model, name);
  const Tensor* tensor = model.weights->find(name);
  if (!tensor) return {};
  std::vector<float> values(tensor->depth * tensor->rows * tensor->columns);
  dequantize_row(tensor->format, bytes.data(), values.size(), values.data());
  return values;
}

TEST_F(WriteModel, a_written_shape_opens_as_the_same_model) {
  for (const char* format : {"f32", "f16", "bf16", "q8_0", "q4_0"}) {
    const Model shape = opened(fmt::format("shape:stories260k:{}:3", format));
    const auto written = write_model(shape, {}, path());
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->bytes_after, written->bytes_before);
    const auto file = open_model(path());
    ASSERT_TRUE(file) << file.error().message;
    const Model* made = &shape;
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
    const Model model = random_model(tiny_description(row.name), Format::q8_0);
    const auto written = write_model(model, {}, path());
    ASSERT_TRUE(written) << written.error().message;
    const auto file = open_model(path());
    ASSERT_TRUE(file) << row.name << ": " << file.error().message;
    for (const Tensor& tensor : model.weights->tensors())
      EXPECT_EQ(bytes_of(*file, tensor.name), bytes_of(model, tensor.name)) << row.name << " " << tensor.name;
    const auto headers = (*GgufFile::open(path()))->tensor_headers();
    EXPECT_EQ(std::any_of(headers.begin(), headers.end(),
                          [](const GgufTensor& one) { return one.name == "blk.0.post_attention_norm.weight"; }),
              row.name == "gpt-oss");
  }
}

TEST_F(WriteModel, llama3_scaling_travels_as_a_tensor) {
  Model shape = opened("shape:stories260k:q8_0");
  shape.description.rope_scaling = {RopeScalingKind::llama3, 8, 1, 4, 64};
  ASSERT_TRUE(write_model(shape, {}, path()));
  const auto file = open_model(path());
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->description.rope_scaling.kind, RopeScalingKind::none);
  const auto bytes = bytes_of(*file, "rope_freqs.weight");
  std::vector<float> divisors(bytes.size() / sizeof(float));
  std::memcpy(divisors.data(), bytes.data(), bytes.size());
  EXPECT_EQ(divisors, llama3_rope_divisors(shape.description));
}

TEST_F(WriteModel, a_full_disk_is_an_error_and_leaves_nothing) {
  const Model shape = opened("shape:stories260k:f32");
  // A limit on the size of files stands in for the disk's end.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit limit = before;
  limit.rlim_cur = 100'000;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);
  const auto written = write_model(shape, {}, path());
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::exhausted);
  EXPECT_THAT(written.error().message, testing::HasSubstr(path()));
  EXPECT_EQ(files(), 0u);
}

TEST_F(WriteModel, a_disk_that_is_too_small_is_said_before_writing) {
  const Model shape = opened("shape:llama-3.1-405b:f32");
  const auto written = write_model(shape, {}, path());
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::exhausted);
  EXPECT_THAT(written.error().message, testing::HasSubstr("the disk has"));
  EXPECT_EQ(files(), 0u);
}

TEST_F(WriteModel, a_stop_leaves_nothing) {
  const Model shape = opened("shape:stories260k:f32");
  std::stop_source stop;
  WriteProgress progress;
  progress.stop = stop.get_token();
  progress.report = [&](double share) {
    if (share > 0.5) stop.request_stop();
  };
  const auto written = write_model(shape, {}, path(), progress);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(files(), 0u);
}

TEST_F(WriteModel, what_was_there_survives_a_failure) {
  std::ofstream(path()) << "precious";
  const Model shape = opened("shape:llama-3.1-405b:f32");
  ASSERT_FALSE(write_model(shape, {}, path()));
  std::ifstream file(path());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "precious");
}

TEST_F(WriteModel, a_place_that_cannot_be_written_is_named) {
  const Model shape = opened("shape:stories260k:f32");
  const auto folder = write_model(shape, {}, folder_.string());
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, testing::HasSubstr("is a folder"));
  const auto nowhere = write_model(shape, {}, path() + "/x/y.gguf");
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, testing::HasSubstr("cannot be created"));
}

TEST_F(WriteModel, every_architecture_travels_in_every_format) {
  for (const Architecture& row : architectures()) {
    const Model model = random_model(tiny_description(row.name), Format::f32);
    for (const Format format : {Format::f16, Format::bf16, Format::q8_0, Format::q4_0, Format::q4_k, Format::q5_k,
                                Format::q6_k, Format::mxfp4, Format::mxfp6, Format::fp8}) {
      const auto written = write_model(model, {.format = format, .threads = 2}, path());
      ASSERT_TRUE(written) << row.name << ": " << written.error().message;
      const auto file = open_model(path());
      ASSERT_TRUE(file) << row.name << " " << format_name(format) << ": " << file.error().message;
      EXPECT_EQ(file->description.layers, model.description.layers);
      EXPECT_EQ(file->description.experts, model.description.experts) << row.name;
      for (const Tensor& tensor : model.weights->tensors()) {
        const auto before = floats_of(model, tensor.name), after = floats_of(*file, tensor.name);
        ASSERT_EQ(before.size(), after.size()) << tensor.name;
        double squares = 0, lost = 0;
        for (std::size_t i = 0; i < before.size(); ++i) {
          squares += before[i] * before[i];
          lost += (before[i] - after[i]) * (before[i] - after[i]);
        }
        EXPECT_LT(std::sqrt(lost / squares), 0.2) << row.name << " " << format_name(format) << " " << tensor.name;
      }
    }
  }
}

TEST_F(WriteModel, the_reported_error_is_that_of_the_file) {
  const Model model = opened("shape:smollm2-135m:bf16");
  ModelDescription description = model.description;
  description.layers = 1;
  description.width = 256;
  description.ffn_width = 512;
  description.vocabulary = 300;
  const Model small = random_model(description, Format::bf16);
  const auto written = write_model(small, {.format = Format::q4_k}, path());
  ASSERT_TRUE(written) << written.error().message;
  const Model file = opened(path());
  std::uint64_t bytes = 0;
  for (const WrittenTensor& tensor : written->tensors) {
    const auto before = floats_of(small, tensor.name), after = floats_of(file, tensor.name);
    double squares = 0, lost = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      squares += before[i] * before[i];
      lost += (before[i] - after[i]) * (before[i] - after[i]);
    }
    EXPECT_NEAR(tensor.relative_error, std::sqrt(lost / squares), 1e-5) << tensor.name;
    EXPECT_EQ(tensor.relative_error > 0, tensor.from != tensor.to) << tensor.name;
    EXPECT_EQ(tensor.bytes_after, file.weights->find(tensor.name)->bytes);
    bytes += tensor.bytes_after;
  }
  EXPECT_EQ(written->bytes_after, bytes);
  EXPECT_GT(written->relative_error, 0.02);
  EXPECT_LT(written->relative_error, 0.12);
}

TEST_F(WriteModel, norms_biases_sinks_and_gates_stay_in_f32) {
  ASSERT_TRUE(write_model(random_model(tiny_description("gpt-oss"), Format::f32), {.format = Format::q4_0}, path()));
  const Model file = opened(path());
  int kept = 0;
  for (const Tensor& tensor : file.weights->tensors()) {
    const bool small = tensor.rows == 1 || tensor.name.ends_with(".bias") || tensor.name.find("gate_inp") != std::string::npos;
    EXPECT_EQ(tensor.format, small ? Format::f32 : Format::q4_0) << tensor.name;
    kept += small;
  }
  EXPECT_GT(kept, 20);
}

TEST_F(WriteModel, mxfp4_of_a_mixture_means_its_experts) {
  ASSERT_TRUE(write_model(random_model(tiny_description("gpt-oss"), Format::f32), {.format = Format::mxfp4}, path()));
  const Model file = opened(path());
  EXPECT_EQ(file.weights->find("blk.1.ffn_down_exps.weight")->format, Format::mxfp4);
  EXPECT_EQ(file.weights->find("blk.1.attn_q.weight")->format, Format::q8_0);
  ASSERT_TRUE(write_model(random_model(tiny_description("llama"), Format::f32), {.format = Format::mxfp4}, path()));
  EXPECT_EQ(opened(path()).weights->find("blk.1.attn_q.weight")->format, Format::mxfp4);
}

TEST_F(WriteModel, embedding_and_output_may_have_a_format_of_their_own) {
  const Model apart = random_model(tiny_description("llama"), Format::f32);
  ASSERT_TRUE(write_model(apart, {.format = Format::q4_0, .embedding_format = Format::f16, .output_format = Format::q8_0}, path()));
  const Model file = opened(path());
  EXPECT_EQ(file.weights->find("token_embd.weight")->format, Format::f16);
  EXPECT_EQ(file.weights->find("output.weight")->format, Format::q8_0);
  EXPECT_EQ(file.weights->find("blk.0.ffn_up.weight")->format, Format::q4_0);
  const auto tied = write_model(random_model(tiny_description("qwen2"), Format::f32), {.output_format = Format::q8_0}, path());
  ASSERT_FALSE(tied);
  EXPECT_THAT(tied.error().message, testing::HasSubstr("output is the embedding"));
}

TEST_F(WriteModel, columns_that_fill_no_blocks_fall_back_and_say_so) {
  ModelDescription description = tiny_description("llama");
  description.ffn_width = 100;  // columns of ffn_down
  const auto written = write_model(random_model(description, Format::f32), {.format = Format::q4_k}, path());
  ASSERT_TRUE(written) << written.error().message;
  for (const WrittenTensor& tensor : written->tensors) {
    const bool matrix = tensor.to != Format::f32;
    EXPECT_EQ(tensor.fell_back, matrix) << tensor.name;  // none has 256 columns
    if (matrix) {
      EXPECT_EQ(tensor.to, tensor.name.ends_with("ffn_down.weight") ? Format::f16 : Format::q8_0) << tensor.name;
    }
  }
}

TEST_F(WriteModel, keys_and_vocabulary_of_a_file_stay) {
  const std::string source = (folder_ / "source.gguf").string();
  ASSERT_TRUE(write_model(opened("shape:stories260k:f32"), {}, source));
  {  // a key that means nothing here, put in by writing the metadata again
    const Model model = opened(source);
    GgufMetadata metadata;
    const auto file = GgufFile::open(source);
    for (const auto& [key, value] : (*file)->metadata()) metadata.add(key, value);
    metadata.add("general.author", "somebody");
    metadata.add("general.tags", std::span<const std::string>(std::vector<std::string>{"a", "b"}));
    metadata.add("general.file_size_hint", 7u);
    const auto rows = [&](const Tensor& tensor, std::uint64_t first, std::uint64_t count, std::byte* out) {
      return model.weights->read_rows(tensor, first, count, out);
    };
    ASSERT_TRUE(write_gguf(source, metadata, model.weights->tensors(), rows));
  }
  const Model model = opened(source);
  ASSERT_TRUE(write_model(model, {.format = Format::mxfp6}, path()));
  const auto before = GgufFile::open(source), after = GgufFile::open(path());
  ASSERT_TRUE(after);
  for (const auto& [key, value] : (*before)->metadata()) {
    if (key == "general.file_type") continue;  // that of another format
    const auto found = (*after)->metadata().find(key);
    ASSERT_NE(found, (*after)->metadata().end()) << key;
    EXPECT_EQ(found->second.type, value.type) << key;
    EXPECT_TRUE(std::ranges::equal(found->second.payload, value.payload)) << key;
  }
  EXPECT_FALSE((*before)->has(kFormatsKey));
  EXPECT_EQ((*(*after)->texts(kFormatsKey)).value(), std::vector<std::string>{"mxfp6"});
  const std::string text = random_text(*model.tokenizer, 60, 2);
  EXPECT_EQ(opened(path()).tokenizer->encode(text, true), model.tokenizer->encode(text, true));
  EXPECT_TRUE(opened(path()).random_weights);
}

TEST_F(WriteModel, any_number_of_threads_writes_the_same_file) {
  const Model model = opened("shape:stories260k:f32");
  const auto contents = [&](unsigned threads) {
    EXPECT_TRUE(write_model(model, {.format = Format::q4_0, .threads = threads}, path()));
    std::ifstream file(path(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string one = contents(1);
  EXPECT_EQ(contents(2), one);
  EXPECT_EQ(contents(7), one);
}

TEST_F(WriteModel, a_file_may_be_written_over_itself) {
  ASSERT_TRUE(write_model(opened("shape:stories260k:f32"), {}, path()));
  const Model model = opened(path());
  const auto before = floats_of(model, "output_norm.weight");
  ASSERT_TRUE(write_model(model, {.format = Format::q8_0}, path()));
  EXPECT_EQ(floats_of(opened(path()), "output_norm.weight"), before);
  EXPECT_EQ(opened(path()).description.format, Format::q8_0);
}

// A model folder holds Llama's queries and keys as they were trained; its GGUF files permuted for interleaved rotation.
TEST_F(WriteModel, rotated_rows_are_interleaved_where_the_architecture_wants_it) {
  ModelDescription description = tiny_description("llama");
  description.rope_interleaved = false;
  const Model folder = random_model(description, Format::f32);
  ASSERT_TRUE(write_model(folder, {}, path()));
  const Model file = opened(path());
  EXPECT_TRUE(file.description.rope_interleaved);
  for (const std::string name : {"blk.1.attn_q.weight", "blk.1.attn_k.weight"}) {
    const auto before = floats_of(folder, name), after = floats_of(file, name);
    const std::size_t columns = description.width, d = description.head_dim, rows = before.size() / columns;
    for (std::size_t head = 0; head < rows / d; ++head)
      for (std::size_t i = 0; i < d / 2; ++i)
        for (std::size_t part = 0; part < 2; ++part)
          for (std::size_t c = 0; c < columns; ++c)
            ASSERT_EQ(after[(head * d + 2 * i + part) * columns + c], before[(head * d + i + part * d / 2) * columns + c]);
  }
  EXPECT_EQ(bytes_of(file, "blk.1.attn_v.weight"), bytes_of(folder, "blk.1.attn_v.weight"));
}

TEST_F(WriteModel, values_that_are_not_finite_are_counted) {
  class Broken : public RandomWeights {
   public:
    using RandomWeights::RandomWeights;
    Status read_rows(const Tensor& tensor, std::uint64_t first, std::uint64_t count, std::byte* out) const override {
      TOKENMARK_CHECK(RandomWeights::read_rows(tensor, first, count, out));
      const float nan = std::nanf("");
      if (tensor.name == "blk.0.ffn_up.weight" && first == 0) std::memcpy(out, &nan, sizeof(nan));
      return {};
    }
  };
  Model model = random_model(tiny_description("llama"), Format::f32);
  model.weights = std::make_shared<const Broken>(shape_tensors(model.description, Format::f32), 1);
  const auto written = write_model(model, {.format = Format::q8_0}, path());
  ASSERT_TRUE(written);
  for (const WrittenTensor& tensor : written->tensors) {
    EXPECT_EQ(tensor.not_finite, tensor.name == "blk.0.ffn_up.weight" ? 1u : 0u);
    EXPECT_TRUE(std::isfinite(tensor.relative_error));
  }
}

TEST(OrderedParts, parts_are_taken_in_order_and_the_first_failure_ends_it) {
  for (const unsigned threads : {1u, 3u}) {
    std::vector<std::size_t> taken;
    OrderedParts parts;
    parts.count = 100;
    parts.threads = threads;
    parts.make = [](std::size_t part, std::vector<std::byte>& bytes) -> Status {
      bytes.assign(1, static_cast<std::byte>(part));
      return {};
    };
    parts.take = [&](std::size_t part, const std::vector<std::byte>& bytes) -> Status {
      EXPECT_EQ(bytes[0], static_cast<std::byte>(part));
      taken.push_back(part);
      return {};
    };
    ASSERT_TRUE(run_ordered(parts));
    EXPECT_EQ(taken.size(), 100u);
    EXPECT_TRUE(std::ranges::is_sorted(taken));
    taken.clear();
    const auto make = parts.make;
    parts.make = [&](std::size_t part, std::vector<std::byte>& bytes) -> Status {
      if (part == 40) return fail(ErrorKind::io, "part {}", part);
      return make(part, bytes);
    };
    const auto failed = run_ordered(parts);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "part 40");
    EXPECT_EQ(taken.size(), 40u);
  }
  EXPECT_TRUE(run_ordered({0, 2, {}, {}}));
}

}  // namespace
}  // namespace tokenmark
