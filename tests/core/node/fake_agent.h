// Starts fake_agent in a mode: makes a program that takes the one argument `agent`, as the real one does.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/workload/point.h"

namespace tokenmark {

class FakeAgentTest : public testing::Test {
 protected:
  FakeAgentTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tokenmark-agent-XXXXXX").string();
    folder = mkdtemp(pattern.data());
  }
  ~FakeAgentTest() override {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
  }

  std::string program(const std::string& mode) {
    const auto script = folder / ("agent-" + mode);
    std::ofstream(script) << "#!/bin/sh\nexec " << TOKENMARK_FAKE_AGENT << " " << mode << " "
                          << (folder / "file").string() << " \"$@\"\n";
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    return script.string();
  }

  static Point point(std::int32_t concurrency = 1) {
    Point point;
    point.target = EngineTarget{.model = "m.gguf"};
    point.load = {.concurrency = concurrency, .requests_per_concurrency = 2};
    return point;
  }

  std::filesystem::path folder;
};

}  // namespace tokenmark
