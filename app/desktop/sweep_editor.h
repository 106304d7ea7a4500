// A sweep as a form and as YAML, in step, with one history of changes; checked as one types, with its points and the time
// that they will take; started from here. A window of its own, never modal.
#pragma once

#include <QDialog>
#include <QTimer>
#include <filesystem>
#include <memory>

#include "app/desktop/sweep_form.h"
#include "app/charts/theme.h"

class QCheckBox;
class QLabel;
class QListWidget;
class QPushButton;

namespace tokenmark {

class Forecaster;
class SweepFormWidget;
class SweepPlan;
class SweepSources;
class Tasks;
class YamlEdit;

class SweepEditor : public QDialog {
  Q_OBJECT
 public:
  // `store`: whose runs say how long points take.
  SweepEditor(Tasks& tasks, std::filesystem::path store, QWidget* parent);
  ~SweepEditor() override;
  void setYaml(const QString& yaml);   // can be undone
  QString yaml() const;
  void openPath(const QString& path);  // read in another thread
  void setTheme(const Theme& theme);

 signals:
  void startWanted(const tokenmark::Sweep& sweep, bool resume);
  void failed(const QString& message);

 protected:
  void showEvent(QShowEvent* event) override;
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  struct Check;
  void setupUndo();
  void readPast();
  void setupButtons();
  QWidget* setupYaml();
  void onFormEdited();
  void check();
  void showCheck(const Check& check);
  void openFile();
  void saveFile();
  void start();

  Tasks& tasks_;
  std::filesystem::path store_;
  std::shared_ptr<const Forecaster> forecaster_;
  SweepFormWidget* form_;
  SweepPlan* plan_;
  SweepSources* sources_;
  YamlEdit* yaml_;
  QLabel *beyond_, *verdict_;
  QListWidget* problems_;
  QCheckBox* resume_;
  QPushButton *start_, *open_, *save_, *close_;
  QTimer typing_;
  std::optional<Sweep> checked_;     // what the YAML says, when it is right and up to date
  bool from_form_ = false;           // the YAML's last change was the form's
  bool writing_ = false;             // the form is making it
};

}  // namespace tokenmark
