// Where a sweep comes from: a button with the built-in ones and those among the recent files (recent_files.h), and what
// reading and writing sweep files needs.
#pragma once

#include <QToolButton>

#include "base/result.h"

namespace tokenmark {

Result<QString> read_sweep_text(const QString& path);              // blocks: another thread's work
Status write_sweep_text(const QString& path, const QString& text);
bool is_sweep_file(const QString& path);                           // by its name: .yaml, .yml

class SweepSources : public QToolButton {
  Q_OBJECT
 public:
  explicit SweepSources(QWidget* parent = nullptr);

 signals:
  void yamlChosen(const QString& yaml);
  void fileChosen(const QString& path);

 private:
  void fill();
};

}  // namespace tokenmark
