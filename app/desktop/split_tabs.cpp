#include "app/desktop/split_tabs.h"

#include <QApplication>
#include <QMenu>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTabBar>
#include <QTabWidget>
#include <QToolButton>
#include <algorithm>

#include "app/desktop/theme_sheet.h"
#include "app/desktop/user_settings.h"

namespace tokenmark {

SplitTabs::SplitTabs(QWidget* parent) : QSplitter(Qt::Horizontal, parent) {
  setChildrenCollapsible(false);
  hold_parts(*this);
  left_ = makeSide(QStringLiteral("chartTabs"), tr("Charts and pages"));
  right_ = makeSide(QStringLiteral("rightTabs"), tr("Charts and pages on the right side"));
  right_->hide();
  active_ = left_;
  // A side is used when something in it gets the keys.
  connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) {
    for (QTabWidget* side : {left_, right_})
      if (now && side->isAncestorOf(now)) activate(side);
  });
}

QTabWidget* SplitTabs::makeSide(const QString& name, const QString& accessible) {
  auto* side = new QTabWidget(this);
  side->setObjectName(name);
  side->setAccessibleName(accessible);
  side->setDocumentMode(true);
  hold_parts(*side);
  hold_parts(*side->findChild<QStackedWidget*>());
  side->setMovable(true);
  side->setMinimumSize(360, 200);   // not what the widest of the hidden pages would like: the panels beside need room
  side->setUsesScrollButtons(true);
  side->setElideMode(Qt::ElideNone);
  QTabBar* bar = side->tabBar();
  bar->setDrawBase(false);
  bar->setExpanding(false);
  bar->setAccessibleName(accessible);
  bar->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(bar, &QWidget::customContextMenuRequested, this, [this, side](const QPoint& at) { onMenu(side, at); });
  connect(bar, &QTabBar::tabBarClicked, this, [this, side] { activate(side); });
  connect(side, &QTabWidget::currentChanged, this, [this, side] {
    if (started_) make(side->currentWidget());
    if (side == active_) emit currentChanged();
  });
  auto* list = new QToolButton(side);
  list->setObjectName(name + QStringLiteral("List"));
  list->setAccessibleName(tr("All tabs"));
  list->setToolTip(tr("All tabs by name; move one to the other side"));
  list->setArrowType(Qt::DownArrow);
  list->setAutoRaise(true);
  list->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(list);
  menu->setObjectName(name + QStringLiteral("Menu"));
  connect(menu, &QMenu::aboutToShow, this, [this, menu] { fillList(*menu); });
  list->setMenu(menu);
  side->setCornerWidget(list, Qt::TopRightCorner);
  addWidget(side);
  return side;
}

int SplitTabs::addTab(QWidget* page, const QString& title) { return left_->addTab(page, title); }

void SplitTabs::addPage(const QString& name, const QString& title, Maker make) {
  auto* place = new QWidget;
  place->setObjectName(name);
  unmade_.insert(place, std::move(make));
  addTab(place, title);
}

void SplitTabs::start() {
  started_ = true;
  for (QTabWidget* side : {left_, right_})
    if (side->count() > 0) make(side->currentWidget());
  emit currentChanged();
}

// The tab stays as it is: only what is behind it changes, and nobody is told.
QWidget* SplitTabs::make(QWidget* place) {
  const auto unmade = unmade_.constFind(place);
  if (unmade == unmade_.constEnd()) return place;
  const Maker maker = *unmade;
  unmade_.erase(unmade);
  QTabWidget* side = sideOf(place);
  const int index = side->indexOf(place);
  const bool current = side->currentIndex() == index;
  QWidget* page = maker(side->findChild<QStackedWidget*>());
  const QSignalBlocker quiet(side);
  side->insertTab(index, page, side->tabText(index));
  if (current) side->setCurrentIndex(index);
  side->removeTab(index + 1);
  place->setParent(nullptr);
  place->deleteLater();   // it may be in the middle of being shown
  return page;
}

QWidget* SplitTabs::find(const QString& name) const {
  for (int i = 0; i < count(); ++i)
    if (widget(i)->objectName() == name) return widget(i);
  return nullptr;
}

QWidget* SplitTabs::page(const QString& name) {
  QWidget* found = find(name);
  return found ? make(found) : nullptr;
}

bool SplitTabs::makeNext() {
  for (int i = 0; i < count(); ++i)
    if (unmade_.contains(widget(i))) return make(widget(i)) != nullptr;
  return false;
}

int SplitTabs::count() const { return left_->count() + right_->count(); }
bool SplitTabs::isSplit() const { return right_->count() > 0; }

QWidget* SplitTabs::widget(int index) const {
  return index < left_->count() ? left_->widget(index) : right_->widget(index - left_->count());
}

QWidget* SplitTabs::currentWidget() const { return active_->currentWidget(); }

int SplitTabs::currentIndex() const {
  return active_ == left_ ? left_->currentIndex() : left_->count() + right_->currentIndex();
}

void SplitTabs::setCurrentIndex(int index) { setCurrentWidget(widget(index)); }

QTabWidget* SplitTabs::sideOf(const QWidget* page) const {
  for (QTabWidget* side : {left_, right_})
    for (int i = 0; i < side->count(); ++i)
      if (side->widget(i) == page) return side;
  return nullptr;
}

void SplitTabs::setCurrentWidget(QWidget* page) {
  QTabWidget* side = sideOf(page);
  if (!side) return;
  side->setCurrentWidget(page);
  activate(side);
}

