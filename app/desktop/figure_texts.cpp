#include "app/desktop/figure_texts.h"

#include <QCoreApplication>
#include <cmath>

#include "app/charts/text.h"
#include "core/metrics/figure_meanings.h"

namespace tokenmark {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("Figures", text); }
QString text(const std::string& s) { return QString::fromStdString(s); }

// The definition of figure_meanings.h as a sentence.
QString defined(std::string_view key) {
  QString words = tr(figure_definition(key).data());   // of a table of literals: they end where they end
  if (!words.isEmpty()) words[0] = words[0].toUpper();
  return words + '.';
}

struct Rows {
  QList<FigureText> rows;

  void add(const QString& name, const std::optional<double>& value, const QString& unit, const QString& definition) {
    if (value) rows.push_back({name, number_text(*value) + ' ' + unit, definition});
  }
  void add(const QString& name, const QString& value, const QString& definition) {
    rows.push_back({name, value, definition});
  }
};

QString in_seconds(double value) { return seconds_text(value); }

// A percentile with its interval, or why there is none.
template <class Format>
QString percentile(const Percentile& p, Format format) {
  if (!p.value) return p.why_absent.empty() ? tr("not measured") : text(p.why_absent);
  QString said = format(*p.value);
  if (p.interval) said += tr("  (%1 – %2)").arg(format(p.interval->low), format(p.interval->high));
  return said;
}

void add_distribution(Rows& rows, const QString& name, const Distribution& d, const QString& definition) {
  if (d.samples == 0 && !d.mean && !d.p50.value && !d.p90.value && !d.p99.value) return;  // imported: samples may be unknown
  const std::pair<QString, const Percentile*> shown[] = {{tr("median"), &d.p50}, {tr("p90"), &d.p90}, {tr("p99"), &d.p99}};
  for (const auto& [which, value] : shown)
    rows.add(QStringLiteral("%1, %2").arg(name, which), percentile(*value, in_seconds),
             definition + '\n' + tr("In brackets: the 95 % interval, by block bootstrap."));
  if (d.mean)
    rows.add(tr("%1, mean").arg(name), in_seconds(*d.mean), definition + '\n' + tr("Mean over completed requests."));
}

void add_steady(Rows& rows, const SteadyFigures& steady) {
  const QString window = defined("steady");
  if (!steady.settled) {
    if (!steady.reason.empty()) rows.add(tr("Steady state"), text(steady.reason), window);
    return;
  }
  rows.add(tr("Steady state"), tr("%1 – %2").arg(seconds_text(steady.from_s), seconds_text(steady.to_s)), window);
  rows.add(tr("Output, steady"), steady.figures.output_tok_s, tr("tok/s"), tr("Output tokens of the window ÷ its length."));
  rows.add(tr("TTFT, steady, median"), percentile(steady.figures.ttft_s.p50, in_seconds), tr("Of first tokens that came in the window."));
  rows.add(tr("TPOT, steady, median"), percentile(steady.figures.tpot_s.p50, in_seconds), tr("Of requests that were done in the window."));
}

void add_classes(Rows& rows, const std::vector<ClassFigures>& classes) {
  for (const auto& [name, figures] : classes) {
    const QString of = tr("Of the requests of the class %1.").arg(text(name));
    rows.add(tr("%1: TTFT, median").arg(text(name)), percentile(figures.ttft_s.p50, in_seconds), of);
    rows.add(tr("%1: TPOT, median").arg(text(name)), percentile(figures.tpot_s.p50, in_seconds), of);
    rows.add(tr("%1: output").arg(text(name)), figures.output_tok_s, tr("tok/s"), of);
  }
}

QString rate(double value) { return number_text(value) + QStringLiteral(" tok/s/user"); }

void add_power(Rows& rows, const Figures& f) {
  const auto meter = [&](const char* key) { return defined(key) + '\n' + text(f.power_source); };
  const auto joules = [](double value) { return number_text(value) + QStringLiteral(" J"); };
  if (f.power_w) rows.add(tr("Power"), number_text(*f.power_w) + QStringLiteral(" W"), meter("power_w"));
  if (f.power_w_gpu) rows.add(tr("Power per GPU"), number_text(*f.power_w_gpu) + QStringLiteral(" W"), meter("power_w_gpu"));
  if (f.energy_j) rows.add(tr("Energy"), joules(*f.energy_j), meter("energy_j"));
  if (f.energy_check_j)
    rows.add(tr("Energy by the other way"), joules(*f.energy_check_j), defined("energy_check_j"));
  if (f.joules_per_output_token)
    rows.add(tr("Energy per output token"), joules(*f.joules_per_output_token), meter("joules_per_output_token"));
  if (f.joules_per_total_token)
    rows.add(tr("Energy per token"), joules(*f.joules_per_total_token), meter("joules_per_total_token"));
  if (!f.power_note.empty()) rows.add(tr("Power, caution"), text(f.power_note), tr("What speaks against the figure."));
  for (const MeterFigures& one : f.meters)
    if (!one.computes && one.power_w)
      rows.add(tr("Beside: %1").arg(text(one.name)), number_text(*one.power_w) + QStringLiteral(" W"), text(one.source));
  if (const auto why = f.lacking.find("power"); why != f.lacking.end() && !f.meters.empty())
    rows.add(tr("No power"), text(why->second), {});
}

}  // namespace

