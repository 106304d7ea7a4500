#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "kernels/reference/reference.h"
#include "plugins/gpu/sampling.h"
#include "tests/kernels/gpu/case.h"
#include "tests/kernels/gpu/weights.h"

namespace tokenmark::gpu {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Draws {
  std::vector<Sampling> sampling;
  std::vector<std::int32_t> rows, expected;
};

// Random numbers in the middle of the shares of tokens that are likely enough to be hit despite of rounding.
void add_draws(Draws& draws, const float* logits, std::uint32_t vocabulary, std::int32_t row, Sampling sampling) {
  const auto shares = reference::sampling_distribution(logits, vocabulary, sampling.temperature, sampling.top_k, sampling.min_p, sampling.top_p);
  std::vector<std::size_t> likely;
  std::vector<double> before(vocabulary);
  double cumulative = 0;
  for (std::size_t id = 0; id < vocabulary; ++id) {
    before[id] = cumulative;
    cumulative += shares[id];
    if (shares[id] > 2e-5) likely.push_back(id);
  }
  for (std::size_t i = 0; i < 3 && !likely.empty(); ++i) {
    const std::size_t id = likely[i * (likely.size() - 1) / 2];  // the first and the last kept ones too
    sampling.uniform = static_cast<float>(before[id] + shares[id] / 2);
    draws.sampling.push_back(sampling);
    draws.rows.push_back(row);
    draws.expected.push_back(static_cast<std::int32_t>(id));
  }
}

Status draw(Gpu& gpu, const std::vector<float>& logits, std::uint32_t vocabulary, std::uint32_t pitch, const Draws& draws) {
  const std::size_t n = draws.rows.size();
  TOKENMARK_TRY(const auto logits_there, DeviceArray<float>::of(gpu, logits));
  TOKENMARK_TRY(const auto rows, DeviceArray<std::int32_t>::of(gpu, draws.rows));
  TOKENMARK_TRY(const auto sampling, DeviceArray<Sampling>::of(gpu, draws.sampling));
  std::vector<std::int32_t> ids;
  for (std::size_t i = 0; i < n; ++i) ids.push_back(static_cast<std::int32_t>(n - i));
  TOKENMARK_TRY(const auto sequence_ids, DeviceArray<std::int32_t>::of(gpu, ids));
  TOKENMARK_TRY(const auto tokens, DeviceArray<std::int32_t>::of(gpu, std::vector<std::int32_t>(n, -7)));
  TOKENMARK_TRY(const auto last, DeviceArray<std::int32_t>::of(gpu, std::vector<std::int32_t>(n + 1, -7)));
  TOKENMARK_TRY(const auto scratch, DeviceArray<std::byte>::make(gpu, sampling_scratch_bytes(static_cast<std::uint32_t>(n), vocabulary)));
  TOKENMARK_CHECK(sample(gpu, {logits_there.get(), pitch, vocabulary, rows.get(), sampling.get(), sequence_ids.get(), tokens.get(), last.get(), reinterpret_cast<Likeliest*>(scratch.get())},
                         static_cast<std::uint32_t>(n)));
  TOKENMARK_TRY(const auto found, tokens.values());
  TOKENMARK_TRY(const auto lasts, last.values());
  for (std::size_t i = 0; i < n; ++i) {
    const Sampling& s = draws.sampling[i];
    if (found[i] != draws.expected[i])
      return fail(ErrorKind::internal, "sample {} of row {} is token {}, not {} (temperature {}, top_k {}, top_p {}, min_p {}, uniform {})", i, draws.rows[i], found[i], draws.expected[i],
                  s.temperature, s.top_k, s.top_p, s.min_p, s.uniform);
    if (lasts[static_cast<std::size_t>(ids[i])] != draws.expected[i]) return fail(ErrorKind::internal, "sequence id {} got {} as its last token, not {}", ids[i], lasts[static_cast<std::size_t>(ids[i])], draws.expected[i]);
  }
  return {};
}

Status tokens_are_the_distributions(Gpu& gpu, std::uint32_t vocabulary, std::uint32_t pitch, float deviation, float step) {
  std::vector<float> logits = random_floats(2 * pitch, vocabulary, deviation);
  if (step > 0)
    for (float& x : logits) x = std::round(x / step) * step;  // many ties
  for (std::uint32_t id = 3; id < vocabulary; id += 50) logits[id] = id % 100 == 3 ? -kInfinity : kNan;
  Draws draws;
  const auto logits_of = [&](std::int32_t row) { return logits.data() + static_cast<std::uint32_t>(row) * pitch; };
  std::int32_t row = 0;
  for (const Sampling& s : std::initializer_list<Sampling>{{.temperature = 1}, {.temperature = 0.3f, .min_p = 0.1f}, {.temperature = 0.8f, .top_k = 40}, {.temperature = 1, .top_k = 1},
                                                           {.temperature = 1, .top_p = 0.9f}, {.temperature = 2, .top_p = 0.5f, .min_p = 0.01f, .top_k = 100}, {.temperature = 1, .top_p = 0},
                                                           {.temperature = 1, .top_p = 0.95f, .top_k = 1 << 30}, {.temperature = 1.5f, .top_p = 0.999f}}) {
    row = 1 - row;
    add_draws(draws, logits_of(row), vocabulary, row, s);
  }
  draws.sampling.push_back({.temperature = 0});
  draws.rows.push_back(1);
  draws.expected.push_back(static_cast<std::int32_t>(reference::argmax(logits_of(1), vocabulary)));
  draws.rows.push_back(-1);
  draws.sampling.push_back({});
  draws.expected.push_back(-7);
  return draw(gpu, logits, vocabulary, pitch, draws);
}

Status the_lowest_id_wins_a_tie(Gpu& gpu) {
  const std::uint32_t vocabulary = 9000;
  std::vector<float> logits(4 * vocabulary, -1.0f);
  logits[5001] = logits[8999] = logits[700] = 2.5f;                          // row 0
  logits[vocabulary + 10] = -0.0f;                                           // row 1: zeros are equal
  logits[vocabulary + 11] = 0.0f;
  std::fill_n(logits.begin() + 2 * vocabulary, vocabulary, kNan);            // row 2: nothing but NaN and one
  logits[2 * vocabulary + 4444] = -kInfinity;
  std::fill_n(logits.begin() + 3 * vocabulary, vocabulary, kNan);            // row 3: NaN alone
  Draws draws{{{}, {}, {}, {}, {.temperature = 1}}, {0, 1, 2, 3, 3}, {700, 10, 4444, 0, 0}};
  return draw(gpu, logits, vocabulary, vocabulary, draws);
}

}  // namespace

std::vector<Case> sampling_cases() {
  std::vector<Case> cases;
  struct {
    std::uint32_t vocabulary, pitch;
    float deviation, step;
    const char* what;
  } const shapes[] = {{1, 1, 1, 0, "one token"}, {31, 33, 1, 0, "less than a warp"}, {512, 512, 3, 0, "stories260K"}, {6000, 6000, 4, 0, "few likely ones"},
                      {6001, 6003, 0.01f, 0, "all about as likely"}, {5000, 5000, 2, 0.5f, "ties"}, {5000, 5001, 0.2f, 0.5f, "ties, all about as likely"}};
  for (const auto& s : shapes)
    cases.push_back({"sample", "", fmt::format("{} tokens, {}", s.vocabulary, s.what), [=](Gpu& gpu) { return tokens_are_the_distributions(gpu, s.vocabulary, s.pitch, s.deviation, s.step); }});
  cases.push_back({"sample", "", "the most likely, NaN, infinities", the_lowest_id_wins_a_tie});
  return cases;
}

}  // namespace tokenmark::gpu
