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
    case RunColumn::starred: return row.starred ? QStringLiteral("★") : QString();
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
    case RunColumn::device: return text(row.device);
    case RunColumn::framework: return text(row.framework);
    case RunColumn::node: return text(row.node);
    case RunColumn::gpus: return row.gpus > 0 ? QString::number(row.gpus) : QString();
    case RunColumn::series: return text(row.series);
    case RunColumn::tpot: return figure(row.tpot_p50_s);
    case RunColumn::e2e: return figure(row.e2e_p50_s);
    case RunColumn::output_throughput: return figure(row.output_tok_s);
    case RunColumn::goodput: return figure(row.goodput_req_s);
    case RunColumn::completed: return QString::number(row.completed);
    case RunColumn::failed: return QString::number(row.failed);
    case RunColumn::tags: {
      QStringList tags;
      for (const std::string& tag : row.tags) tags << text(tag);
      return tags.join(QStringLiteral(", "));
    }
    case RunColumn::note: return text(row.note).simplified();
    case RunColumn::source: return text(row.source);
    case RunColumn::count: break;
  }
  return {};
}

bool numeric(RunColumn column) {
  switch (column) {
    case RunColumn::concurrency: case RunColumn::interactivity: case RunColumn::throughput: case RunColumn::ttft:
    case RunColumn::lengths: case RunColumn::id: case RunColumn::gpus: case RunColumn::tpot: case RunColumn::e2e: case RunColumn::output_throughput:
    case RunColumn::goodput: case RunColumn::completed: case RunColumn::failed: return true;
    default: return false;
  }
}

QString tool_tip(const RunRow& row) {
  QStringList lines{text(row.series)};
  if (is_sample(row)) lines << RunsModel::tr("Published sample, not measured here (%1)").arg(text(row.source));
  if (row.random_weights) lines << RunsModel::tr("Random weights: speed is real, text is not");
  if (!row.tags.empty()) lines << RunsModel::tr("Tags: %1").arg(cell(row, RunColumn::tags));
  if (!row.note.empty()) lines << text(row.note);
  if (!row.error.empty()) lines << text(row.error);
  return lines.join('\n');
}

struct Header {
  QString title, meaning;
};

