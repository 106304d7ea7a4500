// What tests of meters share: variables of the environment that are taken back, folders of the kernel's files.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/telemetry/meter.h"

namespace tokenmark {

class MeterTest : public testing::Test {
 protected:
  MeterTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "meters-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    places_.nvml = TEST_LIBRARIES "/libfake_nvml.so";
    places_.rocm_smi = {TEST_LIBRARIES "/libfake_rocm_smi.so"};
    places_.amd_smi = {TEST_LIBRARIES "/libfake_amd_smi.so"};
    places_.sys = folder_;
  }
  ~MeterTest() override {
    for (const std::string& name : set_) unsetenv(name.c_str());
    std::filesystem::remove_all(folder_);
  }
  void set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }
  // A file below the folder, with the folders that it needs.
  std::filesystem::path file(const std::string& path, const std::string& text) {
    const std::filesystem::path whole = folder_ / path;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole) << text;
    return whole;
  }

  std::filesystem::path folder_;
  MeterPlaces places_;

 private:
  std::vector<std::string> set_;
};

inline double value(const MeterReading& reading, Quantity quantity) {
  const auto told = reading.get(quantity);
  EXPECT_TRUE(told) << quantity_name(quantity) << " is absent";
  return told.value_or(-1);
}

}  // namespace tokenmark
