// A sweep as a form and as YAML, in step; checked as one types; started from here. A window of its own, never modal.
#pragma once

#include <QDialog>
#include <QTimer>

#include "app/desktop/sweep_form.h"
#include "app/charts/theme.h"

class QCheckBox;
class QLabel;
class QListWidget;
class QPushButton;

namespace tokenmark {

class SweepFormWidget;
class Tasks;
class YamlEdit;

class SweepEditor : public QDialog {
  Q_OBJECT
 public:
  SweepEditor(Tasks& tasks, QWidget* parent);
  void setYaml(const QString& yaml);
  QString yaml() const;
  void openPath(const QString& path);  // read in another thread
  void setTheme(const Theme& theme);

 signals:
  void startWanted(const tokenmark::Sweep& sweep, bool resume);
  void failed(const QString& message);

 private:
  struct Check;
  void setupButtons();
  QWidget* setupYaml();
  void onFormEdited();
  void check();
  void showCheck(const Check& check);
  void openFile();
  void saveFile();
  void start();

  Tasks& tasks_;
  SweepFormWidget* form_;
  YamlEdit* yaml_;
  QLabel *beyond_, *verdict_;
  QListWidget* problems_;
  QCheckBox* resume_;
  QPushButton *start_, *open_, *save_, *close_;
  QTimer typing_;
  std::optional<Sweep> checked_;     // what the YAML says, when it is right and up to date
  bool from_form_ = false;           // the YAML is being written by the form
};

}  // namespace tokenmark
