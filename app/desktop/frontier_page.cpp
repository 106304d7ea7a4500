#include "app/desktop/frontier_page.h"

#include <QAction>
#include <QComboBox>
#include <QSettings>
#include <QToolBar>
#include <algorithm>
#include <unordered_set>

#include "app/charts/text.h"
#include "app/desktop/prices_page.h"
#include "app/desktop/tasks.h"

namespace tokenmark {
namespace {

constexpr AxisFigure kX[] = {AxisFigure::interactivity, AxisFigure::ttft, AxisFigure::e2e};
constexpr AxisFigure kY[] = {AxisFigure::total_tok_s_gpu, AxisFigure::output_tok_s_gpu, AxisFigure::input_tok_s_gpu,
                             AxisFigure::output_tok_s,    AxisFigure::dollars_per_mtok, AxisFigure::tokens_per_dollar,
                             AxisFigure::tok_s_per_mw};

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

bool needs_prices(AxisFigure figure) { return meaning(figure).priced; }
bool needs_tier(AxisFigure figure) { return needs_prices(figure) && figure != AxisFigure::tok_s_per_mw; }

std::vector<RunRow> charted_rows(const RunsSnapshot& runs, const std::vector<RunId>& chosen) {
  if (chosen.size() < 2) return runs.rows;
  const std::unordered_set<RunId> wanted(chosen.begin(), chosen.end());
  std::vector<RunRow> rows;
  std::copy_if(runs.rows.begin(), runs.rows.end(), std::back_inserter(rows),
               [&](const RunRow& row) { return wanted.contains(row.id); });
  return rows;
}

}  // namespace

FrontierPage::FrontierPage(Tasks& tasks, QWidget* parent)
    : ChartPage(tasks, new FrontierPlot, QStringLiteral("frontier"), parent), plot_(findChild<FrontierPlot*>()) {
  plot_->setObjectName(QStringLiteral("frontierPlot"));
  plot_->setAccessibleName(tr("Frontier chart"));
  plot_->setEmptyText(tr("No runs to draw.\nMeasure this machine, or start a sweep."));
  setupToggles();
  setupAxesBar();
  setupViewBar();
  fillChoosers();
  connect(plot_, &FrontierPlot::pointClicked, this, &FrontierPage::pointClicked);
  updateChoosers();
}

void FrontierPage::setupToggles() {
  log_x_ = addAction(tr("log x"), "logX", {}, QKeySequence(tr("Ctrl+Shift+X")));
  log_y_ = addAction(tr("log y"), "logY", {}, QKeySequence(tr("Ctrl+Shift+Y")));
  only_optimal_ = addAction(tr("Optimal only"), "onlyOptimal", {}, QKeySequence(tr("Ctrl+Shift+O")));
  for (QAction* action : {log_x_, log_y_, only_optimal_}) {
    action->setCheckable(true);
    addViewAction(action);
  }
  connect(log_x_, &QAction::toggled, this, &FrontierPage::compute);
  connect(log_y_, &QAction::toggled, this, &FrontierPage::compute);
  connect(only_optimal_, &QAction::toggled, plot_, &FrontierPlot::setOnlyOptimal);
}

void FrontierPage::setupAxesBar() {
  QToolBar* bar = addBar(tr("Axes"), QStringLiteral("axesBar"));
  y_ = addChooser(*bar, tr("y"), QStringLiteral("yAxis"), tr("Figure of the vertical axis"));
  x_ = addChooser(*bar, tr("x"), QStringLiteral("xAxis"), tr("Figure of the horizontal axis"));
  bar->addActions({log_y_, log_x_});
}

void FrontierPage::setupViewBar() {
  QToolBar* bar = addBar(tr("View"), QStringLiteral("viewBar"));
  prices_ = addChooser(*bar, tr("prices"), QStringLiteral("priceSet"), tr("Price set of cost and power"));
  tier_ = addChooser(*bar, QString(), QStringLiteral("priceTier"), tr("How the hardware is paid for"));
  bar->addAction(only_optimal_);
  addViewButtons(*bar);
}

void FrontierPage::fillChoosers() {
  const auto add = [](QComboBox& box, AxisFigure figure) {
    box.addItem(text(meaning(figure).label), text(meaning(figure).key));
    box.setItemData(box.count() - 1, text(meaning(figure).definition), Qt::ToolTipRole);
  };
  for (const AxisFigure figure : kX) add(*x_, figure);
  for (const AxisFigure figure : kY) add(*y_, figure);
  fill_price_sets(*prices_);
  for (const std::string& tier : price_tiers()) {
    tier_->addItem(text(tier), text(tier));
    tier_->setItemData(tier_->count() - 1, text(price_tier_meaning(tier)), Qt::ToolTipRole);
  }
  if (const auto usual = find_price_tier({}); usual) choose(*tier_, text(*usual));
  for (QComboBox* box : {x_, y_, prices_, tier_})
    connect(box, &QComboBox::currentIndexChanged, this, [this] {
      updateChoosers();
      compute();
    });
}

void FrontierPage::updateChoosers() {
  const FrontierQuery asked = query();
  prices_->setEnabled(needs_prices(asked.y));
  tier_->setEnabled(needs_tier(asked.y));
}

FrontierQuery FrontierPage::query() const {
  const auto figure = [](const QComboBox& box, AxisFigure otherwise) {
    return axis_from_key(box.currentData().toString().toStdString()).value_or(otherwise);
  };
  FrontierQuery query;
  query.x = figure(*x_, AxisFigure::interactivity);
  query.y = figure(*y_, AxisFigure::total_tok_s_gpu);
  query.price_set = prices_->currentData().toString().toStdString();
  query.tier = tier_->currentData().toString().toStdString();
  query.log_x = log_x_->isChecked();
  query.log_y = log_y_->isChecked();
  return query;
}

void FrontierPage::setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) {
  const bool same = runs_ == runs && (chosen == chosen_ || (chosen.size() < 2 && chosen_.size() < 2));
  runs_ = runs;
  chosen_ = chosen;
  plot_->selectRuns(chosen.size() < 2 ? chosen : std::vector<RunId>());
  if (!same) compute();
}

