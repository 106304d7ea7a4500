// The parts of the list of runs: search, filters, groups, columns, actions.
#include <QActionGroup>
#include <QDrag>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QTableView>
#include <QToolButton>
#include <algorithm>

#include "app/desktop/look.h"
#include "app/desktop/run_drag.h"
#include "app/desktop/runs_delegate.h"
#include "app/desktop/runs_dock.h"
#include "app/desktop/runs_filter_menu.h"
#include "app/desktop/widgets.h"

namespace tokenmark {
namespace {

constexpr RunKey kGroups[] = {RunKey::word,  RunKey::model,   RunKey::hardware, RunKey::precision, RunKey::lengths, RunKey::framework,
                              RunKey::sweep, RunKey::series, RunKey::tag,      RunKey::started,   RunKey::node,    RunKey::state};

// Of columns that are shown at first; the others wait in the header's menu.
struct FirstColumn {
  RunColumn column;
  int width;
};
constexpr FirstColumn kFirst[] = {{RunColumn::starred, 24}, {RunColumn::model, 150}, {RunColumn::concurrency, 48},
    {RunColumn::interactivity, 74}, {RunColumn::throughput, 70}, {RunColumn::ttft, 56}, {RunColumn::hardware, 84},
    {RunColumn::precision, 76}, {RunColumn::lengths, 80}, {RunColumn::state, 76}, {RunColumn::started, 122},
    {RunColumn::sweep, 150}, {RunColumn::id, 52}};

QToolButton* menu_button(QWidget* parent, const char* name, const QString& text, const QString& tip) {
  auto* button = new QToolButton(parent);
  button->setObjectName(QString::fromLatin1(name));
  set_button_text(*button, text, tip);
  button->setPopupMode(QToolButton::InstantPopup);
  button->setToolButtonStyle(Qt::ToolButtonTextOnly);
  button->setAutoRaise(true);
  return button;
}

// Drags the chosen runs by their numbers, however many they are; Qt's own way would list every cell of them.
class RunsTable : public QTableView {
 public:
  explicit RunsTable(RunsDock& dock) : QTableView(&dock), dock_(dock) {}

 protected:
  void startDrag(Qt::DropActions) override {
    const std::vector<RunId> runs = dock_.selected();
    if (runs.empty()) return;
    auto* drag = new QDrag(this);
    drag->setMimeData(run_drag(runs).release());
    QLabel words(runs.size() == 1 ? RunsDock::tr("1 run") : RunsDock::tr("%1 runs").arg(runs.size()));
    words.setMargin(5);
    drag->setPixmap(words.grab());
    drag->exec(Qt::CopyAction);
  }

 private:
  RunsDock& dock_;
};

}  // namespace

void RunsDock::setupSearch(QHBoxLayout& row) {
  search_ = new QLineEdit(row.parentWidget());
  search_->setObjectName(QStringLiteral("runsSearch"));
  search_->setAccessibleName(tr("Search runs"));
  search_->setPlaceholderText(tr("Search model, hardware, sweep, tag …"));
  search_->setToolTip(tr("Words that must all occur in a run (Ctrl+F), or fields:\n"
                         "model:llama  precision=fp8,fp4  tag:baseline  -tag:old  starred\n"
                         "concurrency:8..64  lengths:1024/128  before:2026-05-01  after:2026-04  on:2026-05-01"));
  search_->setClearButtonEnabled(true);
  search_->addAction(themed_icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
  row.addWidget(search_, 1);
  QToolButton* button = menu_button(row.parentWidget(), "runsFilter", tr("Filter"), tr("Choose what is listed by the values that there are"));
  filters_ = new RunsFilterMenu(button);
  button->setMenu(filters_);
  row.addWidget(button);
  connect(filters_, &QMenu::aboutToShow, this, [this] { filters_->setText(search_->text()); });
  connect(filters_, &RunsFilterMenu::valuesWanted, this, &RunsDock::valuesWanted);
  connect(filters_, &RunsFilterMenu::textChosen, this, &RunsDock::setSearch);
}

void RunsDock::setupGroups(QHBoxLayout& row) {
  groups_ = menu_button(row.parentWidget(), "runsGroup", tr("Group"), tr("Put runs together that have something in common"));
  auto* menu = new QMenu(groups_);
  menu->setObjectName(QStringLiteral("runsGroupMenu"));
  menu->setAccessibleName(tr("Groups of the list of runs"));
  auto* choices = new QActionGroup(menu);
  for (const RunKey key : kGroups) {
    QAction* action = menu->addAction(key == RunKey::word ? tr("No groups") : field_title(key));
    action->setObjectName(QStringLiteral("groupBy%1").arg(static_cast<int>(key)));
    action->setData(static_cast<int>(key));
    action->setCheckable(true);
    action->setChecked(key == group_by_);
    choices->addAction(action);
    connect(action, &QAction::triggered, this, [this, key] { groupBy(static_cast<int>(key)); });
  }
  menu->addSeparator();
  for (const bool folded : {true, false}) {
    QAction* action = menu->addAction(folded ? tr("Fold all") : tr("Unfold all"));
    action->setObjectName(folded ? QStringLiteral("foldAll") : QStringLiteral("unfoldAll"));
    connect(action, &QAction::triggered, this, [this, folded] {
      const std::vector<RunId> chosen = selected();
      model_->foldAll(folded);
      select(chosen);
    });
  }
  groups_->setMenu(menu);
  row.addWidget(groups_);
}

void RunsDock::setupTable() {
  table_ = new RunsTable(*this);
  table_->setObjectName(QStringLiteral("runsTable"));
  table_->setAccessibleName(tr("Runs"));
  model_ = new RunsModel(this);
  table_->setModel(model_);
  table_->setItemDelegate(new RunsDelegate(*model_, this));
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table_->setAlternatingRowColors(true);
  table_->setShowGrid(false);
  table_->setWordWrap(false);
  table_->setTabKeyNavigation(false);
  table_->setDragEnabled(true);
  table_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 9);
  table_->setContextMenuPolicy(Qt::CustomContextMenu);
  table_->installEventFilter(this);
  setupHeader();
  connect(table_, &QTableView::clicked, this, &RunsDock::onClick);
  connect(table_, &QTableView::customContextMenuRequested, this, &RunsDock::showRunsMenu);
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
    if (restoring_) return;
    updateCount();
    emit selectionChanged();
  });
}

