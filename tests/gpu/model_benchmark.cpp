#include "tests/gpu/model_benchmark.h"

#include <chrono>
#include <cmath>
#include <deque>

#include "engine/model/architecture.h"
#include "engine/model/device_model.h"
#include "engine/model/random_weights.h"
#include "engine/model/shapes.h"
#include "plugins/gpu/group_executor.h"
#include "tests/gpu/step.h"

namespace tokenmark::gpu {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

struct Plan {
  std::vector<std::uint32_t> batches, prompts;
  std::uint32_t context, steps, repeats, step_tokens, tokens_per_block;
};

Plan plan_for(bool tiny) {
  if (tiny) return {{1, 3}, {24}, 20, 3, 2, 40, 16};
  return {{1, 8, 32, 128, 256}, {512, 2048, 8192}, 1024, 48, 5, 8192, 16};
}

class ModelBenchmark {
 public:
  ModelBenchmark(Device& device, const MeasuredModel& model, bool tiny)
      : device_(device), m_(model.description), format_(model.format), plan_(plan_for(tiny)) {
    m_.context = std::min(m_.context, 16384u);  // of the table of rotations
  }

  Result<ModelResult> run(const std::function<void(const std::string&)>& note) {
    result_.format = format_name(format_);
    result_.kv_format = "bf16";
    result_.model = fmt::format("shape:{}:{}", m_.name, result_.format);
    TOKENMARK_CHECK(load());
    note(fmt::format("{}: {:.2f} GB of weights in {:.1f} s", result_.model, static_cast<double>(result_.weight_bytes) / 1e9, result_.load_s));
    TOKENMARK_CHECK(fill_cache());
    for (const std::uint32_t batch : plan_.batches) {
      TOKENMARK_TRY(const DecodeResult decode, measure_decode(batch));
      note(fmt::format("  decode {} × {}: {:.3f} ms a step", batch, context_, decode.step.median_s * 1e3));
      result_.decode.push_back(decode);
    }
    for (const std::uint32_t tokens : plan_.prompts) {
      TOKENMARK_TRY(const PrefillResult prefill, measure_prefill(tokens));
      note(fmt::format("  prefill {}: {:.2f} ms", tokens, prefill.step.median_s * 1e3));
      result_.prefill.push_back(prefill);
    }
    return std::move(result_);
  }

 private:
  std::uint64_t kv_bytes_per_token() const { return std::uint64_t{2} * 2 * m_.layers * m_.kv_heads * m_.head_dim; }
  std::uint32_t blocks_a_sequence() const { return (context_ + plan_.steps + 2 + plan_.tokens_per_block - 1) / plan_.tokens_per_block; }
  std::uint32_t sequences() const { return plan_.batches.back(); }

  Status load() {
    const std::vector<Tensor> tensors = shape_tensors(m_, format_);
    count_weights(tensors, m_);
    result_.weight_bytes = m_.weight_bytes;
    for (const Tensor& tensor : tensors)
      if (tensor.name == "token_embd.weight" && !m_.tied_output) embedding_bytes_ = static_cast<double>(tensor.bytes);
      else if (tensor.depth > 1) expert_bytes_ += static_cast<double>(tensor.bytes);
    // Long contexts for all sequences where memory allows, else shorter ones.
    TOKENMARK_TRY(const std::uint64_t free, device_.gpus.front()->free_memory());
    context_ = plan_.context;
    const auto needed = [&] { return m_.weight_bytes * 1.05 + double(kv_bytes_per_token()) * sequences() * blocks_a_sequence() * plan_.tokens_per_block + 4e9; };
    while (context_ > 64 && needed() > static_cast<double>(free)) context_ /= 2;

    model_.description = m_;
    model_.weights = std::make_shared<RandomWeights>(tensors, 0);
    const tm_model model = device_model(model_.description);
    const tm_weight_source source = device_weights(model_);
    tm_executor_options options{};
    options.size = sizeof options;
    options.version = TM_ABI_VERSION;
    options.tokens_per_block = plan_.tokens_per_block;
    const std::uint32_t of_prompt = (plan_.prompts.back() + plan_.tokens_per_block - 1) / plan_.tokens_per_block + 1;
    options.blocks = std::max(sequences() * blocks_a_sequence(), of_prompt);
    options.max_sequences = sequences();
    options.max_step_tokens = plan_.step_tokens;
    options.kv_format = TM_BF16;
    const auto begin = Clock::now();
    TOKENMARK_TRY(executor_, GroupExecutor::create(device_, model, source, options));
    TOKENMARK_CHECK(device_.gpus.front()->wait());
    result_.load_s = seconds_since(begin);
    return executor_->warm(plan_.batches);
  }

  StepShape shape_of(std::uint32_t blocks) const { return {plan_.tokens_per_block, blocks}; }
  void add_prompt(Step& step, std::uint32_t sequence, std::uint32_t count) const {
    step.add(sequence, 0, count, [&](std::uint32_t t) { return (t * 31 + sequence * 17) % m_.vocabulary; });
  }
  Status run_now(Step& step) {
    TOKENMARK_CHECK(executor_->step(step.finished(), step.result));
    return executor_->wait();
  }

