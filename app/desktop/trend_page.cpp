#include "app/desktop/prices_page.h"
#include "app/desktop/trend_page.h"

#include <QComboBox>
#include <QDoubleValidator>
#include <QLabel>
#include <QLineEdit>
#include <QToolBar>
#include <algorithm>
#include <mutex>

#include "app/charts/text.h"
#include "app/charts/core_text.h"
#include "app/desktop/tasks.h"

namespace tokenmark {
namespace {

constexpr AxisFigure kFigures[] = {AxisFigure::total_tok_s_gpu,  AxisFigure::output_tok_s_gpu,  AxisFigure::input_tok_s_gpu,
                                   AxisFigure::output_tok_s,     AxisFigure::interactivity,     AxisFigure::ttft,
                                   AxisFigure::e2e,              AxisFigure::dollars_per_mtok,  AxisFigure::tokens_per_dollar,
                                   AxisFigure::tok_s_per_mw};
constexpr AxisFigure kHeld[] = {AxisFigure::interactivity, AxisFigure::ttft, AxisFigure::e2e, AxisFigure::concurrency};

constexpr std::size_t kMostSeries = 60;   // more cannot be told apart

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

void add(QComboBox& box, std::string_view label, std::string_view key, std::string_view tip) {
  box.addItem(core_text(label), text(key));
  box.setItemData(box.count() - 1, core_text(tip), Qt::ToolTipRole);
}

}  // namespace

struct TrendPage::Facts {
  std::filesystem::path store;
  std::mutex mutex;
  RunsPtr of;
  Environments environments;

  Result<Environments> get(const RunsPtr& runs) {
    const std::lock_guard lock(mutex);
    if (of == runs) return environments;
    std::error_code error;
    Environments read;
    if (std::filesystem::exists(store, error)) {   // else there are samples alone
      TOKENMARK_TRY(const auto opened, Store::open(store));
      TOKENMARK_TRY(read, opened->environments());
    }
    of = runs;
    environments = read;
    return read;
  }
};

TrendPage::TrendPage(Tasks& tasks, QUndoStack& undo, std::filesystem::path store, QWidget* parent)
    : ChartPage(tasks, undo, new TrendPlot, QStringLiteral("trend"), tr("Trend"), parent),
      facts_(std::make_shared<Facts>()),
      plot_(findChild<TrendPlot*>()) {
  facts_->store = std::move(store);
  plot_->setObjectName(QStringLiteral("trendPlot"));
  plot_->setAccessibleName(tr("Trend over versions of software"));
  setupFigureBar();
  setupAtBar();
  for (QComboBox* box : {figure_, by_, x_, prices_, tier_}) connect(box, &QComboBox::currentIndexChanged, this, &TrendPage::changed);
  connect(x_, &QComboBox::currentIndexChanged, at_, &QLineEdit::clear);   // a value of another figure says nothing
  connect(at_, &QLineEdit::textChanged, this, &TrendPage::changed);
  connect(plot_, &TrendPlot::pointClicked, this, &TrendPage::pointClicked);
  settle();
}

void TrendPage::put(const ChartDefinition& definition) {
  const TrendQuery& query = definition.trend;
  choose(*figure_, text(meaning(query.figure).key));
  choose(*by_, text(trend_axis(query.by).key));
  choose(*x_, text(meaning(query.x).key));
  at_->setText(query.at ? QString::number(*query.at, 'g', 9) : QString());
  if (!query.price_set.empty()) choose(*prices_, text(query.price_set));
  if (!query.tier.empty()) choose(*tier_, text(query.tier));
}

void TrendPage::setupFigureBar() {
  QToolBar* bar = addBar(tr("Figure"), QStringLiteral("axesBar"));
  figure_ = addChooser(*bar, tr("figure"), QStringLiteral("figure"), tr("Figure whose history is shown"));
  for (const AxisFigure figure : kFigures) add(*figure_, meaning(figure).label, meaning(figure).key, meaning(figure).definition);
  by_ = addChooser(*bar, tr("by"), QStringLiteral("by"), tr("What one step of the horizontal axis is"));
  for (const TrendAxis& axis : trend_axes()) add(*by_, axis.label, axis.key, axis.definition);
}

void TrendPage::setupAtBar() {
  QToolBar* bar = addBar(tr("View"), QStringLiteral("viewBar"));
  x_ = addChooser(*bar, tr("at"), QStringLiteral("xAxis"), tr("Figure that is held while software changes"));
  for (const AxisFigure figure : kHeld) add(*x_, meaning(figure).label, meaning(figure).key, meaning(figure).definition);
  at_ = new QLineEdit(bar);
  at_->setObjectName(named(QStringLiteral("at")));
  at_->setAccessibleName(tr("Value at which the figure is read"));
  at_->setToolTip(tr("Value at which the figure is read; empty: the middle of what most states have measured"));
  at_->setFixedWidth(110);
  at_->setClearButtonEnabled(true);
  auto* numbers = new QDoubleValidator(0, 1e9, 9, at_);
  numbers->setLocale(QLocale::c());
  at_->setValidator(numbers);
  bar->addWidget(at_);
  prices_ = addChooser(*bar, tr("prices"), QStringLiteral("priceSet"), tr("Price set of cost and power"));
  fill_price_sets(*prices_);
  tier_ = addChooser(*bar, QString(), QStringLiteral("priceTier"), tr("How the hardware is paid for"));
  for (const std::string& tier : price_tiers()) add(*tier_, tier, tier, price_tier_meaning(tier));
  if (const auto usual = find_price_tier({}); usual) choose(*tier_, text(*usual));
  bar->addAction(lineAction());
  addViewButtons(*bar);
}

std::optional<double> TrendPage::at() const {
  bool number = false;
  const double value = QLocale::c().toDouble(at_->text(), &number);
  return number && value > 0 ? std::optional(value) : std::nullopt;
}

TrendQuery TrendPage::query() const {
  const auto figure = [](const QComboBox& box, AxisFigure otherwise) {
    return axis_from_key(box.currentData().toString().toStdString()).value_or(otherwise);
  };
  return {.figure = figure(*figure_, AxisFigure::total_tok_s_gpu),
          .x = figure(*x_, AxisFigure::interactivity),
          .at = at(),
          .by = trend_by_from_key(by_->currentData().toString().toStdString()).value_or(TrendBy::version),
          .price_set = prices_->currentData().toString().toStdString(),
          .tier = tier_->currentData().toString().toStdString()};
}

void TrendPage::setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) {
  const bool same = this->runs() == runs && (chosen == this->chosen() || (chosen.size() < 2 && this->chosen().size() < 2));
  ChartPage::setRuns(runs, chosen);
  if (!same) refresh();
}

