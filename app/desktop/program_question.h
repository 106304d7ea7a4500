// A short question to tokenmark-cli, answered by a process of its own, so that neither a hostile file nor a driver can take
// the window along. Work that takes its time is a ProgramJob.
#pragma once

#include <QObject>
#include <QStringList>

class QProcess;

namespace tokenmark {

class ProgramQuestion : public QObject {
  Q_OBJECT
 public:
  ProgramQuestion(QString program, QObject* parent) : QObject(parent), program_(std::move(program)) {}
  ~ProgramQuestion() override;

  void ask(const QStringList& arguments);  // instead of what is being asked
  void drop();                             // what is being asked is not answered any more
  bool asking() const { return process_ != nullptr; }

 signals:
  void answered(const QByteArray& output);
  void failed(const QString& said);        // on its standard error, or that it cannot be started; empty: nothing

 private:
  QProcess* take();  // the process, which is let go

  QString program_;
  QProcess* process_ = nullptr;
};

}  // namespace tokenmark
