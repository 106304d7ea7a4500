// Runs out into a bundle, and in again.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/store/bundle_file.h"
#include "core/store/store_state.h"
#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

using nlohmann::json;

// The columns of a run that are carried as they are.
constexpr const char* kTexts[] = {"uid", "series", "state", "error", "source", "started", "model", "device",
                                  "precision", "framework", "hardware", "node", "note"};
constexpr const char* kNumbers[] = {"gpus", "input", "output", "concurrency", "repeat", "random_weights", "starred"};

// ---- out ----

class Collector {
 public:
  explicit Collector(Store::State& state) : state_(state) {}

  Result<json> run(RunId id) {
    TOKENMARK_CHECK(expect_run(state_, id));
    auto query = state_.prepare(
        "SELECT uid, series, state, error, source, started, model, device, precision, framework, hardware, node, note, "
        "gpus, input, output, concurrency, repeat, random_weights, starred, ended, sweep, environment, point, "
        "(SELECT json FROM figure_details WHERE run = runs.id) "
        "FROM runs JOIN configurations ON configurations.id = configuration WHERE runs.id = ?");
    query.bind(1, id);
    query.executeStep();
    json run;
    int column = 0;
    for (const char* name : kTexts) run[name] = query.getColumn(column++).getString();
    for (const char* name : kNumbers) run[name] = query.getColumn(column++).getInt64();
    if (run["state"] == "running")
      return fail(ErrorKind::unavailable, "run {} is still running; save it when it has ended", id);
    for (const char* name : {"ended"})
      if (!query.getColumn(column++).isNull()) run[name] = query.getColumn(column - 1).getString();
    if (const auto sweep = query.getColumn(column++); !sweep.isNull()) run["sweep"] = place(sweep.getInt64(), sweeps_, sweep_places_, &Collector::sweep);
    if (const auto environment = query.getColumn(column++); !environment.isNull())
      run["environment"] = place(environment.getInt64(), environments_, environment_places_, &Collector::environment);
    run["point"] = query.getColumn(column++).getString();
    if (!query.getColumn(column).isNull()) run["figures"] = query.getColumn(column).getString();
    add_tags(id, run);
    add_quality(id, run);
    add_sizes(id, run);
    return run;
  }

  json head(json runs, const std::string& chart) && {
    return {{"runs", std::move(runs)}, {"sweeps", std::move(sweeps_)}, {"environments", std::move(environments_)}, {"chart", chart}};
  }

 private:
  std::size_t place(std::int64_t id, json& list, std::map<std::int64_t, std::size_t>& places, json (Collector::*read)(std::int64_t)) {
    const auto [found, added] = places.try_emplace(id, list.size());
    if (added) list.push_back((this->*read)(id));
    return found->second;
  }
  json sweep(std::int64_t id) {
    auto query = state_.prepare("SELECT name, started, yaml, hash, points FROM sweeps WHERE id = ?");
    query.bind(1, id);
    query.executeStep();
    return {{"name", query.getColumn(0).getString()}, {"started", query.getColumn(1).getString()},
            {"yaml", query.getColumn(2).getString()}, {"hash", query.getColumn(3).getString()}, {"points", query.getColumn(4).getInt()}};
  }
  json environment(std::int64_t id) {
    auto query = state_.prepare("SELECT json FROM environments WHERE id = ?");
    query.bind(1, id);
    query.executeStep();
    return query.getColumn(0).getString();
  }
  void add_tags(RunId id, json& run) {
    auto query = state_.prepare("SELECT tag FROM tags WHERE run = ?");
    query.bind(1, id);
    while (query.executeStep()) run["tags"].push_back(query.getColumn(0).getString());
  }
  void add_quality(RunId id, json& run) {
    auto figures = state_.prepare("SELECT task, metric, value, low, high, items, dataset FROM quality WHERE run = ? ORDER BY id");
    figures.bind(1, id);
    while (figures.executeStep()) {
      json figure = {{"task", figures.getColumn(0).getString()}, {"metric", figures.getColumn(1).getString()},
                     {"value", figures.getColumn(2).getDouble()}, {"items", figures.getColumn(5).getInt64()},
                     {"dataset", figures.getColumn(6).getString()}};
      if (!figures.getColumn(3).isNull() && !figures.getColumn(4).isNull()) {
        figure["low"] = figures.getColumn(3).getDouble();
        figure["high"] = figures.getColumn(4).getDouble();
      }
      run["quality"].push_back(std::move(figure));
    }
    auto failures = state_.prepare("SELECT task, error FROM quality_failures WHERE run = ? ORDER BY id");
    failures.bind(1, id);
    while (failures.executeStep())
      run["quality_failures"].push_back({{"task", failures.getColumn(0).getString()}, {"error", failures.getColumn(1).getString()}});
  }
  void add_sizes(RunId id, json& run) {
    auto log = state_.prepare("SELECT length(block) FROM event_logs WHERE run = ?");
    log.bind(1, id);
    if (log.executeStep()) run["log_bytes"] = log.getColumn(0).getInt64();
    auto document = state_.prepare("SELECT format, hash, bytes, length(block) FROM documents WHERE run = ?");
    document.bind(1, id);
    if (document.executeStep())
      run["document"] = {{"format", document.getColumn(0).getString()}, {"hash", document.getColumn(1).getString()},
                         {"bytes", document.getColumn(2).getInt64()}, {"block_bytes", document.getColumn(3).getInt64()}};
  }

