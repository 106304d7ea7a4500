#include <nlohmann/json.hpp>

#include "core/store/store_state.h"
#include "core/store/store_sweeps.h"
#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

using nlohmann::json;

SweepRow sweep_row(SQLite::Statement& row) {
  SweepRow sweep;
  sweep.id = row.getColumn(0).getInt64();
  sweep.name = row.getColumn(1).getString();
  sweep.started = row.getColumn(2).getString();
  sweep.yaml = row.getColumn(3).getString();
  sweep.hash = row.getColumn(4).getString();
  sweep.points = row.getColumn(5).getInt();
  sweep.done = row.getColumn(6).getInt();
  return sweep;
}

constexpr const char* kSelectSweeps = R"sql(
  SELECT id, name, started, yaml, hash, points,
         (SELECT COUNT(*) FROM runs WHERE runs.sweep = sweeps.id AND state = 'done' AND deleted IS NULL) FROM sweeps )sql";

// The one column of one row by run id, or an error that says what is missing.
template <class State>
Result<std::string> column_of(State& state, const char* sql, RunId id, const char* what) {
  return state.guarded([&]() -> Result<std::string> {
    auto query = state.prepare(sql);
    query.bind(1, id);
    if (query.executeStep() && !query.getColumn(0).isNull()) return query.getColumn(0).getString();
    TOKENMARK_CHECK(expect_run(state, id));
    auto exists = state.prepare("SELECT state FROM runs WHERE id = ?");
    exists.bind(1, id);
    exists.executeStep();
    return fail(ErrorKind::not_found, "{}: run {} ({}) has no {}", state.file, id,
                exists.getColumn(0).getString(), what);
  });
}

Result<json> parse(const std::string& file, RunId id, const char* what, const std::string& text) {
  json value = json::parse(text, nullptr, false);
  if (value.is_discarded())
    return fail(ErrorKind::invalid_input, "{}: the {} of run {} is damaged", file, what, id);
  return value;
}

}  // namespace

Result<std::optional<SweepRow>> Store::latest_sweep(const std::string& hash) {
  return state_->guarded([&]() -> Result<std::optional<SweepRow>> {
    SQLite::Statement query(state_->database,
                            std::string(kSelectSweeps) + "WHERE hash = ? ORDER BY id DESC LIMIT 1");
    query.bind(1, hash);
    if (!query.executeStep()) return std::nullopt;
    return sweep_row(query);
  });
}

Result<std::vector<SweepRow>> Store::sweeps() {
  return state_->guarded([&]() -> Result<std::vector<SweepRow>> {
    std::vector<SweepRow> rows;
    SQLite::Statement query(state_->database, std::string(kSelectSweeps) + "ORDER BY id DESC");
    while (query.executeStep()) rows.push_back(sweep_row(query));
    return rows;
  });
}

Result<std::optional<SweepRow>> Store::sweep(SweepId id) {
  return state_->guarded([&]() -> Result<std::optional<SweepRow>> {
    SQLite::Statement query(state_->database, std::string(kSelectSweeps) + "WHERE id = ?");
    query.bind(1, id);
    if (!query.executeStep()) return std::nullopt;
    return sweep_row(query);
  });
}

Result<std::vector<SweepRow>> Store::interrupted_sweeps() {
  return state_->guarded([&]() -> Result<std::vector<SweepRow>> {
    SQLite::Statement query(state_->database, std::string(kSelectSweeps) + R"sql(
      WHERE id IN (SELECT sweep FROM runs WHERE state = 'interrupted' AND deleted IS NULL)
        AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.sweep = sweeps.id AND state = 'running' AND deleted IS NULL)
        AND id IN (SELECT max(id) FROM sweeps GROUP BY hash)
      ORDER BY id DESC)sql");
    std::vector<SweepRow> rows;
    while (query.executeStep())
      if (SweepRow row = sweep_row(query); row.done < row.points) rows.push_back(std::move(row));
    return rows;
  });
}

Result<std::vector<PastPoint>> Store::past_points(std::size_t most) {
  return state_->guarded([&]() -> Result<std::vector<PastPoint>> {
    auto query = state_->prepare(R"sql(
      SELECT key, node, duration_s, ttft_p50_s, tpot_p50_s
      FROM runs JOIN figures ON figures.run = runs.id JOIN configurations ON configurations.id = runs.configuration
      WHERE state = 'done' AND source = 'measured' AND deleted IS NULL AND duration_s > 0 ORDER BY runs.id DESC LIMIT ?)sql");
    query.bind(1, static_cast<std::int64_t>(most));
    const auto real = [&](int column) {
      const auto value = query.getColumn(column);
      return value.isNull() ? std::nullopt : std::optional(value.getDouble());
    };
    std::vector<PastPoint> points;
    while (query.executeStep())
      points.push_back({query.getColumn(0).getString(), query.getColumn(1).getString(), query.getColumn(2).getDouble(), real(3), real(4)});
    return points;
  });
}

Result<Point> Store::point(RunId id) {
  TOKENMARK_TRY(const RunRow row, run(id));
  TOKENMARK_TRY(
      const std::string text,
      column_of(
          *state_,
          "SELECT point FROM configurations JOIN runs ON configuration = configurations.id WHERE runs.id = ?",
          id, "configuration"));
  TOKENMARK_TRY(const json value, parse(state_->file, id, "configuration", text));
  TOKENMARK_TRY(Point point, point_from_json(value));
  point.repeat = row.repeat;
  return point;
}

Result<Figures> Store::figures(RunId id) {
  TOKENMARK_TRY(const std::string text,
                column_of(*state_, "SELECT json FROM figure_details WHERE run = ?", id, "figures"));
  TOKENMARK_TRY(const json value, parse(state_->file, id, "figures", text));
  return figures_from_json(value);
}

Result<json> Store::environment(RunId id) {
  TOKENMARK_TRY(
      const std::string text,
      column_of(*state_,
                "SELECT json FROM environments JOIN runs ON environment = environments.id WHERE runs.id = ?",
                id, "environment"));
  return parse(state_->file, id, "environment", text);
}

Result<Environments> Store::environments() {
  return state_->guarded([&]() -> Result<Environments> {
    std::map<std::int64_t, std::shared_ptr<const std::string>> texts;
    SQLite::Statement distinct(state_->database, "SELECT id, json FROM environments");
    while (distinct.executeStep())
      texts.emplace(distinct.getColumn(0).getInt64(), std::make_shared<const std::string>(distinct.getColumn(1).getString()));
    Environments environments;
    SQLite::Statement runs(state_->database, "SELECT id, environment FROM runs WHERE state = 'done' AND deleted IS NULL AND environment IS NOT NULL ORDER BY id");
    while (runs.executeStep())
      if (const auto text = texts.find(runs.getColumn(1).getInt64()); text != texts.end())
        environments.emplace_hint(environments.end(), runs.getColumn(0).getInt64(), text->second);
    return environments;
  });
}

Result<EventLog> Store::event_log(RunId id) {
  TOKENMARK_TRY(const std::string block,
                column_of(*state_, "SELECT block FROM event_logs WHERE run = ?", id, "event log"));
  return decode_event_log(block);
}

Result<std::int64_t> Store::change_counter() {
  return state_->guarded([&]() -> Result<std::int64_t> {
    return state_->database.execAndGet("SELECT counter FROM changes").getInt64();
  });
}

}  // namespace tokenmark
