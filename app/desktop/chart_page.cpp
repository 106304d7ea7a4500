#include "app/desktop/chart_page.h"

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QMenu>
#include <QSettings>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <unordered_set>

#include "app/charts/text.h"
#include "app/desktop/look.h"
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

void choose(QComboBox& box, const QVariant& key) {
  if (const int index = box.findData(key); index >= 0) box.setCurrentIndex(index);
}

}  // namespace

ChartPage::ChartPage(Tasks& tasks, QWidget* parent) : QWidget(parent), tasks_(tasks) {
  setObjectName(QStringLiteral("chartPage"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  plot_ = new FrontierPlot(this);
  plot_->setObjectName(QStringLiteral("frontierPlot"));
  plot_->setAccessibleName(tr("Frontier chart"));
  plot_->setEmptyText(tr("No runs to draw.\nMeasure this machine, or start a sweep."));
  setupActions();
  layout->addWidget(setupAxesBar());
  layout->addWidget(setupViewBar());
  fillChoosers();

  auto* body = new QFrame(this);
  body->setObjectName(QStringLiteral("chartBody"));
  body->setBackgroundRole(QPalette::Base);
  body->setAutoFillBackground(true);
  auto* lines = new QVBoxLayout(body);
  lines->setContentsMargins(16, 10, 8, 6);
  lines->setSpacing(2);
  const auto label = [&](const QString& name, const char* role) {
    auto* made = new QLabel(body);
    made->setObjectName(name);
    made->setProperty("role", role);
    made->setWordWrap(true);
    return made;
  };
  title_ = label(QStringLiteral("chartTitle"), "title");
  auto* head = new QHBoxLayout;
  head->addWidget(title_, 1);
  head->addWidget(setupExport(body), 0, Qt::AlignTop);
  lines->addLayout(head);
  subtitle_ = label(QStringLiteral("chartSubtitle"), "muted");
  lines->addWidget(subtitle_);
  lines->addWidget(plot_, 1);
  notes_ = label(QStringLiteral("chartNotes"), "muted");
  lines->addWidget(notes_);
  layout->addWidget(body, 1);

  connect(plot_, &FrontierPlot::pointClicked, this, &ChartPage::pointClicked);
  connect(plot_, &FrontierPlot::menuWanted, this, [this](const QPoint& at) {
    QMenu menu(this);
    menu.addActions(view_actions_);
    menu.addSeparator();
    menu.addActions(export_actions_);
    menu.exec(at);
  });
  connect(plot_, &FrontierPlot::viewChanged, this, [this] {
    back_->setEnabled(plot_->canGoBack());
    forward_->setEnabled(plot_->canGoForward());
  });
  updateChoosers();
}

QAction* ChartPage::addAction(const QString& text, const QString& name, const QString& icon, const QKeySequence& keys) {
  auto* action = new QAction(text, this);
  action->setObjectName(name);
  if (!icon.isEmpty()) action->setIcon(themed_icon(icon));
  action->setShortcut(keys);
  if (!keys.isEmpty())
    action->setToolTip(QStringLiteral("%1 (%2)").arg(QString(text).remove('&'), keys.toString(QKeySequence::NativeText)));
  return action;
}

void ChartPage::setupActions() {
  back_ = addAction(tr("Previous view"), "viewBack", "back", QKeySequence(tr("Alt+Left")));
  forward_ = addAction(tr("Next view"), "viewForward", "forward", QKeySequence(tr("Alt+Right")));
  fit_ = addAction(tr("Show everything"), "viewFit", "fit", QKeySequence(tr("Ctrl+0")));
  zoom_in_ = addAction(tr("Zoom in"), "viewZoomIn", {}, QKeySequence::ZoomIn);
  zoom_out_ = addAction(tr("Zoom out"), "viewZoomOut", {}, QKeySequence::ZoomOut);
  show_all_ = addAction(tr("Show all series"), "viewShowAll", {}, QKeySequence(tr("Ctrl+Shift+A")));
  log_x_ = addAction(tr("log x"), "logX", {}, QKeySequence(tr("Ctrl+Shift+X")));
  log_y_ = addAction(tr("log y"), "logY", {}, QKeySequence(tr("Ctrl+Shift+Y")));
  only_optimal_ = addAction(tr("Optimal only"), "onlyOptimal", {}, QKeySequence(tr("Ctrl+Shift+O")));
  for (QAction* action : {log_x_, log_y_, only_optimal_}) action->setCheckable(true);
  back_->setEnabled(false);
  forward_->setEnabled(false);
  connect(back_, &QAction::triggered, plot_, &FrontierPlot::goBack);
  connect(forward_, &QAction::triggered, plot_, &FrontierPlot::goForward);
  connect(fit_, &QAction::triggered, plot_, &FrontierPlot::resetView);
  connect(zoom_in_, &QAction::triggered, plot_, &FrontierPlot::zoomIn);
  connect(zoom_out_, &QAction::triggered, plot_, &FrontierPlot::zoomOut);
  connect(show_all_, &QAction::triggered, plot_, &FrontierPlot::showAllSeries);
  connect(log_x_, &QAction::toggled, this, &ChartPage::compute);
  connect(log_y_, &QAction::toggled, this, &ChartPage::compute);
  connect(only_optimal_, &QAction::toggled, plot_, &FrontierPlot::setOnlyOptimal);
  view_actions_ = {fit_, zoom_in_, zoom_out_, back_, forward_, show_all_, log_x_, log_y_, only_optimal_};

  const std::tuple<QString, const char*, ExportFormat, QKeySequence> files[] = {
      {tr("Export as P&NG …"), "exportPng", ExportFormat::png, QKeySequence(tr("Ctrl+E"))},
      {tr("Export as &SVG …"), "exportSvg", ExportFormat::svg, {}},
      {tr("Export as &PDF …"), "exportPdf", ExportFormat::pdf, {}},
      {tr("Export as &CSV …"), "exportCsv", ExportFormat::csv, {}}};
  for (const auto& [label, name, format, keys] : files) {
    QAction* action = addAction(label, QString::fromLatin1(name), {}, keys);
    connect(action, &QAction::triggered, this, [this, format = format] { askForFile(format); });
    export_actions_ << action;
  }
  QAction* picture = addAction(tr("Copy as picture"), "copyPicture", {}, QKeySequence(tr("Ctrl+Shift+C")));
  QAction* copy = addAction(tr("Copy as data"), "copyData", {}, {});
  connect(picture, &QAction::triggered, this, &ChartPage::copyPicture);
  connect(copy, &QAction::triggered, this, &ChartPage::copyData);
  export_actions_ << picture << copy;
}

QComboBox* ChartPage::addChooser(QToolBar& bar, const QString& label, const QString& name, const QString& tip) {
  auto* caption = new QLabel(label, &bar);
  caption->setProperty("role", "muted");
  caption->setContentsMargins(4, 0, 2, 0);
  bar.addWidget(caption);
  auto* box = new QComboBox(&bar);
  box->setObjectName(name);
  box->setAccessibleName(tip);
  box->setToolTip(tip);
  box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  caption->setBuddy(box);
  bar.addWidget(box);
  return box;
}

QToolBar* ChartPage::setupAxesBar() {
  auto* bar = new QToolBar(tr("Axes"), this);
  bar->setObjectName(QStringLiteral("axesBar"));
  y_ = addChooser(*bar, tr("y"), QStringLiteral("yAxis"), tr("Figure of the vertical axis"));
  x_ = addChooser(*bar, tr("x"), QStringLiteral("xAxis"), tr("Figure of the horizontal axis"));
  bar->addActions({log_y_, log_x_});
  return bar;
}

QToolBar* ChartPage::setupViewBar() {
  auto* bar = new QToolBar(tr("View"), this);
  bar->setObjectName(QStringLiteral("viewBar"));
  bar->setIconSize({16, 16});
  prices_ = addChooser(*bar, tr("prices"), QStringLiteral("priceSet"), tr("Price set of cost and power"));
  tier_ = addChooser(*bar, QString(), QStringLiteral("priceTier"), tr("How the hardware is paid for"));
  bar->addAction(only_optimal_);
  auto* spacer = new QWidget(bar);
  spacer->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  bar->addWidget(spacer);
  bar->addActions({back_, forward_, fit_});
  return bar;
}

QWidget* ChartPage::setupExport(QWidget* parent) {
  export_menu_ = new QMenu(this);
  export_menu_->addActions(export_actions_);
  auto* button = new QToolButton(parent);
  button->setObjectName(QStringLiteral("exportButton"));
  button->setAccessibleName(tr("Export the chart"));
  button->setToolTip(tr("Save the chart as picture or data"));
  button->setText(tr("Export"));
  button->setIcon(themed_icon(QStringLiteral("export")));
  button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  button->setPopupMode(QToolButton::InstantPopup);
  button->setMenu(export_menu_);
  return button;
}

void ChartPage::fillChoosers() {
  const auto add = [](QComboBox& box, AxisFigure figure) {
    box.addItem(text(meaning(figure).label), text(meaning(figure).key));
    box.setItemData(box.count() - 1, text(meaning(figure).definition), Qt::ToolTipRole);
  };
  for (const AxisFigure figure : kX) add(*x_, figure);
  for (const AxisFigure figure : kY) add(*y_, figure);
  const std::vector<PriceSet>& sets = price_sets();
  for (auto set = sets.rbegin(); set != sets.rend(); ++set) {
    prices_->addItem(text(set->name), text(set->name));
    prices_->setItemData(prices_->count() - 1, text(set->source), Qt::ToolTipRole);
  }
  for (const std::string& tier : price_tiers()) {
    tier_->addItem(text(tier), text(tier));
    tier_->setItemData(tier_->count() - 1, text(price_tier_meaning(tier)), Qt::ToolTipRole);
  }
  for (QComboBox* box : {x_, y_, prices_, tier_})
    connect(box, &QComboBox::currentIndexChanged, this, [this] {
      updateChoosers();
      compute();
    });
}

void ChartPage::updateChoosers() {
  const FrontierQuery asked = query();
  prices_->setEnabled(needs_prices(asked.y));
  tier_->setEnabled(needs_tier(asked.y));
}

FrontierQuery ChartPage::query() const {
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

void ChartPage::setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) {
  const bool same = runs_ == runs && (chosen == chosen_ || (chosen.size() < 2 && chosen_.size() < 2));
  runs_ = runs;
  chosen_ = chosen;
  plot_->selectRuns(chosen.size() < 2 ? chosen : std::vector<RunId>());
  if (!same) compute();
}

void ChartPage::compute() {
  tasks_.start(QStringLiteral("chart"),
               [runs = runs_, chosen = chosen_, asked = query()](std::stop_token) {
                 return frontier_chart(charted_rows(*runs, chosen), asked);
               },
               [this](Result<Chart> chart) { showChart(std::move(chart)); });
}

void ChartPage::showChart(Result<Chart> chart) {
  if (!chart) {
    emit failed(text(chart.error().message));
    return;
  }
  title_->setText(text(chart->title));
  QString subtitle = text(chart->subtitle);
  if (chosen_.size() > 1) {
    if (!subtitle.isEmpty()) subtitle += QStringLiteral(" · ");
    subtitle += tr("%1 of %2 runs").arg(chosen_.size()).arg(runs_->rows.size());
  }
  subtitle_->setText(subtitle);
  subtitle_->setVisible(!subtitle.isEmpty());
  QStringList notes;
  for (const std::string& note : chart->notes) notes << text(note);
  for (const std::string& source : chart->sources) notes << tr("Source: %1").arg(text(source));
  notes_->setText(notes.join(QStringLiteral("\n")));
  notes_->setVisible(!notes.isEmpty());
  plot_->setChart(*std::move(chart));
}

void ChartPage::setTheme(const Theme& theme) { plot_->setTheme(theme); }

void ChartPage::save(QSettings& settings) const {
  settings.setValue("x", x_->currentData());
  settings.setValue("y", y_->currentData());
  settings.setValue("prices", prices_->currentData());
  settings.setValue("tier", tier_->currentData());
  settings.setValue("logX", log_x_->isChecked());
  settings.setValue("logY", log_y_->isChecked());
  settings.setValue("onlyOptimal", only_optimal_->isChecked());
  settings.setValue("exportFolder", export_folder_);
}

void ChartPage::restore(const QSettings& settings) {
  choose(*x_, settings.value("x"));
  choose(*y_, settings.value("y"));
  choose(*prices_, settings.value("prices"));
  choose(*tier_, settings.value("tier"));
  log_x_->setChecked(settings.value("logX").toBool());
  log_y_->setChecked(settings.value("logY").toBool());
  only_optimal_->setChecked(settings.value("onlyOptimal").toBool());
  export_folder_ = settings.value("exportFolder").toString();
}

}  // namespace tokenmark
