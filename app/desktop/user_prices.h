// The user's own prices as the window edits them: every change is in use at once, can be undone, and is written to the
// file in another thread, one write at a time. Owned and used by the window's thread.
#pragma once

#include <QObject>
#include <filesystem>

#include "core/economics/own_prices.h"

class QUndoStack;

namespace tokenmark {

class Tasks;

class UserPrices : public QObject {
  Q_OBJECT
 public:
  UserPrices(std::filesystem::path file, Tasks& tasks, QUndoStack& undo, QObject* parent);
  ~UserPrices() override;       // writes what is not written yet

  QString load();               // what was wrong with the file, empty: nothing
  OwnPrices prices() const { return *own_prices(); }
  // `what` is the name of the step in the Edit menu: "price of h200".
  void change(const QString& what, OwnPrices next);

 signals:
  void changed();
  void failed(const QString& message);

 private:
  friend class PricesChange;
  void use(const OwnPrices& prices);
  void write();

  std::filesystem::path file_;
  Tasks& tasks_;
  QUndoStack& undo_;
  bool unwritten_ = false, writing_ = false;
};

}  // namespace tokenmark
