#include "app/desktop/inspector_dock.h"

#include <QGridLayout>
#include <QHeaderView>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "app/charts/core_text.h"
#include "app/charts/text.h"
#include "app/desktop/figure_texts.h"
#include "app/desktop/run_notes.h"
#include "app/desktop/runs_model.h"
#include "app/desktop/theme_sheet.h"
#include "app/desktop/widgets.h"

namespace tokenmark {
namespace {

QString text(const std::string& s) { return QString::fromStdString(s); }

QString plain_value(const QJsonValue& value) {
  if (value.isString()) return value.toString();
  if (value.isBool()) return value.toBool() ? InspectorDock::tr("yes") : InspectorDock::tr("no");
  if (value.isDouble()) return QString::number(value.toDouble(), 'g', 12);
  if (value.isArray()) {
    QStringList items;
    for (const QJsonValue& item : value.toArray()) items << plain_value(item);
    return items.join(QStringLiteral(", "));
  }
  return {};
}

// Nested objects as "outer · inner" rows; what is empty says nothing.
void flatten(const QString& prefix, const QJsonObject& object, QList<std::pair<QString, QString>>& rows) {
  for (auto it = object.begin(); it != object.end(); ++it) {
    QString name = it.key();
    name.replace('_', ' ');
    if (!prefix.isEmpty()) name = prefix + QStringLiteral(" · ") + name;
    if (it->isObject()) {
      flatten(name, it->toObject(), rows);
    } else if (const QString value = plain_value(*it); !value.isEmpty()) {
      rows.push_back({name, value});
    }
  }
}

// Where there is no room for all, a figure keeps its value rather than its interval, and a path its ends.
class ValueDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

 protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
    QStyledItemDelegate::initStyleOption(option, index);
    option->textElideMode = option->text.contains(' ') ? Qt::ElideRight : Qt::ElideMiddle;
  }
};

}  // namespace

InspectorDock::InspectorDock(QWidget* parent) : QDockWidget(tr("Inspector"), parent) {
  setObjectName(QStringLiteral("inspectorDock"));
  dress(*this);
  auto* body = new QWidget(this);
  auto* layout = new QVBoxLayout(body);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  title_ = new QLabel(body);
  title_->setObjectName(QStringLiteral("inspectorTitle"));
  title_->setProperty("role", "title");
  title_->setWordWrap(true);
  title_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  facts_ = new QLabel(body);
  facts_->setObjectName(QStringLiteral("inspectorFacts"));
  facts_->setProperty("role", "muted");
  facts_->setWordWrap(true);
  tree_ = new QTreeWidget(body);
  tree_->setObjectName(QStringLiteral("inspectorTree"));
  tree_->setAccessibleName(tr("Facts of the chosen run"));
  tree_->setColumnCount(2);
  tree_->setHeaderHidden(true);
  tree_->setIndentation(10);
  tree_->setUniformRowHeights(true);
  tree_->setTextElideMode(Qt::ElideMiddle);   // ends tell names apart
  tree_->setItemDelegateForColumn(1, new ValueDelegate(tree_));
  tree_->setSelectionMode(QAbstractItemView::SingleSelection);
  tree_->header()->setSectionResizeMode(0, QHeaderView::Interactive);
  tree_->header()->setStretchLastSection(true);
  tree_->setColumnWidth(0, 148);
  auto* head = new QVBoxLayout;
  head->setContentsMargins(10, 2, 10, 8);
  head->setSpacing(4);
  head->addWidget(title_);
  head->addWidget(facts_);
  head->addLayout(setupButtons(body));
  error_ = new QPlainTextEdit(body);
  error_->setObjectName(QStringLiteral("inspectorError"));
  error_->setAccessibleName(tr("Why the run has no result"));
  error_->setReadOnly(true);
  error_->setTabChangesFocus(true);
  error_->setMaximumHeight(fontMetrics().lineSpacing() * 8);
  error_->hide();
  head->addWidget(error_);
  notes_ = new RunNotes(body);
  head->addWidget(notes_);
  layout->addLayout(head);
  layout->addWidget(tree_, 1);
  setWidget(body);
  connect(tree_, &QTreeWidget::itemCollapsed, this, [this](QTreeWidgetItem* item) { folded_.insert(item->text(0)); });
  connect(tree_, &QTreeWidget::itemExpanded, this, [this](QTreeWidgetItem* item) { folded_.remove(item->text(0)); });
  setupCopy();
  clear();
}

