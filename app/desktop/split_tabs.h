// The tabs of the centre, on one side or on two: a tab can be moved to the other side, to see two charts at once. One side is
// active, the one that was last used; its current tab is the current one. Indices count the left side's tabs first. Pages are
// made when they are first shown: until then an empty widget of the page's name stands in their place. The window's thread.
#pragma once

#include <QHash>
#include <QSplitter>
#include <QVariantMap>
#include <functional>

class QMenu;
class QTabWidget;

namespace tokenmark {

class UserSettings;

class SplitTabs : public QSplitter {
  Q_OBJECT
 public:
  explicit SplitTabs(QWidget* parent);

  int addTab(QWidget* page, const QString& title);      // on the left
  using Maker = std::function<QWidget*(QWidget* parent)>;   // makes a page of that name; it keeps this parent
  void addPage(const QString& name, const QString& title, Maker make);   // on the left
  void start();                                         // from now on pages are made; those that are current now
  QWidget* page(const QString& name);                   // made if it was not yet; null: there is none of that name
  bool makeNext();                                      // one more page, if any is left
  bool allMade() const { return unmade_.isEmpty(); }
  int count() const;
  QWidget* widget(int index) const;
  QWidget* currentWidget() const;
  int currentIndex() const;
  void setCurrentIndex(int index);
  void setCurrentWidget(QWidget* page);
  void setCurrentPage(const QString& name);
  QString titleOf(QWidget* page) const;
  bool isSplit() const;
  void moveToOtherSide(QWidget* page);                  // never the last one of the left side
  void joinSides();

  // Order, sides, widths and current tabs, by the pages' object names.
  QVariantMap arrangement() const;
  void arrange(const QVariantMap& arrangement);
  void save(UserSettings& settings) const;
  void restore(const UserSettings& settings);

 public slots:
  void moveCurrent();
  void next();
  void previous();

 signals:
  void currentChanged();

 private:
  QTabWidget* makeSide(const QString& name, const QString& accessible);
  QTabWidget* sideOf(const QWidget* page) const;
  QWidget* find(const QString& name) const;             // made or not
  QWidget* make(QWidget* place);                        // what stands there from now on
  void onMenu(QTabWidget* side, const QPoint& at);
  void fillList(QMenu& menu);
  void activate(QTabWidget* side);
  void step(int direction);

  QTabWidget *left_, *right_;
  QTabWidget* active_;
  QHash<QWidget*, Maker> unmade_;                       // by what stands in the page's place
  bool started_ = false;
};

}  // namespace tokenmark
