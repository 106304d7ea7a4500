// A plugin, the CPU's unless another is named, as a test drives it: through its table alone, sequences with block tables of their own.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "kernels/cpu/kernels.h"
#include "plugins/cpu/cpu_plugin.h"

namespace tokenmark::test {

using Tokens = std::vector<std::int32_t>;
using Rows = std::vector<std::vector<float>>;

// Those that multiply in floats whatever the weights are.
inline std::vector<cpu::Isa> kernels_without_bf16() {
  std::vector<cpu::Isa> found;
  for (const auto* table : cpu::compiled_kernels())
    if (table->isa != cpu::Isa::avx512_bf16 && table->isa != cpu::Isa::amx) found.push_back(table->isa);
  return found;
}

struct RunnerOptions {
  const tm_plugin* table = nullptr;  // null: the CPU's
  std::string device = "cpu";
  std::uint32_t threads = 2;
  std::string kernels;
  std::uint32_t tokens_per_block = 4, blocks = 64, max_sequences = 8, max_step_tokens = 64;
  tm_format kv_format = TM_F32;
  std::string tuning;  // a table of measured choices, empty: none
};

struct Sequence {
  std::int32_t id = 0;
  std::int32_t length = 0;
  Tokens blocks;
};

// A step as owned arrays.
struct Step {
  Tokens tokens, positions, slots, sequence_ids, token_offsets{0}, kv_lengths, block_tables, sample_rows, logit_rows;
  Tokens hidden_rows;
  std::vector<tm_sampling> sampling;
  std::vector<float> previous_hidden;  // empty: a step of the model
  bool previous_is_mtp = false;
  std::uint32_t stride = 80;

