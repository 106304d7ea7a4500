#include "app/desktop/sweep_form.h"

#include <QList>
#include <QRegularExpression>
#include <QStringList>
#include <algorithm>

namespace tokenmark {
namespace {

QString text(const std::string& s) { return QString::fromStdString(s); }

// A YAML double-quoted scalar.
QString quoted(const QString& value) {
  QString out = QStringLiteral("\"");
  for (const QChar c : value) {
    if (c == '"' || c == '\\')
      out += QStringLiteral("\\") + c;
    else if (c.unicode() < 0x20)
      out += QStringLiteral("\\x%1").arg(c.unicode(), 2, 16, QLatin1Char('0'));
    else
      out += c;
  }
  return out + '"';
}

QString number(double value) { return QString::number(value, 'g', 10); }

QString engine_yaml(const SweepForm& form) {
  QString yaml = QStringLiteral("  engine: {model: %1, device: %2").arg(quoted(form.model), quoted(form.device));
  if (form.threads > 0) yaml += QStringLiteral(", threads: %1").arg(form.threads);
  return yaml + QStringLiteral("}\n");
}

QString endpoint_yaml(const SweepForm& form) {
  QString yaml = QStringLiteral("  endpoint: {url: %1, model: %2, api: %3")
                     .arg(quoted(form.url), quoted(form.served_model), form.api);
  if (!form.api_key_env.isEmpty()) yaml += QStringLiteral(", api_key_env: ") + quoted(form.api_key_env);
  if (!form.tokenizer.isEmpty()) yaml += QStringLiteral(", tokenizer: ") + quoted(form.tokenizer);
  return yaml + QStringLiteral("}\n");
}

void take_target(const Target& target, SweepForm& form) {
  if (const auto* engine = std::get_if<EngineTarget>(&target)) {
    form.model = text(engine->model);
    form.device = text(engine->device);
    form.threads = static_cast<int>(engine->threads);
    return;
  }
  const auto& endpoint = std::get<EndpointTarget>(target);
  form.endpoint = true;
  form.url = text(endpoint.url);
  form.served_model = text(endpoint.model);
  form.api = text(endpoint.api);
  form.api_key_env = text(endpoint.api_key_env);
  form.tokenizer = text(endpoint.tokenizer);
}

}  // namespace

QString to_yaml(const SweepForm& form) {
  QString yaml = QStringLiteral("name: %1\n").arg(quoted(form.name));
  if (!form.node.isEmpty())
    yaml += QStringLiteral("node: %1\n").arg(quoted(form.node));
  else if (form.ssh_host.isEmpty())
    yaml += QStringLiteral("node: local\n");
  else
    yaml += QStringLiteral("node: {ssh: %1, agent: %2}\n").arg(quoted(form.ssh_host), quoted(form.ssh_agent));
  yaml += QStringLiteral("target:\n") + (form.endpoint ? endpoint_yaml(form) : engine_yaml(form));
  yaml += QStringLiteral("workload: {input: %1, output: %2, range_ratio: %3}\n")
              .arg(form.input).arg(form.output).arg(number(form.range_ratio));
  yaml += QStringLiteral("load: {requests_per_concurrency: %1, warmups_per_concurrency: %2}\n")
              .arg(form.requests_per_concurrency).arg(form.warmups_per_concurrency);
  yaml += QStringLiteral("axes: {concurrency: [%1]}\n").arg(form.concurrency);
  yaml += QStringLiteral("repeats: %1\n").arg(form.repeats);
  QStringList limits;
  if (form.ttft_limit_s > 0) limits << QStringLiteral("ttft_s: %1").arg(number(form.ttft_limit_s));
  if (form.tpot_limit_s > 0) limits << QStringLiteral("tpot_s: %1").arg(number(form.tpot_limit_s));
  if (!limits.isEmpty()) yaml += QStringLiteral("limits: {%1}\n").arg(limits.join(QStringLiteral(", ")));
  return yaml;
}

std::optional<SweepForm> form_of(const Sweep& sweep) {
  if (sweep.points.empty()) return std::nullopt;
  const Point& first = sweep.points.front();
  SweepForm form;
  form.name = text(sweep.name);
  if (const auto* ssh = std::get_if<SshNode>(&sweep.node); ssh && !ssh->name.empty()) {
    form.node = text(ssh->name);
  } else if (ssh) {
    form.ssh_host = text(ssh->host);
    form.ssh_agent = text(ssh->agent);
  }
  take_target(first.target, form);
  form.input = first.workload.input;
  form.output = first.workload.output;
  form.range_ratio = first.workload.range_ratio;
  form.requests_per_concurrency = first.load.requests_per_concurrency;
  form.warmups_per_concurrency = first.load.warmups_per_concurrency;
  form.ttft_limit_s = first.limits.ttft_s.value_or(0);
  form.tpot_limit_s = first.limits.tpot_s.value_or(0);
  QStringList concurrency;
  for (const Point& point : sweep.points) {
    form.repeats = std::max(form.repeats, point.repeat + 1);
    if (point.repeat == 0) concurrency << QString::number(point.load.concurrency);
  }
  form.concurrency = concurrency.join(QStringLiteral(", "));
  // The form says it all exactly if its own YAML expands to the same points.
  const Result<Sweep> again = parse_sweep(to_yaml(form).toStdString(), "form");
  if (!again || again->points != sweep.points || again->node != sweep.node || again->name != sweep.name)
    return std::nullopt;
  return form;
}

QList<SweepProblem> problems_of(const Error& error) {
  static const QRegularExpression place(QStringLiteral("^[^:]*:(\\d+):(?:\\d+:)?\\s*(.*)$"));
  QList<SweepProblem> problems;
  for (const QString& line : text(error.message).split('\n', Qt::SkipEmptyParts)) {
    const QRegularExpressionMatch match = place.match(line);
    if (match.hasMatch())
      problems.push_back({match.captured(1).toInt(), match.captured(2)});
    else
      problems.push_back({0, line});
  }
  return problems;
}

}  // namespace tokenmark
