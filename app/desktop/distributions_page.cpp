#include "app/desktop/distributions_page.h"

#include <QAction>
#include <QComboBox>
#include <QToolBar>

#include "app/charts/core_text.h"
#include "app/desktop/tasks.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMostRuns = 12;   // more curves are not told apart

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

}  // namespace

DistributionsPage::DistributionsPage(Tasks& tasks, QUndoStack& undo, std::shared_ptr<RunLogs> logs, QWidget* parent)
    : RunChartPage(tasks, undo, std::move(logs), new DistributionPlot, QStringLiteral("distributions"), tr("Distributions"),
                   parent),
      plot_(findChild<DistributionPlot*>()) {
  plot_->setObjectName(QStringLiteral("distributionPlot"));
  plot_->setAccessibleName(tr("Distribution of a latency"));
  QToolBar* bar = addBar(tr("Figure"), QStringLiteral("axesBar"));
  figure_ = addChooser(*bar, tr("figure"), QStringLiteral("figure"), tr("Latency whose distribution is shown"));
  for (const LatencyMeaning& figure : latency_meanings()) {
    figure_->addItem(core_text(figure.label), text(figure.key));
    figure_->setItemData(figure_->count() - 1, core_text(figure.definition), Qt::ToolTipRole);
  }
  histogram_ = addAction(tr("Histogram"), QStringLiteral("histogram"), {}, QKeySequence(tr("Ctrl+Shift+H")));
  log_x_ = addAction(tr("log x"), QStringLiteral("logX"), {}, QKeySequence(tr("Ctrl+Shift+X")));
  for (QAction* action : {histogram_, log_x_}) {
    action->setCheckable(true);
    addViewAction(action);
    connect(action, &QAction::toggled, this, &DistributionsPage::changed);
  }
  bar->addActions({histogram_, log_x_, lineAction()});
  addViewButtons(*bar);
  connect(figure_, &QComboBox::currentIndexChanged, this, &DistributionsPage::changed);
  settle();
}

void DistributionsPage::put(const ChartDefinition& definition) {
  choose(*figure_, text(meaning(definition.distribution.figure).key));
  histogram_->setChecked(definition.distribution.histogram);
  log_x_->setChecked(definition.distribution.log_x);
}

void DistributionsPage::changed() {
  if (applying()) return;
  noteChange();
  compute();
}

DistributionQuery DistributionsPage::query() const {
  return {latency_from_key(figure_->currentData().toString().toStdString()).value_or(LatencyFigure::ttft), histogram_->isChecked(),
          log_x_->isChecked()};
}

DistributionsPage::Made DistributionsPage::make(RunLogs& logs, const std::vector<RunRow>& rows, std::size_t all,
                                                const DistributionQuery& query, const std::stop_token& stop) {
  Made made;
  std::vector<LoggedRun> runs;
  for (const RunRow& row : rows) {
    if (stop.stop_requested()) return made;
    if (runs.size() == kMostRuns) {
      made.without << tr("The first %1 of %2 chosen runs are shown.").arg(kMostRuns).arg(all);
      break;
    }
    Result<LoggedRun> run = logs.get(row);
    if (run) runs.push_back(*std::move(run));
    else made.without << core_text(run.error().message);
  }
  made.chart = distribution_chart(runs, query);
  return made;
}

void DistributionsPage::compute() {
  if (!isVisible()) return;   // the page is made when it is seen
  if (shown().empty()) {
    tasks().cancel(QStringLiteral("distributions"));
    return showChart({});
  }
  plot_->setEmptyText(tr("Reading the event logs …"));
  tasks().start(QStringLiteral("distributions"),
                [logs = logs(), rows = shown(), all = shownCount(), asked = query()](std::stop_token stop) {
                  return make(*logs, rows, all, asked, stop);
                },
                [this](Made made) { showChart(std::move(made)); });
}

void DistributionsPage::showChart(Made made) {
  QStringList notes = made.without;
  for (const std::string& note : made.chart.notes) notes << core_text(note);
  if (shown().empty())
    plot_->setEmptyText(tr("Choose a run in the list on the left, or several to lay them over each other:\n"
                           "their requests' latencies are shown here."));
  else if (made.chart.series.empty())
    plot_->setEmptyText(made.without.mid(0, 3).join('\n'));
  if (made.chart.series.empty()) notes.clear();
  showWords(made.chart.series.empty() ? tr("Distributions") : core_text(made.chart.title), text(made.chart.subtitle), notes);
  quietly([&] { plot_->setChart(std::move(made.chart)); });
  chartShown();
}

}  // namespace tokenmark
