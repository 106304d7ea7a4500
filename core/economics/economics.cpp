#include "core/economics/economics.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/economics/own_prices.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

using Json = nlohmann::ordered_json;  // tiers keep their order

Result<std::string> text(const Json& object, const char* key, const std::string& place) {
  const auto entry = object.find(key);
  if (entry == object.end() || !entry->is_string())
    return fail(ErrorKind::invalid_input, "{}: '{}' must be a text", place, key);
  return entry->get<std::string>();
}

Result<double> positive(const Json& object, const std::string& key, const std::string& place) {
  const auto entry = object.find(key);
  if (entry == object.end() || !entry->is_number() || !(entry->get<double>() > 0) || !std::isfinite(entry->get<double>()))
    return fail(ErrorKind::invalid_input, "{}: '{}' must be a number above 0, it is {}", place, key,
                entry == object.end() ? "missing" : entry->dump());
  return entry->get<double>();
}

Result<std::optional<double>> positive_or_null(const Json& object, const char* key, const std::string& place) {
  const auto entry = object.find(key);
  if (entry == object.end() || entry->is_null()) return std::optional<double>();
  TOKENMARK_TRY(const double value, positive(object, key, place));
  return std::optional(value);
}

Result<Json> parse(std::string_view json, const char* what, const char* list) {
  Json document = Json::parse(json, nullptr, false);
  if (!document.is_object() || !document.contains(list) || !document[list].is_array())
    return fail(ErrorKind::invalid_input, "{}: not a JSON object with a list '{}'", what, list);
  return document;
}

Result<PriceRow> price_row(const std::string& accelerator, const Json& json, const PriceBook& book, const std::string& set) {
  const std::string place = fmt::format("prices of {} in '{}'", accelerator, set);
  if (!json.is_object()) return fail(ErrorKind::invalid_input, "{}: must be an object", place);
  PriceRow row{accelerator, 0, {}};
  TOKENMARK_TRY(row.kw, positive(json, "kw", place));
  for (const PriceTier& tier : book.tiers) {
    if (!json.contains(tier.key)) continue;
    TOKENMARK_TRY(const double dollars, positive(json, tier.key, place));
    row.dollars_per_hour.emplace_back(tier.key, dollars);
  }
  if (row.dollars_per_hour.size() + 1 != json.size())
    return fail(ErrorKind::invalid_input, "{}: has a key that is neither 'kw' nor a tier of the file", place);
  return row;
}

Result<PriceSet> price_set(const Json& json, const PriceBook& book) {
  if (!json.is_object()) return fail(ErrorKind::invalid_input, "prices: every set must be an object");
  PriceSet set;
  TOKENMARK_TRY(set.name, text(json, "name", "prices"));
  TOKENMARK_TRY(set.date, text(json, "date", set.name));
  TOKENMARK_TRY(set.source, text(json, "source", set.name));
  if (!json.contains("rows") || !json["rows"].is_object())
    return fail(ErrorKind::invalid_input, "price set '{}': 'rows' must be an object by accelerator", set.name);
  for (const auto& [accelerator, row] : json["rows"].items()) {
    TOKENMARK_TRY(PriceRow parsed, price_row(accelerator, row, book, set.name));
    set.rows.push_back(std::move(parsed));
  }
  return set;
}

const PriceBook& book() {
  static const PriceBook own = parse_prices(resource("prices.json")).value_or(PriceBook{});
  return own;
}

}  // namespace

const PriceRow* PriceSet::row(std::string_view accelerator) const {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.accelerator == accelerator; });
  return found == rows.end() ? nullptr : &*found;
}

std::optional<double> PriceSet::dollars_per_hour(std::string_view accelerator, std::string_view tier) const {
  if (const PriceRow* found = row(accelerator))
    for (const auto& [key, dollars] : found->dollars_per_hour)
      if (key == tier) return dollars;
  return std::nullopt;
}

std::optional<double> PriceSet::kw(std::string_view accelerator) const {
  const PriceRow* found = row(accelerator);
  return found ? std::optional(found->kw) : std::nullopt;
}

std::string dated_name(std::string_view name, std::string_view date) {
  if (date.empty() || name.find(date) != std::string_view::npos) return std::string(name);
  return fmt::format("{} ({})", name, date);
}

Result<PriceBook> parse_prices(std::string_view json) {
  TOKENMARK_TRY(const Json document, parse(json, "prices", "sets"));
  if (!document.contains("tiers") || !document["tiers"].is_object() || document["tiers"].empty())
    return fail(ErrorKind::invalid_input, "prices: 'tiers' must be an object that names at least one tier");
  PriceBook result;
  for (const auto& [key, meaning] : document["tiers"].items()) {
    if (!meaning.is_string()) return fail(ErrorKind::invalid_input, "prices: tier '{}' must be a text", key);
    result.tiers.push_back({key, meaning.get<std::string>()});
  }
  for (const Json& set : document["sets"]) {
    TOKENMARK_TRY(PriceSet parsed, price_set(set, result));
    result.sets.push_back(std::move(parsed));
  }
  std::stable_sort(result.sets.begin(), result.sets.end(), [](const auto& a, const auto& b) { return a.date < b.date; });
  return result;
}

