// Sweep files (YAML): checked completely before anything runs, then expanded into points.
// Every unknown key, wrong type, empty axis and impossible value is an error that names file, line and key.
// `order: sequential | interleaved | abba` (core/sweep/order.h; default interleaved) says how repeats lie among points.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/node/node.h"
#include "core/quality/task.h"
#include "core/sweep/order.h"
#include "core/workload/point.h"

namespace tokenmark {

struct Sweep {
  std::string name;
  Node node;
  SweepOrder order = SweepOrder::interleaved;
  std::vector<Point> points;      // expanded, in the order they run
  std::string yaml;               // the file as read
  std::string hash;               // SHA-256 of name, node and points
  std::vector<QualityTask> quality;  // evaluated once for each target, after its first point
  std::vector<std::string> axes;  // what varies: dotted paths in a point's JSON form, "load.concurrency"
};

// All problems are reported, one a line: "sweep.yaml:7: unknown key 'concurency' in load (did you mean
// 'concurrency'?)".
Result<Sweep> parse_sweep(std::string_view yaml, const std::string& file_name);
Result<Sweep> read_sweep(const std::string& path);  // a file, or "builtin:NAME" (resources/sweeps/NAME.yaml)

std::string sweep_hash(const Sweep& sweep);

// "concurrency 4, input 128": the fields of a point that vary in its sweep; "the point" where nothing does.
std::string point_label(const Sweep& sweep, const Point& point);

}  // namespace tokenmark
