#include "app/desktop/frontier_page.h"

#include <QAction>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QMenu>
#include <QToolBar>
#include <algorithm>

#include "app/charts/core_text.h"
#include "app/desktop/prices_page.h"

namespace tokenmark {
namespace {

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

bool any_priced(const ChartKind& kind) {
  return std::any_of(kind.y.begin(), kind.y.end(), [](AxisFigure figure) { return meaning(figure).priced; });
}

}  // namespace

FrontierPage::FrontierPage(Tasks& tasks, QUndoStack& undo, const ChartKind& kind, QWidget* parent)
    : ChartPage(tasks, new FrontierPlot, text(kind.key), parent), kind_(kind), undo_(undo), plot_(findChild<FrontierPlot*>()) {
  plot_->setObjectName(text(kind.key) + QStringLiteral("Plot"));
  plot_->setAccessibleName(tr("%1 chart").arg(core_text(kind.label)));
  plot_->setEmptyText(tr("No runs to draw.\nMeasure this machine, or start a sweep."));
  setupToggles();
  setupAxesBar();
  setupViewBar();
  fillChoosers();
  connectChanges();
  updateChoosers();
  known_ = definition();
}

void FrontierPage::setupToggles() {
  log_x_ = addAction(tr("log x"), "logX", {}, QKeySequence(tr("Ctrl+Shift+X")));
  log_y_ = addAction(tr("log y"), "logY", {}, QKeySequence(tr("Ctrl+Shift+Y")));
  only_optimal_ = addAction(tr("Optimal only"), "onlyOptimal", {}, QKeySequence(tr("Ctrl+Shift+O")));
  line_ = addAction(tr("Values at a line"), "valuesLine", {}, QKeySequence(tr("Ctrl+L")));
  line_->setToolTip(tr("A line goes with the pointer and shows every series' value and its ratio to the baseline (Ctrl+L). "
                       "Left and Right move it, Enter pins it, A and B set two cursors, Escape takes them away."));
  for (QAction* action : {log_x_, log_y_, only_optimal_, line_}) {
    action->setCheckable(true);
    addViewAction(action);
  }
}

void FrontierPage::setupAxesBar() {
  QToolBar* bar = addBar(tr("Axes"), QStringLiteral("axesBar"));
  y_ = addChooser(*bar, tr("y"), QStringLiteral("yAxis"), tr("Figure of the vertical axis"));
  x_ = addChooser(*bar, tr("x"), QStringLiteral("xAxis"), tr("Figure of the horizontal axis"));
  bar->addActions({log_y_, log_x_});
}

void FrontierPage::setupViewBar() {
  QToolBar* bar = addBar(tr("View"), QStringLiteral("viewBar"));
  const int before = static_cast<int>(bar->actions().size());
  prices_ = addChooser(*bar, tr("prices"), QStringLiteral("priceSet"), tr("Price set of cost and power"));
  tier_ = addChooser(*bar, QString(), QStringLiteral("priceTier"), tr("How the hardware is paid for"));
  if (!any_priced(kind_))
    for (QAction* action : bar->actions().mid(before)) action->setVisible(false);
  if (is_quality(kind_.x.front())) task_ = addChooser(*bar, tr("task"), QStringLiteral("qualityTask"), tr("Task whose score is drawn"));
  if (kind_.limits) setupLimits(*bar);
  bar->addActions({only_optimal_, line_});
  setupRestriction(*bar);
  addViewButtons(*bar);
}

void FrontierPage::setupLimits(QToolBar& bar) {
  const auto add = [&](const QString& label, const QString& name, const QString& tip, double scale) {
    auto* caption = new QLabel(label, &bar);
    caption->setProperty("role", "muted");
    caption->setContentsMargins(4, 0, 2, 0);
    bar.addWidget(caption);
    auto* box = new QDoubleSpinBox(&bar);
    box->setObjectName(named(name));
    box->setAccessibleName(tip);
    box->setToolTip(tip);
    box->setRange(0, 1e6);
    box->setDecimals(scale > 1 ? 1 : 3);
    box->setSingleStep(scale > 1 ? 5 : 0.1);
    box->setSpecialValueText(tr("none"));
    box->setSuffix(scale > 1 ? tr(" ms") : tr(" s"));
    box->setKeyboardTracking(false);
    caption->setBuddy(box);
    bar.addWidget(box);
    return box;
  };
  ttft_limit_ = add(tr("TTFT ≤"), QStringLiteral("ttftLimit"), tr("Limit of the time to first token: a line on its axis"), 1);
  tpot_limit_ = add(tr("TPOT ≤"), QStringLiteral("tpotLimit"), tr("Limit of the time per output token: a line on its axis"), 1000);
}

// A chart from a file shows the runs that it was saved with, until one wants all again.
void FrontierPage::setupRestriction(QToolBar& bar) {
  all_runs_ = addAction(tr("Saved runs ✕"), "allRuns", {}, {});
  all_runs_->setToolTip(tr("The chart shows the runs that its file names. Click to show those of the list again."));
  all_runs_->setVisible(false);
  connect(all_runs_, &QAction::triggered, this, [this] {
    restricted_ = {};
    axesChanged();
  });
  bar.addAction(all_runs_);
}

void FrontierPage::fillChoosers() {
  const auto add = [](QComboBox& box, AxisFigure figure) {
    box.addItem(core_text(meaning(figure).label), text(meaning(figure).key));
    box.setItemData(box.count() - 1, core_text(meaning(figure).definition), Qt::ToolTipRole);
  };
  for (const AxisFigure figure : kind_.x) add(*x_, figure);
  for (const AxisFigure figure : kind_.y) add(*y_, figure);
  fill_price_sets(*prices_);
  for (const std::string& tier : price_tiers()) {
    tier_->addItem(text(tier), text(tier));
    tier_->setItemData(tier_->count() - 1, core_text(price_tier_meaning(tier)), Qt::ToolTipRole);
  }
  if (const auto usual = find_price_tier({}); usual) choose(*tier_, text(*usual));
  if (task_) task_->addItem(tr("first of each run"), QString());
}

void FrontierPage::connectChanges() {
  for (QComboBox* box : {x_, y_, prices_, tier_, task_})
    if (box) connect(box, &QComboBox::currentIndexChanged, this, &FrontierPage::axesChanged);
  for (QDoubleSpinBox* box : {ttft_limit_, tpot_limit_})
    if (box) connect(box, &QDoubleSpinBox::valueChanged, this, &FrontierPage::axesChanged);
  for (QAction* action : {log_x_, log_y_}) connect(action, &QAction::toggled, this, &FrontierPage::axesChanged);
  connect(only_optimal_, &QAction::toggled, this, [this](bool only) {
    plot_->setOnlyOptimal(only);
    noteChange();
  });
  connect(line_, &QAction::toggled, this, [this](bool on) { plot_->line().setOn(on); });
  connect(&plot_->line(), &ReadingLine::changed, this, [this] {
    line_->setChecked(plot_->line().on());
    noteChange();
  });
  connect(plot_, &PlotView::visibilityChanged, this, &FrontierPage::noteChange);
  connect(plot_, &PlotView::viewChanged, this, &FrontierPage::noteChange);
  connect(plot_, &PlotView::legendMenuWanted, this, &FrontierPage::showLegendMenu);
  connect(plot_, &FrontierPlot::pointClicked, this, &FrontierPage::pointClicked);
}

void FrontierPage::showLegendMenu(const QString& series, const QPoint& at) {
  auto* menu = new QMenu(this);
  menu->setObjectName(named(QStringLiteral("legendMenu")));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const bool is_baseline = plot_->line().baseline() == series.toStdString();
  QAction* pin = menu->addAction(is_baseline ? tr("No longer the baseline") : tr("Pin as baseline"));
  pin->setObjectName(QStringLiteral("pinBaseline"));
  connect(pin, &QAction::triggered, this, [this, series, is_baseline] {
    emit baselinePinned(is_baseline ? QString() : series);
  });
  connect(menu->addAction(plot_->hiddenSeries().contains(series) ? tr("Show") : tr("Hide")), &QAction::triggered, this,
          [this, series] { plot_->toggleSeries(series); });
  connect(menu->addAction(tr("Show alone")), &QAction::triggered, this, [this, series] { plot_->soloSeries(series); });
  connect(menu->addAction(tr("Show all series")), &QAction::triggered, plot_, &PlotView::showAllSeries);
  menu->popup(at);
}

void FrontierPage::pinBaseline(const QString& series) {
  applying_ = true;
  plot_->line().setBaseline(series.toStdString());
  applying_ = false;
  known_.baseline = series.toStdString();
  compute();   // the words name it
}

void FrontierPage::axesChanged() {
  if (applying_) return;
  updateChoosers();
  noteChange();
  compute();
}

void FrontierPage::updateChoosers() {
  const AxisFigure y = definition().query.y;
  prices_->setEnabled(meaning(y).priced);
  tier_->setEnabled(needs_tier(y));
  all_runs_->setVisible(!restricted_.filter.empty() || !restricted_.runs.empty() || !restricted_.samples);
}

}  // namespace tokenmark
