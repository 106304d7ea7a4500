// All cases on the emulated GPU with waves of 32 and of 64 lanes. Ends with the table: kernel × format × wave size.
#include <gtest/gtest.h>

#include <map>

#include "plugins/gpu/emulated_gpu.h"
#include "tests/kernels/gpu/case.h"

namespace tokenmark::gpu {
namespace {

struct Count {
  int run = 0, passed = 0;
};
std::map<std::pair<std::string, std::string>, std::map<int, Count>> table;

class CaseTest : public testing::Test {
 public:
  CaseTest(Case one, int wave) : case_(std::move(one)), wave_(wave) {}

 private:
  void TestBody() override {
    Count& count = table[{case_.kernel, case_.format}][wave_];
    ++count.run;
    const auto gpu = make_emulated_gpu(wave_, static_cast<std::uint64_t>(wave_));  // an order of threads for each
    const Status done = case_.run(*gpu);
    ASSERT_TRUE(done) << done.error().message;
    ++count.passed;
  }
  Case case_;
  int wave_;
};

class Table : public testing::EmptyTestEventListener {
  void OnTestProgramEnd(const testing::UnitTest&) override {
    std::printf("\n%-24s %-8s %14s %14s\n", "kernel", "format", "waves of 32", "waves of 64");
    for (auto& [row, counts] : table) {
      std::printf("%-24s %-8s", row.first.c_str(), row.second.c_str());
      for (const int wave : {32, 64}) std::printf(" %5d of %5d", counts[wave].passed, counts[wave].run);
      std::printf("\n");
    }
  }
};

const bool kRegistered = [] {
  for (const int wave : {32, 64})
    for (const Case& one : all_cases()) {
      std::string name = one.kernel + (one.format.empty() ? "" : "." + one.format) + "." + one.what;
      testing::RegisterTest(wave == 32 ? "Wave32" : "Wave64", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [=]() -> testing::Test* { return new CaseTest(one, wave); });
    }
  testing::UnitTest::GetInstance()->listeners().Append(new Table);
  return true;
}();

}  // namespace
}  // namespace tokenmark::gpu