void TrendPage::changed() {
  if (applying()) return;
  noteChange();
  refresh();
}

// At once, or when the page is seen.
void TrendPage::refresh() {
  const AxisMeaning& figure = meaning(query().figure);
  prices_->setEnabled(figure.priced);
  tier_->setEnabled(needs_tier(figure.figure));
  due_ = !isVisible();
  if (isVisible()) compute();
}

void TrendPage::showEvent(QShowEvent* event) {
  ChartPage::showEvent(event);
  if (std::exchange(due_, false)) compute();
}

void TrendPage::pricesChanged() {
  quietly([&] { fill_price_sets(*prices_); });
  if (meaning(query().figure).priced) refresh();
}

void TrendPage::compute() {
  plot_->setEmptyText(tr("Reading the runs' environments …"));
  ChartDefinition wanted = asked();
  wanted.trend.most_series = kMostSeries;
  tasks().start(QStringLiteral("trend"),
                [runs = runs(), asked = std::move(wanted), facts = facts_](std::stop_token) -> Result<Trend> {
                  TOKENMARK_TRY(const Environments environments, facts->get(runs));
                  const RowView rows(runs->rows);
                  TOKENMARK_TRY(const RowView wanted, defined_runs(asked, rows));
                  TOKENMARK_TRY(Trend made, trend(wanted, environments, asked.trend));
                  if (!asked.title.empty()) made.title = asked.title;
                  return made;
                },
                [this](Result<Trend> chart) { showChart(std::move(chart)); });
}

void TrendPage::showChart(Result<Trend> chart) {
  if (!chart) {   // said in the chart's place: another choice puts it right
    plot_->setEmptyText(core_text(chart.error().message));
    showWords(tr("Trend"), {}, {});
    return quietly([&] { plot_->setChart({}); });
  }
  plot_->setEmptyText(tr("No run has this figure at this value.\nLeave the value empty for one that most have measured, or choose other runs."));
  at_->setPlaceholderText(number_text(chart->at));
  QString subtitle = core_text(chart->subtitle);
  if (chosen().size() > 1 && !isRestricted())
    subtitle += (subtitle.isEmpty() ? QString() : QStringLiteral(" · ")) +
                tr("%1 of %2 runs").arg(chosen().size()).arg(runs()->rows.size());
  if (!chart->price_set.empty())
    subtitle += (subtitle.isEmpty() ? QString() : QStringLiteral(" · ")) + tr("prices %1").arg(text(dated_name(chart->price_set, chart->price_date)));
  setUnpriced(chart->unpriced);
  QStringList notes;
  for (const TrendSeries& series : chart->series)
    for (const TrendChange& change : series.changes)
      notes << (chart->series.size() > 1 ? text(series.name) + QStringLiteral(": ") : QString()) + core_text(change_sentence(*chart, change));
  for (const std::string& note : chart->notes) notes << core_text(note);
  showWords(core_text(chart->title), subtitle, notes);
  quietly([&] { plot_->setChart(*std::move(chart)); });
  chartShown();
}

}  // namespace tokenmark
