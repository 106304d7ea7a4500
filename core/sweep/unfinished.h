// Sweeps that a program left behind when it ended: those it was measuring, those that were paused and those that waited
// for their turn. What is finished of them is in the store; what they were is in its sweeps and in a list beside it
// that each program keeps of its own, in the folder FILE-jobs beside the store FILE.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/store/store.h"
#include "core/sweep/sweep.h"

namespace tokenmark {

struct UnfinishedSweep {
  std::string title;
  std::string yaml;             // empty: the sweep was still to be made ("Measure this machine")
  std::string hash;
  std::string node;             // that it ran on or was to run on, as node_name() has it
  SweepId sweep = 0;            // in the store; 0: it had not begun, or its hash says which
  std::int32_t points = 0, done = 0;
  bool begun = false, failed_only = false;
};

// The list of one program. Any thread; a write that is older than one already made is dropped.
class UnfinishedList {
 public:
  explicit UnfinishedList(const std::filesystem::path& store);
  // `number` grows with every list that is to be kept. An empty list removes the file.
  Status keep(std::uint64_t number, const std::vector<UnfinishedSweep>& sweeps);

 private:
  std::filesystem::path file_;
  std::mutex mutex_;
  std::uint64_t kept_ = 0;
};

// What ended programs left, from their lists and from the store, each sweep once; their lists are removed, so keep it.
Result<std::vector<UnfinishedSweep>> take_unfinished(const std::filesystem::path& file, Store& store);

// The sweep as it was: its YAML, on the node it ran on. An error if the YAML gives other points today.
Result<Sweep> sweep_again(const UnfinishedSweep& unfinished);
Result<Sweep> sweep_again(const SweepRow& row, const std::string& node);

}  // namespace tokenmark
