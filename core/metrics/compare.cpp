#include "core/metrics/compare.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

#include "core/statistics/random.h"

namespace tokenmark {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kAlpha = 0.05, kPower = 0.8;
constexpr std::size_t kRunsForT = 3, kRunsForPairs = 6;
constexpr std::size_t kResamples = 400, kCells = 20 * kComparedParts;
constexpr std::uint64_t kSeed = 19'790'604;  // any number, but always this one

using Samples = std::vector<ComparedRun::Sample>;

// ---- the figures ----

enum class Kind : unsigned char { mean, percentile, interactivity, tokens, total, cost, energy, goodput };
struct Figure {
  ComparableFigure told;
  Kind kind;
  Samples ComparedRun::*samples = nullptr;
  double p = 0;
  std::string_view inverse_of = {};  // figure that this one is 1 ÷ of, times a constant
};
constexpr Better kLower = Better::lower, kHigher = Better::higher;
const Figure kFigures[] = {
    {{"ttft_s_mean", "TTFT mean", "s", "ttft_s", kLower}, Kind::mean, &ComparedRun::ttft},
    {{"ttft_s_p50", "TTFT p50", "s", "ttft_s", kLower}, Kind::percentile, &ComparedRun::ttft, 0.5},
    {{"ttft_s_p99", "TTFT p99", "s", "ttft_s", kLower}, Kind::percentile, &ComparedRun::ttft, 0.99},
    {{"tpot_s_p50", "TPOT p50", "s", "tpot_s", kLower}, Kind::percentile, &ComparedRun::tpot, 0.5},
    {{"tpot_s_p99", "TPOT p99", "s", "tpot_s", kLower}, Kind::percentile, &ComparedRun::tpot, 0.99},
    {{"itl_s_p99", "ITL p99", "s", "itl_s", kLower}, Kind::percentile, &ComparedRun::itl, 0.99},
    {{"e2e_s_p50", "E2E p50", "s", "e2e_s", kLower}, Kind::percentile, &ComparedRun::e2e, 0.5},
    {{"e2e_s_p99", "E2E p99", "s", "e2e_s", kLower}, Kind::percentile, &ComparedRun::e2e, 0.99},
    {{"interactivity_tok_s_p50", "interactivity", "tok/s/user", "interactivity_tok_s", kHigher},
     Kind::interactivity,
     &ComparedRun::tpot,
     0.5,
     "tpot_s_p50"},
    {{"output_tok_s", "output", "tok/s", "output_tok_s", kHigher}, Kind::tokens},
    {{"total_tok_s_gpu", "throughput per GPU", "tok/s/gpu", "total_tok_s_gpu", kHigher}, Kind::total},
    {{"dollars_per_mtok", "cost", "$/Mtok", "dollars_per_mtok", kLower}, Kind::cost, nullptr, 0, "total_tok_s_gpu"},
    {{"joules_per_total_token", "energy", "J/tok", "joules_per_total_token", kLower}, Kind::energy},
    {{"goodput_req_s", "goodput", "requests/s", "goodput", kHigher}, Kind::goodput}};

double total_tok_s_gpu(const ComparedRun& run) {
  return (run.input_tokens.value_or(0) + run.output_tokens) / run.duration_s / run.gpus;
}

// Of samples: TTFT, TPOT, ITL, E2E, and 1 ÷ TPOT.
double value_of_samples(const Figure& figure, const ComparedRun& run) {
  std::vector<double> values;
  for (const auto& sample : run.*figure.samples)
    if (figure.kind != Kind::mean || std::isfinite(sample.value))
      values.push_back(figure.kind == Kind::interactivity ? 1 / sample.value : sample.value);
  if (figure.kind == Kind::mean) return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  std::sort(values.begin(), values.end());
  return interpolated(values, figure.p);
}

double value_of(const Figure& figure, const ComparedRun& run) {
  switch (figure.kind) {
    case Kind::tokens: return run.output_tokens / run.duration_s;
    case Kind::total: return total_tok_s_gpu(run);
    case Kind::cost: return *run.dollars_per_hour / (total_tok_s_gpu(run) * 3600) * 1e6;
    case Kind::energy: return *run.joules_per_token;
    case Kind::goodput: return static_cast<double>(run.good) / run.duration_s;
    default: return value_of_samples(figure, run);
  }
}

// How much the requests of a run depend on their neighbours.
struct Dependence {
  double independent = 0;  // as many independent requests say as much about a mean
  double inflation = 1;    // the true variance ÷ what blocks of a tenth of the run show of it
};

// One value a request (of ITLs: their mean), by rank, so that the tail does not rule.
std::vector<double> ranks_by_request(const Samples& samples, std::size_t requests) {
  std::vector<double> sum(requests, 0.0), count(requests, 0.0);
  for (const auto& sample : samples) {
    sum[sample.request] += sample.value;
    ++count[sample.request];
  }
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < requests; ++i)
    if (count[i] > 0) order.emplace_back(sum[i] / count[i], i);
  std::sort(order.begin(), order.end());
  std::vector<double> ranks(requests, -1.0), out;
  for (std::size_t k = 0; k < order.size(); ++k) ranks[order[k].second] = static_cast<double>(k);
  for (const double rank : ranks)
    if (rank >= 0) out.push_back(rank);
  return out;
}

