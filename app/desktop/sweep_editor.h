// A sweep as a form and as YAML, in step, with one history of changes; checked as one types, with its points and the time
// that they will take; kept in a file and started from here. A window of its own, never modal.
#pragma once

#include <QDialog>
#include <QTimer>
#include <filesystem>
#include <memory>

#include "app/charts/theme.h"
#include "app/desktop/model_files.h"
#include "app/desktop/sweep_form.h"

class QCheckBox;
class QLabel;
class QListWidget;
class QPushButton;

namespace tokenmark {

class Forecaster;
class MessageBar;
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
  void setYaml(const QString& yaml);   // of a new sweep: one step that can be undone, as a note says where text is replaced
  QString yaml() const;
  void openPath(const QString& path);  // read in another thread
  void save(const QString& path);      // written in another thread
  const QString& path() const { return path_; }   // empty: it is in no file
  void setModels(const std::vector<ModelFile>& models);   // found on this machine: the form offers them
  void setDevices(const QStringList& ids);
  void setTheme(const Theme& theme);

 signals:
  void startWanted(const tokenmark::Sweep& sweep, bool resume);
  void failed(const QString& message);
  void fileUsed(const QString& path);  // opened or saved

 protected:
  void showEvent(QShowEvent* event) override;
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  struct Check;
  void setupUndo();
  void readPast();
  void setupButtons();
  QWidget* setupYaml();
  void onFormEdited(const SweepForm& before, const SweepForm& after);
  void onText();
  void check();
  void showCheck(const Check& check);
  void showForm(const std::optional<SweepFormView>& form);
  void start();
  void replaceAll(const QString& text, const QString& path);   // sweep_editor_files.cpp
  void followHistory();
  void updateTitle();
  void openFile();
  void saveFile();
  void saveFileAs();

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
  QPushButton *start_, *open_, *save_, *save_as_, *close_;
  MessageBar* notes_;
  QTimer typing_;
  QString path_;
  // Text that was replaced as a whole, and what by, each with its file: the history leads to both.
  struct Replaced {
    QString text, path, by, by_path;
  };
  std::optional<Replaced> replaced_;
  std::optional<Sweep> checked_;     // what the YAML says, when it is right and up to date
  bool form_stale_ = true;           // the YAML has changed in a way that the form has not seen
  bool writing_ = false;             // the form is changing it
};

}  // namespace tokenmark
