// Rows of runs, as lists and charts need them.
#include <algorithm>
#include <array>

#include "core/store/run_filter.h"
#include "core/store/store_state.h"

namespace tokenmark {
namespace {

constexpr std::array<std::string_view, 5> kStates = {"running", "done", "failed", "cancelled", "interrupted"};
constexpr char kSeparator = '\x1f';

// The configurations' long keys are read once each, not with every row (configuration_key).
constexpr const char* kSelectRuns = R"sql(
  SELECT runs.id, coalesce(runs.sweep, 0), coalesce(sweeps.name, ''), series, state, error, source, runs.started,
         model, device, precision, framework, hardware, node, gpus, input, output, concurrency, repeat,
         runs.configuration, random_weights, starred, note,
         (SELECT group_concat(tag, char(31)) FROM tags WHERE tags.run = runs.id),
         coalesce(completed, 0), coalesce(failed, 0), duration_s, output_tok_s, total_tok_s, total_tok_s_gpu,
         output_tok_s_gpu, input_tok_s_gpu, interactivity, ttft_p50_s, ttft_p99_s, tpot_p50_s, tpot_p99_s, e2e_p50_s,
         request_s, goodput_req_s, ttft_p95_s, tpot_p95_s, power_w_gpu, joules_per_output_token, joules_per_total_token,
         (SELECT rate FROM configurations WHERE configurations.id = runs.configuration)
  FROM runs LEFT JOIN sweeps ON sweeps.id = runs.sweep LEFT JOIN figures ON figures.run = runs.id )sql";

RunState state_from(std::string_view name) {
  const auto found = std::find(kStates.begin(), kStates.end(), name);
  return found == kStates.end() ? RunState::failed : static_cast<RunState>(found - kStates.begin());
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    if (end > begin) parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// A word as a LIKE pattern: its own % and _ are plain characters.
std::string pattern(const std::string& word) {
  std::string text = "%";
  for (const char c : word) {
    if (c == '%' || c == '_' || c == '\\') text += '\\';
    text += c;
  }
  return text + "%";
}

SharedText configuration_key(Store::State& state, std::int64_t id) {
  SharedText& key = state.configuration_keys[id];
  if (!key.empty()) return key;
  auto query = state.prepare("SELECT key FROM configurations WHERE id = ?");
  query.bind(1, id);
  if (query.executeStep()) key = query.getColumn(0).getString();
  return key;
}

// Reads one row of kSelectRuns, column after column.
void read_row(Store::State& state, SQLite::Statement& row, RunRow& run) {
  int column = -1;
  const auto text = [&]() -> std::string_view {
    const auto value = row.getColumn(++column);
    const char* characters = value.getText("");
    return {characters, static_cast<std::size_t>(value.getBytes())};
  };
  const auto integer = [&] { return row.getColumn(++column).getInt(); };
  const auto real = [&]() -> std::optional<double> {
    const auto value = row.getColumn(++column);
    return value.isNull() ? std::nullopt : std::optional(value.getDouble());
  };
  run.id = row.getColumn(++column).getInt64();
  run.sweep = row.getColumn(++column).getInt64();
  run.sweep_name = state.texts.shared(text());
  run.series = state.texts.shared(text());
  run.state = state_from(text());
  run.error = state.texts.shared(text());
  run.source = state.texts.shared(text());
  run.started = text();
  for (SharedText* field : {&run.model, &run.device, &run.precision, &run.framework, &run.hardware, &run.node})
    *field = state.texts.shared(text());
  for (std::int32_t* field : {&run.gpus, &run.input, &run.output, &run.concurrency, &run.repeat})
    *field = integer();
  run.configuration_key = configuration_key(state, row.getColumn(++column).getInt64());
  run.random_weights = integer() != 0;
  run.starred = integer() != 0;
  run.note = state.texts.shared(text());
  run.tags = split(text(), kSeparator);
  run.completed = integer();
  run.failed = integer();
  for (auto* field : {&run.duration_s, &run.output_tok_s, &run.total_tok_s, &run.total_tok_s_gpu,
                      &run.output_tok_s_gpu, &run.input_tok_s_gpu, &run.interactivity, &run.ttft_p50_s,
                      &run.ttft_p99_s, &run.tpot_p50_s, &run.tpot_p99_s, &run.e2e_p50_s, &run.request_s,
                      &run.goodput_req_s, &run.ttft_p95_s, &run.tpot_p95_s, &run.power_w_gpu,
                      &run.joules_per_output_token, &run.joules_per_total_token, &run.request_rate})
    *field = real();
}

using Rows = std::vector<std::shared_ptr<RunRow>>;   // by id, ascending or descending

// Most runs have none: one query for all of them (first column: the run), each answer handed to its row.
template <class Take>
void for_rows(Store::State& state, const Rows& rows, const char* sql, Take&& take) {
  if (rows.empty()) return;
  const bool ascending = rows.front()->id <= rows.back()->id;
  auto query = state.prepare(sql);
  query.bind(1, std::min(rows.front()->id, rows.back()->id));
  query.bind(2, std::max(rows.front()->id, rows.back()->id));
  while (query.executeStep()) {
    const RunId id = query.getColumn(0).getInt64();
    const auto row = std::lower_bound(rows.begin(), rows.end(), id, [&](const auto& r, RunId wanted) {
      return ascending ? r->id < wanted : r->id > wanted;
    });
    if (row != rows.end() && (*row)->id == id) take(**row, query);
  }
}

void add_quality_of(Store::State& state, const Rows& rows) {
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

// `bind` gives the statement its parameters. Rows by id.
template <class Bind>
Rows select(Store::State& state, const std::string& condition, Bind&& bind) {
  SQLite::Statement query(state.database, kSelectRuns + condition);
  bind(query);
  Rows rows;
  while (query.executeStep()) read_row(state, query, *rows.emplace_back(std::make_shared<RunRow>()));
  add_quality_of(state, rows);
  return rows;
}

std::vector<RunRow> taken(Rows rows) {
  std::vector<RunRow> out;
  out.reserve(rows.size());
  for (auto& row : rows) {
    out.push_back(std::move(*row));
    row.reset();
  }
  return out;
}

}  // namespace

std::string_view run_state_name(RunState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

Result<std::vector<RunRow>> Store::runs(const std::string& search, SweepId sweep) {
  TOKENMARK_TRY(const RunFilter filter, parse_run_filter(search));
  return state_->guarded([&]() -> Result<std::vector<RunRow>> {
    std::string condition = "WHERE deleted IS NULL";
    if (sweep != 0) condition += " AND runs.sweep = ?";
    const std::vector<std::string> words = plain_words(filter);   // fewer rows to read; the filter decides
    for (std::size_t i = 0; i < words.size(); ++i) condition += " AND search LIKE ? ESCAPE '\\'";
    std::vector<RunRow> rows = taken(select(*state_, condition + " ORDER BY runs.id DESC", [&](SQLite::Statement& query) {
      int index = 0;
      if (sweep != 0) query.bind(++index, sweep);
      for (const std::string& word : words) query.bind(++index, pattern(word));
    }));
    std::erase_if(rows, [&](const RunRow& row) { return !matches(filter, row); });
    return rows;
  });
}

Result<RunChanges> Store::changes_since(std::int64_t since) {
  return state_->guarded([&]() -> Result<RunChanges> {
    SQLite::Transaction one_state(state_->database);   // counter and rows belong together; ends with nothing written
    RunChanges changes;
    auto counters = state_->prepare("SELECT counter, purged FROM changes");
    counters.executeStep();
    changes.counter = counters.getColumn(0).getInt64();
    // Purged rows leave nothing that says so: then all are read again.
    changes.everything = since <= 0 || counters.getColumn(1).getInt64() > since;
    if (changes.everything) state_->configuration_keys.clear();   // a purged one's id may have been given again
    const auto bind = [&](SQLite::Statement& query) {
      if (!changes.everything) query.bind(1, since);
    };
    const Rows rows = select(*state_, changes.everything ? "WHERE deleted IS NULL ORDER BY runs.id"
                                                         : "WHERE deleted IS NULL AND changed > ? ORDER BY runs.id", bind);
    changes.rows.assign(rows.begin(), rows.end());
    if (changes.everything) {
      state_->texts.shrink();
      return changes;
    }
    auto gone = state_->prepare("SELECT id FROM runs WHERE deleted IS NOT NULL AND changed > ?");
    gone.bind(1, since);
    while (gone.executeStep()) changes.gone.push_back(gone.getColumn(0).getInt64());
    return changes;
  });
}

Result<std::vector<RowPtr>> Store::newest(std::size_t count) {
  return state_->guarded([&]() -> Result<std::vector<RowPtr>> {
    const Rows rows = select(*state_, "WHERE deleted IS NULL ORDER BY runs.id DESC LIMIT ?",
                             [&](SQLite::Statement& query) { query.bind(1, static_cast<std::int64_t>(count)); });
    return std::vector<RowPtr>(rows.rbegin(), rows.rend());
  });
}

Result<std::vector<RunRow>> Store::deleted() {
  return state_->guarded([&]() -> Result<std::vector<RunRow>> {
    // Quality figures are looked up by id: so the order by time comes after.
    auto order = state_->prepare("SELECT id FROM runs WHERE deleted IS NOT NULL ORDER BY deleted DESC, id DESC");
    std::vector<RunRow> rows;
    while (order.executeStep()) {
      const RunId id = order.getColumn(0).getInt64();
      std::vector<RunRow> one = taken(select(*state_, "WHERE runs.id = ?", [&](SQLite::Statement& query) { query.bind(1, id); }));
      rows.push_back(std::move(one.front()));
    }
    return rows;
  });
}

Result<RunRow> Store::run(RunId id) {
  return state_->guarded([&]() -> Result<RunRow> {
    TOKENMARK_CHECK(expect_run(*state_, id));
    std::vector<RunRow> rows = taken(select(*state_, "WHERE runs.id = ?", [&](SQLite::Statement& query) { query.bind(1, id); }));
    if (rows.empty()) return fail(ErrorKind::not_found, "{}: there is no run {}", state_->file, id);
    return std::move(rows.front());
  });
}

}  // namespace tokenmark
