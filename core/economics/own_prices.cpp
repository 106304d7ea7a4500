#include "core/economics/own_prices.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace tokenmark {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr std::uintmax_t kMostBytes = 4 << 20;
constexpr std::size_t kLongestName = 200;

bool is_project_set(std::string_view name) {
  for (const PriceSet& set : price_sets())
    if (!set.own && set.name == name) return true;
  return false;
}

Json rows_json(const std::vector<PriceRow>& rows) {
  Json json = Json::object();
  for (const PriceRow& row : rows) {
    Json& entry = json[row.accelerator] = {{"kw", row.kw}};
    for (const auto& [tier, dollars] : row.dollars_per_hour) entry[tier] = dollars;
  }
  return json;
}

Json sets_document(const std::vector<PriceSet>& sets) {
  Json document = {{"tiers", Json::object()}, {"sets", Json::array()}};
  for (const std::string& tier : price_tiers()) document["tiers"][tier] = price_tier_meaning(tier);
  for (const PriceSet& set : sets)
    document["sets"].push_back({{"name", set.name}, {"date", set.date}, {"source", set.source}, {"rows", rows_json(set.rows)}});
  return document;
}

std::string text_of(const Json& document) { return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"; }

Result<Json> parse_json(std::string_view text, const std::string& place) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    return fail(ErrorKind::invalid_input, "{}: not JSON at byte {}", place, error.byte);
  } catch (const Json::exception& error) {   // a number that no double holds
    return fail(ErrorKind::invalid_input, "{}: not JSON that can be read: {}", place, error.what());
  }
}

// The file's sets; only the tiers that there are may be named.
Result<std::vector<PriceSet>> sets_of(Json document, const std::string& place) {
  if (!document.is_object() || !document.contains("sets")) return fail(ErrorKind::invalid_input, "{}: not an object with a list 'sets'", place);
  const std::vector<std::string> known = price_tiers();
  if (document.contains("tiers") && document["tiers"].is_object())
    for (const auto& [tier, meaning] : document["tiers"].items())
      if (std::find(known.begin(), known.end(), tier) == known.end())
        return fail(ErrorKind::invalid_input, "{}: tier '{}' is not known here; known are hyperscaler, neocloud and rental_3y", place, tier);
  document["tiers"] = sets_document({})["tiers"];
  const auto book = parse_prices(document.dump());
  if (!book) return fail(ErrorKind::invalid_input, "{}: {}", place, book.error().message);
  std::set<std::string> names;
  std::vector<PriceSet> sets = book->sets;
  for (PriceSet& set : sets) {
    set.own = true;
    if (set.name.empty() || set.name.size() > kLongestName)
      return fail(ErrorKind::invalid_input, "{}: a price set's name must have 1 to {} bytes, '{}…' has {}", place, kLongestName,
                  set.name.substr(0, 40), set.name.size());
    if (!names.insert(set.name).second) return fail(ErrorKind::invalid_input, "{}: there are two price sets '{}'", place, set.name);
  }
  return sets;
}

// A set of its own as far as the file's grammar goes.
Result<std::vector<PriceRow>> devices_of(const Json& devices, const std::string& place) {
  const Json document = {{"sets", {{{"name", "devices"}, {"date", ""}, {"source", ""}, {"rows", devices}}}}};
  TOKENMARK_TRY(const std::vector<PriceSet> sets, sets_of(document, place));
  std::vector<PriceRow> rows = sets.front().rows;
  for (PriceRow& row : rows) row.own_device = true;
  return rows;
}

Result<std::string> file_text(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) return fail(ErrorKind::io, "{}: {}", file.string(), error.message());
  if (size > kMostBytes) return fail(ErrorKind::invalid_input, "{}: has {} bytes, price sets have at most {}", file.string(), size, kMostBytes);
  std::ifstream in(file, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(size))) return fail(ErrorKind::io, "{}: cannot be read", file.string());
  return text;
}

Status write_durably(const std::filesystem::path& file, const std::string& text) {
  const int handle = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (handle < 0) return fail(ErrorKind::io, "{}: {}", file.string(), std::strerror(errno));
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = write(handle, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) break;
    done += static_cast<std::size_t>(written);
  }
  const bool kept = done == text.size() && fsync(handle) == 0;
  const int why = errno;
  close(handle);
  if (!kept) return fail(ErrorKind::io, "{}: {}", file.string(), std::strerror(why));
  return {};
}

std::atomic<std::shared_ptr<const OwnPrices>>& in_use() {
  static std::atomic<std::shared_ptr<const OwnPrices>> prices(std::make_shared<const OwnPrices>());
  return prices;
}

}  // namespace

