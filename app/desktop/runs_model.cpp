#include "app/desktop/runs_model.h"

#include <QDateTime>
#include <QFont>
#include <QLocale>

#include "app/charts/text.h"

namespace tokenmark {
namespace {

QString text(const std::string& s) { return QString::fromStdString(s); }

QString figure(const std::optional<double>& value) { return value ? number_text(*value) : QString(); }

QString cell(const RunRow& row, RunColumn column) {
  switch (column) {
    case RunColumn::model: return short_model(row);
    case RunColumn::concurrency: return row.concurrency > 0 ? QString::number(row.concurrency) : QString();
    case RunColumn::interactivity: return figure(row.interactivity);
    case RunColumn::throughput: return figure(row.total_tok_s_gpu);
    case RunColumn::ttft: return figure(row.ttft_p50_s);
    case RunColumn::hardware: return text(row.hardware.empty() ? row.device : row.hardware);
    case RunColumn::precision: return text(row.precision);
    case RunColumn::lengths: return QStringLiteral("%1/%2").arg(row.input).arg(row.output);
    case RunColumn::state: return is_sample(row) ? RunsModel::tr("sample") : run_state_text(row.state);
    case RunColumn::started: return local_time(row.started);
    case RunColumn::sweep: return text(row.sweep_name);
    case RunColumn::id: return QString::number(row.id);
    case RunColumn::count: break;
  }
  return {};
}

bool numeric(RunColumn column) {
  return column == RunColumn::concurrency || column == RunColumn::interactivity || column == RunColumn::throughput ||
         column == RunColumn::ttft || column == RunColumn::lengths || column == RunColumn::id;
}

QString tool_tip(const RunRow& row) {
  QStringList lines{text(row.series)};
  if (is_sample(row)) lines << RunsModel::tr("Published sample, not measured here (%1)").arg(text(row.source));
  if (row.random_weights) lines << RunsModel::tr("Random weights: speed is real, text is not");
  if (!row.error.empty()) lines << text(row.error);
  return lines.join('\n');
}

struct Header {
  QString title, meaning;
};

Header header(RunColumn column) {
  switch (column) {
    case RunColumn::model: return {RunsModel::tr("Model"), RunsModel::tr("Model file or shape")};
    case RunColumn::concurrency: return {RunsModel::tr("Conc."), RunsModel::tr("Requests in flight (closed loop)")};
    case RunColumn::interactivity:
      return {RunsModel::tr("tok/s/user"), RunsModel::tr("Interactivity: median over requests of 1/TPOT")};
    case RunColumn::throughput:
      return {RunsModel::tr("tok/s/gpu"), RunsModel::tr("Input and output tokens a second per accelerator")};
    case RunColumn::ttft: return {RunsModel::tr("TTFT s"), RunsModel::tr("Time to the first token, median, seconds")};
    case RunColumn::hardware: return {RunsModel::tr("Hardware"), RunsModel::tr("Accelerator or processor")};
    case RunColumn::precision: return {RunsModel::tr("Precision"), RunsModel::tr("Number format of the weights")};
    case RunColumn::lengths: return {RunsModel::tr("In/out"), RunsModel::tr("Input and output tokens of a request")};
    case RunColumn::state: return {RunsModel::tr("State"), RunsModel::tr("How the run ended; samples are marked")};
    case RunColumn::started: return {RunsModel::tr("Started"), RunsModel::tr("Local time")};
    case RunColumn::sweep: return {RunsModel::tr("Sweep"), RunsModel::tr("The sweep it belongs to")};
    case RunColumn::id: return {RunsModel::tr("Run"), RunsModel::tr("Number of the run in this store")};
    case RunColumn::count: break;
  }
  return {};
}

}  // namespace

bool is_sample(const RunRow& row) { return row.source.starts_with("sample"); }

QString run_state_text(RunState state) {
  switch (state) {
    case RunState::running: return RunsModel::tr("running");
    case RunState::done: return RunsModel::tr("done");
    case RunState::failed: return RunsModel::tr("failed");
    case RunState::cancelled: return RunsModel::tr("cancelled");
    case RunState::interrupted: return RunsModel::tr("interrupted");
  }
  return {};
}

QString short_model(const RunRow& row) {
  const QString model = text(row.model);
  return model.startsWith(QLatin1String("shape:")) ? model.mid(6) : model.section('/', -1);
}

QString local_time(const std::string& started) {
  const QDateTime time = QDateTime::fromString(text(started), Qt::ISODate);
  return time.isValid() ? time.toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm")) : text(started);
}

void RunsModel::setRuns(RunsPtr runs) {
  beginResetModel();
  runs_ = std::move(runs);
  endResetModel();
}

int RunsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(runs_->rows.size());
}

int RunsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(RunColumn::count);
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const RunRow& run = row(index.row());
  const auto column = static_cast<RunColumn>(index.column());
  switch (role) {
    case Qt::DisplayRole: return cell(run, column);
    case Qt::ToolTipRole: return tool_tip(run);
    case Qt::TextAlignmentRole:
      return numeric(column) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ForegroundRole:
      return is_sample(run) && sample_color_.isValid() ? QVariant(sample_color_) : QVariant();
    case Qt::FontRole: {
      if (!is_sample(run) || column != RunColumn::state) return {};
      QFont font;
      font.setItalic(true);
      return font;
    }
    default: return {};
  }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  const auto column = static_cast<RunColumn>(section);
  if (role == Qt::DisplayRole) return header(column).title;
  if (role == Qt::ToolTipRole) return header(column).meaning;
  if (role == Qt::TextAlignmentRole && numeric(column)) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::TextAlignmentRole) return QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  return {};
}

}  // namespace tokenmark