Result<std::vector<Accelerator>> parse_accelerators(std::string_view json) {
  TOKENMARK_TRY(const Json document, parse(json, "accelerators", "accelerators"));
  std::vector<Accelerator> result;
  for (const Json& entry : document["accelerators"]) {
    if (!entry.is_object()) return fail(ErrorKind::invalid_input, "accelerators: every entry must be an object");
    Accelerator a;
    TOKENMARK_TRY(a.key, text(entry, "key", "accelerators"));
    TOKENMARK_TRY(a.name, text(entry, "name", a.key));
    TOKENMARK_TRY(a.vendor, text(entry, "vendor", a.key));
    TOKENMARK_TRY(a.bf16_tflop_s, positive_or_null(entry, "bf16", a.key));
    TOKENMARK_TRY(a.fp8_tflop_s, positive_or_null(entry, "fp8", a.key));
    TOKENMARK_TRY(a.fp4_tflop_s, positive_or_null(entry, "fp4", a.key));
    TOKENMARK_TRY(a.memory_gb, positive_or_null(entry, "memory_gb", a.key));
    TOKENMARK_TRY(a.memory_tb_s, positive_or_null(entry, "memory_tb_s", a.key));
    TOKENMARK_TRY(a.tdp_w, positive_or_null(entry, "tdp_w", a.key));
    result.push_back(std::move(a));
  }
  return result;
}

const std::vector<Accelerator>& accelerators() {
  static const auto own = parse_accelerators(resource("accelerators.json")).value_or(std::vector<Accelerator>{});
  return own;
}

const Accelerator* find_accelerator(std::string_view key) {
  for (const Accelerator& accelerator : accelerators())
    if (accelerator.key == key) return &accelerator;
  return nullptr;
}

std::vector<PriceSet> price_sets() {
  std::vector<PriceSet> sets = book().sets;
  const auto own = own_prices();
  sets.insert(sets.end(), own->sets.begin(), own->sets.end());
  std::stable_sort(sets.begin(), sets.end(), [](const auto& a, const auto& b) { return a.date < b.date; });
  return sets;
}

std::vector<std::string> price_tiers() {
  std::vector<std::string> keys;
  for (const PriceTier& tier : book().tiers) keys.push_back(tier.key);
  return keys;
}

std::string price_tier_meaning(std::string_view key) {
  for (const PriceTier& tier : book().tiers)
    if (tier.key == key) return tier.meaning;
  return {};
}

Result<PriceSet> find_price_set(std::string_view name) {
  const auto own = own_prices();
  const std::string_view wanted = !name.empty() ? name : own->default_set;
  std::vector<std::string> names;
  std::optional<PriceSet> found, newest;
  for (const PriceSet& set : price_sets()) {
    if (set.name == wanted) found = set;
    if (!set.own) newest = set;
    names.push_back(set.name);
  }
  if (!found && name.empty()) found = newest;   // a default that is no more
  if (!found) return fail(ErrorKind::invalid_input, "there is no price set '{}'; there are: {}", name, fmt::join(names, ", "));
  for (const PriceRow& device : own->devices)
    if (found->row(device.accelerator) == nullptr) found->rows.push_back(device);
  return *std::move(found);
}

Result<std::string> find_price_tier(std::string_view tier) {
  const std::vector<std::string> tiers = price_tiers();
  const auto has = [&](std::string_view key) { return std::find(tiers.begin(), tiers.end(), key) != tiers.end(); };
  const auto own = own_prices();
  if (tier.empty() && has(own->default_tier)) return own->default_tier;
  if (tier.empty() && !tiers.empty()) return tiers.front();
  if (has(tier)) return std::string(tier);
  return fail(ErrorKind::invalid_input, "there is no price tier '{}'; there are: {}", tier, fmt::join(tiers, ", "));
}

double dollars_per_million_tokens(double tok_s_gpu, double dollars_per_hour) {
  return dollars_per_hour / (tok_s_gpu * 3600) * 1e6;
}
double tokens_per_dollar(double tok_s_gpu, double dollars_per_hour) { return tok_s_gpu * 3600 / dollars_per_hour; }
double tok_s_per_megawatt(double tok_s_gpu, double kw) { return tok_s_gpu * 1000 / kw; }

}  // namespace tokenmark