// The autocorrelations add up until a pair of neighbouring ones is not positive any more (C. Geyer, Statist. Sci. 7, 473,
// 1992). Means of blocks of length L show only 1 + 2 Σ (1 − k/L) ρ(k) of the whole 1 + 2 Σ ρ(k).
Dependence dependence_of(const Samples& samples, std::size_t requests) {
  constexpr std::size_t kMostLags = 2000;
  std::vector<double> x = ranks_by_request(samples, requests);
  const auto n = static_cast<double>(x.size());
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n, block = n / kComparedParts;
  for (double& v : x) v -= mean;
  const double variance = std::inner_product(x.begin(), x.end(), x.begin(), 0.0);
  double whole = 1, shown = 1;
  const auto correlation = [&](std::size_t lag) {
    return std::inner_product(x.begin() + static_cast<std::ptrdiff_t>(lag), x.end(), x.begin(), 0.0) / variance;
  };
  for (std::size_t lag = 1; variance > 0 && lag + 1 < std::min(x.size() / 2, kMostLags); lag += 2) {
    const double first = correlation(lag), second = correlation(lag + 1);
    if (first + second <= 0) break;
    whole += 2 * (first + second);
    shown += 2 * (std::max(0.0, 1 - static_cast<double>(lag) / block) * first + std::max(0.0, 1 - static_cast<double>(lag + 1) / block) * second);
  }
  return {n / whole, whole / std::max(0.1, shown)};
}

// What a figure needs besides samples, and the run does not have; or nothing.
std::string lacking(Kind kind, const ComparedRun& run, bool within_run) {
  if (kind == Kind::goodput && !run.limited) return "no limits were given";
  const bool of_total = kind == Kind::total || kind == Kind::cost;
  if (of_total && !run.input_tokens) return "the input tokens are unknown";
  if (of_total && run.gpus < 1) return "it is not known how many accelerators were used";
  if (kind == Kind::cost && !run.dollars_per_hour) return "its hardware has no price";
  if (kind == Kind::energy && !run.joules_per_token) return "no energy was measured";
  if (kind == Kind::energy && within_run)
    return "a meter's reading of one run has no interval: 3 repeats on each side give one";
  return "";
}

// Why a run has no value of the figure that could be compared, or nothing.
std::string why_not(const Figure& figure, const ComparedRun& run, bool within_run) {
  constexpr double kIndependent = 30, kIndependentForP99 = 368, kIndependentForItlP99 = 100;
  if (std::string lacks = lacking(figure.kind, run, within_run); !lacks.empty()) return lacks;
  if (figure.samples != nullptr) {
    const std::size_t n = (run.*figure.samples).size(), needed = figure.p == 0.99 ? 100 : 20;
    if (n < needed) return fmt::format("a run has {} samples, {} are needed", n, needed);
  }
  const double value = value_of(figure, run);
  if (std::isinf(value)) return "it is infinite in a run: too many requests failed";
  if (!(value > 0)) return "it is not above 0 in a run";
  if (!within_run || run.e2e.empty()) return "";
  const double independent = dependence_of(figure.samples != nullptr ? run.*figure.samples : run.e2e, run.requests.size()).independent;
  const double needed = figure.p != 0.99 ? kIndependent : figure.samples == &ComparedRun::itl ? kIndependentForItlP99 : kIndependentForP99;
  if (independent >= needed) return "";
  return fmt::format("a run's requests say as much as {:.0f} independent ones, {} are needed within one run", independent, needed);
}

// ---- how far the logarithm of A's figure is from B's, and how sure that is ----

struct Difference {
  double value = 0, error = 0, degrees = 1;
};

double mean_of(const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size()); }
double variance_of(const std::vector<double>& x) {
  const double mean = mean_of(x);
  double squares = 0;
  for (const double v : x) squares += (v - mean) * (v - mean);
  return squares / (static_cast<double>(x.size()) - 1);
}

