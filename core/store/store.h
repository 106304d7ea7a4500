// Every run, in SQLite (WAL, foreign keys, migrations), through SQLiteCpp. A row is written before a run
// starts and its result in one transaction when it ends, so a killed program loses at most the run in flight.
// One Store a thread (each has its own connection); several processes may use one file at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/load/event_log.h"
#include "core/metrics/figures.h"
#include "core/quality/task.h"
#include "core/store/shared_text.h"
#include "core/workload/point.h"

namespace tokenmark {

using RunId = std::int64_t;
using SweepId = std::int64_t;

enum class RunState : std::uint8_t { running, done, failed, cancelled, interrupted };
std::string_view run_state_name(RunState state);

// One measurement of one point (one repeat), as lists and charts need it; the rest is fetched by id.
struct RunRow {
  RunId id = 0;
  SweepId sweep = 0;  // 0: none
  SharedText sweep_name;
  SharedText series;  // what belongs on one line of a chart: model, hardware, framework, precision …
  RunState state = RunState::running;
  SharedText error;     // of a failed one
  SharedText source;    // "measured", "sample: …", "import: …"
  std::string started;  // ISO 8601, UTC
  SharedText model, device, precision, framework, hardware, node;
  std::int32_t gpus = 0;  // 0: unknown
  std::int32_t input = 0, output = 0, concurrency = 0, repeat = 0;
  SharedText configuration_key;
  bool random_weights = false;
  bool starred = false;
  std::vector<std::string> tags;
  SharedText note;
  std::int32_t completed = 0, failed = 0;
  // Headline figures; absent: not measured.
  std::optional<double> duration_s, output_tok_s, total_tok_s, total_tok_s_gpu, output_tok_s_gpu,
      input_tok_s_gpu;
  std::optional<double> interactivity, ttft_p50_s, ttft_p99_s, tpot_p50_s, tpot_p99_s, e2e_p50_s;
  std::optional<double> request_rate;  // of an open loop: what was asked for
  std::optional<double> request_s, goodput_req_s, ttft_p95_s, tpot_p95_s;
  std::optional<double> power_w_gpu, joules_per_output_token, joules_per_total_token;
  std::vector<QualityFigure> quality;  // of its target, in the order they were stored
  std::vector<QualityFailure> quality_failures;  // tasks asked for that gave no figures
};

using RowPtr = std::shared_ptr<const RunRow>;

// What a person says of a run.
struct RunMarks {
  RunId id = 0;
  bool starred = false;
  std::vector<std::string> tags;
  std::string note;
};

// What has changed since the counter had an earlier value.
struct RunChanges {
  std::vector<RowPtr> rows;      // new or changed, by id
  std::vector<RunId> gone;       // deleted
  bool everything = false;       // `rows` are all there are: what is not among them is gone
  std::int64_t counter = 0;      // as it is now
};

struct NewRun {
  SweepId sweep = 0;
  Point point;
  std::string series, source = "measured", model, device, precision, framework, hardware, node;
  std::int32_t gpus = 0;
  bool random_weights = false;
  std::string started;           // ISO 8601, UTC; empty: now
};

struct ImportedRun;  // core/store/imported_run.h
struct PastPoint;    // core/store/store_sweeps.h

// What another tool wrote of a run, and the name of its format.
struct Document {
  std::string format, text;
};

struct SweepRow {
  SweepId id = 0;
  std::string name, started, yaml, hash;  // hash of the expanded points: what --resume looks for
  std::int32_t points = 0, done = 0;
};

struct OpenedBundle {
  std::vector<RunId> runs;       // as they are numbered here, in the bundle's order
  std::size_t known = 0;         // of them, here already
  std::string chart;             // empty: none
};

using Environments = std::map<RunId, std::shared_ptr<const std::string>>;

class Store {
 public:
  // Creates the file and its folders where missing, migrates an older one, refuses a newer one.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& file);
  ~Store();

