// The user's price sets and prices of their own devices, in one file of their configuration. Any thread: what is in use
// is replaced as a whole, and whoever reads keeps what they have. The file is written atomically, and one that cannot be
// read is set aside, never overwritten.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/economics/economics.h"

namespace tokenmark {

struct OwnPrices {
  std::vector<PriceSet> sets;
  std::vector<PriceRow> devices;             // of devices that a price set does not have, in every set
  std::string default_set, default_tier;     // empty: the project's newest, its first tier
  bool operator==(const OwnPrices&) const = default;
};

std::filesystem::path own_prices_path();     // $XDG_CONFIG_HOME/tokenmark/prices.json

// `place` begins every message. A set named as one of the project's, or twice, is an error.
Result<OwnPrices> parse_own_prices(std::string_view json, const std::string& place);
std::string own_prices_json(const OwnPrices& prices);
// The sets alone, as a file for others; `parse_prices` and `read_price_sets` read it.
std::string price_sets_json(const std::vector<PriceSet>& sets);
// Sets of a file for import: at most 4 MiB; tiers that this program does not know are an error.
Result<std::vector<PriceSet>> read_price_sets(const std::filesystem::path& file);

Result<OwnPrices> read_own_prices(const std::filesystem::path& file);   // no file: nothing
Status write_own_prices(const std::filesystem::path& file, const OwnPrices& prices);

// What price_sets() and find_price_set() use from now on; never null.
std::shared_ptr<const OwnPrices> own_prices();
void use_own_prices(OwnPrices prices);

// Reads the file and uses it. One that cannot be read is renamed to "prices.json.damaged" (-2, -3 …) and nothing is
// used: the error says what was wrong and where the file is now.
Status load_own_prices(const std::filesystem::path& file);

// A name that is neither one of the project's nor of `prices`: "NAME", "NAME 2" …
std::string free_set_name(const OwnPrices& prices, const std::string& name);
// Why a set cannot be called that; empty: it can.
std::string why_not_set_name(const OwnPrices& prices, std::string_view name);

}  // namespace tokenmark