Header header(RunColumn column) {
  switch (column) {
    case RunColumn::starred: return {QStringLiteral("★"), RunsModel::tr("Starred: click to set or to take away")};
    case RunColumn::model: return {RunsModel::tr("Model"), RunsModel::tr("Model file or shape")};
    case RunColumn::concurrency: return {RunsModel::tr("Conc."), RunsModel::tr("Requests in flight (closed loop)")};
    case RunColumn::interactivity: return {RunsModel::tr("tok/s/user"), RunsModel::tr("Interactivity: median over requests of 1/TPOT")};
    case RunColumn::throughput: return {RunsModel::tr("tok/s/gpu"), RunsModel::tr("Input and output tokens a second per accelerator")};
    case RunColumn::ttft: return {RunsModel::tr("TTFT s"), RunsModel::tr("Time to the first token, median, seconds")};
    case RunColumn::hardware: return {RunsModel::tr("Hardware"), RunsModel::tr("Accelerator or processor")};
    case RunColumn::precision: return {RunsModel::tr("Precision"), RunsModel::tr("Number format of the weights")};
    case RunColumn::lengths: return {RunsModel::tr("In/out"), RunsModel::tr("Input and output tokens of a request")};
    case RunColumn::state: return {RunsModel::tr("State"), RunsModel::tr("How the run ended; samples are marked")};
    case RunColumn::started: return {RunsModel::tr("Started"), RunsModel::tr("Local time")};
    case RunColumn::sweep: return {RunsModel::tr("Sweep"), RunsModel::tr("The sweep it belongs to")};
    case RunColumn::id: return {RunsModel::tr("Run"), RunsModel::tr("Number of the run in this store")};
    case RunColumn::device: return {RunsModel::tr("Device"), RunsModel::tr("Device of the engine")};
    case RunColumn::framework: return {RunsModel::tr("Framework"), RunsModel::tr("Serving software and its version")};
    case RunColumn::node: return {RunsModel::tr("Node"), RunsModel::tr("Where it was measured")};
    case RunColumn::gpus: return {RunsModel::tr("GPUs"), RunsModel::tr("Accelerators used")};
    case RunColumn::series: return {RunsModel::tr("Series"), RunsModel::tr("Line of a chart that it belongs to")};
    case RunColumn::tpot: return {RunsModel::tr("TPOT s"), RunsModel::tr("Time per output token, median, seconds")};
    case RunColumn::e2e: return {RunsModel::tr("E2E s"), RunsModel::tr("Time to the last token, median, seconds")};
    case RunColumn::output_throughput: return {RunsModel::tr("Out tok/s"), RunsModel::tr("Output tokens a second of all accelerators")};
    case RunColumn::goodput: return {RunsModel::tr("Goodput"), RunsModel::tr("Requests a second that met all limits")};
    case RunColumn::completed: return {RunsModel::tr("Done"), RunsModel::tr("Requests completed")};
    case RunColumn::failed: return {RunsModel::tr("Failed"), RunsModel::tr("Requests failed")};
    case RunColumn::tags: return {RunsModel::tr("Tags"), RunsModel::tr("Tags of the run")};
    case RunColumn::note: return {RunsModel::tr("Note"), RunsModel::tr("Note on the run")};
    case RunColumn::source: return {RunsModel::tr("Source"), RunsModel::tr("Measured here, imported, or a published sample")};
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

QString field_title(RunKey key) {
  switch (key) {
    case RunKey::model: return header(RunColumn::model).title;
    case RunKey::hardware: return header(RunColumn::hardware).title;
    case RunKey::device: return header(RunColumn::device).title;
    case RunKey::precision: return header(RunColumn::precision).title;
    case RunKey::framework: return header(RunColumn::framework).title;
    case RunKey::node: return header(RunColumn::node).title;
    case RunKey::sweep: return header(RunColumn::sweep).title;
    case RunKey::series: return header(RunColumn::series).title;
    case RunKey::lengths: return RunsModel::tr("Workload");
    case RunKey::state: return header(RunColumn::state).title;
    case RunKey::tag: return RunsModel::tr("Tag");
    case RunKey::started: return RunsModel::tr("Day");
    case RunKey::source: return header(RunColumn::source).title;
    default: return {};
  }
}

void RunsModel::setRuns(RunsPtr runs) {
  beginResetModel();
  if (runs->query.group_by != runs_->query.group_by) folded_.clear();
  runs_ = std::move(runs);
  arrange();
  endResetModel();
}

void RunsModel::setBaseline(RunId run) {
  if (baseline_ == run) return;
  baseline_ = run;
  if (rowCount() > 0) emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

void RunsModel::arrange() {
  lines_.clear();
  std::int32_t number = 0;
  for (const RunGroup& group : runs_->groups) {
    lines_.push_back(-1 - number++);
    if (folded_.contains(text(group.title))) continue;
    lines_.insert(lines_.end(), group.rows.begin(), group.rows.end());
  }
}

std::int32_t RunsModel::rowIndex(int line) const {
  return runs_->groups.empty() ? line : lines_[static_cast<std::size_t>(line)];
}

const RunRow* RunsModel::row(int line) const {
  const std::int32_t index = rowIndex(line);
  return index < 0 ? nullptr : &runs_->rows[static_cast<std::size_t>(index)];
}

const RunGroup* RunsModel::group(int line) const {
  if (runs_->groups.empty()) return nullptr;
  const std::int32_t index = lines_[static_cast<std::size_t>(line)];
  return index < 0 ? &runs_->groups[static_cast<std::size_t>(-1 - index)] : nullptr;
}

QString RunsModel::groupText(int line) const {
  const RunGroup& head = *group(line);
  const int count = static_cast<int>(head.rows.size());
  QString title = head.title.empty() ? tr("none") : text(head.title);
  if (runs_->query.group_by == RunKey::started) title += tr(" (UTC)");
  return title + QStringLiteral(" · ") + (count == 1 ? tr("1 run") : tr("%1 runs").arg(count));
}

bool RunsModel::isFolded(int line) const { return folded_.contains(text(group(line)->title)); }

void RunsModel::fold(int line, bool folded) {
  const RunGroup* head = group(line);
  if (!head || isFolded(line) == folded || head->rows.empty()) return;
  const QString title = text(head->title);
  const int count = static_cast<int>(head->rows.size());
  if (folded) {
    beginRemoveRows({}, line + 1, line + count);
    folded_.insert(title);
  } else {
    beginInsertRows({}, line + 1, line + count);
    folded_.remove(title);
  }
  arrange();
  folded ? endRemoveRows() : endInsertRows();
  emit dataChanged(index(line, 0), index(line, columnCount() - 1));
}

void RunsModel::foldAll(bool folded) {
  beginResetModel();
  folded_.clear();
  if (folded)
    for (const RunGroup& group : runs_->groups) folded_.insert(text(group.title));
  arrange();
  endResetModel();
}

int RunsModel::rowCount(const QModelIndex& parent) const {
  if (parent.isValid()) return 0;
  return static_cast<int>(runs_->groups.empty() ? runs_->rows.size() : lines_.size());
}

int RunsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(RunColumn::count);
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const RunRow* run = row(index.row());
  if (!run) {
    if (role == Qt::AccessibleTextRole)
      return isFolded(index.row()) ? tr("%1, folded").arg(groupText(index.row())) : groupText(index.row());
    return role == Qt::DisplayRole && index.column() == 0 ? QVariant(groupText(index.row())) : QVariant();
  }
  const auto column = static_cast<RunColumn>(index.column());
  switch (role) {
    case Qt::DisplayRole:
      return column == RunColumn::model && run->id == baseline_ ? QStringLiteral("⚑ ") + cell(*run, column)
                                                                : cell(*run, column);
    case Qt::ToolTipRole:
      return run->id == baseline_ ? tr("The baseline: others are compared with it") + '\n' + tool_tip(*run) : tool_tip(*run);
    case Qt::AccessibleTextRole:
      if (column == RunColumn::model && run->id == baseline_) return tr("%1, the baseline").arg(cell(*run, column));
      return column == RunColumn::starred ? QVariant(run->starred ? tr("starred") : tr("not starred")) : QVariant();
    case Qt::TextAlignmentRole:
      if (column == RunColumn::starred) return static_cast<int>(Qt::AlignCenter);
      return numeric(column) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ForegroundRole:
      return is_sample(*run) && sample_color_.isValid() ? QVariant(sample_color_) : QVariant();
    case Qt::FontRole: {
      const bool published = is_sample(*run) && column == RunColumn::state;
      if (!published && run->id != baseline_) return {};
      QFont font;
      font.setItalic(published);
      font.setBold(run->id == baseline_);
      return font;
    }
    default: return {};
  }
}

// Heads of groups are folded, not chosen.
Qt::ItemFlags RunsModel::flags(const QModelIndex& index) const {
  const Qt::ItemFlags plain = QAbstractTableModel::flags(index);
  if (!index.isValid()) return plain;
  return group(index.row()) ? plain & ~Qt::ItemIsSelectable : plain | Qt::ItemIsDragEnabled;
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