QLayout* InspectorDock::setupButtons(QWidget* body) {
  auto* grid = new QGridLayout;   // in lines of two: the dock stays narrow
  grid->setSpacing(6);
  reproduce_ = make_button(body, "inspectorReproduce", tr("Reproduce …"),
                           tr("How this run is measured again: a sweep file, a command, what its server was started with"));
  connect(reproduce_, &QPushButton::clicked, this, [this] {
    if (detail_) emit reproduceWanted(detail_->row.id);
  });
  compare_ = make_button(body, "inspectorCompare", tr("Compare with baseline"),
                         tr("All figures against those of the baseline, and what differs in configuration and environment"));
  connect(compare_, &QPushButton::clicked, this, [this] {
    std::vector<RunId> runs;
    if (detail_) runs.push_back(detail_->row.id);
    if (difference_)
      for (const RunRow& each : difference_->runs) runs.push_back(each.id);
    emit compareWanted(runs);
  });
  pin_ = make_button(body, "inspectorPin", tr("Pin as baseline"), {});
  connect(pin_, &QPushButton::clicked, this, [this] {
    if (detail_) emit pinWanted(detail_->row.id == baseline_ ? 0 : detail_->row.id);
  });
  timeline_ = make_button(body, "inspectorTimeline", tr("Timeline"), tr("All requests of this run on a time axis"));
  connect(timeline_, &QPushButton::clicked, this, &InspectorDock::timelineWanted);
  distributions_ = make_button(body, "inspectorDistributions", tr("Distributions"), tr("How this run's latencies are distributed"));
  connect(distributions_, &QPushButton::clicked, this, &InspectorDock::distributionsWanted);
  grid->addWidget(reproduce_, 0, 0);
  grid->addWidget(pin_, 0, 1);
  grid->addWidget(timeline_, 1, 0);
  grid->addWidget(distributions_, 1, 1);
  grid->addWidget(compare_, 2, 0, 1, 2, Qt::AlignLeft);
  grid->setColumnStretch(2, 1);
  return grid;
}

void InspectorDock::updateButtons() {
  const bool is_baseline = detail_ && detail_->row.id == baseline_;
  reproduce_->setVisible(detail_ != nullptr);
  pin_->setVisible(detail_ != nullptr);
  for (QPushButton* button : {timeline_, distributions_}) button->setVisible(detail_ && !log_.empty());
  compare_->setVisible(difference_ || (detail_ && baseline_ != 0 && !is_baseline));
  if (is_baseline) set_button_text(*pin_, tr("No longer the baseline"), tr("Others are compared with this run now"));
  else set_button_text(*pin_, tr("Pin as baseline"), tr("Others are compared with this run, and its series with theirs"));
}

void InspectorDock::setBaseline(RunId run) {
  baseline_ = run;
  updateButtons();
}

void InspectorDock::twoColumns() {
  tree_->setColumnCount(2);
  tree_->setHeaderLabels({QString(), QString()});
  tree_->setHeaderHidden(true);
}

void InspectorDock::clear() {
  detail_.reset();
  difference_.reset();
  log_.clear();
  updateButtons();
  error_->hide();
  twoColumns();
  notes_->clear();
  title_->setText(tr("No run chosen"));
  facts_->setText(tr("Choose a run in the list or click a point of the chart."));
  tree_->clear();
}

void InspectorDock::showRun(const DetailPtr& detail) {
  if (!detail_ || detail_->row.id != detail->row.id) log_.clear();
  detail_ = detail;
  difference_.reset();
  updateButtons();
  twoColumns();
  notes_->showRun(detail->row);
  fill();
}

void InspectorDock::showLog(RunId run, std::vector<RunLogLine> log) {
  if (!detail_ || detail_->row.id != run) return;
  log_ = std::move(log);
  updateButtons();
  addLog();
}

void InspectorDock::setTheme(const Theme& theme) {
  theme_ = theme;
  if (detail_) fill();
  if (difference_) fillDifference();
}

void InspectorDock::fill() {
  const RunRow& row = detail_->row;
  title_->setText(row.series.empty() ? short_model(row) : text(row.series));
  QStringList facts;
  if (is_sample(row))
    facts << tr("published sample, not measured here");
  else
    facts << tr("Run %1").arg(row.id) << run_state_text(row.state);
  if (!row.started.empty()) facts << local_time(row.started);
  if (row.random_weights) facts << tr("random weights: speed is real, text is not");
  if (!detail_->not_mlperf_comparable.isEmpty()) facts << tr("not comparable with MLPerf: %1").arg(core_text(detail_->not_mlperf_comparable.toStdString()));
  facts_->setText(facts.join(QStringLiteral(" · ")));
  tree_->setUpdatesEnabled(false);
  tree_->clear();
  error_->setPlainText(core_text(row.error.str()));
  error_->setVisible(!row.error.empty());
  if (!row.error.empty()) addFact(section(tr("Error")), tr("Message"), core_text(row.error.str()), core_text(row.error.str()));
  if (detail_->has_figures)
    addFigures(detail_->figures);
  else
    addHeadlines(row);
  addQuality(row);
  addConfiguration(*detail_);
  if (detail_->has_figures && !is_sample(row)) addSelfCheck(detail_->figures);
  addJson(tr("Environment"), detail_->environment);
  addSources(*detail_);
  addLog();
  tree_->setUpdatesEnabled(true);
}

QTreeWidgetItem* InspectorDock::section(const QString& title) {
  auto* item = new QTreeWidgetItem(tree_, {title});
  item->setFirstColumnSpanned(true);
  QFont font = tree_->font();
  font.setBold(true);
  item->setFont(0, font);
  item->setForeground(0, theme_.muted);
  const QSignalBlocker quiet(tree_);
  item->setExpanded(!folded_.contains(title));
  return item;
}

