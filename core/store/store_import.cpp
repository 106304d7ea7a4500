// Other tools' runs: in with their documents, and the documents out again.
#include <zstd.h>

#include "core/store/imported_run.h"
#include "core/store/store_state.h"
#include "engine/model/hash.h"

namespace tokenmark {
namespace {

constexpr int kLevel = 3;
constexpr std::size_t kMaxDocumentBytes = std::size_t{1} << 30;

std::string compressed(const std::string& text) {
  std::string block(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(block.data(), block.size(), text.data(), text.size(), kLevel);
  block.resize(ZSTD_isError(size) ? 0 : size);
  return block;
}

// All that takes time, done before the store is locked.
struct Prepared {
  std::string hash, document, log;
};

Result<Prepared> prepared(const ImportedRun& run) {
  Prepared out;
  TOKENMARK_TRY(out.hash, sha256(run.format + '\n' + run.document));
  out.document = compressed(run.document);
  if (run.log) out.log = encode(*run.log);
  return out;
}

bool is_stored(Store::State& state, const std::string& hash) {
  auto find = state.prepare("SELECT 1 FROM documents JOIN runs ON runs.id = documents.run WHERE hash = ? AND deleted IS NULL");
  find.bind(1, hash);
  return find.executeStep();
}

RunId add_run(Store::State& state, const ImportedRun& imported) {
  auto insert = state.prepare(R"sql(
    INSERT INTO runs (series, model, device, precision, framework, hardware, gpus, random_weights, configuration,
                      environment, source, node, input, output, concurrency, repeat, state, uid, started)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'done', lower(hex(randomblob(16))),
            coalesce(nullif(?, ''), strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))))sql");
  const NewRun& run = imported.run;
  bind_identity(insert, run);
  insert.bind(9, configuration_row(state, run.point));
  insert.bind(10, environment_row(state, imported.environment));
  insert.bind(11, run.source);
  insert.bind(12, run.node);
  int index = 12;
  for (const std::int32_t value : {imported.input, imported.output, imported.concurrency, run.point.repeat})
    insert.bind(++index, value);
  insert.bind(17, imported.started);
  insert.exec();
  return state.database.getLastInsertRowid();
}

void add_block(Store::State& state, const char* sql, RunId id, const std::string& block) {
  auto insert = state.prepare(sql);
  insert.bind(1, id);
  insert.bindNoCopy(2, block.data(), static_cast<int>(block.size()));
  insert.exec();
}

void add_document(Store::State& state, RunId id, const ImportedRun& imported, const Prepared& ready) {
  auto insert = state.prepare("INSERT INTO documents (run, block, format, hash, bytes) VALUES (?, ?, ?, ?, ?)");
  insert.bind(1, id);
  insert.bindNoCopy(2, ready.document.data(), static_cast<int>(ready.document.size()));
  insert.bind(3, imported.format);
  insert.bind(4, ready.hash);
  insert.bind(5, static_cast<std::int64_t>(imported.document.size()));
  insert.exec();
}

}  // namespace

Result<std::vector<RunId>> Store::add_imported(const std::vector<ImportedRun>& runs, bool again) {
  std::vector<Prepared> ready;
  for (const ImportedRun& run : runs) {
    TOKENMARK_TRY(Prepared one, prepared(run));
    ready.push_back(std::move(one));
  }
  return state_->write([&]() -> Result<std::vector<RunId>> {
    std::vector<RunId> ids;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (!again && is_stored(*state_, ready[i].hash)) {
        ids.push_back(0);
        continue;
      }
      const RunId id = ids.emplace_back(add_run(*state_, runs[i]));
      write_figures(*state_, id, runs[i].figures);
      if (runs[i].log) add_block(*state_, "INSERT INTO event_logs (run, block) VALUES (?, ?)", id, ready[i].log);
      add_document(*state_, id, runs[i], ready[i]);
      refresh_search(*state_, id);
    }
    return ids;
  });
}

Result<std::optional<Document>> Store::document(RunId id) {
  return state_->guarded([&]() -> Result<std::optional<Document>> {
    auto query = state_->prepare("SELECT format, bytes, block FROM documents WHERE run = ?");
    query.bind(1, id);
    if (!query.executeStep()) return std::nullopt;
    const auto bytes = static_cast<std::uint64_t>(query.getColumn(1).getInt64());
    const std::string block = query.getColumn(2).getString();
    Document document{query.getColumn(0).getString(), {}};
    if (bytes <= kMaxDocumentBytes) document.text.resize(bytes);
    const std::size_t size = ZSTD_decompress(document.text.data(), document.text.size(), block.data(), block.size());
    if (ZSTD_isError(size) || size != bytes)
      return fail(ErrorKind::invalid_input, "{}: the document of run {} is damaged", state_->file, id);
    return document;
  });
}

}  // namespace tokenmark
