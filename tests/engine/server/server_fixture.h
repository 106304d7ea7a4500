// A server on a free port of loopback before an engine on the fake device.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "engine/server/server.h"
#include "tests/engine/runtime/fake_plugin.h"
#include "tests/engine/server/http_client.h"

namespace tokenmark::test {

using nlohmann::json;

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    fake::behaviour().reset();
    registry.add(fake_plugin_query);
    auto started = Engine::start(fake::fake_model(), registry, {.device = "fake"});
    ASSERT_TRUE(started) << started.error().message;
    engine = std::move(*started);
    serve({});
  }

  void serve(ServerOptions options) {
    options.port = 0;
    server.reset();
    auto started = Server::start(*engine, options);
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
  }

  // Greedy, so that expected texts can be computed.
  static json completion(std::vector<TokenId> prompt, int max_tokens) {
    return {{"model", "fake"}, {"prompt", std::move(prompt)}, {"max_tokens", max_tokens}, {"temperature", 0}};
  }
  std::string expected_text(std::vector<TokenId> prompt, int count) const {
    return engine->model().tokenizer->decode(fake::expected_tokens(std::move(prompt), count));
  }

  // True once the engine has nothing to do; false after 20 seconds.
  bool engine_becomes_idle() const {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < limit) {
      const SchedulerCounts counts = engine->counts().scheduler;
      if (counts.running + counts.waiting == 0) return counts.free_blocks == counts.blocks;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  PluginRegistry registry{RegistryOptions{}};
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Server> server;
};

// The error of an answer, checked for its shape.
inline json error_of(const Answer& answer) {
  const json body = json::parse(answer.body, nullptr, false);
  EXPECT_TRUE(body.is_object() && body.contains("error")) << answer.status << " " << answer.body;
  const json error = body.value("error", json::object());
  for (const char* key : {"message", "type", "param", "code"}) EXPECT_TRUE(error.contains(key)) << key << answer.body;
  EXPECT_EQ(answer.headers.count("content-type") ? answer.headers.at("content-type") : "", "application/json");
  return error;
}

}  // namespace tokenmark::test
