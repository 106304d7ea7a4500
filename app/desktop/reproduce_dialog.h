// How a run is measured again: its sweep file, a command for a shell, what its server was started with; each copied with
// one click, or the reason why there is none. Never modal.
#pragma once

#include <QDialog>

#include "core/store/store.h"
#include "core/sweep/reproduce.h"

namespace tokenmark {

class ReproduceDialog : public QDialog {
  Q_OBJECT
 public:
  ReproduceDialog(const RunRow& row, const Reproduction& made, QWidget* parent);

 signals:
  void editWanted(const QString& yaml);      // in the sweep editor

 private:
  void add(const char* name, const QString& title, const Recipe& recipe, int lines);
};

}  // namespace tokenmark
