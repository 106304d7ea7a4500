#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/store/store_state.h"
#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 5> kStates = {"running", "done", "failed", "cancelled", "interrupted"};
constexpr char kSeparator = '\x1f';

constexpr const char* kSelectRuns = R"sql(
  SELECT runs.id, coalesce(runs.sweep, 0), coalesce(sweeps.name, ''), series, state, error, source, runs.started,
         model, device, precision, framework, hardware, node, gpus, input, output, concurrency, repeat,
         configurations.key, random_weights, starred,
         (SELECT group_concat(tag, char(31)) FROM tags WHERE tags.run = runs.id),
         coalesce(completed, 0), coalesce(failed, 0), duration_s, output_tok_s, total_tok_s, total_tok_s_gpu,
         output_tok_s_gpu, input_tok_s_gpu, interactivity, ttft_p50_s, ttft_p99_s, tpot_p50_s, tpot_p99_s, e2e_p50_s,
         request_s, goodput_req_s, ttft_p95_s, tpot_p95_s, power_w_gpu, joules_per_output_token, joules_per_total_token,
         configurations.rate
  FROM runs JOIN configurations ON configurations.id = runs.configuration
            LEFT JOIN sweeps ON sweeps.id = runs.sweep LEFT JOIN figures ON figures.run = runs.id )sql";

RunState state_from(const std::string& name) {
  const auto found = std::find(kStates.begin(), kStates.end(), name);
  return found == kStates.end() ? RunState::failed : static_cast<RunState>(found - kStates.begin());
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// Reads one row of kSelectRuns, column after column.
RunRow run_row(SQLite::Statement& row) {
  int column = -1;
  const auto text = [&] { return row.getColumn(++column).getString(); };
  const auto integer = [&] { return row.getColumn(++column).getInt(); };
  const auto real = [&]() -> std::optional<double> {
    const auto value = row.getColumn(++column);
    return value.isNull() ? std::nullopt : std::optional(value.getDouble());
  };
  RunRow run;
  run.id = row.getColumn(++column).getInt64();
  run.sweep = row.getColumn(++column).getInt64();
  run.sweep_name = text();
  run.series = text();
  run.state = state_from(text());
  for (std::string* field : {&run.error, &run.source, &run.started, &run.model, &run.device, &run.precision,
                             &run.framework, &run.hardware, &run.node})
    *field = text();
  for (std::int32_t* field : {&run.gpus, &run.input, &run.output, &run.concurrency, &run.repeat})
    *field = integer();
  run.configuration_key = text();
  run.random_weights = integer() != 0;
  run.starred = integer() != 0;
  run.tags = split(text(), kSeparator);
  run.completed = integer();
  run.failed = integer();
  for (auto* field : {&run.duration_s, &run.output_tok_s, &run.total_tok_s, &run.total_tok_s_gpu,
                      &run.output_tok_s_gpu, &run.input_tok_s_gpu, &run.interactivity, &run.ttft_p50_s,
                      &run.ttft_p99_s, &run.tpot_p50_s, &run.tpot_p99_s, &run.e2e_p50_s, &run.request_s,
                      &run.goodput_req_s, &run.ttft_p95_s, &run.tpot_p95_s, &run.power_w_gpu,
                      &run.joules_per_output_token, &run.joules_per_total_token, &run.request_rate})
    *field = real();
  return run;
}

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
         (SELECT COUNT(*) FROM runs WHERE runs.sweep = sweeps.id AND state = 'done') FROM sweeps )sql";

// A word as a LIKE pattern: its own % and _ are plain characters.
std::string pattern(const std::string& word) {
  std::string text = "%";
  for (const char c : word) {
    if (c == '%' || c == '_' || c == '\\') text += '\\';
    text += c;
  }
  return text + "%";
}

