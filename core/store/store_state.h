// Private to core/store: the connection behind a Store, and SQLite's failures as errors a person can act on.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/store/store.h"
#include "core/store/text_pool.h"

namespace tokenmark {

Error sqlite_error(const std::string& file, const SQLite::Exception& exception);

struct Store::State {
  explicit State(const std::string& path)
      : file(path), database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyTimeoutMs) {}

  static constexpr int kBusyTimeoutMs = 10'000;
  std::string file;
  SQLite::Database database;
  bool together = false;           // inside Store::together
  TextPool texts;
  std::unordered_map<std::int64_t, SharedText> configuration_keys;   // by their ids; read again after a purge

  // Runs `work` (which gives a Status or Result) with exceptions turned into errors.
  template <class Work>
  auto guarded(Work&& work) -> decltype(work()) {
    try {
      return work();
    } catch (const SQLite::Exception& exception) {
      return tl::unexpected(sqlite_error(file, exception));
    } catch (const std::bad_alloc&) {
      return tl::unexpected(Error{ErrorKind::exhausted, file + ": not enough memory to read this"});
    }
  }

  // The same in one write transaction, which is rolled back if `work` fails.
  template <class Work>
  auto write(Work&& work) -> decltype(work()) {
    if (together) return guarded(std::forward<Work>(work));   // the outer transaction ends it
    return guarded([&]() -> decltype(work()) {
      SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
      auto outcome = work();
      if (!outcome) return outcome;
      database.exec("UPDATE changes SET counter = counter + 1");
      transaction.commit();
      return outcome;
    });
  }

  SQLite::Statement prepare(const char* sql) { return SQLite::Statement(database, sql); }
};

inline void bind(SQLite::Statement& statement, int index, const std::optional<double>& value) {
  if (value)
    statement.bind(index, *value);
  else
    statement.bind(index);
}

// A run that is there and not deleted, or an error that says which it is.
Status expect_run(Store::State& state, RunId id);
// Ids of rows that runs share; made where they are not there yet.
std::int64_t configuration_row(Store::State& state, const Point& point);
std::int64_t environment_row(Store::State& state, const nlohmann::json& environment);
// What a search looks through: one lower-case line a run, made again whenever a part of it changes. Marks it as changed.
void refresh_search(Store::State& state, RunId id);
SQLite::Statement search_update(Store::State& state);   // the same for many: the run is its parameter
// This run is among those that Store::changes_since gives.
void mark_changed(Store::State& state, RunId id);
// series, model, device, precision, framework, hardware, gpus, random_weights: parameters 1 to 8.
void bind_identity(SQLite::Statement& statement, const NewRun& run);
void write_figures(Store::State& state, RunId id, const Figures& figures);

}  // namespace tokenmark
