// All runs of a store in memory, to be filtered, sorted and grouped while a person types: 100,000 in a few
// milliseconds. Rows are shared with the lists that are given out, never copied. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/store/run_filter.h"
#include "core/store/run_rows.h"

namespace tokenmark {

enum class RunColumn : std::uint8_t {
  starred, model, concurrency, interactivity, throughput, ttft, hardware, precision, lengths, state, started, sweep, id,
  device, framework, node, gpus, series, tpot, e2e, output_throughput, goodput, completed, failed, tags, note, source, count
};

struct RunOrder {
  RunColumn column = RunColumn::started;
  bool descending = true;
  bool operator==(const RunOrder&) const = default;
};

// Rows of one group, as indices into the selection's rows; a run with two tags is in two groups.
struct RunGroup {
  std::string title;               // empty: runs without (a tag, a sweep …)
  std::vector<std::uint32_t> rows;
};

struct RunSelection {
  RunRows rows;                    // in their order
  std::vector<RunGroup> groups;    // ordered by their first row; none: not grouped
};

// Published samples have negative ids.
inline bool is_sample_id(RunId id) { return id < 0; }

class RunList {
 public:
  // Adds rows or takes their place by id; forgets those gone, or with `everything` all others that are no samples.
  void update(const RunChanges& changes);
  void add(const std::vector<RowPtr>& rows);
  std::size_t size() const { return entries_.size(); }

  // `group_by` RunKey::word: not grouped. Rows without the figure come last, whatever the order.
  RunSelection select(const RunFilter& filter, RunOrder order, RunKey group_by = RunKey::word, bool samples = true);
  // How many runs have which value of a field, of those that match; most first.
  std::vector<std::pair<std::string, std::size_t>> value_counts(RunKey key, const RunFilter& filter, bool samples = true);

 private:
  struct Entry {
    RowPtr row;
    std::uint32_t kind = 0;        // into kinds_
  };

  void put(const RowPtr& row);
  void erase(const std::vector<RunId>& ids);
  std::uint32_t kind_of(const RunRow& row);
  void sort(RunOrder order);
  std::vector<std::uint32_t> matching(const RunFilter& filter, bool samples) const;

  std::vector<Entry> entries_;
  std::unordered_map<RunId, std::uint32_t> places_;          // of ids in entries_
  std::vector<RowPtr> kinds_;                                // a run of each kind (run_filter.h)
  std::unordered_multimap<std::size_t, std::uint32_t> kind_places_;  // by hash
  std::vector<std::uint32_t> sorted_;                        // entries in the order of sorted_as_
  RunOrder sorted_as_;
  bool stale_ = true;                                        // sorted_ is of other entries
};

}  // namespace tokenmark
