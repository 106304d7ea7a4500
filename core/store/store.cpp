// Opening and writing; reading is in store_read.cpp.
#include "core/store/store.h"

#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/store/owner.h"
#include "core/store/schema.h"
#include "core/store/store_state.h"
#include "core/workload/point_json.h"

namespace tokenmark {
using nlohmann::json;

Error sqlite_error(const std::string& file, const SQLite::Exception& exception) {
  const std::string said = exception.what();
  const auto error = [&](ErrorKind kind, const std::string& text) {
    return Error{kind, file + ": " + text + " (SQLite: " + said + ")"};
  };
  switch (exception.getErrorCode()) {
    case SQLITE_FULL:
      return error(ErrorKind::exhausted,
                   "the disk is full; make room and go on with --resume, what was stored before is safe");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return error(ErrorKind::unavailable, "another program keeps the store locked; close it and try again");
    case SQLITE_NOTADB:
      return error(ErrorKind::invalid_input, "this is not a Tokenmark store; give another file with --store");
    case SQLITE_CORRUPT:
      return error(
          ErrorKind::invalid_input,
          "the store is damaged; move it away, or save what can be read with `sqlite3 FILE .recover`");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return error(ErrorKind::io,
                   "the store cannot be written; check the permissions of the file and its folder, or give "
                   "another file with --store");
    case SQLITE_CANTOPEN:
      return error(ErrorKind::io,
                   "the store cannot be opened; check that the folder exists and may be written, or give "
                   "another file with --store");
    case SQLITE_IOERR:
      return error(ErrorKind::io, "reading or writing the store failed; check the disk and the room on it");
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      return error(ErrorKind::exhausted, "a result is too large to store");
    default:
      return error(ErrorKind::internal, "the store refused an operation");
  }
}

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;

namespace {

// Turning a new file to WAL upgrades a read lock, and there SQLite does not wait: of two programs that make a store
// at the same moment one would be refused. Once a file is WAL this is free.
void use_wal(SQLite::Database& database) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  for (;;) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (const SQLite::Exception& exception) {
      if (exception.getErrorCode() != SQLITE_BUSY || std::chrono::steady_clock::now() > deadline) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& file) {
  std::error_code error;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), error);
  if (error)
    return fail(ErrorKind::io, "{}: its folder cannot be made: {}; give another file with --store",
                file.string(), error.message());
  try {
    auto state = std::make_unique<State>(file.string());
    use_wal(state->database);
    state->database.exec(
        "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;");
    TOKENMARK_CHECK(migrate(state->database, store_migrations()));
    return std::unique_ptr<Store>(new Store(std::move(state)));
  } catch (const SQLite::Exception& exception) {
    return tl::unexpected(sqlite_error(file.string(), exception));
  }
}

Result<SweepId> Store::add_sweep(const std::string& name, const std::string& yaml, const std::string& hash,
                                 std::int32_t points) {
  return state_->write([&]() -> Result<SweepId> {
    auto insert = state_->prepare("INSERT INTO sweeps (name, yaml, hash, points) VALUES (?, ?, ?, ?)");
    insert.bind(1, name);
    insert.bind(2, yaml);
    insert.bind(3, hash);
    insert.bind(4, points);
    insert.exec();
    return state_->database.getLastInsertRowid();
  });
}

// ---- rows that several tables' writers need (store_state.h) ----

std::int64_t configuration_row(Store::State& state, const Point& point) {
  const std::string key = configuration_key(point);
  auto insert = state.prepare("INSERT OR IGNORE INTO configurations (key, point) VALUES (?, ?)");
  insert.bind(1, key);
  insert.bind(2, to_json(point).dump(-1, ' ', false, json::error_handler_t::replace));
  insert.exec();
  auto find = state.prepare("SELECT id FROM configurations WHERE key = ?");
  find.bind(1, key);
  find.executeStep();
  return find.getColumn(0).getInt64();
}

std::int64_t environment_row(Store::State& state, const json& environment) {
  const std::string text = environment.dump(-1, ' ', false, json::error_handler_t::replace);
  auto insert = state.prepare("INSERT OR IGNORE INTO environments (json) VALUES (?)");
  insert.bind(1, text);
  insert.exec();
  auto find = state.prepare("SELECT id FROM environments WHERE json = ?");
  find.bind(1, text);
  find.executeStep();
  return find.getColumn(0).getInt64();
}