// The one column of one row by run id, or an error that says what is missing.
template <class State>
Result<std::string> column_of(State& state, const char* sql, RunId id, const char* what) {
  return state.guarded([&]() -> Result<std::string> {
    auto query = state.prepare(sql);
    query.bind(1, id);
    if (query.executeStep() && !query.getColumn(0).isNull()) return query.getColumn(0).getString();
    auto exists = state.prepare("SELECT state FROM runs WHERE id = ?");
    exists.bind(1, id);
    if (!exists.executeStep()) return fail(ErrorKind::not_found, "{}: there is no run {}", state.file, id);
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

std::string_view run_state_name(RunState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

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

namespace {

// Most runs have none: one query for all of them (first column: the run), each answer handed to its row.
template <class Take>
void for_rows(Store::State& state, std::vector<RunRow>& rows, const char* sql, Take&& take) {
  if (rows.empty()) return;
  auto query = state.prepare(sql);
  query.bind(1, rows.back().id);  // newest first
  query.bind(2, rows.front().id);
  while (query.executeStep()) {
    const RunId id = query.getColumn(0).getInt64();
    const auto row = std::lower_bound(rows.begin(), rows.end(), id, [](const RunRow& r, RunId wanted) { return r.id > wanted; });
    if (row != rows.end() && row->id == id) take(*row, query);
  }
}

void add_quality_of(Store::State& state, std::vector<RunRow>& rows) {
  for_rows(state, rows,
           "SELECT run, task, metric, value, low, high, items FROM quality WHERE run BETWEEN ? AND ? ORDER BY id",
           [](RunRow& row, SQLite::Statement& query) {
             QualityFigure figure{query.getColumn(1).getString(), query.getColumn(2).getString(),
                                  query.getColumn(3).getDouble(), {}, query.getColumn(6).getInt64()};
             if (!query.getColumn(4).isNull() && !query.getColumn(5).isNull())
               figure.interval = Interval{query.getColumn(4).getDouble(), query.getColumn(5).getDouble()};
             row.quality.push_back(std::move(figure));
           });
  for_rows(state, rows, "SELECT run, task, error FROM quality_failures WHERE run BETWEEN ? AND ? ORDER BY id",
           [](RunRow& row, SQLite::Statement& query) {
             row.quality_failures.push_back({query.getColumn(1).getString(), query.getColumn(2).getString()});
           });
}

}  // namespace

Result<std::vector<RunRow>> Store::runs(const std::string& search, SweepId sweep) {
  return state_->guarded([&]() -> Result<std::vector<RunRow>> {
    std::string words_text = search;
    std::replace_if(
        words_text.begin(), words_text.end(), [](unsigned char c) { return c < 0x20; }, ' ');
    const std::vector<std::string> words = split(words_text, ' ');
    std::string sql = std::string(kSelectRuns) + "WHERE 1";
    if (sweep != 0) sql += " AND runs.sweep = ?";
    for (std::size_t i = 0; i < words.size(); ++i) sql += " AND search LIKE ? ESCAPE '\\'";
    SQLite::Statement query(state_->database, sql + " ORDER BY runs.id DESC");
    int index = 0;
    if (sweep != 0) query.bind(++index, sweep);
    for (const std::string& word : words) query.bind(++index, pattern(word));
    std::vector<RunRow> rows;
    while (query.executeStep()) rows.push_back(run_row(query));
    add_quality_of(*state_, rows);
    return rows;
  });
}

Result<RunRow> Store::run(RunId id) {
  return state_->guarded([&]() -> Result<RunRow> {
    SQLite::Statement query(state_->database, std::string(kSelectRuns) + "WHERE runs.id = ?");
    query.bind(1, id);
    if (!query.executeStep()) return fail(ErrorKind::not_found, "{}: there is no run {}", state_->file, id);
    std::vector<RunRow> rows = {run_row(query)};
    add_quality_of(*state_, rows);
    return std::move(rows.front());
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
    SQLite::Statement runs(state_->database, "SELECT id, environment FROM runs WHERE state = 'done' AND environment IS NOT NULL ORDER BY id");
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