  // Every sequence gets its context, by prompts.
  Status fill_cache() {
    const std::uint32_t blocks = blocks_a_sequence(), at_once = std::max(plan_.step_tokens / context_, 1u);
    for (std::uint32_t s = 0; s < sequences(); s += at_once) {
      Step step(shape_of(blocks));
      for (std::uint32_t i = s; i < std::min(s + at_once, sequences()); ++i) add_prompt(step, i, context_);
      TOKENMARK_CHECK(run_now(step));
    }
    return {};
  }

  Result<DecodeResult> measure_decode(std::uint32_t batch) {
    std::vector<double> seconds;
    for (std::uint32_t repeat = 0; repeat <= plan_.repeats; ++repeat) {
      TOKENMARK_TRY(const double once, decode_once(batch));
      if (repeat > 0) seconds.push_back(once / plan_.steps);  // the first one warms up
    }
    DecodeResult result{batch, context_, plan_.steps, 0, timing_of(std::move(seconds))};
    const double n = m_.experts.count;
    const double touched = n > 0 ? 1 - std::pow(1 - m_.experts.used / n, batch) : 1;  // of the experts, when each choice is even
    result.bytes = static_cast<double>(m_.weight_bytes) - embedding_bytes_ - expert_bytes_ * (1 - touched) + cache_read(batch);
    return result;
  }
  // Layers with a window read that much only.
  double cache_read(std::uint32_t batch) const {
    double layers = m_.layers, tokens = context_ + plan_.steps / 2.0;
    double of_layers = layers * tokens;
    if (m_.window > 0) {
      const double full = m_.window_period > 1 ? std::floor(layers / m_.window_period) : 0;
      of_layers = full * tokens + (layers - full) * std::min<double>(tokens, m_.window);
    }
    return batch * of_layers / layers * static_cast<double>(kv_bytes_per_token());
  }
  // Seconds of a repeat's steps; one step is launched ahead of the one that is waited for.
  Result<double> decode_once(std::uint32_t batch) {
    std::deque<Step> steps;
    std::vector<const tm_step*> finished;
    for (std::uint32_t i = 0; i <= plan_.steps; ++i) {
      Step& step = steps.emplace_back(shape_of(blocks_a_sequence()));
      for (std::uint32_t s = 0; s < batch; ++s) step.add(s, context_ + i, 1, [](std::uint32_t) { return -1; });
      finished.push_back(&step.finished());
    }
    for (const std::uint32_t i : {0u, 1u}) TOKENMARK_CHECK(executor_->step(*finished[i], steps[i].result));
    TOKENMARK_CHECK(executor_->wait());  // timed from here, in full swing
    const auto begin = Clock::now();
    for (std::uint32_t i = 2; i <= plan_.steps; ++i) {
      TOKENMARK_CHECK(executor_->step(*finished[i], steps[i].result));
      TOKENMARK_CHECK(executor_->wait());
    }
    TOKENMARK_CHECK(executor_->wait());
    return seconds_since(begin);
  }

  Result<PrefillResult> measure_prefill(std::uint32_t tokens) {
    const std::uint32_t blocks = (tokens + plan_.tokens_per_block - 1) / plan_.tokens_per_block;
    std::vector<double> seconds;
    for (std::uint32_t repeat = 0; repeat <= plan_.repeats; ++repeat) {
      Step step(shape_of(blocks));
      add_prompt(step, 0, tokens);
      const auto begin = Clock::now();
      TOKENMARK_CHECK(run_now(step));
      if (repeat > 0) seconds.push_back(seconds_since(begin));
    }
    return PrefillResult{tokens, operations_of(tokens), timing_of(std::move(seconds))};
  }
  // Products of every token with the layers' weights and of the last with the output's, and attention to the keys before.
  double operations_of(std::uint32_t tokens) const {
    const double output = double(m_.vocabulary) * m_.width, layers = static_cast<double>(m_.active_parameters) - output * (m_.tied_output ? 1 : 2);
    double pairs = 0;
    for (std::uint32_t l = 0; l < m_.layers; ++l) {
      const bool windowed = m_.window > 0 && (m_.window_period < 2 || l % m_.window_period != m_.window_period - 1);
      const double n = tokens, w = windowed ? std::min<double>(m_.window, n) : n;
      pairs += w * (n - w) + w * (w + 1) / 2;
    }
    return 2 * layers * tokens + 2 * output + 4.0 * m_.heads * m_.head_dim * pairs;
  }

  Device& device_;
  ModelDescription m_;
  Format format_;
  Plan plan_;
  Model model_;
  ModelResult result_;
  double embedding_bytes_ = 0, expert_bytes_ = 0;
  std::uint32_t context_ = 0;
  std::unique_ptr<GroupExecutor> executor_;
};

}  // namespace

Result<ModelResult> benchmark_model(Device& device, const MeasuredModel& model, bool tiny, const std::function<void(const std::string&)>& note) {
  return ModelBenchmark(device, model, tiny).run(note);
}

}  // namespace tokenmark::gpu