void InspectorDock::addFact(QTreeWidgetItem* section, const QString& name, const QString& value, const QString& tip) {
  auto* item = new QTreeWidgetItem(section, {name, value});
  item->setForeground(0, theme_.muted);
  const QString shown = tip.isEmpty() ? QStringLiteral("%1: %2").arg(name, value) : tip;
  item->setToolTip(0, shown);
  item->setToolTip(1, tip.isEmpty() ? value : value + '\n' + tip);
}

void InspectorDock::addFigures(const Figures& figures) {
  QTreeWidgetItem* item = section(tr("Figures"));
  for (const FigureText& figure : figure_texts(figures)) addFact(item, figure.name, figure.value, figure.definition);
}

// What a row alone tells: of samples, and of runs that have not ended.
void InspectorDock::addHeadlines(const RunRow& row) {
  QTreeWidgetItem* item = nullptr;
  for (const AxisMeaning& axis : axis_meanings()) {
    const std::optional<double> value = figure_of(row, axis.figure);
    if (!value) continue;
    if (!item) item = section(tr("Figures"));
    addFact(item, core_text(axis.label), figure_text(*value, axis.figure), core_text(axis.definition));
  }
}

void InspectorDock::addQuality(const RunRow& row) {
  if (row.quality.empty() && row.quality_failures.empty()) return;
  QTreeWidgetItem* item = section(tr("Quality"));
  for (const QualityFigure& q : row.quality) {
    QString value = QString::number(q.value, 'g', 5);
    if (q.interval) value += QStringLiteral("  (%1 – %2)").arg(q.interval->low, 0, 'g', 5).arg(q.interval->high, 0, 'g', 5);
    QString metric = text(q.metric);
    metric.replace('_', ' ');
    addFact(item, QStringLiteral("%1 · %2").arg(text(q.task), metric), value, tr("over %1 items").arg(q.items));
  }
  for (const auto& [task, error] : row.quality_failures)
    addFact(item, tr("%1 · failed").arg(text(task)), core_text(error), core_text(error));
}

void InspectorDock::addSelfCheck(const Figures& figures) {
  QTreeWidgetItem* item = section(tr("Self-check"));
  for (const FigureText& figure : self_check_texts(figures)) addFact(item, figure.name, figure.value, figure.definition);
}

void InspectorDock::addConfiguration(const RunDetail& detail) {
  QTreeWidgetItem* item = section(tr("Configuration"));
  const RunRow& row = detail.row;
  const auto add = [&](const QString& name, const QString& value) {
    if (!value.isEmpty()) addFact(item, name, value);
  };
  add(tr("Model"), text(row.model));
  add(tr("Hardware"), text(row.hardware));
  add(tr("Device"), text(row.device));
  add(tr("Framework"), text(row.framework));
  add(tr("Precision"), text(row.precision));
  add(tr("Accelerators"), row.gpus > 0 ? QString::number(row.gpus) : QString());
  add(tr("Node"), text(row.node));
  add(tr("Sweep"), text(row.sweep_name));
  QList<std::pair<QString, QString>> rows;
  flatten({}, QJsonDocument::fromJson(detail.configuration.toUtf8()).object(), rows);
  for (const auto& [name, value] : rows) add(name, value);
}

// Who says what is shown.
void InspectorDock::addSources(const RunDetail& detail) {
  QTreeWidgetItem* item = section(tr("Sources"));
  addFact(item, tr("Origin"), text(detail.row.source), tr("Measured here, imported from another tool's file, or published."));
  if (!detail.has_figures) return;
  const Figures& f = detail.figures;
  if (detail.row.source == "measured") addFact(item, tr("Definitions"), text(std::string(kDefinitions)), tr("The version of the figures' definitions (core/metrics/figures.h)."));
  if (!f.token_source.empty()) addFact(item, tr("Tokens"), core_text(f.token_source), tr("The server's usage, the tokenizer, or the engine."));
  if (!f.power_source.empty()) addFact(item, tr("Power"), core_text(f.power_source), tr("Who measured the power, and how."));
}

void InspectorDock::addLog() {
  if (log_.empty()) return;
  QTreeWidgetItem* item = section(tr("Log"));
  for (const RunLogLine& line : log_) {
    addFact(item, line.at_s ? tr("%1 s").arg(*line.at_s, 0, 'f', 3) : QString(), core_text(line.text), core_text(line.text));
    if (line.failure) item->child(item->childCount() - 1)->setForeground(1, theme_.error);
  }
}

void InspectorDock::addJson(const QString& title, const QString& json) {
  QList<std::pair<QString, QString>> rows;
  flatten({}, QJsonDocument::fromJson(json.toUtf8()).object(), rows);
  if (rows.isEmpty()) return;
  QTreeWidgetItem* item = section(title);
  for (const auto& [name, value] : rows) addFact(item, name, value);
}

}  // namespace tokenmark
