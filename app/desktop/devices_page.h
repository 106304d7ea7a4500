// The devices of this machine, their plugins and meters of power: what each can do, why one cannot be used, what it reaches
// when it is measured. All comes from `tokenmark-cli devices --json`, a process of its own, so that no driver can take the
// window along.
#pragma once

#include <QWidget>
#include <nlohmann/json.hpp>

class QLabel;
class QPushButton;
class QTreeWidget;

namespace tokenmark {

class FactsView;
class Job;
class ProgramJob;
class ProgramQuestion;

class DevicesPage : public QWidget {
  Q_OBJECT
 public:
  DevicesPage(QString program, QWidget* parent = nullptr);  // `program`: tokenmark-cli

  void lookAgain();
  void lookOnce() { if (!looked_) lookAgain(); }
  void select(const QString& id);
  const QStringList& ready() const { return ready_; }   // ids of those that can be used, as far as one has looked

 signals:
  void jobWanted(tokenmark::Job* job);         // to be queued; the receiver owns it
  void sweepWanted(const QString& device);     // a new sweep on this one
  void failed(const QString& text);
  void found(const QStringList& ids);          // those that can be used

 protected:
  void showEvent(QShowEvent* event) override;  // the first time: looks
  void changeEvent(QEvent* event) override;    // another theme: other colours

 private:
  QWidget* makeList();
  QWidget* makeFacts();
  void showAnswer(const QByteArray& json);
  void showSelected();
  void colourList();
  void measure();
  void tune();
  ProgramJob* startJob(const QString& title, const QStringList& arguments);
  const nlohmann::ordered_json* selected() const;

  QString program_;
  nlohmann::ordered_json found_;   // the last answer
  nlohmann::ordered_json ceilings_ = nlohmann::ordered_json::object();  // by device, measured while the window is open
  QStringList ready_;
  QString wanted_;                 // id to select once it is there
  ProgramQuestion* reader_;
  bool looked_ = false;
  QTreeWidget* list_;
  FactsView* facts_;
  QLabel *title_, *note_, *state_;
  QPushButton *sweep_, *measure_, *tune_;
};

}  // namespace tokenmark
