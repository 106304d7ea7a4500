#include <simdjson.h>

#include <charconv>
#include <cmath>

#include "core/exchange/foreign_file.h"
#include "core/exchange/loadgen_log.h"

namespace tokenmark {
namespace {

namespace od = simdjson::ondemand;

constexpr std::size_t kMaxAccuracyBytes = std::size_t{512} << 20;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool decode_hex(std::string_view hex, std::string& out) {
  if (hex.size() % 2 != 0) return false;
  out.resize(hex.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<char>(high << 4 | low);
  }
  return true;
}

bool read_answer(od::object object, LoadGenAnswer& answer) {
  std::string_view data;
  if (object["seq_id"].get_uint64().get(answer.sequence) || object["qsl_idx"].get_uint64().get(answer.sample) ||
      object["data"].get_string().get(data) || !decode_hex(data, answer.bytes))
    return false;
  const auto first = object["token_data"].get_string().get(data);
  if (first != simdjson::NO_SUCH_FIELD && (first || !decode_hex(data, answer.first_token))) return false;
  std::int64_t tokens = 0;
  const auto counted = object["token_count"].get_int64().get(tokens);
  if (counted && counted != simdjson::NO_SUCH_FIELD) return false;
  if (!counted) answer.tokens = tokens;
  return true;
}

// How accuracy.txt spells what the checker calls by the first name.
constexpr std::pair<std::string_view, std::string_view> kScoreNames[] = {
    {"ROUGE1", "rouge1"},           {"ROUGE2", "rouge2"},       {"ROUGEL", "rougeL"},
    {"ROUGELSUM", "rougeLsum"},     {"GEN_LEN", "gen_len"},     {"TOKENS_PER_SAMPLE", "tokens_per_sample"},
    {"exact_match", "exact_match"}, {"gsm8k_accuracy", "gsm8k"}, {"mbxp_accuracy", "mbxp"},
    {"CLIP_SCORE", "CLIP_SCORE"},   {"FID_SCORE", "FID_SCORE"}, {"vbench_score", "vbench_score"},
};

}  // namespace

Result<std::vector<LoadGenAnswer>> read_loadgen_accuracy(const std::string& path) {
  TOKENMARK_TRY(const ForeignFile file, read_foreign_file(path, kMaxAccuracyBytes));
  od::parser parser;
  od::document document;
  od::array entries;
  if (parser.iterate(simdjson::padded_string_view(file.bytes.data(), file.size, file.bytes.size())).get(document) ||
      document.get_array().get(entries))
    return fail(ErrorKind::invalid_input, "{}: is not a list; accuracy logs of published submissions are cut short, only whole ones are read", path);
  std::vector<LoadGenAnswer> answers;
  for (auto entry : entries) {
    od::object object;
    LoadGenAnswer answer;
    if (entry.get_object().get(object) || !read_answer(object, answer))
      return fail(ErrorKind::invalid_input,
                  "{}: entry {} is not {{\"seq_id\", \"qsl_idx\", \"data\": hexadecimal digits}}; accuracy logs of published submissions "
                  "are cut short, only whole ones are read", path, answers.size());
    answers.push_back(std::move(answer));
  }
  const char* rest = nullptr;
  if (document.current_location().get(rest) != simdjson::OUT_OF_BOUNDS)
    return fail(ErrorKind::invalid_input, "{}: something follows behind the list", path);
  return answers;
}

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
