#include "core/sweep/unfinished.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/node/node_list.h"
#include "core/store/owner.h"
#include "core/store/store_sweeps.h"

namespace tokenmark {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxBytes = 64 << 20;
constexpr std::size_t kMostSweeps = 1000;

fs::path folder_beside(const fs::path& store) { return store.string() + "-jobs"; }

json to_json(const UnfinishedSweep& one) {
  return {{"title", one.title}, {"yaml", one.yaml},     {"hash", one.hash},   {"node", one.node},
          {"sweep", one.sweep}, {"points", one.points}, {"begun", one.begun}, {"failed_only", one.failed_only}};
}

// Written by a program of ours, but a file: what does not fit is left out.
std::vector<UnfinishedSweep> read_list(const json& document) {
  std::vector<UnfinishedSweep> sweeps;
  const auto list = document.find("sweeps");
  if (list == document.end() || !list->is_array()) return sweeps;
  for (const json& one : *list) try {
      sweeps.push_back({one.at("title"), one.at("yaml"), one.at("hash"), one.at("node"), one.at("sweep"), one.at("points"), 0,
                        one.at("begun"), one.at("failed_only")});
      if (sweeps.size() == kMostSweeps) break;
    } catch (const json::exception&) {
    }
  return sweeps;
}

// Lists of programs that have ended, which are removed.
std::vector<UnfinishedSweep> abandoned(const fs::path& folder) {
  std::vector<UnfinishedSweep> sweeps;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".json" || entry.file_size(error) > kMaxBytes) continue;
    std::ifstream in(entry.path());
    const json document = json::parse(in, nullptr, false);
    if (!document.is_object()) continue;
    const auto owner = document.find("owner");
    if (owner == document.end() || !owner->is_string() || !process_is_gone(owner->get<std::string>())) continue;
    const fs::path taken = entry.path().string() + ".taken";  // by one program only
    fs::rename(entry.path(), taken, error);
    if (error) continue;
    for (UnfinishedSweep& one : read_list(document)) sweeps.push_back(std::move(one));
    fs::remove(taken, error);
  }
  return sweeps;
}

bool same(const UnfinishedSweep& a, const UnfinishedSweep& b) {
  return a.hash == b.hash && a.failed_only == b.failed_only && (a.sweep == b.sweep || a.sweep == 0 || b.sweep == 0) && (!a.hash.empty() || a.title == b.title);
}

Result<std::string> node_of(Store& store, SweepId sweep) {
  TOKENMARK_TRY(const auto rows, store.runs({}, sweep));
  return rows.empty() ? std::string("local") : rows.front().node;
}

}  // namespace

UnfinishedList::UnfinishedList(const fs::path& store)
    : file_(folder_beside(store) / fmt::format("{}-{}.json", getpid(), static_cast<const void*>(this))) {}

Status UnfinishedList::keep(std::uint64_t number, const std::vector<UnfinishedSweep>& sweeps) {
  const std::lock_guard lock(mutex_);
  if (number <= kept_) return {};
  kept_ = number;
  std::error_code error;
  if (sweeps.empty()) {
    fs::remove(file_, error);
    fs::remove(file_.parent_path(), error);  // if it is empty now
    return {};
  }
  json document = {{"owner", this_process()}, {"sweeps", json::array()}};
  for (const UnfinishedSweep& one : sweeps) document["sweeps"].push_back(to_json(one));
  fs::create_directories(file_.parent_path(), error);
  const fs::path fresh = file_.string() + ".new";
  std::ofstream out(fresh);
  out << document.dump(1, ' ', false, json::error_handler_t::replace) << '\n';
  out.close();
  if (out) fs::rename(fresh, file_, error);
  if (!out || error) return fail(ErrorKind::io, "{}: cannot be written, so waiting sweeps will not be remembered if the program is killed", file_.string());
  return {};
}

Result<std::vector<UnfinishedSweep>> take_unfinished(const fs::path& file, Store& store) {
  std::vector<UnfinishedSweep> all, out;
  TOKENMARK_CHECK(store.mark_interrupted());
  TOKENMARK_TRY(const auto rows, store.interrupted_sweeps());
  for (UnfinishedSweep& one : abandoned(folder_beside(file))) all.push_back(std::move(one));
  for (const SweepRow& row : rows) {
    TOKENMARK_TRY(const std::string node, node_of(store, row.id));
    all.push_back({row.name, row.yaml, row.hash, node, row.id, row.points, 0, true, false});
  }
  for (UnfinishedSweep& one : all) {
    if (std::any_of(out.begin(), out.end(), [&](const UnfinishedSweep& other) { return same(one, other); })) continue;
    if (one.begun && !one.hash.empty()) {
      TOKENMARK_TRY(const auto row, store.latest_sweep(one.hash));
      if (row && row->done >= row->points) continue;  // it was finished after all
      if (row) one.done = row->done;
    }
    out.push_back(std::move(one));
  }
  return out;
}

Result<Sweep> sweep_again(const UnfinishedSweep& unfinished) {
  return sweep_again(SweepRow{.name = unfinished.title, .yaml = unfinished.yaml, .hash = unfinished.hash}, unfinished.node);
}

Result<Sweep> sweep_again(const SweepRow& row, const std::string& node) {
  TOKENMARK_TRY(Sweep sweep, parse_sweep(row.yaml, row.name));
  std::vector<Node> nodes = {sweep.node, LocalNode{}};
  if (const auto named = find_node(node)) nodes.push_back(*named);
  nodes.push_back(SshNode{.host = node});
  for (const Node& one : nodes) {
    sweep.node = one;
    sweep.hash = sweep_hash(sweep);
    if (sweep.hash == row.hash) return sweep;
  }
  return fail(ErrorKind::invalid_input, "{}: its YAML or its node '{}' has become another one since, so that it cannot be gone on with; start it anew", row.name, node);
}

}  // namespace tokenmark
