// Work in parts on several threads whose results are taken in order: conversion of a model, written to one file.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "base/result.h"

namespace tokenmark {

struct OrderedParts {
  std::size_t count = 0;
  unsigned threads = 0;  // 0: one per core
  std::function<Status(std::size_t part, std::vector<std::byte>& bytes)> make;        // on several threads at once
  std::function<Status(std::size_t part, const std::vector<std::byte>& bytes)> take;  // on the calling thread, in order
};

// While a part is taken the next ones are made, a few per thread ahead. The first failure of either ends it; no `make`
// runs any more when this returns.
Status run_ordered(const OrderedParts& parts);

}  // namespace tokenmark