std::vector<double> logs_of(const Figure& figure, const std::vector<ComparedRun>& runs) {
  std::vector<double> out;
  for (const ComparedRun& run : runs) out.push_back(std::log(value_of(figure, run)));
  return out;
}

Difference between_pairs(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(a[i] - b[i]);
  const auto n = static_cast<double>(a.size());
  return {mean_of(differences), std::sqrt(variance_of(differences) / n), n - 1};
}

// B. L. Welch, Biometrika 34, 28 (1947).
Difference between_groups(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
  const double va = variance_of(a) / n, vb = variance_of(b) / m, sum = va + vb;
  const double degrees = sum > 0 ? sum * sum / (va * va / (n - 1) + vb * vb / (m - 1)) : n + m - 2;
  return {mean_of(a) - mean_of(b), std::sqrt(sum), degrees};
}

// A run's samples by size, each in its cell of the run, so that the figure of a resample is one walk.
class CellSamples {
 public:
  CellSamples(const Samples& samples, std::size_t requests) : cells_(std::min(requests, kCells)) {
    for (const auto& sample : samples)
      sorted_.emplace_back(sample.value, static_cast<std::uint16_t>(std::size_t{sample.request} * cells_ / requests));
    std::sort(sorted_.begin(), sorted_.end());
    sum_.resize(cells_);
    all_.resize(cells_);
    finite_.resize(cells_);
    for (const auto& [value, cell] : sorted_) {
      ++all_[cell];
      if (std::isinf(value)) continue;
      sum_[cell] += value;
      ++finite_[cell];
    }
  }
  std::size_t cells() const { return cells_; }

  // How often each cell is drawn in a resample of blocks.
  static std::vector<double> draw(std::size_t cells, std::uint64_t stream, std::size_t resample) {
    std::vector<double> times(cells, 0.0);
    const std::size_t block = std::max<std::size_t>(1, cells / kComparedParts);
    for (std::size_t b = 0; b < kComparedParts; ++b) {
      const std::size_t start = below(random_at(kSeed, stream, resample * kComparedParts + b), cells - block + 1);
      for (std::size_t c = 0; c < block; ++c) ++times[start + c];
    }
    return times;
  }

  double figure(const Figure& figure, const std::vector<double>& times) const {
    const auto dot = [&](const std::vector<double>& x) { return std::inner_product(x.begin(), x.end(), times.begin(), 0.0); };
    if (figure.kind == Kind::mean) return dot(sum_) / dot(finite_);
    double above = (1 - figure.p) * dot(all_);  // from the large end: most are the 99th
    for (std::size_t k = sorted_.size(); k-- > 0;)
      if ((above -= times[sorted_[k].second]) < 0) return sorted_[k].first;
    return sorted_.front().first;
  }

 private:
  std::size_t cells_;
  std::vector<std::pair<double, std::uint16_t>> sorted_;
  std::vector<double> sum_, all_, finite_;
};

// Of the figure's logarithm, averaged over the runs of a side; `alike`: the two sides draw the same blocks.
Difference by_bootstrap(const Figure& figure, const std::vector<ComparedRun>& a, const std::vector<ComparedRun>& b, bool alike) {
  const auto prepared = [&](const std::vector<ComparedRun>& runs) {
    std::vector<CellSamples> out;
    for (const ComparedRun& run : runs) out.emplace_back(run.*figure.samples, run.requests.size());
    return out;
  };
  const std::vector<CellSamples> cells_a = prepared(a), cells_b = prepared(b);
  const auto side = [&](const std::vector<CellSamples>& runs, std::uint64_t first_stream, std::size_t resample) {
    double sum = 0;
    for (std::size_t r = 0; r < runs.size(); ++r)
      sum += std::log(runs[r].figure(figure, CellSamples::draw(runs[r].cells(), first_stream + r, resample)));
    return sum / static_cast<double>(runs.size());
  };
  std::vector<double> differences;
  for (std::size_t k = 0; k < kResamples; ++k) {
    const double difference = side(cells_a, 0, k) - side(cells_b, alike ? 0 : 1000, k);
    if (std::isfinite(difference)) differences.push_back(difference);
  }
  Difference out{mean_of(logs_of(figure, a)) - mean_of(logs_of(figure, b)), kInfinity, kComparedParts - 1};
  double inflation = 1;
  for (const auto* runs : {&a, &b})
    for (const ComparedRun& run : *runs) inflation = std::max(inflation, dependence_of(run.*figure.samples, run.requests.size()).inflation);
  // A resample that is infinite has drawn the failures: then nothing can be said.
  if (differences.size() == kResamples) out.error = std::sqrt(variance_of(differences) * inflation * kComparedParts / (kComparedParts - 1));
  return out;
}

