// The machines that can be measured on: this one, and the user's list of hosts reached over SSH, edited here and named in
// sweeps. "Test connection" shows each step and where it fails; it is `tokenmark-cli node check` in a process of its own.
// What the last test found is kept over restarts.
#pragma once

#include <QHash>
#include <QWidget>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "app/desktop/node_report.h"
#include "core/node/node.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QTreeWidget;
class QUndoStack;
class QVBoxLayout;

namespace tokenmark {

class FactsView;
class JobQueue;
class ProgramQuestion;
class Tasks;

class NodesPage : public QWidget {
  Q_OBJECT
 public:
  NodesPage(Tasks& tasks, QString program, QUndoStack& undo, QWidget* parent = nullptr);
  void setRunning(const JobQueue& jobs);   // what this window measures, and where

 signals:
  void sweepWanted(const QString& node);
  void failed(const QString& message);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  QWidget* setupList();
  QWidget* setupNode();
  void setupForm(QVBoxLayout* layout);
  void read();
  void showNodes(std::vector<SshNode> nodes);
  void fillList();
  QString selected() const;                // name; "local"
  void select(const QString& name);
  void showSelected();
  void showReport();
  void addNode();
  void removeNode();                       // can be undone
  void putBack(const SshNode& node, std::size_t place);
  void takeReports(const std::vector<SshNode>& nodes, const NodeReports& reports);
  void keepReports();
  void applyForm();
  void write(std::vector<SshNode> nodes, const QString& select);
  void test();
  void take(const QString& name, const QByteArray& output);
  QString stateOf(const QString& name) const;

  Tasks& tasks_;
  QString program_;
  QUndoStack& undo_;
  std::filesystem::path file_, reports_file_;
  std::vector<SshNode> nodes_;
  NodeReports reports_;                              // of the last test
  QHash<QString, ProgramQuestion*> testing_;
  QHash<QString, QString> running_;                  // title of this window's job there
  QTreeWidget *list_, *steps_;
  QLabel *title_, *note_;
  QLineEdit *name_, *host_, *agent_, *options_;
  QWidget* form_;
  FactsView* facts_;
  QPushButton *add_, *remove_, *apply_, *test_, *sweep_;
  bool adding_ = false, read_ = false;
};

}  // namespace tokenmark