void FrontierPage::pricesChanged() {
  fill_price_sets(*prices_);
  if (needs_prices(query().y)) compute();
}

void FrontierPage::compute() {
  tasks().start(QStringLiteral("chart"),
               [runs = runs_, chosen = chosen_, asked = query()](std::stop_token) {
                 return frontier_chart(charted_rows(*runs, chosen), asked);
               },
               [this](Result<Chart> chart) { showChart(std::move(chart)); });
}

void FrontierPage::showChart(Result<Chart> chart) {
  if (!chart) {
    emit failed(text(chart.error().message));
    return;
  }
  QString subtitle = text(chart->subtitle);
  if (chosen_.size() > 1) {
    if (!subtitle.isEmpty()) subtitle += QStringLiteral(" · ");
    subtitle += tr("%1 of %2 runs").arg(chosen_.size()).arg(runs_->rows.size());
  }
  if (!chart->price_set.empty()) subtitle += (subtitle.isEmpty() ? QString() : QStringLiteral(" · ")) + tr("prices %1").arg(text(prices_text(*chart)));
  setUnpriced(chart->unpriced);
  QStringList notes;
  for (const std::string& note : chart->notes) notes << text(note);
  for (const std::string& source : chart->sources) notes << tr("Source: %1").arg(text(source));
  showWords(text(chart->title), subtitle, notes);
  plot_->setChart(*std::move(chart));
}

void FrontierPage::save(QSettings& settings) const {
  ChartPage::save(settings);
  settings.setValue("x", x_->currentData());
  settings.setValue("y", y_->currentData());
  settings.setValue("prices", prices_->currentData());
  settings.setValue("tier", tier_->currentData());
  settings.setValue("logX", log_x_->isChecked());
  settings.setValue("logY", log_y_->isChecked());
  settings.setValue("onlyOptimal", only_optimal_->isChecked());
}

void FrontierPage::restore(const QSettings& settings) {
  ChartPage::restore(settings);
  choose(*x_, settings.value("x"));
  choose(*y_, settings.value("y"));
  choose(*prices_, settings.value("prices"));
  choose(*tier_, settings.value("tier"));
  log_x_->setChecked(settings.value("logX").toBool());
  log_y_->setChecked(settings.value("logY").toBool());
  only_optimal_->setChecked(settings.value("onlyOptimal").toBool());
}

}  // namespace tokenmark