std::filesystem::path own_prices_path() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  if (config != nullptr && *config == '/') return std::filesystem::path(config) / "tokenmark" / "prices.json";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr && *home != '\0' ? home : ".") / ".config" / "tokenmark" / "prices.json";
}

Result<OwnPrices> parse_own_prices(std::string_view json, const std::string& place) {
  TOKENMARK_TRY(const Json document, parse_json(json, place));
  OwnPrices prices;
  TOKENMARK_TRY(prices.sets, sets_of(document, place));
  for (const PriceSet& set : prices.sets)
    if (is_project_set(set.name))
      return fail(ErrorKind::invalid_input, "{}: '{}' is a price set of Tokenmark; name yours differently", place, set.name);
  if (const auto version = document.find("version"); version == document.end() || !version->is_number_integer() || *version != kVersion)
    return fail(ErrorKind::invalid_input, "{}: 'version' must be {}, it is {}", place, kVersion,
                version == document.end() ? "missing" : version->dump());
  if (document.contains("devices")) { TOKENMARK_TRY(prices.devices, devices_of(document["devices"], place)); }
  for (const auto& [key, to] : {std::pair{"default_set", &prices.default_set}, {"default_tier", &prices.default_tier}}) {
    if (!document.contains(key)) continue;
    if (!document[key].is_string()) return fail(ErrorKind::invalid_input, "{}: '{}' must be a text, it is {}", place, key, document[key].dump());
    *to = document[key].get<std::string>();
  }
  return prices;
}

std::string price_sets_json(const std::vector<PriceSet>& sets) { return text_of(sets_document(sets)); }

std::string own_prices_json(const OwnPrices& prices) {
  Json document = {{"version", kVersion}, {"default_set", prices.default_set}, {"default_tier", prices.default_tier}};
  document.update(sets_document(prices.sets));
  document["devices"] = rows_json(prices.devices);
  return text_of(document);
}

Result<std::vector<PriceSet>> read_price_sets(const std::filesystem::path& file) {
  TOKENMARK_TRY(const std::string text, file_text(file));
  TOKENMARK_TRY(Json document, parse_json(text, file.filename().string()));
  return sets_of(std::move(document), file.filename().string());
}

Result<OwnPrices> read_own_prices(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, error))) return OwnPrices{};
  TOKENMARK_TRY(const std::string text, file_text(file));
  return parse_own_prices(text, file.string());
}

Status write_own_prices(const std::filesystem::path& file, const OwnPrices& prices) {
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error) return fail(ErrorKind::io, "{}: {}", file.parent_path().string(), error.message());
  const std::filesystem::path half = file.string() + ".new";
  TOKENMARK_CHECK(write_durably(half, own_prices_json(prices)));
  std::filesystem::rename(half, file, error);
  if (error) return fail(ErrorKind::io, "{}: {}", file.string(), error.message());
  return {};
}

std::shared_ptr<const OwnPrices> own_prices() { return in_use().load(); }
void use_own_prices(OwnPrices prices) { in_use().store(std::make_shared<const OwnPrices>(std::move(prices))); }

Status load_own_prices(const std::filesystem::path& file) {
  auto prices = read_own_prices(file);
  if (prices) {
    use_own_prices(*std::move(prices));
    return {};
  }
  use_own_prices({});
  std::filesystem::path aside = file.string() + ".damaged";
  std::error_code error;
  for (int number = 2; std::filesystem::exists(aside, error); ++number) aside = fmt::format("{}.damaged-{}", file.string(), number);
  std::filesystem::rename(file, aside, error);
  if (error) return fail(prices.error().kind, "{}. Your prices are not used, and the file could not be set aside: {}", prices.error().message, error.message());
  return fail(prices.error().kind, "{}. Your prices are not used; the file is kept as {}", prices.error().message, aside.string());
}

std::string why_not_set_name(const OwnPrices& prices, std::string_view name) {
  if (name.empty()) return "a price set needs a name";
  if (name.size() > kLongestName) return fmt::format("a name has at most {} bytes, this one has {}", kLongestName, name.size());
  if (is_project_set(name)) return fmt::format("'{}' is a price set of Tokenmark", name);
  for (const PriceSet& set : prices.sets)
    if (set.name == name) return fmt::format("there is a price set '{}' already", name);
  return {};
}

std::string free_set_name(const OwnPrices& prices, const std::string& name) {
  const std::string base = name.substr(0, kLongestName - 8);
  std::string candidate = base;
  for (int number = 2; !why_not_set_name(prices, candidate).empty(); ++number) candidate = fmt::format("{} {}", base.empty() ? "prices" : base, number);
  return candidate;
}

}  // namespace tokenmark