// Of rates: the slices of a run's time vary as the rate does, ÷ √slices.
Difference by_slices(const Figure& figure, const std::vector<ComparedRun>& a, const std::vector<ComparedRun>& b) {
  const auto squared_error = [&](const std::vector<ComparedRun>& runs) {
    double sum = 0;
    for (const ComparedRun& run : runs) {
      const std::vector<double>& slices = figure.kind == Kind::tokens    ? run.tokens_in_slice
                                          : figure.kind == Kind::goodput ? run.good_in_slice
                                                                         : run.total_in_slice;
      const double mean = slices.empty() ? 0 : mean_of(slices);
      const double inflation = dependence_of(run.e2e, run.requests.size()).inflation;
      sum += mean > 0 ? inflation * variance_of(slices) / (mean * mean) / kComparedParts : kInfinity;
    }
    return sum / static_cast<double>(runs.size() * runs.size());
  };
  return {mean_of(logs_of(figure, a)) - mean_of(logs_of(figure, b)), std::sqrt(squared_error(a) + squared_error(b)), kComparedParts - 1};
}

// ---- verdicts ----

double t_quantile(double degrees, double p) { return boost::math::quantile(boost::math::students_t_distribution<double>(degrees), p); }

double p_value(const Difference& d) {
  if (d.error == 0) return d.value == 0 ? 1 : 0;
  if (!std::isfinite(d.error)) return 1;
  return 2 * boost::math::cdf(boost::math::complement(boost::math::students_t_distribution<double>(d.degrees), std::abs(d.value / d.error)));
}

double change_of(double log_ratio) { return std::isfinite(log_ratio) ? std::expm1(log_ratio) : log_ratio > 0 ? kInfinity : -1; }

std::string verdict_of(const FigureComparison& f) {
  if (!f.differs) return "no difference";
  const bool lower = f.change < 0;
  const double near = 100 * std::abs(lower ? f.interval.high : f.interval.low),
               far = 100 * std::abs(lower ? f.interval.low : f.interval.high);
  const auto shown = [](double percent) {
    return percent < 1000 ? fmt::format("{:.3g}", percent) : fmt::format("{:.0f}", percent);
  };
  return fmt::format("A is {} % ({} to {}) {}", shown(100 * std::abs(f.change)), shown(near), shown(far),
                     lower ? "lower" : "higher");
}

void correct_by_holm(std::vector<FigureComparison*> figures) {
  std::sort(figures.begin(), figures.end(), [](const auto* a, const auto* b) { return a->p_alone < b->p_alone; });
  double highest = 0;
  for (std::size_t k = 0; k < figures.size(); ++k) {
    highest = std::max(highest, std::min(1.0, figures[k]->p_alone * static_cast<double>(figures.size() - k)));
    figures[k]->p = highest;
  }
}

// Whether a figure's question is that of the figure that it is 1 ÷ of: the constant between them is the same on both sides.
bool same_question(const Figure& figure, const std::vector<ComparedRun>& a, const std::vector<ComparedRun>& b) {
  const auto as_first = [&](const ComparedRun& run) { return run.dollars_per_hour == a.front().dollars_per_hour; };
  if (figure.kind == Kind::interactivity) return true;
  return !figure.inverse_of.empty() && std::all_of(a.begin(), a.end(), as_first) &&
         std::all_of(b.begin(), b.end(), as_first);
}

bool same_list(const std::vector<ComparedRun>& a, const std::vector<ComparedRun>& b) {
  const auto as_first = [&](const ComparedRun& run) { return run.requests == a.front().requests; };
  return std::all_of(a.begin(), a.end(), as_first) && std::all_of(b.begin(), b.end(), as_first);
}

bool matched(const std::vector<ComparedRun>& a, const std::vector<ComparedRun>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const ComparedRun& x, const ComparedRun& y) { return x.repeat == y.repeat; });
}

enum class Method : unsigned char { pairs, groups, within };

void describe(Comparison& out, Method method) {
  if (method == Method::pairs) out.method = fmt::format("t over {} pairs of repeats", out.runs_a);
  if (method == Method::groups) out.method = fmt::format("Welch's t over {} and {} runs", out.runs_a, out.runs_b);
  if (method == Method::within) {
    out.method = fmt::format("{} block bootstrap within the runs", out.same_requests ? "paired" : "unpaired");
    out.notes.push_back("Run-to-run variation is not covered: what is found holds for these runs. Measure each at least 3 times.");
  }
  if (!out.same_requests) out.notes.push_back("The runs did not ask for the same list of requests: a difference may be that of the lists.");
}

