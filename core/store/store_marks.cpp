// What a person says of runs: tags, stars, notes, and that they are not wanted any more.
#include "core/store/store_state.h"

namespace tokenmark {
namespace {

void write_tags(Store::State& state, RunId id, const std::vector<std::string>& tags) {
  auto clear = state.prepare("DELETE FROM tags WHERE run = ?");
  clear.bind(1, id);
  clear.exec();
  auto insert = state.prepare("INSERT OR IGNORE INTO tags (run, tag) VALUES (?, ?)");
  for (const std::string& tag : tags) {
    insert.bind(1, id);
    insert.bind(2, tag);
    insert.exec();
    insert.reset();
  }
}

template <class Value>
void write_column(Store::State& state, const char* sql, RunId id, const Value& value) {
  auto update = state.prepare(sql);
  update.bind(1, value);
  update.bind(2, id);
  update.exec();
}

// Runs `sql`, whose last parameter is the id, for each run; where it finds nothing to change `refused` says why.
template <class Refused>
Status for_each_run(SQLite::Statement statement, const std::vector<RunId>& ids, Refused&& refused) {
  const int last = statement.getBindParameterCount();
  for (const RunId id : ids) {
    statement.bind(last, id);
    if (statement.exec() == 0) return refused(id);
    statement.reset();
  }
  return {};
}

constexpr const char* kStar = "UPDATE runs SET starred = ? WHERE id = ?";
constexpr const char* kNote = "UPDATE runs SET note = ? WHERE id = ?";

}  // namespace

Status expect_run(Store::State& state, RunId id) {
  auto query = state.prepare("SELECT deleted FROM runs WHERE id = ?");
  query.bind(1, id);
  if (!query.executeStep()) return fail(ErrorKind::not_found, "{}: there is no run {}", state.file, id);
  if (query.getColumn(0).isNull()) return {};
  return fail(ErrorKind::not_found, "{}: run {} is deleted; `tokenmark-cli runs restore {}` brings it back", state.file, id, id);
}

Status Store::set_tags(RunId id, const std::vector<std::string>& tags) {
  return state_->write([&]() -> Status {
    TOKENMARK_CHECK(expect_run(*state_, id));
    write_tags(*state_, id, tags);
    refresh_search(*state_, id);
    return {};
  });
}

Status Store::set_starred(RunId id, bool starred) {
  return state_->write([&]() -> Status {
    TOKENMARK_CHECK(expect_run(*state_, id));
    write_column(*state_, kStar, id, starred ? 1 : 0);
    mark_changed(*state_, id);
    return {};
  });
}

Status Store::set_note(RunId id, const std::string& note) {
  return state_->write([&]() -> Status {
    TOKENMARK_CHECK(expect_run(*state_, id));
    write_column(*state_, kNote, id, note);
    refresh_search(*state_, id);
    return {};
  });
}

Status Store::set_marks(const std::vector<RunMarks>& marks) {
  return state_->write([&]() -> Status {
    for (const RunMarks& one : marks) {
      TOKENMARK_CHECK(expect_run(*state_, one.id));
      write_tags(*state_, one.id, one.tags);
      write_column(*state_, kStar, one.id, one.starred ? 1 : 0);
      write_column(*state_, kNote, one.id, one.note);
      refresh_search(*state_, one.id);
    }
    return {};
  });
}

Status Store::set_starred(const std::vector<RunId>& ids, bool starred) {
  return state_->write([&]() -> Status {
    auto star = state_->prepare("UPDATE runs SET starred = ?, changed = (SELECT counter + 1 FROM changes) WHERE id = ? AND deleted IS NULL");
    star.bind(1, starred ? 1 : 0);
    return for_each_run(std::move(star), ids, [&](RunId id) { return expect_run(*state_, id); });
  });
}

Status Store::set_tag(const std::vector<RunId>& ids, const std::string& tag, bool on) {
  return state_->write([&]() -> Status {
    auto there = state_->prepare("SELECT 1 FROM runs WHERE id = ? AND deleted IS NULL");
    auto edit = state_->prepare(on ? "INSERT OR IGNORE INTO tags (run, tag) VALUES (?, ?)" : "DELETE FROM tags WHERE run = ? AND tag = ?");
    auto search = search_update(*state_);
    edit.bind(2, tag);
    for (const RunId id : ids) {
      for (auto* statement : {&there, &edit, &search}) statement->bind(1, id);
      if (!there.executeStep()) return expect_run(*state_, id);
      edit.exec();
      search.exec();
      for (auto* statement : {&there, &edit, &search}) statement->reset();
    }
    return {};
  });
}

Result<std::map<std::string, std::int64_t>> Store::tag_counts() {
  return state_->guarded([&]() -> Result<std::map<std::string, std::int64_t>> {
    std::map<std::string, std::int64_t> counts;
    auto query = state_->prepare(
        "SELECT tag, COUNT(*) FROM tags JOIN runs ON runs.id = tags.run WHERE deleted IS NULL GROUP BY tag");
    while (query.executeStep()) counts[query.getColumn(0).getString()] = query.getColumn(1).getInt64();
    return counts;
  });
}

Status Store::remove(const std::vector<RunId>& ids) {
  return state_->write([&]() -> Status {
    auto mark = state_->prepare(
        "UPDATE runs SET deleted = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), changed = (SELECT counter + 1 FROM changes) "
        "WHERE id = ? AND deleted IS NULL");
    return for_each_run(std::move(mark), ids, [&](RunId id) -> Status {
      return fail(ErrorKind::not_found, "{}: there is no run {}; nothing was deleted", state_->file, id);
    });
  });
}

Status Store::restore(const std::vector<RunId>& ids) {
  return state_->write([&]() -> Status {
    auto mark = state_->prepare(
        "UPDATE runs SET deleted = NULL, changed = (SELECT counter + 1 FROM changes) WHERE id = ? AND deleted IS NOT NULL");
    return for_each_run(std::move(mark), ids, [&](RunId id) -> Status {
      return fail(ErrorKind::not_found, "{}: there is no deleted run {}; nothing was restored", state_->file, id);
    });
  });
}

Result<std::int64_t> Store::purge(std::chrono::seconds deleted_for) {
  const auto due = state_->guarded([&]() -> Result<bool> {
    auto query = state_->prepare("SELECT 1 FROM runs WHERE deleted <= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?) LIMIT 1");
    query.bind(1, fmt::format("-{} seconds", deleted_for.count()));
    return query.executeStep();
  });
  if (!due) return tl::unexpected(due.error());
  if (!*due) return std::int64_t{0};   // nothing to do changes nothing
  return state_->write([&]() -> Result<std::int64_t> {
    auto erase = state_->prepare("DELETE FROM runs WHERE deleted <= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?)");
    erase.bind(1, fmt::format("-{} seconds", deleted_for.count()));
    const std::int64_t purged = erase.exec();
    state_->database.exec(
        "UPDATE changes SET purged = counter + 1;"
        "DELETE FROM environments WHERE id NOT IN (SELECT environment FROM runs WHERE environment IS NOT NULL);"
        "DELETE FROM configurations WHERE id NOT IN (SELECT configuration FROM runs)");
    return purged;
  });
}

Status Store::together(const std::function<Status()>& work) {
  return state_->write([&]() -> Status {
    const bool outer = std::exchange(state_->together, true);
    Status done = work();
    state_->together = outer;
    return done;
  });
}

}  // namespace tokenmark
