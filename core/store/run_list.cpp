#include "core/store/run_list.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>

namespace tokenmark {
namespace {

std::size_t mixed(std::size_t hash, std::size_t more) { return (hash ^ more) * 0x9e3779b97f4a7c15ull + (hash >> 29); }

std::size_t kind_hash(const RunRow& row) {
  std::size_t hash = 0;
  for (const SharedText* text : {&row.model, &row.series, &row.device, &row.precision, &row.framework, &row.hardware, &row.node,
                                 &row.source, &row.sweep_name})
    hash = mixed(hash, std::hash<std::string_view>()(text->str()));
  for (const std::int32_t number : {row.input, row.output, row.gpus}) hash = mixed(hash, static_cast<std::size_t>(number));
  return hash;
}

// ---- sorting: every row gets a number that is ordered as its field is; numbers sort fast ----

struct Key {
  std::uint64_t value = 0;
  std::uint32_t entry = 0;
  bool absent = false;
};

std::uint64_t ordered(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  return bits >> 63 ? ~bits : bits | std::uint64_t{1} << 63;
}
std::uint64_t ordered(std::int64_t value) { return static_cast<std::uint64_t>(value) ^ std::uint64_t{1} << 63; }

// An ISO time by its digits; what is none by its first letters, before all times.
std::uint64_t ordered_time(const std::string& time) {
  std::uint64_t value = 0;
  int digits = 0;
  for (const char c : time)
    if (c >= '0' && c <= '9' && ++digits <= 17) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  for (; digits < 17; ++digits) value *= 10;
  return value;
}

const SharedText* text_of(RunColumn column, const RunRow& row) {
  switch (column) {
    case RunColumn::model: return &row.model;
    case RunColumn::hardware: return row.hardware.empty() ? &row.device : &row.hardware;
    case RunColumn::precision: return &row.precision;
    case RunColumn::sweep: return &row.sweep_name;
    case RunColumn::device: return &row.device;
    case RunColumn::framework: return &row.framework;
    case RunColumn::node: return &row.node;
    case RunColumn::series: return &row.series;
    case RunColumn::note: return &row.note;
    case RunColumn::source: return &row.source;
    default: return nullptr;
  }
}

const std::optional<double>* figure_of(RunColumn column, const RunRow& row) {
  switch (column) {
    case RunColumn::interactivity: return &row.interactivity;
    case RunColumn::throughput: return &row.total_tok_s_gpu;
    case RunColumn::ttft: return &row.ttft_p50_s;
    case RunColumn::tpot: return &row.tpot_p50_s;
    case RunColumn::e2e: return &row.e2e_p50_s;
    case RunColumn::output_throughput: return &row.output_tok_s;
    case RunColumn::goodput: return &row.goodput_req_s;
    default: return nullptr;
  }
}

std::int64_t number_of(RunColumn column, const RunRow& row) {
  switch (column) {
    case RunColumn::starred: return row.starred;
    case RunColumn::concurrency: return row.concurrency;
    case RunColumn::lengths: return (std::int64_t{row.input} << 32) + row.output;
    case RunColumn::state: return static_cast<std::int64_t>(row.state);
    case RunColumn::gpus: return row.gpus;
    case RunColumn::completed: return row.completed;
    case RunColumn::failed: return row.failed;
    default: return row.id;
  }
}

std::string joined(const std::vector<std::string>& tags) {
  std::string text;
  for (const std::string& tag : tags) text += (text.empty() ? "" : ", ") + tag;
  return text;
}

// Texts by their rank among all distinct ones.
template <class Entries>
void rank_texts(const Entries& entries, RunColumn column, std::vector<Key>& keys) {
  std::map<std::string, std::uint64_t> ranks;
  std::unordered_map<const std::string*, std::uint64_t*> known;   // shared texts are looked up once
  std::vector<std::uint64_t*> places(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const SharedText* text = text_of(column, *entries[i].row);
    const auto place = [&](const std::string& value) { return &ranks.try_emplace(value, 0).first->second; };
    if (!text) {
      places[i] = place(joined(entries[i].row->tags));
    } else {
      std::uint64_t*& found = known[text->place()];
      if (!found) found = place(text->str());
      places[i] = found;
    }
  }
  std::uint64_t next = 0;
  for (auto& [text, rank] : ranks) rank = next++;
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i].value = *places[i];
  if (column == RunColumn::tags || column == RunColumn::note)
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i].absent = column == RunColumn::tags ? entries[i].row->tags.empty() : entries[i].row->note.empty();
}

}  // namespace

// ---- rows in and out ----

void RunList::update(const RunChanges& changes) {
  if (changes.everything) {
    std::vector<RowPtr> samples;
    for (const Entry& entry : entries_)
      if (is_sample_id(entry.row->id)) samples.push_back(entry.row);
    *this = RunList();
    add(samples);
  }
  add(changes.rows);
  erase(changes.gone);
}

void RunList::add(const std::vector<RowPtr>& rows) {
  for (const RowPtr& row : rows) put(row);
}

void RunList::put(const RowPtr& row) {
  const auto [place, added] = places_.try_emplace(row->id, static_cast<std::uint32_t>(entries_.size()));
  if (added) entries_.emplace_back();
  entries_[place->second] = {row, kind_of(*row)};
  stale_ = true;
}