QString seconds_text(double seconds) {
  if (!std::isfinite(seconds)) return number_text(seconds);
  const double size = std::abs(seconds);
  if (size >= 1 || size == 0) return number_text(seconds) + QStringLiteral(" s");
  if (size >= 1e-3) return number_text(seconds * 1e3) + QStringLiteral(" ms");
  return number_text(seconds * 1e6) + QStringLiteral(" µs");
}

QList<FigureText> figure_texts(const Figures& f) {
  Rows rows;
  rows.add(tr("Interactivity, median"), percentile(f.interactivity_p50, rate), defined("interactivity_tok_s"));
  if (f.interactivity_p99.value)
    rows.add(tr("Interactivity, slow tail"), percentile(f.interactivity_p99, rate), defined("interactivity_p99_tok_s"));
  rows.add(tr("Total per GPU"), f.total_tok_s_gpu, tr("tok/s/gpu"), defined("total_tok_s_gpu"));
  rows.add(tr("Output per GPU"), f.output_tok_s_gpu, tr("tok/s/gpu"), defined("output_tok_s_gpu"));
  rows.add(tr("Output"), f.output_tok_s, tr("tok/s"), defined("output_tok_s"));
  rows.add(tr("Input"), f.input_tok_s, tr("tok/s"), defined("input_tok_s"));
  rows.add(tr("Requests"), f.request_s, tr("req/s"), defined("request_s"));
  add_distribution(rows, tr("TTFT"), f.ttft_s, defined("ttft_s"));
  add_distribution(rows, tr("TPOT"), f.tpot_s, defined("tpot_s"));
  add_distribution(rows, tr("ITL"), f.itl_s, defined("itl_s"));
  add_distribution(rows, tr("E2E"), f.e2e_s, defined("e2e_s"));
  add_distribution(rows, tr("Item"), f.item_latency_s, defined("item_latency_s"));
  rows.add(tr("Items"), f.item_s, tr("items/s"), defined("item_s"));
  add_distribution(rows, tr("TTFT as scheduled"), f.scheduled_ttft_s, defined("scheduled_ttft_s"));
  add_steady(rows, f.steady);
  add_classes(rows, f.classes);
  rows.add(tr("Goodput"), f.goodput_req_s, tr("req/s"), defined("goodput"));
  if (!f.lacking.count("requests"))
    rows.add(tr("Completed, failed"), QStringLiteral("%1, %2").arg(f.completed).arg(f.failed), defined("requests"));
  for (const auto& [error, count] : f.errors) rows.add(tr("Failed: %1").arg(text(error)), QString::number(count), {});
  if (f.duration_s > 0) rows.add(tr("Duration"), seconds_text(f.duration_s), defined("duration_s"));
  add_power(rows, f);
  if (!f.token_source.empty()) rows.add(tr("Tokens counted by"), text(f.token_source), defined("token_source"));
  return rows.rows;
}

// The definitions are where the rows are made: a run that has everything brings them all.
QList<FigureText> figure_definitions() {
  Figures all;
  const auto fill = [](Distribution& d) { d.samples = 1; };
  for (Distribution* d : {&all.ttft_s, &all.tpot_s, &all.itl_s, &all.e2e_s, &all.scheduled_ttft_s, &all.item_latency_s, &all.send_lag_s}) fill(*d);
  all.interactivity_p99.value = all.send_lag_s.p50.value = 1;
  for (auto* value : {&all.total_tok_s_gpu, &all.output_tok_s_gpu, &all.output_tok_s, &all.input_tok_s, &all.request_s, &all.item_s, &all.goodput_req_s,
                      &all.power_w, &all.power_w_gpu, &all.energy_j, &all.energy_check_j, &all.joules_per_output_token, &all.joules_per_total_token,
                      &all.intended_request_s, &all.sent_request_s, &all.littles_law})
    *value = 1;
  all.duration_s = 1;
  all.power_source = tr("As the meter of the run says; see the run.").toStdString();
  all.power_note = all.token_source = all.power_source;
  all.steady.settled = true;
  QList<FigureText> texts = figure_texts(all) + self_check_texts(all);
  for (FigureText& figure : texts) figure.value.clear();
  return texts;
}

QList<FigureText> self_check_texts(const Figures& f) {
  Rows rows;
  const QString verdict = f.client_verdict.empty()
                              ? (f.client_limited ? tr("the client was the limit") : tr("the client was not the limit"))
                              : text(f.client_verdict);
  rows.add(tr("Verdict"), verdict, defined("client_verdict"));
  if (f.send_lag_s.p99.value || f.send_lag_s.p50.value)
    rows.add(tr("Send lag, median"), percentile(f.send_lag_s.p50, in_seconds), defined("send_lag_s"));
  if (f.send_lag_s.p99.value) rows.add(tr("Send lag, p99"), percentile(f.send_lag_s.p99, in_seconds), tr("One request in a hundred was sent later than this."));
  if (f.client_cpu_share)
    rows.add(tr("Client's CPU"), tr("%1 % of %2 threads").arg(number_text(*f.client_cpu_share * 100)).arg(f.client_threads),
             defined("client_cpu_share"));
  if (f.client_stall_s) rows.add(tr("Longest stall"), seconds_text(*f.client_stall_s), defined("client_stall_s"));
  if (f.intended_request_s && f.sent_request_s)
    rows.add(tr("Requests due, sent"), tr("%1, %2 req/s").arg(number_text(*f.intended_request_s), number_text(*f.sent_request_s)),
             defined("sent_request_s"));
  if (f.littles_law) rows.add(tr("Little's law"), number_text(*f.littles_law), defined("littles_law"));
  return rows.rows;
}

}  // namespace tokenmark
