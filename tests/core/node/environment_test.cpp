#include "core/node/environment.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/version.h"

namespace tokenmark {
namespace {

TEST(Environment, says_what_machine_and_what_program) {
  const nlohmann::json found = environment();
  EXPECT_GE(found["cpu"]["threads"].get<int>(), 1);
  EXPECT_GT(found["memory_bytes"].get<std::int64_t>(), 1 << 20);
  EXPECT_TRUE(found["kernel"].get<std::string>().starts_with("Linux "));
  EXPECT_EQ(found["tokenmark"]["version"], version());
  EXPECT_EQ(found["tokenmark"]["commit"], commit());
}

TEST(Environment, holds_no_empty_values) {
  const nlohmann::json flat = environment().flatten();
  for (const auto& [key, value] : flat.items())
    EXPECT_FALSE(value.is_null() || (value.is_string() && value.get<std::string>().empty())) << key;
}

}  // namespace
}  // namespace tokenmark
