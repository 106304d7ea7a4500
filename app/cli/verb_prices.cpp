// tokenmark-cli prices: the price sets of the project and of the user, the same file that the window's page edits.
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/economics/own_prices.h"

namespace tokenmark::cli {
namespace {

struct PricesOptions {
  std::string name, file, from, device, date, source, tier;
  std::vector<std::string> dollars;   // TIER=$/h
  double kw = 0;
  bool json = false;
};

std::string number_or_dash(const std::optional<double>& value) { return value ? fmt::format("{:g}", *value) : "–"; }

int list(const PricesOptions& options) {
  const std::vector<PriceSet> sets = price_sets();
  if (options.json) {
    fmt::print("{}", price_sets_json(sets));
    return kDone;
  }
  std::vector<std::vector<std::string>> rows;
  for (const PriceSet& set : sets)
    rows.push_back({set.name, set.date, set.own ? "yours" : "Tokenmark's", std::to_string(set.rows.size()), set.source});
  fmt::print("{}", table({"price set", "date", "whose", "devices", "source"}, rows));
  if (const auto used = find_price_set(""); used) fmt::print(stderr, "Used where none is named: {}\n", used->name);
  return kDone;
}

int show(const PricesOptions& options) {
  const auto set = find_price_set(options.name);
  if (!set) return report(set.error());
  if (options.json) {
    fmt::print("{}", price_sets_json({*set}));
    return kDone;
  }
  std::vector<std::string> header{"device", "kW"};
  for (const std::string& tier : price_tiers()) header.push_back(tier + " $/h");
  std::vector<std::vector<std::string>> rows;
  for (const PriceRow& row : set->rows) {
    rows.push_back({row.accelerator + (row.own_device ? " (your own)" : ""), fmt::format("{:g}", row.kw)});
    for (const std::string& tier : price_tiers()) rows.back().push_back(number_or_dash(set->dollars_per_hour(row.accelerator, tier)));
  }
  fmt::print("{}, {}: {}\n{}", set->name, set->date, set->source, table(header, rows));
  return kDone;
}

int keep(OwnPrices prices, bool as_json) {
  const auto written = write_own_prices(own_prices_path(), prices);
  if (!written) return report(written.error());
  if (as_json) {
    nlohmann::json names = nlohmann::json::array();
    for (const PriceSet& set : prices.sets) names.push_back(set.name);
    print_document({{"written", own_prices_path().string()}, {"yours", names}});
  }
  use_own_prices(std::move(prices));
  return kDone;
}

int import(const PricesOptions& options) {
  auto sets = read_price_sets(options.file);
  if (!sets) return report(sets.error());
  OwnPrices prices = *own_prices();
  for (PriceSet& set : *sets) {
    set.name = free_set_name(prices, set.name);
    if (!options.json) fmt::print("{}\n", set.name);
    prices.sets.push_back(std::move(set));
  }
  return keep(std::move(prices), options.json);
}

int write_out(const PricesOptions& options) {
  const auto set = find_price_set(options.name);
  if (!set) return report(set.error());
  if (options.file.empty()) {
    fmt::print("{}", price_sets_json({*set}));
    return kDone;
  }
  std::ofstream file(options.file);
  if (!(file << price_sets_json({*set})).flush()) return report(Error{ErrorKind::io, options.file + ": cannot be written"});
  if (options.json) print_document({{"written", options.file}});
  return kDone;
}

PriceSet* own_set(OwnPrices& prices, const std::string& name) {
  const auto set = std::find_if(prices.sets.begin(), prices.sets.end(), [&](const PriceSet& s) { return s.name == name; });
  return set == prices.sets.end() ? nullptr : &*set;
}

int not_own(const std::string& name) {
  return report_usage(fmt::format("'{}' is no price set of your own; 'prices list' shows whose they are", name));
}

int copy(const PricesOptions& options) {
  auto set = find_price_set(options.from);
  if (!set) return report(set.error());
  OwnPrices prices = *own_prices();
  if (const std::string why = why_not_set_name(prices, options.name); !why.empty()) return report_usage(why);
  std::erase_if(set->rows, [](const PriceRow& row) { return row.own_device; });
  set->source = fmt::format("copy of {}; {}", set->name, set->source);
  set->name = options.name;
  set->own = true;
  prices.sets.push_back(*std::move(set));
  return keep(std::move(prices), options.json);
}

int remove(const PricesOptions& options) {
  OwnPrices prices = *own_prices();
  if (own_set(prices, options.name) == nullptr) return not_own(options.name);
  std::erase_if(prices.sets, [&](const PriceSet& set) { return set.name == options.name; });
  return keep(std::move(prices), options.json);
}

Result<std::vector<std::pair<std::string, double>>> dollars_of(const PricesOptions& options) {
  std::vector<std::pair<std::string, double>> result;
  for (const std::string& given : options.dollars) {
    const std::size_t equals = given.find('=');
    TOKENMARK_TRY(const std::string tier, find_price_tier(equals == std::string::npos ? "?" : given.substr(0, equals)));
    char* end = nullptr;
    const double dollars = std::strtod(given.c_str() + equals + 1, &end);
    if (*end != '\0' || !(dollars > 0) || dollars > 1e9)
      return fail(ErrorKind::invalid_input, "--dollars {}: must be TIER=$/h with a number above 0", given);
    result.emplace_back(tier, dollars);
  }
  return result;
}

// One device's row, in an own set or (no set named) for every set that does not have the device.
int set_device(const PricesOptions& options) {
  if (!(options.kw > 0) || options.kw > 1e6) return report_usage(fmt::format("--kw {}: must be a number above 0", options.kw));
  const auto dollars = dollars_of(options);
  if (!dollars) return report(dollars.error());
  OwnPrices prices = *own_prices();
  PriceSet* set = options.name.empty() ? nullptr : own_set(prices, options.name);
  if (!options.name.empty() && set == nullptr) return not_own(options.name);
  std::vector<PriceRow>& rows = set ? set->rows : prices.devices;
  std::erase_if(rows, [&](const PriceRow& row) { return row.accelerator == options.device; });
  rows.push_back({options.device, options.kw, *dollars, set == nullptr});
  return keep(std::move(prices), options.json);
}

int make_default(const PricesOptions& options) {
  const auto set = find_price_set(options.name);
  if (!set) return report(set.error());
  const auto tier = find_price_tier(options.tier);
  if (!tier) return report(tier.error());
  OwnPrices prices = *own_prices();
  prices.default_set = set->name;
  prices.default_tier = *tier;
  return keep(std::move(prices), options.json);
}

}  // namespace

void add_prices(CLI::App& app, Context& context) {
  const auto options = std::make_shared<PricesOptions>();
  CLI::App* verb = app.add_subcommand("prices", "Price sets: what an hour and a kilowatt of a device cost, by how it is paid for");
  verb->require_subcommand(1);
  verb->footer("Example: tokenmark-cli prices copy 'InferenceX 2026-07' mine; tokenmark-cli frontier --y dollars_per_mtok --prices mine");
  const auto add = [&](const char* name, const char* tip, int (*act)(const PricesOptions&), const char* example) {
    CLI::App* sub = verb->add_subcommand(name, tip);
    sub->footer(std::string("Example: tokenmark-cli prices ") + example);
    sub->add_flag("--json", options->json, "One JSON document on standard output");
    sub->callback([&context, options, act] { context.action = [options, act] { return act(*options); }; });
    return sub;
  };
  add("list", "All price sets", list, "list");
  CLI::App* shown = add("show", "A set's devices", show, "show 'InferenceX 2026-07'");
  shown->add_option("name", options->name, "Price set (default: the one used where none is named)");
  add("import", "Sets of a file become yours", import, "import sets.json")->add_option("file", options->file, "Price sets as JSON")->required();
  CLI::App* exported = add("export", "A set as a file for others", write_out, "export mine -o mine.json");
  exported->add_option("name", options->name, "Price set")->required();
  exported->add_option("-o", options->file, "File (default: standard output)");
  CLI::App* copied = add("copy", "A set of your own from another", copy, "copy 'InferenceX 2026-07' mine");
  copied->add_option("from", options->from, "Price set to copy")->required();
  copied->add_option("name", options->name, "Name of the copy")->required();
  add("delete", "Delete a set of your own", remove, "delete mine")->add_option("name", options->name, "Price set of your own")->required();
  CLI::App* device = add("set", "Price and power of a device", set_device, "set 'EPYC 9654' --kw 0.45 --dollars hyperscaler=0.9");
  device->add_option("device", options->device, "Hardware as runs name it")->required();
  device->add_option("--kw", options->kw, "All-in power of one device, kW")->required();
  device->add_option("--dollars", options->dollars, "TIER=$/h of one device, once a tier");
  device->add_option("--in", options->name, "A price set of your own (default: in every set that does not have the device)");
  CLI::App* used = add("default", "The set and tier used where none is named", make_default, "default mine --tier rental_3y");
  used->add_option("name", options->name, "Price set")->required();
  used->add_option("--tier", options->tier, "Price tier");
}

}  // namespace tokenmark::cli
