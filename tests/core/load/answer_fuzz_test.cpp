// Answers that were good until somebody bit into them: never a crash, and what is not refused keeps its promises.
#include <gtest/gtest.h>

#include <random>

#include "tests/core/load/answers.h"

namespace tokenmark {
namespace {

using namespace test;

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  void mutate(Answer& answer) {
    for (std::size_t n = 1 + below(3); n > 0; --n) {
      std::string& piece = answer.events[below(answer.events.size())];
      switch (below(9)) {
        case 0: if (!piece.empty()) piece[below(piece.size())] = static_cast<char>(below(256)); break;
        case 1: piece.resize(below(piece.size() + 1)); break;
        case 2: piece.erase(below(piece.size() + 1), below(8)); break;
        case 3: piece.insert(below(piece.size() + 1), words_[below(words_.size())]); break;
        case 4: replace_number(piece); break;
        case 5: std::swap(piece, answer.events[below(answer.events.size())]); break;
        case 6: answer.events.insert(answer.events.begin() + static_cast<std::ptrdiff_t>(below(answer.events.size())), std::string(piece)); break;
        case 7: if (answer.events.size() > 1) answer.events.erase(answer.events.begin() + static_cast<std::ptrdiff_t>(below(answer.events.size()))); break;
        default: splice(piece, below(good_answers().size())); break;
      }
    }
  }
  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }

 private:
  void replace_number(std::string& piece) {
    const std::size_t at = piece.find_first_of("0123456789", below(piece.size() + 1));
    if (at != std::string::npos) piece.replace(at, piece.find_first_not_of("0123456789", at) - at, numbers_[below(numbers_.size())]);
  }
  void splice(std::string& piece, std::size_t other) {
    const auto& events = good_answers()[other].events;
    const std::string& donor = events[below(events.size())];
    piece = piece.substr(0, below(piece.size() + 1)) + donor.substr(below(donor.size() + 1));
  }

  std::mt19937_64 random_;
  const std::vector<std::string> words_ = {"{", "}", "[", "]", "\"", "\\", "\\u0000", "null", ",", ":", "\"error\":{}", "\"usage\":null", std::string("\0", 1), "\xFF",
                                           std::string(3000, '['), std::string(3000, '{')};
  const std::vector<std::string> numbers_ = {"-1", "0", "2147483647", "2147483648", "9223372036854775807", "99999999999999999999", "1e308", "1e999", "0.5", "null", "true"};
};

TEST(AnswerFuzz, broken_answers_are_refused_with_a_reason_or_keep_their_promises) {
  Mutator mutator(11);
  int refused = 0, kept = 0;
  for (const Answer& good : good_answers()) {
    const auto reader = make_answer_reader(*find_api(good.api), {.keep_text = true});
    for (int round = 0; round < 3000; ++round) {
      Answer answer = good;
      mutator.mutate(answer);
      const ReadAnswer read = read_answer(*reader, answer, mutator.below(20) == 0);
      if (read.error != RequestError::none) {
        ++refused;
        ASSERT_FALSE(read.problem.empty()) << good.name;
        ASSERT_LT(read.problem.size(), 10'000u) << good.name;
      } else {
        ++kept;
        ASSERT_FALSE(read.messages.empty()) << good.name;
        ASSERT_LE(read.output, good.max_tokens) << good.name;
        ASSERT_LE(read.cached, std::max<std::int64_t>(read.input, read.cached < 0 ? 0 : INT32_MAX)) << good.name;
      }
      for (const AnswerMessage& message : read.messages) ASSERT_TRUE(message.tokens >= 0 && message.tokens <= std::max(1, good.max_tokens)) << good.name;
      for (const std::string& path : read.paths) {
        ASSERT_EQ(path.find_first_of("\r\n ?#%"), std::string::npos) << path;
        ASSERT_EQ(path.find(".."), std::string::npos) << path;
      }
    }
  }
  EXPECT_GT(refused, 1000);  // the mutations break something,
  EXPECT_GT(kept, 1000);     // and do not break everything
}

TEST(AnswerFuzz, error_bodies_of_any_bytes_become_short_texts) {
  Mutator mutator(12);
  for (int round = 0; round < 20'000; ++round) {
    Answer answer{"error", "chat", 0, {round % 2 ? R"({"error":{"message":"no","code":1},"detail":[{"msg":"x"}]})" : R"({"detail":[{"loc":[1],"msg":"x"}]})"}};
    mutator.mutate(answer);
    ASSERT_LT(error_text_of(answer.events[0], answer.events.back()).size(), 10'000u);
  }
}

}  // namespace
}  // namespace tokenmark