  Result<SweepId> add_sweep(const std::string& name, const std::string& yaml, const std::string& hash,
                            std::int32_t points);
  Result<std::optional<SweepRow>> latest_sweep(const std::string& hash);
  Result<std::vector<SweepRow>> sweeps();
  Result<std::optional<SweepRow>> sweep(SweepId id);
  // Those with an interrupted run, points that are missing, and none that is running; of several of one hash only the
  // newest may be among them. Newest first.
  Result<std::vector<SweepRow>> interrupted_sweeps();
  // How long measured runs took, the newest first: of a store of any size only so many are read.
  Result<std::vector<PastPoint>> past_points(std::size_t most);

  Result<RunId> begin_run(const NewRun& run);
  // Figures, environment (JSON) and log, in one transaction. `log` may be null (imported figures). `found`:
  // what is known of the target only now (series, model, device, precision, framework, hardware, gpus,
  // random_weights).
  Status finish_run(RunId id, const Figures& figures, const nlohmann::json& environment, const EventLog* log,
                    const NewRun* found = nullptr);
  Status end_run(RunId id, RunState state, const std::string& error);  // without a result
  // Other tools' runs as finished ones, all in one transaction. A run whose document is here already is left out
  // (its id is 0), unless `again`.
  Result<std::vector<RunId>> add_imported(const std::vector<ImportedRun>& runs, bool again = false);
  // What the run has already of a task is replaced: its figures, or that it failed.
  Status add_quality(RunId id, const std::vector<QualityResult>& results,
                     const std::vector<QualityFailure>& failures = {});
  // Runs marked running whose process is gone become interrupted.
  Status mark_interrupted();

  // All rows but deleted ones, newest first; `search`: as in core/store/run_filter.h.
  Result<std::vector<RunRow>> runs(const std::string& search = {}, SweepId sweep = 0);
  // Texts that rows have in common are shared between all rows that one Store gives this way. `since` 0: everything.
  Result<RunChanges> changes_since(std::int64_t since);
  Result<std::vector<RowPtr>> newest(std::size_t count);   // by id
  Result<RunRow> run(RunId id);   // deleted ones are not found
  Result<Point> point(RunId id);
  Result<Figures> figures(RunId id);
  Result<nlohmann::json> environment(RunId id);
  // Those of all finished runs that have one, as they are stored: JSON texts that may be damaged. Equal ones are one text.
  Result<Environments> environments();
  Result<EventLog> event_log(RunId id);
  Result<std::optional<Document>> document(RunId id);  // absent: not an imported run

  Status set_tags(RunId id, const std::vector<std::string>& tags);
  Status set_starred(RunId id, bool starred);
  Status set_note(RunId id, const std::string& note);
  Status set_marks(const std::vector<RunMarks>& marks);   // of all or none
  // The same mark of many runs: of all or none.
  Status set_starred(const std::vector<RunId>& ids, bool starred);
  Status set_tag(const std::vector<RunId>& ids, const std::string& tag, bool on);
  Result<std::map<std::string, std::int64_t>> tag_counts();

  // Deleted runs are in no list and can be restored until they are purged. All or none.
  Status remove(const std::vector<RunId>& ids);
  Status restore(const std::vector<RunId>& ids);
  Result<std::vector<RunRow>> deleted();            // the last deleted first
  // Takes away for good what was deleted at least so long ago; how many runs. A live one is never touched.
  Result<std::int64_t> purge(std::chrono::seconds deleted_for);

  // A file that carries runs to another store (core/store/bundle.h). `chart`: a chart's definition, kept as it is.
  Status save_bundle(const std::vector<RunId>& ids, const std::string& chart, const std::filesystem::path& file);
  // All of a bundle's runs, or none where the file is bad. One that is here already is not added again; a deleted one
  // comes back.
  Result<OpenedBundle> open_bundle(const std::filesystem::path& file);

  // Everything that `work` does to this store becomes one transaction: all of it, or nothing where it fails.
  Status together(const std::function<Status()>& work);
  // Grows with every change by any process: what a window polls to know when to read again.
  Result<std::int64_t> change_counter();

  struct State;  // core/store/store_state.h

 private:
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// $XDG_DATA_HOME/tokenmark/runs.db, or ~/.local/share/tokenmark/runs.db
std::filesystem::path default_store_path();

}  // namespace tokenmark
