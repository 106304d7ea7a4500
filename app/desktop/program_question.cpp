#include "app/desktop/program_question.h"

#include <QProcess>

namespace tokenmark {

ProgramQuestion::~ProgramQuestion() {
  if (!process_) return;
  process_->disconnect(this);
  process_->kill();
  process_->waitForFinished(1000);
}

QProcess* ProgramQuestion::take() { return std::exchange(process_, nullptr); }

void ProgramQuestion::drop() {
  QProcess* process = take();
  if (!process) return;
  process->disconnect(this);
  connect(process, &QProcess::finished, process, &QObject::deleteLater);
  process->kill();
}

void ProgramQuestion::ask(const QStringList& arguments) {
  drop();
  process_ = new QProcess(this);
  connect(process_, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
    QProcess* process = take();
    process->deleteLater();
    if (status == QProcess::NormalExit && code == 0) emit answered(process->readAllStandardOutput());
    else emit failed(QString::fromUtf8(process->readAllStandardError()).trimmed());
  });
  connect(process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart) return;
    take()->deleteLater();
    emit failed(tr("%1 cannot be started.").arg(program_));
  });
  process_->start(program_, arguments);
}

}  // namespace tokenmark