  tm_step view() const {
    tm_step s{};
    s.size = sizeof s;
    s.version = TM_ABI_VERSION;
    s.n_sequences = static_cast<std::uint32_t>(sequence_ids.size());
    s.n_tokens = static_cast<std::uint32_t>(tokens.size());
    s.tokens = tokens.data();
    s.positions = positions.data();
    s.slots = slots.data();
    s.sequence_ids = sequence_ids.data();
    s.token_offsets = token_offsets.data();
    s.kv_lengths = kv_lengths.data();
    s.block_tables = block_tables.data();
    s.block_table_stride = stride;
    s.n_samples = static_cast<std::uint32_t>(sample_rows.size());
    s.sample_rows = sample_rows.data();
    s.sampling = sampling.data();
    s.n_logits = static_cast<std::uint32_t>(logit_rows.size());
    s.logit_rows = logit_rows.data();
    s.n_hidden = static_cast<std::uint32_t>(hidden_rows.size());
    s.hidden_rows = hidden_rows.data();
    s.previous_hidden = previous_hidden.empty() ? nullptr : previous_hidden.data();
    s.previous_is_mtp = previous_is_mtp;
    return s;
  }
};

class Runner {
 public:
  Runner(const tm_model& model, const tm_weight_source& source, const RunnerOptions& options = {})
      : table_(options.table ? options.table : tokenmark_cpu_plugin_query(TM_ABI_VERSION)), model_(model), options_(options) {
    tm_device_options device{};
    device.size = sizeof device;
    device.version = TM_ABI_VERSION;
    device.threads = options.threads;
    device.kernels = options.kernels.empty() ? nullptr : options.kernels.c_str();
    EXPECT_EQ(table_->open_device(options.device.c_str(), &device, &device_), TM_OK) << table_->last_error();
    const tm_executor_options o = executor_options(options);
    EXPECT_EQ(table_->create_executor(device_, &model, &source, &o, &executor_), TM_OK) << table_->last_error();
    for (std::uint32_t b = 0; b < options.blocks; ++b) free_.push_back(static_cast<std::int32_t>(b));
  }
  ~Runner() {
    table_->destroy_executor(executor_);
    table_->close_device(device_);
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  static tm_executor_options executor_options(const RunnerOptions& options) {
    return {sizeof(tm_executor_options), TM_ABI_VERSION, options.tokens_per_block, options.blocks, options.max_sequences,
            options.max_step_tokens, static_cast<std::uint32_t>(options.kv_format),
            options.tuning.empty() ? nullptr : options.tuning.c_str()};
  }

  void scramble_blocks() { std::shuffle(free_.begin(), free_.end(), std::mt19937(7)); }

  Sequence sequence(std::int32_t id) { return {id, 0, {}}; }
  void give_back(Sequence& s) {
    free_.insert(free_.end(), s.blocks.begin(), s.blocks.end());
    s = {s.id, 0, {}};
  }

  // Appends tokens of one sequence to a step.
  void add(Step& step, Sequence& s, const Tokens& tokens) {
    const auto per_block = static_cast<std::int32_t>(options_.tokens_per_block);
    for (const auto token : tokens) {
      if (s.length / per_block == static_cast<std::int32_t>(s.blocks.size())) {
        s.blocks.push_back(free_.front());
        free_.pop_front();
      }
      step.tokens.push_back(token);
      step.positions.push_back(s.length);
      step.slots.push_back(s.blocks[static_cast<std::size_t>(s.length / per_block)] * per_block + s.length % per_block);
      ++s.length;
    }
    step.sequence_ids.push_back(s.id);
    step.token_offsets.push_back(static_cast<std::int32_t>(step.tokens.size()));
    step.kv_lengths.push_back(s.length);
    Tokens table = s.blocks;
    table.resize(step.stride, -7);  // what lies behind the length must not be looked at
    step.block_tables.insert(step.block_tables.end(), table.begin(), table.end());
  }

  static void want_all_logits(Step& step) {
    for (std::size_t i = 0; i < step.tokens.size(); ++i) step.logit_rows.push_back(static_cast<std::int32_t>(i));
  }
  static void sample_last_rows(Step& step, tm_sampling sampling = {0, 1, 0, 0, 0}) {
    for (std::size_t s = 1; s < step.token_offsets.size(); ++s) {
      step.sample_rows.push_back(step.token_offsets[s] - 1);
      step.sampling.push_back(sampling);
    }
  }

  tm_status run(const Step& step) {
    sampled.assign(step.sample_rows.size(), -5);
    logits_.assign(step.logit_rows.size() * model_.vocabulary, NAN);
    hidden.assign(step.hidden_rows.size() * model_.width, NAN);
    tm_step_result result{sizeof(tm_step_result), TM_ABI_VERSION, sampled.data(), logits_.data(), hidden.data()};
    const tm_step view = step.view();
    const tm_status status = table_->step(executor_, &view, &result);
    return status == TM_OK ? table_->wait(executor_) : status;
  }

  // `n` tokens after `token`, each step launched before the one before it is waited for, as a device with async_depth 1 takes it.
  Tokens run_ahead(Sequence& s, std::int32_t token, std::size_t n) {
    struct Launched {
      Step step;
      tm_step view;
      Tokens sampled;
      tm_step_result result;
    };
    std::deque<Launched> launched;
    for (std::size_t i = 0; i <= n; ++i) {
      if (i < n) {
        Launched& next = launched.emplace_back();
        add(next.step, s, {i == 0 ? token : -1});
        sample_last_rows(next.step);
        next.view = next.step.view();
        next.sampled = {-5};
        next.result = {sizeof(tm_step_result), TM_ABI_VERSION, next.sampled.data(), nullptr, nullptr};
        EXPECT_EQ(table_->step(executor_, &next.view, &next.result), TM_OK) << error();
      }
      if (i > 0) {
        EXPECT_EQ(table_->wait(executor_), TM_OK) << error();
      }
    }
    Tokens told;
    for (const Launched& one : launched) told.push_back(one.sampled.front());
    return told;
  }

  // All logits of a step with these tokens of one sequence.
  Rows feed(Sequence& s, const Tokens& tokens) {
    Step step;
    add(step, s, tokens);
    want_all_logits(step);
    EXPECT_EQ(run(step), TM_OK) << table_->last_error();
    return rows();
  }

  // All logits of a text in steps of a few tokens each, beside another sequence on blocks that are scattered.
  Rows feed_in_chunks(const Tokens& text) {
    scramble_blocks();
    Sequence s = sequence(3), other = sequence(1);
    Rows all;
    for (std::size_t at = 0, n = 5; at < text.size(); at += n, n = n % 7 + 1) {
      Step step;
      n = std::min(n, text.size() - at);
      if (other.length < 60) add(step, other, {static_cast<std::int32_t>(at % 96), 17});
      const auto first = static_cast<std::int32_t>(step.tokens.size());
      add(step, s, {text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(at + n)});
      for (std::size_t i = 0; i < n; ++i) step.logit_rows.push_back(first + static_cast<std::int32_t>(i));
      EXPECT_EQ(run(step), TM_OK) << error();
      for (auto& row : rows()) all.push_back(row);
    }
    return all;
  }

  Rows rows() const {
    Rows out;
    for (auto at = logits_.begin(); at != logits_.end(); at += model_.vocabulary)
      out.emplace_back(at, at + model_.vocabulary);
    return out;
  }

  std::string error() const { return table_->last_error(); }
  Tokens sampled;
  std::vector<float> hidden;

 private:
  const tm_plugin* table_;
  tm_model model_;
  RunnerOptions options_;
  tm_device* device_ = nullptr;
  tm_executor* executor_ = nullptr;
  std::deque<std::int32_t> free_;
  std::vector<float> logits_;
};

// The greatest difference between two sets of logits in units of the expected ones' standard deviation.
inline double difference(const Rows& got, const Rows& expected) {
  if (got.size() != expected.size()) return INFINITY;
  double greatest = 0, squares = 0, n = 0;
  for (std::size_t r = 0; r < got.size(); ++r)
    for (std::size_t c = 0; c < expected[r].size(); ++c) {
      const double d = std::abs(static_cast<double>(got[r][c]) - expected[r][c]);
      greatest = d <= greatest ? greatest : d;  // NaN wins
      squares += static_cast<double>(expected[r][c]) * expected[r][c];
      ++n;
    }
  return greatest / std::sqrt(squares / n);
}

// The same of the row in the middle: where rounding may send a token to another expert, single rows are far off.
inline double typical_difference(const Rows& got, const Rows& expected) {
  std::vector<double> rows;
  for (std::size_t r = 0; r < expected.size(); ++r) rows.push_back(difference({got.at(r)}, {expected[r]}));
  std::sort(rows.begin(), rows.end());
  return rows[rows.size() / 2];
}

}  // namespace tokenmark::test