void SplitTabs::setCurrentPage(const QString& name) { setCurrentWidget(find(name)); }

QString SplitTabs::titleOf(QWidget* page) const {
  const QTabWidget* side = sideOf(page);
  return side ? side->tabText(side->indexOf(page)) : QString();
}

void SplitTabs::activate(QTabWidget* side) {
  if (active_ == side || side->count() == 0) return;
  active_ = side;
  emit currentChanged();
}

void SplitTabs::moveToOtherSide(QWidget* page) {
  QTabWidget* from = sideOf(page);
  if (!from || (from == left_ && left_->count() == 1)) return;
  QTabWidget* to = from == left_ ? right_ : left_;
  const QString title = titleOf(page);
  const bool first = !isSplit();
  from->removeTab(from->indexOf(page));
  to->addTab(page, title);
  right_->setVisible(isSplit());
  if (first) setSizes({width() / 2, width() / 2});
  to->setCurrentIndex(to->count() - 1);
  active_ = to;
  emit currentChanged();
}

void SplitTabs::joinSides() {
  while (right_->count() > 0) moveToOtherSide(right_->widget(0));
}

void SplitTabs::moveCurrent() { moveToOtherSide(currentWidget()); }
void SplitTabs::next() { step(1); }
void SplitTabs::previous() { step(-1); }

void SplitTabs::step(int direction) {
  if (count() > 0) setCurrentIndex((currentIndex() + direction + count()) % count());
}

void SplitTabs::onMenu(QTabWidget* side, const QPoint& at) {
  const int index = side->tabBar()->tabAt(at);
  if (index < 0) return;
  const QString name = side->widget(index)->objectName();
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->setObjectName(QStringLiteral("tabMenu"));
  QAction* move = menu->addAction(side == left_ ? tr("Move to the right side") : tr("Move to the left side"));
  move->setEnabled(side == right_ || left_->count() > 1);
  connect(move, &QAction::triggered, this, [this, name] { moveToOtherSide(find(name)); });
  QAction* join = menu->addAction(tr("One side again"));
  join->setEnabled(isSplit());
  connect(join, &QAction::triggered, this, &SplitTabs::joinSides);
  menu->popup(side->tabBar()->mapToGlobal(at));
}

void SplitTabs::fillList(QMenu& menu) {
  menu.clear();
  for (int i = 0; i < count(); ++i) {
    if (i > 0 && i == left_->count()) menu.addSeparator();
    QWidget* page = widget(i);
    QAction* action = menu.addAction(titleOf(page));
    action->setCheckable(true);
    action->setChecked(page == currentWidget());
    connect(action, &QAction::triggered, this, [this, name = page->objectName()] { setCurrentPage(name); });
  }
  menu.addSeparator();
  connect(menu.addAction(tr("Move this tab to the other side")), &QAction::triggered, this, &SplitTabs::moveCurrent);
}

QVariantMap SplitTabs::arrangement() const {
  const auto names = [](const QTabWidget* side) {
    QStringList list;
    for (int i = 0; i < side->count(); ++i) list << side->widget(i)->objectName();
    return list;
  };
  return {{QStringLiteral("left"), names(left_)},
          {QStringLiteral("right"), names(right_)},
          {QStringLiteral("current"), currentWidget() ? currentWidget()->objectName() : QString()},
          {QStringLiteral("currentRight"), right_->currentWidget() ? right_->currentWidget()->objectName() : QString()},
          {QStringLiteral("sizes"), saveState()}};
}

// Pages that are new since then stay where they are, after the known ones that they followed.
void SplitTabs::arrange(const QVariantMap& arrangement) {
  const auto order = [&](QTabWidget* side, const QStringList& names) {
    int place = 0;
    for (const QString& name : names)
      if (QWidget* known = find(name); known && sideOf(known) == side) side->tabBar()->moveTab(side->indexOf(known), place++);
  };
  const QStringList left = arrangement.value(QStringLiteral("left")).toStringList(),
                    right = arrangement.value(QStringLiteral("right")).toStringList();
  for (const QString& name : left)
    if (QWidget* moved = find(name); moved && sideOf(moved) == right_) moveToOtherSide(moved);
  for (const QString& name : right)
    if (QWidget* moved = find(name); moved && sideOf(moved) == left_) moveToOtherSide(moved);
  order(left_, left);
  order(right_, right);
  if (isSplit()) restoreState(arrangement.value(QStringLiteral("sizes")).toByteArray());
  if (QWidget* current = find(arrangement.value(QStringLiteral("currentRight")).toString()); current && sideOf(current) == right_)
    right_->setCurrentWidget(current);
  if (QWidget* current = find(arrangement.value(QStringLiteral("current")).toString())) setCurrentWidget(current);
  else setCurrentIndex(0);
}

void SplitTabs::save(UserSettings& settings) const {
  const QVariantMap now = arrangement();
  for (auto entry = now.begin(); entry != now.end(); ++entry)
    settings.setValue(QStringLiteral("tabs/") + entry.key(), entry.value());
}

void SplitTabs::restore(const UserSettings& settings) {
  QVariantMap kept;
  for (const char* key : {"left", "right", "current", "currentRight", "sizes"})
    kept.insert(QString::fromLatin1(key), settings.value(QStringLiteral("tabs/") + QString::fromLatin1(key)));
  arrange(kept);
}

}  // namespace tokenmark
