// What a model answered, out of its free text, and whether it is right. Pure functions, any thread.
//   choice: the letter after the last "Answer:" (as simple-evals asks for it), else the last \boxed{X}, else a text
//           that is nothing but a letter;
//   exact:  the last \boxed{…} (as for MATH), else what stands behind the last "####" (as in GSM8K), else behind the
//           last "answer is" or "Answer:", else the last number of the text.
// Two exact answers are equal if both read as numbers of the same value (fractions, decimals, percent and thousands'
// commas: 1/2 = \frac{1}{2} = 0.5 = 50\%, compared as exact rationals), or tuples of such, or the same text without
// what only formats it (spaces, $, \left, \text{}, units of degrees).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tokenmark {

std::optional<char> extract_choice(std::string_view answer, char last_letter);  // 'A' … last_letter
std::optional<std::string> extract_exact(std::string_view answer);
// The last \boxed{…} or \fbox{…} with its braces balanced.
std::optional<std::string> last_boxed(std::string_view text);
bool same_answer(std::string_view given, std::string_view expected);

}  // namespace tokenmark