SQLite::Statement search_update(Store::State& state) {
  return state.prepare(R"sql(
    UPDATE runs SET search = lower(
      '#' || id || ' ' || model || ' ' || series || ' ' || device || ' ' || precision || ' ' || framework || ' ' ||
      hardware || ' ' || node || ' ' || state || ' ' || source || ' ' || started || ' ' || input || '/' || output || ' ' ||
      coalesce((SELECT name FROM sweeps WHERE sweeps.id = runs.sweep), '') || ' ' ||
      coalesce((SELECT group_concat(tag, ' ') FROM tags WHERE run = runs.id), '') || ' ' || note),
      changed = (SELECT counter + 1 FROM changes)
    WHERE id = ?)sql");
}

void refresh_search(Store::State& state, RunId id) {
  auto update = search_update(state);
  update.bind(1, id);
  update.exec();
}

void mark_changed(Store::State& state, RunId id) {
  auto update = state.prepare("UPDATE runs SET changed = (SELECT counter + 1 FROM changes) WHERE id = ?");
  update.bind(1, id);
  update.exec();
}

void bind_identity(SQLite::Statement& statement, const NewRun& run) {
  int index = 0;
  for (const std::string* text :
       {&run.series, &run.model, &run.device, &run.precision, &run.framework, &run.hardware})
    statement.bind(++index, *text);
  statement.bind(++index, run.gpus);
  statement.bind(++index, run.random_weights ? 1 : 0);
}

void write_figures(Store::State& state, RunId id, const Figures& figures) {
  auto insert = state.prepare(
      "INSERT INTO figures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, id);
  insert.bind(2, figures.completed);
  insert.bind(3, figures.failed);
  tokenmark::bind(insert, 4, figures.lacking.count("duration_s") ? std::nullopt : std::optional(figures.duration_s));
  int index = 4;
  for (const auto& value :
       {figures.output_tok_s, figures.total_tok_s, figures.total_tok_s_gpu, figures.output_tok_s_gpu,
        figures.input_tok_s_gpu, figures.interactivity_p50.value, figures.ttft_s.p50.value,
        figures.ttft_s.p99.value, figures.tpot_s.p50.value, figures.tpot_s.p99.value,
        figures.e2e_s.p50.value, figures.request_s, figures.goodput_req_s, figures.ttft_s.p95.value,
        figures.tpot_s.p95.value, figures.power_w_gpu, figures.joules_per_output_token, figures.joules_per_total_token})
    tokenmark::bind(insert, ++index, value);
  insert.exec();
  auto details = state.prepare("INSERT INTO figure_details (run, definitions, json) VALUES (?, ?, ?)");
  details.bind(1, id);
  details.bind(2, std::string(kDefinitions));
  details.bind(3, to_json(figures).dump(-1, ' ', false, json::error_handler_t::replace));
  details.exec();
}

namespace {

// A run ends once: only the first end of a running one counts.
Status expect_running(const std::string& file, int changed, RunId id) {
  if (changed == 1) return {};
  return fail(ErrorKind::not_found,
              "{}: run {} is not running any more (deleted, or ended already); its result was not stored",
              file, id);
}

}  // namespace

Result<RunId> Store::begin_run(const NewRun& run) {
  return state_->write([&]() -> Result<RunId> {
    auto insert = state_->prepare(R"sql(
      INSERT INTO runs (series, model, device, precision, framework, hardware, gpus, random_weights,
                        sweep, configuration, source, node, input, output, concurrency, repeat, state, owner, uid, started)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, lower(hex(randomblob(16))),
              coalesce(nullif(?, ''), strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))))sql");
    bind_identity(insert, run);
    if (run.sweep != 0)
      insert.bind(9, run.sweep);
    else
      insert.bind(9);
    insert.bind(10, configuration_row(*state_, run.point));
    insert.bind(11, run.source);
    insert.bind(12, run.node);
    insert.bind(13, run.point.workload.input);
    insert.bind(14, run.point.workload.output);
    insert.bind(15, run.point.load.concurrency);
    insert.bind(16, run.point.repeat);
    insert.bind(17, this_process());
    insert.bind(18, run.started);
    insert.exec();
    const RunId id = state_->database.getLastInsertRowid();
    refresh_search(*state_, id);
    return id;
  });
}

