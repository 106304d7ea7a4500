#include "app/desktop/runs_filter_menu.h"

#include <QDateTime>
#include <algorithm>

#include "app/desktop/runs_model.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMostValues = 40;   // more are better searched for
constexpr RunKey kFields[] = {RunKey::model, RunKey::hardware, RunKey::device, RunKey::precision, RunKey::lengths, RunKey::framework,
                              RunKey::node,   RunKey::tag,      RunKey::state,     RunKey::sweep,   RunKey::source};

std::string folded(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

QString shown(const std::string& text) { return QString::fromStdString(text).replace('&', QLatin1String("&&")); }

}  // namespace

RunsFilterMenu::RunsFilterMenu(QWidget* parent) : QMenu(parent) {
  setObjectName(QStringLiteral("runsFilterMenu"));
  setAccessibleName(tr("Filters of the list of runs"));
  for (const RunKey key : kFields) addField(key);
  addDates();
  addStarred();
  addSeparator();
  QAction* all = addAction(tr("Show all runs"));
  all->setObjectName(QStringLiteral("clearFilters"));
  connect(all, &QAction::triggered, this, [this] { emit textChosen({}); });
}

void RunsFilterMenu::addField(RunKey key) {
  QMenu* field = addMenu(field_title(key));
  const auto& names = run_key_names();
  const auto name = std::find_if(names.begin(), names.end(), [&](const RunKeyName& one) { return one.key == key; });
  field->setObjectName(QStringLiteral("filter_") + QString::fromUtf8(name->name.data(), static_cast<qsizetype>(name->name.size())));
  field->setAccessibleName(field_title(key));
  fields_[static_cast<int>(key)] = field;
  connect(field, &QMenu::aboutToShow, this, [this, field, key] {
    field->clear();
    field->addAction(tr("Counting …"))->setEnabled(false);
    emit valuesWanted(key);
  });
}

void RunsFilterMenu::showValues(const FieldValues& values) {
  QMenu* field = fields_.value(static_cast<int>(values.key));
  if (!field) return;
  field->clear();
  const std::vector<std::string> chosen = exact_values(text_.toStdString(), values.key);
  std::size_t number = 0;
  for (const auto& [value, count] : values.counts) {
    const bool is_chosen = std::find(chosen.begin(), chosen.end(), folded(value)) != chosen.end();
    if (++number > kMostValues && !is_chosen) continue;
    QAction* action = field->addAction(QStringLiteral("%1\t%2").arg(shown(value)).arg(count));
    action->setProperty("passing", true);   // no lasting action of the window
    action->setCheckable(true);
    action->setChecked(is_chosen);
    connect(action, &QAction::triggered, this, [this, key = values.key, value = value](bool on) { choose(key, value, on); });
  }
  if (values.counts.empty()) field->addAction(tr("No run has one"))->setEnabled(false);
  if (number > kMostValues)
    field->addAction(tr("%1 more: type a part of it into the search").arg(number - kMostValues))->setEnabled(false);
  if (!chosen.empty()) {
    field->addSeparator();
    QAction* any = field->addAction(tr("Any"));
    any->setProperty("passing", true);
    connect(any, &QAction::triggered, this, [this, key = values.key] { emit textChosen(without(key)); });
  }
}

void RunsFilterMenu::choose(RunKey key, const std::string& value, bool chosen) {
  std::vector<std::string> values = exact_values(text_.toStdString(), key);
  std::erase(values, folded(value));
  if (chosen) values.push_back(value);
  emit textChosen(QString::fromStdString(with_values(text_.toStdString(), key, values)));
}

QString RunsFilterMenu::without(RunKey key) const { return QString::fromStdString(with_values(text_.toStdString(), key, {})); }

void RunsFilterMenu::addDates() {
  QMenu* dates = addMenu(tr("Date"));
  dates->setObjectName(QStringLiteral("filter_date"));
  dates->setAccessibleName(tr("Date"));
  const auto add = [&](const QString& title, int days) {
    QAction* action = dates->addAction(title);
    action->setObjectName(QStringLiteral("filterDays%1").arg(days));
    connect(action, &QAction::triggered, this, [this, days] {
      const QDate day = QDateTime::currentDateTimeUtc().date().addDays(-days);
      emit textChosen((without(RunKey::started) + QStringLiteral(" after:") + day.toString(Qt::ISODate)).trimmed());
    });
  };
  add(tr("Today (UTC)"), 0);
  add(tr("Last 7 days"), 7);
  add(tr("Last 30 days"), 30);
  add(tr("Last 365 days"), 365);
  dates->addSeparator();
  QAction* any = dates->addAction(tr("Any"));
  any->setObjectName(QStringLiteral("filterAnyDate"));
  connect(any, &QAction::triggered, this, [this] { emit textChosen(without(RunKey::started)); });
}

void RunsFilterMenu::addStarred() {
  QAction* starred = addAction(tr("Starred"));
  starred->setObjectName(QStringLiteral("filterStarred"));
  starred->setCheckable(true);
  connect(this, &QMenu::aboutToShow, starred, [this, starred] {
    starred->setChecked(!exact_values(text_.toStdString(), RunKey::starred).empty());
  });
  connect(starred, &QAction::triggered, this, [this](bool on) {
    emit textChosen(on ? QString::fromStdString(with_values(text_.toStdString(), RunKey::starred, {"starred"})) : without(RunKey::starred));
  });
}

}  // namespace tokenmark
