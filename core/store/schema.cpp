#include "core/store/schema.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <string>

namespace tokenmark {
namespace {

constexpr int kApplicationId = 0x544b4d4b;  // "TKMK": tells a store from other programs' databases

// Lists and charts read runs, figures and tags only; the large columns (JSON, logs) lie in rows of their own,
// so that a list of 100,000 runs never walks over them.
constexpr const char* kFirstSchema = R"sql(
CREATE TABLE changes (counter INTEGER NOT NULL);
INSERT INTO changes VALUES (0);

CREATE TABLE sweeps (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  started TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  yaml TEXT NOT NULL,
  hash TEXT NOT NULL,
  points INTEGER NOT NULL
);
CREATE INDEX sweeps_by_hash ON sweeps (hash);

CREATE TABLE configurations (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  point TEXT NOT NULL  -- JSON
);

CREATE TABLE environments (
  id INTEGER PRIMARY KEY,
  json TEXT NOT NULL UNIQUE
);

CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again after a deletion
  sweep INTEGER REFERENCES sweeps (id) ON DELETE SET NULL,
  configuration INTEGER NOT NULL REFERENCES configurations (id),
  environment INTEGER REFERENCES environments (id),
  series TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'cancelled', 'interrupted')),
  error TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL,
  started TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  ended TEXT,
  model TEXT NOT NULL, device TEXT NOT NULL, precision TEXT NOT NULL,
  framework TEXT NOT NULL, hardware TEXT NOT NULL, node TEXT NOT NULL,
  gpus INTEGER NOT NULL,
  input INTEGER NOT NULL, output INTEGER NOT NULL, concurrency INTEGER NOT NULL, repeat INTEGER NOT NULL,
  random_weights INTEGER NOT NULL,
  starred INTEGER NOT NULL DEFAULT 0,
  owner TEXT NOT NULL DEFAULT '',        -- the process that measures it (owner.h)
  search TEXT NOT NULL DEFAULT ''
);
CREATE INDEX runs_by_sweep ON runs (sweep);
CREATE INDEX runs_by_configuration ON runs (configuration);
CREATE INDEX runs_by_environment ON runs (environment);
CREATE INDEX runs_running ON runs (id) WHERE state = 'running';

CREATE TABLE figures (
  run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  completed INTEGER NOT NULL, failed INTEGER NOT NULL,
  duration_s REAL, output_tok_s REAL, total_tok_s REAL,
  total_tok_s_gpu REAL, output_tok_s_gpu REAL, input_tok_s_gpu REAL,
  interactivity REAL, ttft_p50_s REAL, ttft_p99_s REAL, tpot_p50_s REAL, tpot_p99_s REAL, e2e_p50_s REAL
);

CREATE TABLE figure_details (
  run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  definitions TEXT NOT NULL,
  json TEXT NOT NULL
);

CREATE TABLE event_logs (
  run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  block BLOB NOT NULL
);

CREATE TABLE tags (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  tag TEXT NOT NULL,
  PRIMARY KEY (run, tag)
) WITHOUT ROWID;
CREATE INDEX tags_by_tag ON tags (tag);
)sql";

// How good what was measured is: core/quality/task.h.
constexpr const char* kQualitySchema = R"sql(
CREATE TABLE quality (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  task TEXT NOT NULL, metric TEXT NOT NULL,
  value REAL NOT NULL, low REAL, high REAL,
  items INTEGER NOT NULL,
  dataset TEXT NOT NULL,                 -- hash of the questions
  UNIQUE (run, task, metric)
);
)sql";

constexpr const char* kQualityFailuresSchema = R"sql(
CREATE TABLE quality_failures (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  task TEXT NOT NULL, error TEXT NOT NULL,
  UNIQUE (run, task)
);
)sql";

