// The scores that MLPerf's accuracy scripts print.
#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "core/exchange/loadgen_log.h"

namespace tokenmark {
namespace {

// How accuracy.txt spells what the checker calls by the first name.
constexpr std::pair<std::string_view, std::string_view> kScoreNames[] = {
    {"ROUGE1", "rouge1"},           {"ROUGE2", "rouge2"},       {"ROUGEL", "rougeL"},
    {"ROUGELSUM", "rougeLsum"},     {"GEN_LEN", "gen_len"},     {"TOKENS_PER_SAMPLE", "tokens_per_sample"},
    {"exact_match", "exact_match"}, {"gsm8k_accuracy", "gsm8k"}, {"mbxp_accuracy", "mbxp"},
    {"CLIP_SCORE", "CLIP_SCORE"},   {"FID_SCORE", "FID_SCORE"}, {"vbench_score", "vbench_score"},
};

}  // namespace

// The line is a Python dictionary, {'rouge1': '44.4542', …}: no JSON, so each name is looked for with its quotes.
std::map<std::string, double> loadgen_scores(std::string_view accuracy_txt) {
  std::map<std::string, double> scores;
  for (const auto& [name, spelled] : kScoreNames) {
    const std::string quoted = fmt::format("'{}':", spelled);
    const std::size_t at = accuracy_txt.find(quoted);
    if (at == accuracy_txt.npos) continue;
    std::string_view rest = accuracy_txt.substr(at + quoted.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(" '"), rest.size()));
    if (rest.starts_with("np.float64(")) rest.remove_prefix(11);
    double value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error == std::errc() && std::isfinite(value)) scores.emplace(name, value);
  }
  return scores;
}

}  // namespace tokenmark
