#include "core/quality/answers.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tokenmark {
namespace {

TEST(Answers, the_last_letter_behind_the_word_answer_is_the_choice) {
  EXPECT_EQ(extract_choice("Let me think. Answer: A? No.\n\nAnswer: C", 'D'), 'C');
  EXPECT_EQ(extract_choice("**Answer: (B)**", 'D'), 'B');
  EXPECT_EQ(extract_choice("The correct answer is $D$.", 'D'), 'D');
  EXPECT_EQ(extract_choice("the answer is \\boxed{a}", 'D'), 'A');
  EXPECT_EQ(extract_choice("so \\boxed{\\text{B}}", 'D'), 'B');
  EXPECT_EQ(extract_choice(" (c) ", 'D'), 'C');
  EXPECT_EQ(extract_choice("d", 'D'), 'D');
}

TEST(Answers, what_is_no_letter_of_the_choices_is_no_choice) {
  EXPECT_FALSE(extract_choice("Answer: E", 'D'));
  EXPECT_FALSE(extract_choice("Answer: Because it is so", 'D'));
  EXPECT_FALSE(extract_choice("A long text without the word that counts", 'D'));
  EXPECT_FALSE(extract_choice("", 'D'));
}

TEST(Answers, the_box_counts_before_the_hashes_and_these_before_the_last_number) {
  EXPECT_EQ(extract_exact("first \\boxed{1}, better \\boxed{\\frac{3}{4}} #### 9"), "\\frac{3}{4}");
  EXPECT_EQ(extract_exact("6 * 7 = 42\n#### 1,042"), "1,042");
  EXPECT_EQ(extract_exact("The answer is 17."), "17");
  EXPECT_EQ(extract_exact("so **Answer: 3/8**"), "3/8");
  EXPECT_EQ(extract_exact("we get 5, then 12 apples"), "12");
  EXPECT_EQ(extract_exact("we get x = -0.25"), "-0.25");
  EXPECT_EQ(extract_exact("\\boxed 7"), "7");
  EXPECT_FALSE(extract_exact("no idea"));
}

TEST(Answers, a_box_keeps_its_inner_braces) {
  EXPECT_EQ(last_boxed("\\boxed{\\sqrt{2}+\\{1\\}}"), "\\sqrt{2}+\\{1\\}");
  EXPECT_FALSE(last_boxed("\\boxed{never closed"));
}

TEST(Answers, numbers_are_compared_by_value) {
  for (const auto& [a, b] : {std::pair{"1/2", "\\frac{1}{2}"}, {"0.5", "\\dfrac12"}, {"50\\%", "0.5"}, {"1,000", "1000"},
                            {"$42$", "42.0"}, {"-\\frac{3}{6}", "-0.5"}, {"\\frac{-1}{2}", "-1/2"}, {"1,234,567.50", "1234567.5"},
                        
                            {"(1, 2)", "(1.0,2)"}, {"\\left(\\frac{1}{2},3\\right]", "(0.5, 3]"}, {"x+1", "x + 1"},
                            {"\\text{east}", "east"}})
    EXPECT_TRUE(same_answer(a, b)) << a << " and " << b;
  for (const auto& [a, b] : {std::pair{"1/3", "0.333"}, {"1,00", "100"}, {"(1,2)", "[1,2]"}, {"(1,2)", "(2,1)"}, {"12", "21"},
                            {"", "0"}, {"1/0", "0"}, {"x", "y"}, {"1e5", "100000"}, {"(1,2)", "(1,2,3)"}})
    EXPECT_FALSE(same_answer(a, b)) << a << " and " << b;
}

TEST(Answers, numbers_of_any_length_are_exact) {
  const std::string long_number(300, '7');
  EXPECT_TRUE(same_answer(long_number + ".0", long_number));
  EXPECT_FALSE(same_answer(long_number + "1", long_number + "2"));
}

TEST(Answers, garbage_is_read_without_harm) {
  std::mt19937 random(3);
  const std::string pieces[] = {"\\boxed", "{", "}", "\\frac", "\\text{", "(", ")", ",", "/", "%", "####", "Answer:", "answer is",
                                "1", ".", "-", "$", " ", "\n", "A", "\\left", "[", "]", "\xff", "\\fbox{"};
  for (int i = 0; i < 20000; ++i) {
    std::string text, other;
    for (unsigned n = random() % 20; n > 0; --n) text += pieces[random() % std::size(pieces)];
    for (unsigned n = random() % 12; n > 0; --n) other += pieces[random() % std::size(pieces)];
    extract_choice(text, 'J');
    extract_exact(text);
    EXPECT_EQ(same_answer(text, other), same_answer(other, text)) << text << " | " << other;
    EXPECT_TRUE(same_answer(text, text));
  }
}

}  // namespace
}  // namespace tokenmark
