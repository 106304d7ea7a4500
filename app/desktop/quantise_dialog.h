// Asks in which format a model is to be written and where, and says beforehand how large it becomes (a dry run of
// tokenmark-cli model make, which reads the file's head only).
#pragma once

#include <QDialog>

#include "app/desktop/model_files.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace tokenmark {

class ProgramQuestion;

class QuantiseDialog : public QDialog {
  Q_OBJECT
 public:
  QuantiseDialog(const ModelFile& model, QString program, QWidget* parent);

  QString format() const;
  QString output() const;

 private:
  void suggest();
  void check();
  void askForSize();
  void showSize(const QByteArray& json);

  QString source_, base_;
  ProgramQuestion* planner_;
  QComboBox* format_;
  QLineEdit* output_;
  QLabel *size_, *exists_;
  QPushButton* ok_;
};

}  // namespace tokenmark
