#include "app/desktop/compare_page.h"

#include <QAction>
#include <QActionGroup>
#include <QComboBox>
#include <QDoubleValidator>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSplitter>
#include <QToolBar>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "app/desktop/prices_page.h"
#include "app/desktop/theme_sheet.h"
#include "app/desktop/widgets.h"

namespace tokenmark {
namespace {

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

}  // namespace

ComparePage::ComparePage(Tasks& tasks, QUndoStack& undo, std::filesystem::path store, QWidget* parent)
    : QWidget(parent), tasks_(tasks), undo_(undo), store_(std::move(store)), theme_(theme(false)) {
  setObjectName(QStringLiteral("comparePage"));
  setAcceptDrops(true);
  dress(*this);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  applying_ = true;   // choosers report what they are filled with
  setupBar();
  setupList();
  applying_ = false;
  known_ = asked();
  updateKinds();
}

QComboBox* ComparePage::addChooser(QToolBar& bar, const QString& label, const char* name, const QString& tip) {
  auto* caption = new QLabel(label, &bar);
  caption->setProperty("role", "muted");
  caption->setContentsMargins(4, 0, 2, 0);
  bar.addWidget(caption);
  auto* box = new QComboBox(&bar);
  box->setObjectName(QString::fromLatin1(name));
  box->setAccessibleName(tip);
  box->setToolTip(tip);
  caption->setBuddy(box);
  bar.addWidget(box);
  connect(box, &QComboBox::currentIndexChanged, this, &ComparePage::changed);
  return box;
}

void ComparePage::setupBar() {
  auto* first = new QToolBar(tr("Comparison"), this);
  first->setObjectName(QStringLiteral("compareBar"));
  setupKinds(*first);
  baseline_ = addChooser(*first, tr("against"), "compareBaseline", tr("The baseline: what the others are compared with"));
  baseline_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  baseline_->setMinimumContentsLength(18);
  baseline_->addItem(tr("first series"), QString());
  setupFilters(*first);
  auto* second = new QToolBar(tr("Prices and filter"), this);
  second->setObjectName(QStringLiteral("compareBar2"));
  setupPlace(*second);
  setupPrices(*second);
  layout()->addWidget(first);
  layout()->addWidget(second);
}

void ComparePage::setupKinds(QToolBar& bar) {
  auto* kinds = new QActionGroup(this);
  const auto add = [&](const QString& words, const char* name, const QString& tip) {
    QAction* action = bar.addAction(words);
    action->setObjectName(QString::fromLatin1(name));
    action->setToolTip(tip);
    action->setCheckable(true);
    kinds->addAction(action);
    connect(action, &QAction::triggered, this, &ComparePage::changed);
    return action;
  };
  of_series_ = add(tr("Frontiers"), "compareOfSeries", tr("Whole series, read from their frontiers where they are equal"));
  of_runs_ = add(tr("Runs"), "compareOfRuns", tr("The chosen runs, each with its repeats: choose two or more in the list"));
  of_series_->setChecked(true);
}

void ComparePage::setupPlace(QToolBar& bar) {
  const qsizetype before = bar.actions().size();
  equal_ = addChooser(bar, tr("at equal"), "compareEqual", tr("What the series have in common where they are compared"));
  const QString names[] = {tr("interactivity"), tr("time to first token"), tr("end-to-end latency"), tr("cost")};
  for (const EqualMeaning& entry : equal_meanings()) equal_->addItem(names[static_cast<std::size_t>(entry.equal)], text(entry.key));
  at_ = new QLineEdit(&bar);
  at_->setObjectName(QStringLiteral("compareAt"));
  at_->setAccessibleName(tr("Value at which the series are compared"));
  at_->setToolTip(tr("At which value; empty: the middle of what the baseline shares with most others"));
  at_->setMaximumWidth(80);
  auto* numbers = new QDoubleValidator(0, 1e12, 9, at_);
  numbers->setLocale(QLocale::c());
  at_->setValidator(numbers);
  connect(at_, &QLineEdit::editingFinished, this, &ComparePage::changed);
  bar.addWidget(at_);
  of_series_only_ = bar.actions().mid(before);
}

void ComparePage::setupPrices(QToolBar& bar) {
  prices_ = addChooser(bar, tr("prices"), "comparePrices", tr("Price set of cost and power"));
  fill_price_sets(*prices_);
  tier_ = addChooser(bar, QString(), "compareTier", tr("How the hardware is paid for"));
  for (const std::string& tier : price_tiers()) tier_->addItem(text(tier), text(tier));
}

void ComparePage::setupFilters(QToolBar& bar) {
  only_significant_ = bar.addAction(tr("Only significant"));
  only_significant_->setObjectName(QStringLiteral("onlySignificant"));
  only_significant_->setCheckable(true);
  only_significant_->setToolTip(tr("Only changes that are not noise"));
  connect(only_significant_, &QAction::toggled, this, &ComparePage::changed);
  all_runs_ = bar.addAction(tr("Saved runs ✕"));
  all_runs_->setObjectName(QStringLiteral("compareAllRuns"));
  all_runs_->setToolTip(
      tr("The table shows runs of its own, of a file or dropped here. Click to show those of the list again."));
  connect(all_runs_, &QAction::triggered, this, &ComparePage::showAllRuns);
  QAction* save = bar.addAction(tr("Export CSV …"));
  save->setObjectName(QStringLiteral("compareExport"));
  connect(save, &QAction::triggered, this, &ComparePage::exportCsv);
}

void ComparePage::setupList() {
  title_ = new QLabel(this);
  title_->setObjectName(QStringLiteral("compareTitle"));
  title_->setProperty("role", "title");
  title_->setWordWrap(true);
  title_->setTextFormat(Qt::PlainText);
  title_->setContentsMargins(16, 10, 8, 6);
  list_ = make_list(this, "compareTable", tr("Changes against the baseline"),
                    {tr("Series"), tr("Figure"), tr("Value"), tr("Baseline"), tr("Change"), tr("95 %"), tr("Verdict")});
  list_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  list_->setContextMenuPolicy(Qt::CustomContextMenu);
  list_->setTextElideMode(Qt::ElideMiddle);
  list_->header()->setStretchLastSection(true);
  list_->header()->setSectionResizeMode(QHeaderView::Interactive);
  for (const auto& [column, width] : {std::pair{0, 180}, {1, 140}, {2, 76}, {3, 76}, {4, 88}, {5, 150}}) list_->setColumnWidth(column, width);
  for (const int column : {2, 3, 4}) list_->headerItem()->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
  connect(list_, &QWidget::customContextMenuRequested, this, &ComparePage::showMenu);
  notes_ = new QLabel(this);
  notes_->setObjectName(QStringLiteral("compareNotes"));
  notes_->setProperty("role", "muted");
  notes_->setWordWrap(true);
  notes_->setTextFormat(Qt::PlainText);
  notes_->setContentsMargins(16, 4, 8, 6);
  differences_ = make_list(this, "compareDifferences", tr("What differs between the runs"), {tr("What differs")});
  differences_->setRootIsDecorated(true);
  differences_->setColumnWidth(0, 220);
  differences_->setTextElideMode(Qt::ElideMiddle);
  differences_->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(differences_, &QWidget::customContextMenuRequested, this, &ComparePage::showDifferencesMenu);
  auto* parts = new QSplitter(Qt::Vertical, this);
  parts->setObjectName(QStringLiteral("compareParts"));
  parts->setChildrenCollapsible(false);
  parts->addWidget(list_);
  parts->addWidget(differences_);
  parts->setStretchFactor(0, 3);
  parts->setStretchFactor(1, 2);
  layout()->addWidget(title_);
  layout()->addWidget(parts);
  static_cast<QVBoxLayout*>(layout())->setStretchFactor(parts, 1);
  layout()->addWidget(notes_);
}

}  // namespace tokenmark