  Store::State& state_;
  json sweeps_ = json::array(), environments_ = json::array();
  std::map<std::int64_t, std::size_t> sweep_places_, environment_places_;
};

void write_block(Store::State& state, BundleWriter& writer, const char* sql, RunId id) {
  auto query = state.prepare(sql);
  query.bind(1, id);
  if (!query.executeStep()) return;
  const auto block = query.getColumn(0);
  writer.block({static_cast<const char*>(block.getBlob()), static_cast<std::size_t>(block.getBytes())});
}

// ---- in: everything is read and checked before anything is stored ----

struct CarriedRun {
  json row;                        // its columns are of the right kinds
  Point point;
  std::optional<Figures> figures;
  std::string_view log, document;
};

Status check_columns(const json& run) {
  const auto expect = [](bool good, std::string_view name) -> Status {
    return good ? Status() : fail(ErrorKind::invalid_input, "'{}' of a run is missing or not what it should be", name);
  };
  TOKENMARK_CHECK(expect(run.is_object(), "runs"));
  for (const char* name : kTexts) TOKENMARK_CHECK(expect(run.contains(name) && run[name].is_string(), name));
  for (const char* name : kNumbers)
    TOKENMARK_CHECK(expect(run.contains(name) && run[name].is_number_integer() && run[name] >= 0 && run[name] <= 2'000'000'000, name));
  const std::string uid = run["uid"];
  TOKENMARK_CHECK(expect(uid.size() == 32 && uid.find_first_not_of("0123456789abcdef") == std::string::npos, "uid"));
  const std::string state = run["state"];
  TOKENMARK_CHECK(expect(state == "done" || state == "failed" || state == "cancelled" || state == "interrupted", "state"));
  TOKENMARK_CHECK(expect(run["started"].get_ref<const std::string&>().size() <= 40, "started"));
  TOKENMARK_CHECK(expect(run.contains("point") && run["point"].is_string(), "point"));
  for (const char* name : {"figures", "ended"}) TOKENMARK_CHECK(expect(!run.contains(name) || run[name].is_string(), name));
  return expect(state != "done" || run.contains("figures"), "figures");
}

// A list of objects (or texts) below `key`; absent: empty.
Result<json> list_of(const json& run, const char* key) {
  if (!run.contains(key)) return json::array();
  if (!run[key].is_array()) return fail(ErrorKind::invalid_input, "'{}' is not a list", key);
  return run[key];
}

Status check_lists(const json& run, const json& head) {
  TOKENMARK_TRY(const json tags, list_of(run, "tags"));
  for (const json& tag : tags)
    if (!tag.is_string()) return fail(ErrorKind::invalid_input, "a tag is not a text");
  TOKENMARK_TRY(const json quality, list_of(run, "quality"));
  for (const json& figure : quality)
    if (!figure.is_object() || !figure.contains("task") || !figure["task"].is_string() || !figure.contains("metric") ||
        !figure["metric"].is_string() || !figure.contains("value") || !figure["value"].is_number() || !figure.contains("items") ||
        !figure["items"].is_number_integer() || !figure.contains("dataset") || !figure["dataset"].is_string() ||
        (figure.contains("low") && !figure["low"].is_number()) || (figure.contains("high") && !figure["high"].is_number()))
      return fail(ErrorKind::invalid_input, "a quality figure is not what it should be");
  TOKENMARK_TRY(const json failures, list_of(run, "quality_failures"));
  for (const json& failure : failures)
    if (!failure.is_object() || !failure.contains("task") || !failure["task"].is_string() || !failure.contains("error") ||
        !failure["error"].is_string())
      return fail(ErrorKind::invalid_input, "a failed quality task is not what it should be");
  for (const auto& [key, list] : {std::pair{"sweep", "sweeps"}, std::pair{"environment", "environments"}})
    if (run.contains(key) && (!run[key].is_number_unsigned() || run[key].get<std::uint64_t>() >= head[list].size()))
      return fail(ErrorKind::invalid_input, "the {} of a run is not in the bundle", key);
  return {};
}

Status check_head(const json& head) {
  for (const char* key : {"runs", "sweeps", "environments"})
    if (!head.contains(key) || !head[key].is_array()) return fail(ErrorKind::invalid_input, "'{}' is missing", key);
  if (!head.contains("chart") || !head["chart"].is_string()) return fail(ErrorKind::invalid_input, "'chart' is missing");
  for (const json& sweep : head["sweeps"]) {
    const auto text = [&](const char* key) { return sweep.contains(key) && sweep[key].is_string(); };
    if (!sweep.is_object() || !text("name") || !text("started") || !text("yaml") || !text("hash") || !sweep.contains("points") ||
        !sweep["points"].is_number_integer())
      return fail(ErrorKind::invalid_input, "a sweep is not what it should be");
  }
  for (const json& environment : head["environments"])
    if (!environment.is_string() || !json::accept(environment.get_ref<const std::string&>()))
      return fail(ErrorKind::invalid_input, "an environment is no JSON");
  return {};
}

Result<std::uint64_t> size_at(const json& object, const char* key) {
  if (!object.contains(key)) return std::uint64_t{0};
  if (!object[key].is_number_unsigned()) return fail(ErrorKind::invalid_input, "'{}' is not a size", key);
  return object[key].get<std::uint64_t>();
}

Result<CarriedRun> carried(json row, BundleFile& bundle) {
  TOKENMARK_CHECK(check_columns(row));
  TOKENMARK_CHECK(check_lists(row, bundle.head));
  CarriedRun run;
  const json point = json::parse(row["point"].get_ref<const std::string&>(), nullptr, false);
  if (point.is_discarded()) return fail(ErrorKind::invalid_input, "a run's configuration is no JSON");
  TOKENMARK_TRY(run.point, point_from_json(point));
  if (row.contains("figures")) {
    const json figures = json::parse(row["figures"].get_ref<const std::string&>(), nullptr, false);
    if (figures.is_discarded()) return fail(ErrorKind::invalid_input, "a run's figures are no JSON");
    TOKENMARK_TRY(run.figures, figures_from_json(figures));
  }
  TOKENMARK_TRY(const std::uint64_t log_bytes, size_at(row, "log_bytes"));
  TOKENMARK_TRY(run.log, bundle.block(log_bytes));
  if (!run.log.empty()) TOKENMARK_CHECK(decode_event_log(run.log).map([](const EventLog&) {}));
  if (row.contains("document")) {
    const json& document = row["document"];
    if (!document.is_object() || !document.contains("format") || !document["format"].is_string() || !document.contains("hash") ||
        !document["hash"].is_string())
      return fail(ErrorKind::invalid_input, "a run's document is not what it should be");
    TOKENMARK_TRY(const std::uint64_t bytes, size_at(document, "bytes"));
    if (bytes > std::uint64_t{1} << 40) return fail(ErrorKind::invalid_input, "a run's document is too long");
    TOKENMARK_TRY(const std::uint64_t block_bytes, size_at(document, "block_bytes"));
    TOKENMARK_TRY(run.document, bundle.block(block_bytes));
  }
  run.row = std::move(row);
  return run;
}

class Taker {
 public:
  Taker(Store::State& state, const json& head) : state_(state), head_(head) {}

  RunId take(const CarriedRun& run, OpenedBundle& opened) {
    auto known = state_.prepare("SELECT id, deleted FROM runs WHERE uid = ?");
    known.bind(1, run.row["uid"].get<std::string>());
    if (known.executeStep()) {
      const RunId id = known.getColumn(0).getInt64();
      if (known.getColumn(1).isNull()) ++opened.known;
      else restore(id);
      return id;
    }
    const RunId id = insert(run);
    if (run.figures) write_figures(state_, id, *run.figures);
    add_lists(id, run.row);
    if (!run.log.empty()) add_block("INSERT INTO event_logs (run, block) VALUES (?, ?)", id, run.log);
    if (run.row.contains("document")) add_document(id, run);
    refresh_search(state_, id);
    return id;
  }

 private:
  void restore(RunId id) {
    auto update = state_.prepare("UPDATE runs SET deleted = NULL WHERE id = ?");
    update.bind(1, id);
    update.exec();
    mark_changed(state_, id);
  }

  RunId insert(const CarriedRun& run) {
    auto insert = state_.prepare(
        "INSERT INTO runs (uid, series, state, error, source, started, model, device, precision, framework, hardware, node, note, "
        "gpus, input, output, concurrency, repeat, random_weights, starred, configuration, ended, sweep, environment) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    int index = 0;
    for (const char* name : kTexts) insert.bind(++index, run.row[name].get<std::string>());
    for (const char* name : kNumbers) insert.bind(++index, run.row[name].get<std::int64_t>());
    insert.bind(++index, configuration_row(state_, run.point));
    if (run.row.contains("ended")) insert.bind(++index, run.row["ended"].get<std::string>());
    else insert.bind(++index);
    if (run.row.contains("sweep")) insert.bind(++index, sweep_row(run.row["sweep"]));
    else insert.bind(++index);
    if (run.row.contains("environment"))
      insert.bind(++index, environment_row(state_, json::parse(head_["environments"][run.row["environment"].get<std::size_t>()].get<std::string>())));
    else insert.bind(++index);
    insert.exec();
    return state_.database.getLastInsertRowid();
  }

  // The same sweep where it is here already.
  SweepId sweep_row(std::size_t place) {
    const auto [found, added] = sweeps_.try_emplace(place, 0);
    if (!added) return found->second;
    const json& sweep = head_["sweeps"][place];
    auto find = state_.prepare("SELECT id FROM sweeps WHERE hash = ? AND started = ? AND name = ? AND yaml = ?");
    auto insert = state_.prepare("INSERT INTO sweeps (hash, started, name, yaml, points) VALUES (?, ?, ?, ?, ?)");
    int index = 0;
    for (const char* key : {"hash", "started", "name", "yaml"}) {
      find.bind(++index, sweep[key].get<std::string>());
      insert.bind(index, sweep[key].get<std::string>());
    }
    if (find.executeStep()) return found->second = find.getColumn(0).getInt64();
    insert.bind(++index, sweep["points"].get<std::int64_t>());
    insert.exec();
    return found->second = state_.database.getLastInsertRowid();
  }

  void add_lists(RunId id, const json& row) {
    for (const json& tag : row.value("tags", json::array())) {
      auto insert = state_.prepare("INSERT OR IGNORE INTO tags (run, tag) VALUES (?, ?)");
      insert.bind(1, id);
      insert.bind(2, tag.get<std::string>());
      insert.exec();
    }
    for (const json& figure : row.value("quality", json::array())) {
      auto insert = state_.prepare("INSERT OR REPLACE INTO quality (run, task, metric, dataset, value, items, low, high) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
      insert.bind(1, id);
      int index = 1;
      for (const char* key : {"task", "metric", "dataset"}) insert.bind(++index, figure[key].get<std::string>());
      insert.bind(5, figure["value"].get<double>());
      insert.bind(6, figure["items"].get<std::int64_t>());
      const bool interval = figure.contains("low") && figure.contains("high");
      tokenmark::bind(insert, 7, interval ? std::optional(figure["low"].get<double>()) : std::nullopt);
      tokenmark::bind(insert, 8, interval ? std::optional(figure["high"].get<double>()) : std::nullopt);
      insert.exec();
    }
    for (const json& failure : row.value("quality_failures", json::array())) {
      auto insert = state_.prepare("INSERT OR REPLACE INTO quality_failures (run, task, error) VALUES (?, ?, ?)");
      insert.bind(1, id);
      insert.bind(2, failure["task"].get<std::string>());
      insert.bind(3, failure["error"].get<std::string>());
      insert.exec();
    }
  }

  void add_block(const char* sql, RunId id, std::string_view block) {
    auto insert = state_.prepare(sql);
    insert.bind(1, id);
    insert.bindNoCopy(2, block.data(), static_cast<int>(block.size()));
    insert.exec();
  }

  void add_document(RunId id, const CarriedRun& run) {
    const json& document = run.row["document"];
    auto insert = state_.prepare("INSERT INTO documents (run, block, format, hash, bytes) VALUES (?, ?, ?, ?, ?)");
    insert.bind(1, id);
    insert.bindNoCopy(2, run.document.data(), static_cast<int>(run.document.size()));
    insert.bind(3, document["format"].get<std::string>());
    insert.bind(4, document["hash"].get<std::string>());
    insert.bind(5, document.value("bytes", std::int64_t{0}));
    insert.exec();
  }

  Store::State& state_;
  const json& head_;
  std::map<std::size_t, SweepId> sweeps_;
};

}  // namespace

Status Store::save_bundle(const std::vector<RunId>& ids, const std::string& chart, const std::filesystem::path& file) {
  return state_->guarded([&]() -> Status {
    SQLite::Transaction one_state(state_->database);   // sizes and blocks belong together; ends with nothing written
    Collector collector(*state_);
    json runs = json::array();
    for (const RunId id : ids) {
      TOKENMARK_TRY(json run, collector.run(id));
      runs.push_back(std::move(run));
    }
    TOKENMARK_TRY(BundleWriter writer, BundleWriter::begin(file, std::move(collector).head(std::move(runs), chart)));
    for (const RunId id : ids) {
      write_block(*state_, writer, "SELECT block FROM event_logs WHERE run = ?", id);
      write_block(*state_, writer, "SELECT block FROM documents WHERE run = ?", id);
    }
    return writer.finish();
  });
}

Result<OpenedBundle> Store::open_bundle(const std::filesystem::path& file) {
  const auto wrong = [&](const Error& error) {
    return tl::unexpected(Error{error.kind, fmt::format("{}: {}; nothing was taken from it", file.string(), error.message)});
  };
  return state_->guarded([&]() -> Result<OpenedBundle> {
    TOKENMARK_TRY(BundleFile bundle, read_bundle_file(file));
    if (const Status good = check_head(bundle.head); !good) return wrong(good.error());
    std::vector<CarriedRun> runs;
    for (const json& row : bundle.head["runs"]) {
      auto run = carried(row, bundle);
      if (!run) return wrong(run.error());
      runs.push_back(*std::move(run));
    }
    return state_->write([&]() -> Result<OpenedBundle> {
      OpenedBundle opened{{}, 0, bundle.head["chart"]};
      Taker taker(*state_, bundle.head);
      for (const CarriedRun& run : runs) opened.runs.push_back(taker.take(run, opened));
      return opened;
    });
  });
}

}  // namespace tokenmark
