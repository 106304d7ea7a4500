// A verb of tokenmark-cli as a job: a process of its own, so that neither its memory nor a fault of its touches the
// window. Progress comes from the lines that the verb writes to its standard error ("Writing x:  42 %"). It takes the turn
// of this machine, as quantising and calibrating must; what is light gives it back (setTurns({})).
#pragma once

#include <QProcess>

#include "app/desktop/job.h"

namespace tokenmark {

class ProgramJob : public Job {
  Q_OBJECT
 public:
  ProgramJob(QString title, QString program, QStringList arguments, QObject* parent = nullptr);
  ~ProgramJob() override;
  void keepOutputOutOfLog() { output_in_log_ = false; }  // a document for programs
  void offerAgain(QString text) { again_text_ = std::move(text); }  // where it did not succeed

  QString againText() const override {
    return state() == JobState::failed || state() == JobState::cancelled ? again_text_ : QString();
  }
  void again() override { emit againWanted(); }

 signals:
  void succeeded(const QByteArray& output);  // its standard output
  void failed(const QString& message);       // the last line it said
  void againWanted();

 protected:
  void begin() override;
  void stop() override;

 private:
  void readLines();
  void take(const QString& line);
  void conclude(int code, QProcess::ExitStatus status);

  QString program_;
  QStringList arguments_;
  QProcess process_;
  QByteArray unread_;
  QString last_line_;
  QString again_text_;
  bool stopping_ = false, output_in_log_ = true;
};

}  // namespace tokenmark
