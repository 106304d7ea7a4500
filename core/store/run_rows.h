// Lists of runs that do not copy them: RunRows shares its rows with other lists, RowView borrows them for a call.
// Both are read like a std::vector<RunRow>.
#pragma once

#include <initializer_list>
#include <memory>
#include <vector>

#include "core/store/store.h"

namespace tokenmark {

// Walks over pointers of any kind, gives rows.
template <class Pointer>
class RowIterator {
 public:
  using iterator_category = std::random_access_iterator_tag;
  using value_type = RunRow;
  using difference_type = std::ptrdiff_t;
  using pointer = const RunRow*;
  using reference = const RunRow&;

  RowIterator() = default;
  explicit RowIterator(const Pointer* at) : at_(at) {}
  reference operator*() const { return **at_; }
  pointer operator->() const { return &**at_; }
  reference operator[](difference_type n) const { return *at_[n]; }
  RowIterator& operator++() { return ++at_, *this; }
  RowIterator operator++(int) { return RowIterator(at_++); }
  RowIterator& operator--() { return --at_, *this; }
  RowIterator operator--(int) { return RowIterator(at_--); }
  RowIterator& operator+=(difference_type n) { return at_ += n, *this; }
  RowIterator& operator-=(difference_type n) { return at_ -= n, *this; }
  friend RowIterator operator+(RowIterator a, difference_type n) { return a += n; }
  friend RowIterator operator+(difference_type n, RowIterator a) { return a += n; }
  friend RowIterator operator-(RowIterator a, difference_type n) { return a -= n; }
  friend difference_type operator-(RowIterator a, RowIterator b) { return a.at_ - b.at_; }
  friend auto operator<=>(RowIterator a, RowIterator b) = default;

 private:
  const Pointer* at_ = nullptr;
};

class RunRows {
 public:
  using value_type = RunRow;
  using const_iterator = RowIterator<RowPtr>;

  RunRows() = default;
  RunRows(std::vector<RunRow> rows) {
    rows_.reserve(rows.size());
    for (RunRow& row : rows) push_back(std::move(row));
  }
  explicit RunRows(std::vector<RowPtr> rows) : rows_(std::move(rows)) {}

  std::size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }
  const RunRow& operator[](std::size_t index) const { return *rows_[index]; }
  const RunRow& front() const { return *rows_.front(); }
  const RunRow& back() const { return *rows_.back(); }
  const_iterator begin() const { return const_iterator(rows_.data()); }
  const_iterator end() const { return const_iterator(rows_.data() + rows_.size()); }
  const std::vector<RowPtr>& shared() const { return rows_; }

  void reserve(std::size_t count) { rows_.reserve(count); }
  void push_back(RunRow row) { rows_.push_back(std::make_shared<const RunRow>(std::move(row))); }
  void push_back(RowPtr row) { rows_.push_back(std::move(row)); }

 private:
  std::vector<RowPtr> rows_;   // none is null
};

// The rows must live as long as the view.
class RowView {
 public:
  using const_iterator = RowIterator<const RunRow*>;

  explicit RowView(std::vector<const RunRow*> rows) : rows_(std::move(rows)) {}
  RowView(const std::vector<RunRow>& rows) {
    rows_.reserve(rows.size());
    for (const RunRow& row : rows) rows_.push_back(&row);
  }
  RowView(std::initializer_list<RunRow> rows) {   // of one call: {row, row}
    for (const RunRow& row : rows) rows_.push_back(&row);
  }
  RowView(const RunRows& rows) {
    rows_.reserve(rows.size());
    for (const RunRow& row : rows) rows_.push_back(&row);
  }

  std::size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }
  const RunRow& operator[](std::size_t index) const { return *rows_[index]; }
  const RunRow& front() const { return *rows_.front(); }
  const RunRow& back() const { return *rows_.back(); }
  const_iterator begin() const { return const_iterator(rows_.data()); }
  const_iterator end() const { return const_iterator(rows_.data() + rows_.size()); }

 private:
  std::vector<const RunRow*> rows_;
};

}  // namespace tokenmark
