// A store in a folder of its own, and runs to put into it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/store/store.h"

namespace tokenmark {

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tokenmark-store-XXXXXX").string();
    folder = mkdtemp(pattern.data());
    file = folder / "runs.db";
  }
  ~StoreTest() override {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
  }

  std::unique_ptr<Store> open() {
    auto store = Store::open(file);
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(*store) : nullptr;
  }

  static NewRun new_run(SweepId sweep = 0, std::int32_t concurrency = 1, std::int32_t repeat = 0) {
    NewRun run;
    run.sweep = sweep;
    run.point.target = EngineTarget{.model = "shape:stories260k:f32"};
    run.point.load.concurrency = concurrency;
    run.point.repeat = repeat;
    run.series = "stories260K f32 on cpu";
    run.model = "stories260K";
    run.device = run.hardware = "cpu";
    run.precision = "f32";
    run.framework = "tokenmark 0.1.0";
    run.node = "local";
    run.gpus = 1;
    return run;
  }

  static Figures some_figures() {
    Figures figures;
    figures.completed = 12;
    figures.failed = 1;
    figures.duration_s = 2.5;
    figures.output_tok_s = 123.5;
    figures.total_tok_s_gpu = 247.25;
    figures.interactivity_p50.value = 61.5;
    figures.ttft_s.p50.value = 0.25;
    return figures;
  }

  // Two requests of two tokens.
  static EventLog some_log(std::size_t messages = 4) {
    EventLog log;
    log.wall_clock_start_ns = 1'700'000'000'000'000'000;
    auto& r = log.requests;
    for (std::int64_t i = 0; i < 2; ++i) {
      r.intended.push_back(i * 10);
      r.queued.push_back(i * 10);
      r.send_start.push_back(i * 10 + 1);
      r.connected.push_back(kAbsent);
      r.sent.push_back(i * 10 + 2);
      r.headers.push_back(kAbsent);
      r.end.push_back(i * 10 + 9);
      r.input_tokens.push_back(3);
      r.output_tokens.push_back(2);
      r.requested_input.push_back(3);
      r.requested_output.push_back(2);
      r.token_source.push_back(TokenSource::engine);
      r.status.push_back(200);
      r.error.push_back(RequestError::none);
      r.warmup.push_back(0);
    }
    std::uint64_t noise = 1;  // does not compress: large logs stay large
    for (std::size_t i = 0; i < messages; ++i) {
      noise = noise * 6364136223846793005u + 1442695040888963407u;
      log.messages.request.push_back(static_cast<std::uint32_t>(i % 2));
      log.messages.received.push_back(static_cast<std::int64_t>(noise >> 8));
      log.messages.bytes.push_back(4);
      log.messages.tokens.push_back(1);
      log.messages.kind.push_back(MessageKind::content);
    }
    return log;
  }

  RunId finished_run(Store& store, const NewRun& run) {
    const auto id = store.begin_run(run);
    EXPECT_TRUE(id) << id.error().message;
    const auto log = some_log();
    const Status done = store.finish_run(*id, some_figures(), {{"cpu", "test"}}, &log);
    EXPECT_TRUE(done) << done.error().message;
    return *id;
  }

  std::filesystem::path folder, file;
};

}  // namespace tokenmark
