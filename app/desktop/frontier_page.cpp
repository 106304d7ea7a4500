#include "app/desktop/frontier_page.h"

#include <QAction>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
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
    : ChartPage(tasks, undo, new FrontierPlot, text(kind.key), core_text(kind.label), parent), kind_(kind), plot_(findChild<FrontierPlot*>()) {
  plot_->setObjectName(text(kind.key) + QStringLiteral("Plot"));
  plot_->setAccessibleName(tr("%1 chart").arg(core_text(kind.label)));
  setupToggles();
  setupAxesBar();
  setupViewBar();
  fillChoosers();
  connectChanges();
  updateChoosers();
  settle();
}

void FrontierPage::setupToggles() {
  log_x_ = addAction(tr("log x"), "logX", {}, QKeySequence(tr("Ctrl+Shift+X")));
  log_y_ = addAction(tr("log y"), "logY", {}, QKeySequence(tr("Ctrl+Shift+Y")));
  only_optimal_ = addAction(tr("Optimal only"), "onlyOptimal", {}, QKeySequence(tr("Ctrl+Shift+O")));
  for (QAction* action : {log_x_, log_y_, only_optimal_}) {
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
  bar->addActions({only_optimal_, lineAction()});
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
  connect(plot_, &FrontierPlot::pointClicked, this, &FrontierPage::pointClicked);
}

void FrontierPage::pinBaseline(const QString& series) {
  quietly([&] { plot_->line().setBaseline(series.toStdString()); });
  setKnownBaseline(series);
  compute();   // the words name it
}

void FrontierPage::axesChanged() {
  if (applying()) return;
  updateChoosers();
  noteChange();
  compute();
}

void FrontierPage::updateChoosers() {
  const AxisFigure y = definition().query.y;
  prices_->setEnabled(meaning(y).priced);
  tier_->setEnabled(needs_tier(y));
}

}  // namespace tokenmark
