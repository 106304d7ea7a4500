// The paged device without a model (paged_device.h) behind the device ABI, and a model for it: a whole Engine for
// tests without arithmetic. Give `fake_plugin_query` to PluginRegistry::add; the devices are "fake", "fake:1", "fake:2".
// The next token depends on all tokens of the sequence, so results show whether batching mixed anything up.
#pragma once

#include <atomic>
#include <memory>

#include "engine/model/model.h"
#include "engine/tokenizer/tokenizer.h"
#include "plugins/api/plugin.h"

extern "C" const tm_plugin* fake_plugin_query(uint32_t host_version);

namespace tokenmark::fake {

// How all fake devices of the process behave; may be changed while they run.
struct Behaviour {
  std::atomic<std::int64_t> step_ns{0};        // every step takes at least this long
  std::atomic<std::int64_t> token_ns{0};       // and this for each of its tokens
  std::atomic<std::int64_t> load_row_ns{0};    // and every row of the weights, when they are loaded
  std::atomic<std::int32_t> async_depth{0};    // as the device says; steps are done at once all the same
  std::atomic<std::int32_t> failing_steps{0};  // the next so many steps fail with TM_INTERNAL
  std::atomic<bool> lost{false};               // every step fails with TM_DEVICE_LOST
  std::atomic<std::int32_t> end_at{0};         // sequences this long sample EOS; 0: never
  std::atomic<bool> refuse_executor{false};    // creating an executor fails
  // Seen so far.
  std::atomic<std::int64_t> steps{0};
  std::atomic<std::int32_t> devices{0}, executors{0};  // open now

  void reset();
};
Behaviour& behaviour();

inline constexpr std::int32_t kFirstWord = 258;  // sampled ids are words of the synthetic vocabulary
inline constexpr TokenId kEos = 257;

// A model of `vocabulary` tokens for the fake device, with the synthetic tokenizer.
Model fake_model(std::int32_t vocabulary = 2000, std::uint32_t context = 4096);

// What the fake device generates greedily after `prompt`, alone.
std::vector<TokenId> expected_tokens(std::vector<TokenId> prompt, std::int32_t count, std::int32_t vocabulary = 2000);

}  // namespace tokenmark::fake
