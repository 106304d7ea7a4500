// "Report …": which runs, what of them, and where to. Never modal; the report is made in another thread, its progress and
// its link are shown here and in the window.
#pragma once

#include <QDialog>
#include <functional>
#include <memory>

#include "app/desktop/report_writer.h"
#include "app/desktop/store_link.h"
#include "core/report/report_outline.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;

namespace tokenmark {

class Tasks;

class ReportDialog : public QDialog {
  Q_OBJECT
 public:
  // `renderer`: the program that draws the pages of a PDF.
  ReportDialog(Tasks& tasks, std::filesystem::path store, QString renderer, QWidget* parent);

  void setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen);
  // Asked when they are needed: the window goes on living beside the dialog.
  void setOpenCharts(std::function<std::vector<ChartDefinition>()> charts);
  void write(const QString& path);           // what "Write …" does with the file that was chosen

 signals:
  void written(const QString& path);
  void failed(const QString& message);

 private:
  enum class Which { chosen, listed, all };

  void setupForm();
  void setupPreview();
  void setupButtons();
  void fillWhich();
  Which which() const;
  RunRows rows() const;
  ReportOptions options() const;
  void outlineLater();
  void showOutline(const ReportOutline& outline);
  void chooseTemplate();
  void askForFile();
  void setBusy(bool busy);
  void finished(const Status& status, const QString& path);

  Tasks& tasks_;
  std::filesystem::path store_;
  QString renderer_;
  RunsPtr runs_ = std::make_shared<RunsSnapshot>();
  std::vector<RunId> chosen_;
  QComboBox *which_, *format_, *baseline_, *by_, *prices_, *tier_;
  QLineEdit *title_, *author_, *at_, *template_;
  QPlainTextEdit* remarks_;
  QListWidget* charts_;
  QCheckBox* open_charts_;
  std::function<std::vector<ChartDefinition>()> charts_of_window_;
  QLabel *contents_, *result_;
  QProgressBar* progress_;
  QPushButton *write_, *cancel_, *browse_;
  bool filling_ = false;
};

}  // namespace tokenmark