void RunList::erase(const std::vector<RunId>& ids) {
  for (const RunId id : ids) {
    const auto place = places_.find(id);
    if (place == places_.end()) continue;
    const std::uint32_t hole = place->second;
    places_.erase(place);
    if (hole + 1 != entries_.size()) {
      entries_[hole] = std::move(entries_.back());
      places_[entries_[hole].row->id] = hole;
    }
    entries_.pop_back();
    stale_ = true;
  }
}

std::uint32_t RunList::kind_of(const RunRow& row) {
  const std::size_t hash = kind_hash(row);
  const auto [first, last] = kind_places_.equal_range(hash);
  for (auto place = first; place != last; ++place)
    if (same_kind(*kinds_[place->second], row)) return place->second;
  // A row of its own: it is kept as long as the list, the run may change.
  auto representative = std::make_shared<RunRow>();
  for (const auto field : {&RunRow::model, &RunRow::series, &RunRow::device, &RunRow::precision, &RunRow::framework,
                           &RunRow::hardware, &RunRow::node, &RunRow::source, &RunRow::sweep_name})
    (*representative).*field = row.*field;
  for (const auto field : {&RunRow::input, &RunRow::output, &RunRow::gpus}) (*representative).*field = row.*field;
  kinds_.push_back(std::move(representative));
  kind_places_.emplace(hash, static_cast<std::uint32_t>(kinds_.size() - 1));
  return static_cast<std::uint32_t>(kinds_.size() - 1);
}

// ---- choosing ----

void RunList::sort(RunOrder order) {
  if (!stale_ && order == sorted_as_) return;
  std::vector<Key> keys(entries_.size());
  const bool texts = order.column == RunColumn::tags || text_of(order.column, RunRow()) != nullptr;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const RunRow& row = *entries_[i].row;
    keys[i].entry = static_cast<std::uint32_t>(i);
    if (texts) continue;
    if (order.column == RunColumn::started) {
      keys[i].value = ordered_time(row.started);
    } else if (const auto* figure = figure_of(order.column, row)) {
      keys[i].absent = !figure->has_value();
      keys[i].value = figure->has_value() ? ordered(**figure) : 0;
    } else {
      keys[i].value = ordered(number_of(order.column, row));
    }
  }
  if (texts) rank_texts(entries_, order.column, keys);
  // Among equals the newest first, whatever the order.
  const auto newer = [&](const Key& a, const Key& b) { return entries_[a.entry].row->id > entries_[b.entry].row->id; };
  std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
    if (a.absent != b.absent) return b.absent;
    if (a.value != b.value) return order.descending ? a.value > b.value : a.value < b.value;
    return newer(a, b);
  });
  sorted_.resize(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) sorted_[i] = keys[i].entry;
  sorted_as_ = order;
  stale_ = false;
}

// Entries in their order.
std::vector<std::uint32_t> RunList::matching(const RunFilter& filter, bool samples) const {
  std::vector<std::vector<char>> verdicts;   // of each term for each kind
  for (const RunTerm& term : filter.terms) {
    std::vector<char>& of_kinds = verdicts.emplace_back(kinds_.size());
    for (std::size_t kind = 0; kind < kinds_.size(); ++kind) of_kinds[kind] = holds_for_kind(term, *kinds_[kind]);
  }
  std::vector<std::uint32_t> chosen;
  chosen.reserve(filter.empty() ? sorted_.size() : 0);
  for (const std::uint32_t index : sorted_) {
    const Entry& entry = entries_[index];
    if (!samples && is_sample_id(entry.row->id)) continue;
    bool wanted = true;
    for (std::size_t t = 0; wanted && t < filter.terms.size(); ++t)
      wanted = (verdicts[t][entry.kind] || holds_for_own(filter.terms[t], *entry.row)) != filter.terms[t].excluded;
    if (wanted) chosen.push_back(index);
  }
  return chosen;
}

RunSelection RunList::select(const RunFilter& filter, RunOrder order, RunKey group_by, bool samples) {
  sort(order);
  const std::vector<std::uint32_t> chosen = matching(filter, samples);
  RunSelection selection;
  selection.rows.reserve(chosen.size());
  for (const std::uint32_t index : chosen) selection.rows.push_back(entries_[index].row);
  if (group_by == RunKey::word) return selection;
  std::unordered_map<std::string, std::size_t> places;
  std::uint32_t row = 0;
  for (const RunRow& run : selection.rows) {
    std::vector<std::string> titles = values_of(group_by, run);
    if (titles.empty()) titles.emplace_back();
    for (std::string& title : titles) {
      const auto [place, added] = places.try_emplace(title, selection.groups.size());
      if (added) selection.groups.push_back({std::move(title), {}});
      selection.groups[place->second].rows.push_back(row);
    }
    ++row;
  }
  return selection;
}

std::vector<std::pair<std::string, std::size_t>> RunList::value_counts(RunKey key, const RunFilter& filter, bool samples) {
  sort(sorted_as_);
  std::unordered_map<std::string, std::size_t> counts;
  for (const std::uint32_t index : matching(filter, samples))
    for (std::string& value : values_of(key, *entries_[index].row)) ++counts[std::move(value)];
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  return sorted;
}

}  // namespace tokenmark
