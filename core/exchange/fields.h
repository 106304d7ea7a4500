// Members of a foreign JSON object. What is missing or null is absent; what has the wrong type or an impossible value
// is an error that names file and key: the first one counts. Numbers may be spelled as texts ("8", "inf"), flags too.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark {

// The first thing that is wrong with a file.
class Problem {
 public:
  void set(std::string text) {
    if (text_.empty()) text_ = std::move(text);
  }
  Status status() const {
    if (!text_.empty()) return fail(ErrorKind::invalid_input, "{}", text_);
    return {};
  }

 private:
  std::string text_;
};

class Fields {
 public:
  // `place` begins every message: "result.json", "benchmarks.json: benchmarks[2]". Object and problem outlive this.
  Fields(const nlohmann::json& object, std::string place, Problem& problem);

  bool has(const char* key) const;                                 // there, and not null
  std::optional<double> number(const std::string& key) const;      // finite
  std::optional<double> positive(const std::string& key) const;    // finite and not negative: what cannot be negative
  std::optional<double> milliseconds(const std::string& key) const;  // the same, as seconds
  std::optional<std::int64_t> count(const std::string& key, std::int64_t most = 1'000'000'000'000) const;
  std::string text(const char* key) const;
  std::optional<bool> flag(const char* key) const;
  std::vector<double> numbers(const char* key) const;              // of a list; empty: not there
  Fields object(const char* key) const;                            // an empty one where it is not there
  const nlohmann::json* list(const char* key) const;               // null: not there
  const nlohmann::json& json() const { return *object_; }
  const std::string& place() const { return place_; }
  void wrong(const std::string& key, const std::string& what) const;
  Problem& problem() const { return *problem_; }

 private:
  const nlohmann::json* find(const std::string& key) const;
  const nlohmann::json* object_;
  std::string place_;
  Problem* problem_;
};

// One JSON document as Python writes it: NaN becomes null, Infinity the text "inf". Errors name `place` and the line.
Result<nlohmann::json> parse_json(std::string_view text, const std::string& place);

// A list of more entries is refused.
inline constexpr std::size_t kMaxRequestsInFile = 10'000'000;

}  // namespace tokenmark
