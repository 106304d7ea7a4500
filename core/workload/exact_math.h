// Logarithm, exponential and what is drawn with them, made of IEEE additions, multiplications, divisions and square
// roots alone: the same bits on every machine, which a C library does not promise (its variants for processors with
// fused multiply-add differ in the last place). Relative error below 1e-15. Pure functions, any thread.
#pragma once

#include <cstdint>

namespace tokenmark {

double exact_log(double x);    // x > 0 and finite
double exact_log1p(double x);  // ln(1 + x), x > -1; precise for small x (W. Kahan's correction)
double exact_exp(double x);    // 0 below -740, for x up to 700

// A sequence of random numbers that belongs to one thing of a list (a gap, a length): what is drawn for one never
// shifts what the next one gets, however many numbers a method takes.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);
  double uniform();      // in (0, 1), never 0 or 1
  double exponential();  // mean 1
  double normal();       // mean 0, variance 1: G. Marsaglia's polar method, 1964
  // Mean `shape`, variance `shape`: G. Marsaglia, W. Tsang, "A simple method for generating gamma variables", 2000.
  double gamma(double shape);

 private:
  std::uint64_t seed_, next_ = 0;
};

}  // namespace tokenmark
