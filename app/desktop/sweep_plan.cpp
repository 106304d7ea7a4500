#include "app/desktop/sweep_plan.h"

#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "app/charts/core_text.h"
#include "app/desktop/jobs_dock.h"
#include "app/desktop/widgets.h"
#include "core/workload/requests.h"

namespace tokenmark {
namespace {

constexpr std::size_t kShown = 100;

QString from_text(ForecastSource source) {
  switch (source) {
    case ForecastSource::measured: return SweepPlan::tr("as measured before");
    case ForecastSource::schedule: return SweepPlan::tr("as the schedule says");
    case ForecastSource::similar: return SweepPlan::tr("from similar runs of the same target");
    case ForecastSource::ceilings: return SweepPlan::tr("from the model's size and the device's measured ceilings");
    case ForecastSource::unknown: return SweepPlan::tr("not known");
  }
  return {};
}

QString sources_of(const SweepForecast& forecast) {
  QStringList parts;
  for (const auto& [source, count] : forecast.sources)
    parts << (forecast.sources.size() == 1 ? from_text(source) : SweepPlan::tr("%1 %2").arg(count).arg(from_text(source)));
  return parts.join(QStringLiteral(", "));
}

}  // namespace

PlannedSweep planned(const Sweep& sweep, const Forecaster& forecaster, const WorkLeft& left) {
  PlannedSweep plan{left.forecast, left.done, {}};
  const std::string node = node_name(sweep.node);
  for (const Point& point : left.points) {
    if (static_cast<std::size_t>(plan.rows.size()) == kShown) break;
    const PointForecast forecast = forecaster.point(point, node);
    const auto requests = expected_requests(point);
    const QString bound = forecast.source == ForecastSource::ceilings ? QStringLiteral("≥ ") : QString();
    plan.rows.push_back({core_text(point_label(sweep, point)), QString::number(point.repeat + 1),
                         requests ? QLocale().toString(*requests, 'f', 0) : QString(),
                         forecast.seconds ? bound + duration_text(*forecast.seconds) : QString()});
  }
  return plan;
}

QString plan_text(const PlannedSweep& plan) {
  const SweepForecast& forecast = plan.forecast;
  const auto number = [](double value) { return QLocale().toString(value, 'f', 0); };
  if (plan.done > 0 && forecast.points == 0)
    return SweepPlan::tr("nothing is left to do: an earlier run has finished all %1 points").arg(plan.done);
  QStringList parts{forecast.points == 1 ? SweepPlan::tr("1 point") : SweepPlan::tr("%1 points").arg(forecast.points)};
  if (plan.done > 0) parts << SweepPlan::tr("%1 are done").arg(plan.done);
  if (const auto& traffic = forecast.traffic) {
    parts << (traffic->warmups > 0
                  ? SweepPlan::tr("%1 requests and %2 warm-ups").arg(number(traffic->requests), number(traffic->warmups))
                  : SweepPlan::tr("%1 requests").arg(number(traffic->requests)));
    parts << SweepPlan::tr("%1 tokens in, %2 out").arg(number(traffic->input_tokens), number(traffic->output_tokens));
  } else if (forecast.requests) {
    parts << SweepPlan::tr("%1 requests").arg(number(*forecast.requests));
  }
  if (forecast.seconds)
    parts << (forecast.at_least ? SweepPlan::tr("at least %1, %2") : SweepPlan::tr("about %1, %2"))
                 .arg(duration_text(*forecast.seconds), sources_of(forecast));
  else
    parts << SweepPlan::tr("time not known: nothing like it was measured here");
  return parts.join(QStringLiteral(" · "));
}

SweepPlan::SweepPlan(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("sweepPlan"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  text_ = new QLabel(this);
  text_->setObjectName(QStringLiteral("sweepEstimate"));
  text_->setWordWrap(true);
  text_->setMargin(8);
  list_ = make_list(this, "sweepPoints", tr("The first points in their order"), {tr("#"), tr("Point"), tr("Repeat"), tr("Requests"), tr("Time")});
  list_->header()->setStretchLastSection(false);
  list_->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
  list_->header()->setSectionResizeMode(1, QHeaderView::Stretch);
  list_->setSelectionMode(QAbstractItemView::NoSelection);
  layout->addWidget(text_);
  layout->addWidget(list_, 1);
}

void SweepPlan::showPlan(const PlannedSweep& plan) {
  text_->setText(plan_text(plan));
  list_->clear();
  QList<QTreeWidgetItem*> items;
  for (const PlannedSweep::Row& row : plan.rows) {
    auto* item = new QTreeWidgetItem({QString::number(items.size() + 1), row.point, row.repeat, row.requests, row.seconds});
    item->setToolTip(1, row.point);
    for (const int column : {0, 2, 3, 4}) item->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    items << item;
  }
  if (const auto more = plan.forecast.points - static_cast<std::size_t>(plan.rows.size()); more > 0)
    items << new QTreeWidgetItem({QString(), tr("and %1 more").arg(more)});
  list_->addTopLevelItems(items);
}

void SweepPlan::clear() {
  text_->clear();
  list_->clear();
}

}  // namespace tokenmark