void RunsDock::setupHeader() {
  QHeaderView* header = table_->horizontalHeader();
  header->setObjectName(QStringLiteral("runsHeader"));
  header->setHighlightSections(false);
  header->setSectionsMovable(true);
  header->setSortIndicatorShown(true);
  header->setSectionsClickable(true);
  header->setMinimumSectionSize(20);
  header->setSortIndicator(static_cast<int>(RunColumn::started), Qt::DescendingOrder);
  for (int i = 0; i < static_cast<int>(RunColumn::count); ++i) table_->setColumnHidden(i, true);
  for (const auto& [column, width] : kFirst) {
    table_->setColumnHidden(static_cast<int>(column), false);
    table_->setColumnWidth(static_cast<int>(column), width);
  }
  header->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(header, &QHeaderView::customContextMenuRequested, this, &RunsDock::showColumnsMenu);
  connect(header, &QHeaderView::sortIndicatorChanged, this, &RunsDock::askAgain);
}

void RunsDock::showColumnsMenu(const QPoint& position) {
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("runsColumnsMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (int i = 0; i < model_->columnCount(); ++i) {
    QAction* action = menu->addAction(model_->headerData(i, Qt::Horizontal, Qt::DisplayRole).toString());
    action->setToolTip(model_->headerData(i, Qt::Horizontal, Qt::ToolTipRole).toString());
    action->setCheckable(true);
    action->setChecked(!table_->isColumnHidden(i));
    action->setEnabled(i != static_cast<int>(RunColumn::model));   // one always stays
    connect(action, &QAction::toggled, table_, [this, i](bool shown) { table_->setColumnHidden(i, !shown); });
  }
  menu->setToolTipsVisible(true);
  menu->popup(table_->horizontalHeader()->mapToGlobal(position));
}

QAction* RunsDock::addEdit(const QString& text, const char* name, const QKeySequence& keys) {
  auto* action = new QAction(text, this);
  action->setObjectName(QString::fromLatin1(name));
  action->setShortcut(keys);
  action->setEnabled(false);
  edit_actions_ << action;
  return action;
}

void RunsDock::setupEdits() {
  star_ = addEdit(tr("&Star"), "starRuns", QKeySequence(tr("Ctrl+D")));
  star_->setStatusTip(tr("Mark the chosen runs with a star, or take it away where all have one"));
  star_->setIcon(themed_icon(QStringLiteral("star")));
  connect(star_, &QAction::triggered, this, [this] {
    const RunRows runs = selectedRuns();
    const bool all = std::all_of(runs.begin(), runs.end(), [](const RunRow& row) { return row.starred || is_sample(row); });
    emit starWanted(runs, !all);
  });
  tag_ = addEdit(tr("Add &tag …"), "tagRuns", QKeySequence(tr("Ctrl+T")));
  tag_->setStatusTip(tr("Give the chosen runs a tag"));
  connect(tag_, &QAction::triggered, this, &RunsDock::askForTag);
  bundle_ = addEdit(tr("Save &bundle …"), "bundleRuns", {});
  bundle_->setStatusTip(tr("The chosen runs with logs, environments, tags and notes in one file, to be opened elsewhere"));
  connect(bundle_, &QAction::triggered, this, [this] { emit bundleWanted(selectedRuns()); });
  delete_ = addEdit(tr("&Delete runs"), "deleteRuns", QKeySequence::Delete);
  delete_->setStatusTip(tr("Take the chosen runs out of the list; undo brings them back"));
  delete_->setShortcutContext(Qt::WidgetWithChildrenShortcut);   // elsewhere the key deletes letters
  table_->addAction(delete_);
  connect(delete_, &QAction::triggered, this, [this] { emit removalWanted(selectedRuns()); });
}

}  // namespace tokenmark