Difference difference_of(const Figure& figure, const std::vector<ComparedRun>& a, const std::vector<ComparedRun>& b, Method method, bool same_requests) {
  if (method == Method::pairs) return between_pairs(logs_of(figure, a), logs_of(figure, b));
  if (method == Method::groups) return between_groups(logs_of(figure, a), logs_of(figure, b));
  if (figure.samples == nullptr) return by_slices(figure, a, b);
  return by_bootstrap(figure, a, b, same_requests && matched(a, b));
}

// Whether the figure can be compared, and if not, why.
FigureComparison empty_comparison(const Figure& figure, const std::vector<ComparedRun>& a, const std::vector<ComparedRun>& b, bool within) {
  FigureComparison out{
      .figure = std::string(figure.told.key), .name = std::string(figure.told.name), .unit = std::string(figure.told.unit)};
  for (const auto* runs : {&a, &b})
    for (const ComparedRun& run : *runs)
      if (out.verdict.empty()) out.verdict = why_not(figure, run, within);
  out.compared = out.verdict.empty();
  out.same_question = same_question(figure, a, b);
  return out;
}

void fill(FigureComparison& f, const Figure& figure, const Difference& d, double questions,
          const std::vector<ComparedRun>& a, const std::vector<ComparedRun>& b) {
  const double half = t_quantile(d.degrees, 1 - kAlpha / 2) * d.error;
  const double strictest = t_quantile(d.degrees, 1 - kAlpha / 2 / questions);
  f.a = std::exp(mean_of(logs_of(figure, a)));
  f.b = std::exp(mean_of(logs_of(figure, b)));
  f.change = change_of(d.value);
  f.interval = {change_of(d.value - half), change_of(d.value + half)};
  f.detectable = change_of((strictest + t_quantile(d.degrees, kPower)) * d.error);
}

}  // namespace

const std::vector<ComparableFigure>& comparable_figures() {
  static const std::vector<ComparableFigure> figures = [] {
    std::vector<ComparableFigure> all;
    for (const Figure& figure : kFigures) all.push_back(figure.told);
    return all;
  }();
  return figures;
}

Result<Comparison> compare_runs(const std::vector<ComparedRun>& a, const std::vector<ComparedRun>& b) {
  if (a.empty() || b.empty()) return fail(ErrorKind::invalid_input, "a comparison needs at least one run on each side");
  for (const auto* runs : {&a, &b})
    for (const ComparedRun& run : *runs)
      if (run.requests.empty() || run.duration_s <= 0) return fail(ErrorKind::invalid_input, "a run without requests cannot be compared");
  Comparison out;
  out.runs_a = a.size();
  out.runs_b = b.size();
  out.same_requests = same_list(a, b);
  const std::size_t fewest = std::min(a.size(), b.size());
  const Method method = fewest < kRunsForT                                                  ? Method::within
                        : fewest >= kRunsForPairs && out.same_requests && matched(a, b) ? Method::pairs
                                                                                            : Method::groups;
  out.covers_run_to_run = method != Method::within;
  describe(out, method);
  std::vector<Difference> differences;
  for (const Figure& figure : kFigures) {
    out.figures.push_back(empty_comparison(figure, a, b, method == Method::within));
    differences.push_back(out.figures.back().compared ? difference_of(figure, a, b, method, out.same_requests) : Difference{});
    out.figures.back().p_alone = p_value(differences.back());
  }
  const auto questions =
      std::count_if(out.figures.begin(), out.figures.end(), [](const auto& f) { return f.compared && !f.same_question; });
  for (std::size_t k = 0; k < out.figures.size(); ++k)
    if (out.figures[k].compared) fill(out.figures[k], kFigures[k], differences[k], static_cast<double>(questions), a, b);
  correct_together({&out});
  return out;
}

void correct_together(const std::vector<Comparison*>& comparisons) {
  std::vector<FigureComparison*> questions;
  for (Comparison* comparison : comparisons)
    for (FigureComparison& f : comparison->figures)
      if (f.compared && !f.same_question) questions.push_back(&f);
  correct_by_holm(questions);
  for (Comparison* comparison : comparisons)
    for (std::size_t k = 0; k < comparison->figures.size(); ++k) {
      FigureComparison& f = comparison->figures[k];
      if (!f.compared) continue;
      if (f.same_question)
        f.p = std::find_if(comparison->figures.begin(), comparison->figures.end(), [&](const auto& of) {
                return of.figure == kFigures[k].inverse_of;
              })->p;
      f.differs = f.p < kAlpha;
      f.verdict = verdict_of(f);
    }
}

}  // namespace tokenmark
