// Connect to a server: its address and key, the models it serves, one trial request with its timing, then a sweep of it.
// A window of its own, never modal; the calls are other threads' work and end with it.
#pragma once

#include <QDialog>

#include "base/result.h"
#include "core/load/server_probe.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;
class QSpinBox;

namespace tokenmark {

class FactsView;
class Tasks;

class ConnectDialog : public QDialog {
  Q_OBJECT
 public:
  ConnectDialog(Tasks& tasks, QWidget* parent);

 signals:
  void sweepWanted(const QString& yaml);

 private:
  void setupForm();
  void setupModels();
  void setupAnswer();
  EndpointTarget endpoint() const;
  // The key to send, from the variable or as typed; an error says what is missing.
  Result<std::string> key() const;
  void askModels();
  void showModels(const ServerModels& models);
  void tryOne();
  void showTrial(const TrialAnswer& trial);
  void showProblem(const QString& text);
  void makeSweep();
  void updateButtons();

  Tasks& tasks_;
  QLineEdit *url_, *key_env_, *key_;
  QComboBox* api_;
  QListWidget* models_;
  QLineEdit* model_;
  QSpinBox* output_;
  QLabel *key_note_, *state_;
  FactsView* answer_;
  QPushButton *ask_, *try_, *sweep_;
  bool busy_ = false;
};

// The YAML of a first sweep of that server.
QString sweep_of_server(const EndpointTarget& endpoint);

}  // namespace tokenmark
