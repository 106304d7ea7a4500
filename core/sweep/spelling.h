// "Did you mean …?" for misspelt names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tokenmark {

// " (did you mean 'concurrency'?)" for the nearest of `known` where one is near enough, else " (known: a, b,
// c)".
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace tokenmark