// Other tools' runs: the document that a run was read from, and the figures that they give beside ours.
constexpr const char* kImportSchema = R"sql(
CREATE TABLE documents (
  run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  format TEXT NOT NULL,
  hash TEXT NOT NULL,                    -- of format and text: the same one is not imported twice
  bytes INTEGER NOT NULL,
  block BLOB NOT NULL                    -- the text, zstd
);
CREATE INDEX documents_by_hash ON documents (hash);
ALTER TABLE figures ADD COLUMN request_s REAL;
ALTER TABLE figures ADD COLUMN goodput_req_s REAL;
ALTER TABLE figures ADD COLUMN ttft_p95_s REAL;
ALTER TABLE figures ADD COLUMN tpot_p95_s REAL;
ALTER TABLE figures ADD COLUMN power_w_gpu REAL;
ALTER TABLE figures ADD COLUMN joules_per_output_token REAL;
ALTER TABLE figures ADD COLUMN joules_per_total_token REAL;
)sql";

// Notes; deletions that can be taken back; what has changed since when; and a name of each run that is the same in
// every store it is carried to.
constexpr const char* kMarksSchema = R"sql(
ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN deleted TEXT;                       -- when; NULL: it is not
ALTER TABLE runs ADD COLUMN changed INTEGER NOT NULL DEFAULT 0; -- changes.counter of its last change
ALTER TABLE runs ADD COLUMN uid TEXT NOT NULL DEFAULT '';
UPDATE runs SET uid = lower(hex(randomblob(16)));
CREATE UNIQUE INDEX runs_by_uid ON runs (uid);
CREATE INDEX runs_by_change ON runs (changed);
CREATE INDEX runs_deleted ON runs (deleted) WHERE deleted IS NOT NULL;
ALTER TABLE changes ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;  -- counter of the last change that took rows away
)sql";

// The rate of an open loop, beside the point that it is written in: charts of load want it of every run.
#define TOKENMARK_RATE_OF(point) \
  "nullif(CASE WHEN json_extract(" point ", '$.load.arrivals') <> 'closed' THEN json_extract(" point ", '$.load.rate') END, 0)"
constexpr const char* kRateSchema =
    "ALTER TABLE configurations ADD COLUMN rate REAL;"
    "UPDATE configurations SET rate = " TOKENMARK_RATE_OF("point") " WHERE json_valid(point);"
    "CREATE TRIGGER configurations_rate AFTER INSERT ON configurations WHEN json_valid(NEW.point) BEGIN"
    "  UPDATE configurations SET rate = " TOKENMARK_RATE_OF("NEW.point") " WHERE id = NEW.id;"
    "END;";
#undef TOKENMARK_RATE_OF

constexpr const char* kMigrations[] = {kFirstSchema, kQualitySchema, kQualityFailuresSchema, kImportSchema, kMarksSchema, kRateSchema};

int pragma(SQLite::Database& database, const std::string& name) {
  return database.execAndGet("PRAGMA " + name).getInt();
}

}  // namespace

std::span<const char* const> store_migrations() {
  return kMigrations;
}

Status migrate(SQLite::Database& database, std::span<const char* const> migrations) {
  const std::string& file = database.getFilename();
  const auto newest = static_cast<int>(migrations.size());
  for (;;) {
    // Version and step under one lock: two programs that open an old file at once apply each migration once.
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    const int found = pragma(database, "user_version");
    const bool ours = pragma(database, "application_id") == kApplicationId;
    if (!ours && (found != 0 || database.execAndGet("SELECT COUNT(*) FROM sqlite_master").getInt() != 0))
      return fail(
          ErrorKind::invalid_input,
          "{}: this is another program's SQLite file, not a Tokenmark store; give another file with --store",
          file);
    if (found > newest)
      return fail(
          ErrorKind::unavailable,
          "{}: made by a newer Tokenmark (schema {}, this program knows up to {}); update this program, or "
          "give another file with --store",
          file, found, newest);
    if (found == newest) return {};
    database.exec(migrations[static_cast<std::size_t>(found)]);
    database.exec(
        fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {}", found + 1, kApplicationId));
    transaction.commit();
  }
}

}  // namespace tokenmark