Status Store::finish_run(RunId id, const Figures& figures, const json& environment, const EventLog* log,
                         const NewRun* found) {
  const std::string block = log != nullptr ? encode(*log) : std::string();
  return state_->write([&]() -> Status {
    auto update = state_->prepare(
        "UPDATE runs SET state = 'done', environment = ?, ended = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') "
        "WHERE id = ? AND state = 'running'");
    update.bind(1, environment_row(*state_, environment));
    update.bind(2, id);
    TOKENMARK_CHECK(expect_running(state_->file, update.exec(), id));
    if (found != nullptr) {
      auto facts = state_->prepare(
          "UPDATE runs SET series = ?, model = ?, device = ?, precision = ?, framework = ?, hardware = ?, "
          "gpus = ?, "
          "random_weights = ? WHERE id = ?");
      bind_identity(facts, *found);
      facts.bind(9, id);
      facts.exec();
    }
    write_figures(*state_, id, figures);
    if (log != nullptr) {
      auto insert = state_->prepare("INSERT INTO event_logs (run, block) VALUES (?, ?)");
      insert.bind(1, id);
      insert.bindNoCopy(2, block.data(), static_cast<int>(block.size()));
      insert.exec();
    }
    refresh_search(*state_, id);
    return {};
  });
}

Status Store::end_run(RunId id, RunState state, const std::string& error) {
  return state_->write([&]() -> Status {
    auto update = state_->prepare(
        "UPDATE runs SET state = ?, error = ?, ended = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') "
        "WHERE id = ? AND state = 'running'");
    update.bind(1, std::string(run_state_name(state)));
    update.bind(2, error);
    update.bind(3, id);
    TOKENMARK_CHECK(expect_running(state_->file, update.exec(), id));
    refresh_search(*state_, id);
    return {};
  });
}

Status Store::add_quality(RunId id, const std::vector<QualityResult>& results,
                          const std::vector<QualityFailure>& failures) {
  return state_->write([&]() -> Status {
    TOKENMARK_CHECK(expect_run(*state_, id));
    mark_changed(*state_, id);
    for (const QualityResult& result : results)
      for (const QualityFigure& figure : result.figures) {
        auto insert = state_->prepare(
            "INSERT OR REPLACE INTO quality (run, task, metric, value, low, high, items, dataset) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        insert.bind(1, id);
        insert.bind(2, figure.task);
        insert.bind(3, figure.metric);
        insert.bind(4, figure.value);
        tokenmark::bind(insert, 5, figure.interval ? std::optional(figure.interval->low) : std::nullopt);
        tokenmark::bind(insert, 6, figure.interval ? std::optional(figure.interval->high) : std::nullopt);
        insert.bind(7, figure.items);
        insert.bind(8, result.dataset_hash);
        insert.exec();
        auto heal = state_->prepare("DELETE FROM quality_failures WHERE run = ? AND task = ?");
        heal.bind(1, id);
        heal.bind(2, figure.task);
        heal.exec();
      }
    for (const QualityFailure& failure : failures) {
      auto insert = state_->prepare("INSERT OR REPLACE INTO quality_failures (run, task, error) VALUES (?, ?, ?)");
      insert.bind(1, id);
      insert.bind(2, failure.task);
      insert.bind(3, failure.error);
      insert.exec();
    }
    return {};
  });
}

Status Store::mark_interrupted() {
  const auto gone = state_->guarded([&]() -> Result<std::vector<RunId>> {
    std::vector<RunId> ids;
    auto running = state_->prepare("SELECT id, owner FROM runs WHERE state = 'running'");
    while (running.executeStep())
      if (process_is_gone(running.getColumn(1).getString())) ids.push_back(running.getColumn(0).getInt64());
    return ids;
  });
  if (!gone) return tl::unexpected(gone.error());
  for (const RunId id : *gone) {
    const Status ended =
        end_run(id, RunState::interrupted, "the program that measured it ended before the run did");
    if (!ended && ended.error().kind != ErrorKind::not_found)
      return ended;  // not_found: another program was faster
  }
  return {};
}

std::filesystem::path default_store_path() {
  const char* data_home = std::getenv("XDG_DATA_HOME");
  if (data_home != nullptr && *data_home == '/')
    return std::filesystem::path(data_home) / "tokenmark" / "runs.db";
  const char* home = std::getenv("HOME");
  const std::filesystem::path base = home != nullptr && *home != '\0' ? home : ".";
  return base / ".local" / "share" / "tokenmark" / "runs.db";
}

}  // namespace tokenmark
