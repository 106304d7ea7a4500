// Which runs are wanted, as a person types it: in the search box of the workbench, after `runs list`, wherever runs are
// chosen. Every part must hold:
//   llama "two words"        the text occurs in model, series, device, hardware, framework, precision, node, sweep,
//                            source, state, lengths ("128/64"), time, tags, note or number ("#12")
//   model:llama,mistral      … occurs in that field; one of several
//   precision=f16            that field is exactly this
//   in:1024 concurrency:8..64 gpus:..8   numbers and ranges of them
//   before:2026-05-01 after:2026-04 on:2026-05-01   UTC; a year, month or day (after: from then on)
//   starred
//   -tag:baseline            not so
// Letters of either case are alike (ASCII). A word before ':' that is no key is part of a plain word ("shape:llama").
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/store/store.h"

namespace tokenmark {

enum class RunKey : std::uint8_t {
  word,                                                                        // any of the texts
  model, device, hardware, precision, framework, node, sweep, series, source, lengths,  // alike for many runs
  input, output, gpus,
  state, tag, note, error, started, starred, concurrency, run,                 // a run's own
};
struct RunKeyName {
  RunKey key;
  std::string_view name;     // "model"
  std::string_view meaning;  // for completion
};
// Those that a person types, but for words.
const std::vector<RunKeyName>& run_key_names();

struct RunTerm {
  RunKey key = RunKey::word;
  bool exact = false, excluded = false;
  std::vector<std::string> values;                        // lower case; one of them must be it
  struct Range {
    std::int64_t low = 0, high = 0;
  };
  std::vector<Range> ranges;                              // of numbers
  std::string from, until;                                // of started: from <= time < until; empty: no end
};

struct RunFilter {
  std::vector<RunTerm> terms;
  bool empty() const { return terms.empty(); }
};

// Errors name the part that is wrong.
Result<RunFilter> parse_run_filter(std::string_view text);
bool matches(const RunFilter& filter, const RunRow& row);

// A term in two halves, so that what many runs have alike is looked at once: it holds (before `excluded`) if either does.
bool holds_for_kind(const RunTerm& term, const RunRow& row);   // of the fields up to `gpus`
bool holds_for_own(const RunTerm& term, const RunRow& row);    // of the others
bool same_kind(const RunRow& a, const RunRow& b);

// The words of a filter that must occur.
std::vector<std::string> plain_words(const RunFilter& filter);
// What the field holds, as filters and groups name it; several of tags, none where it is empty.
std::vector<std::string> values_of(RunKey key, const RunRow& row);

// `text` with exactly these values of the key instead of those it names now; none: any value. What else it says stays.
std::string with_values(std::string_view text, RunKey key, const std::vector<std::string>& values);
// The values that `text` names for the key with '='.
std::vector<std::string> exact_values(std::string_view text, RunKey key);

}  // namespace tokenmark
