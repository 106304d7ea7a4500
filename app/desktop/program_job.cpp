#include "app/desktop/program_job.h"

#include <QRegularExpression>

namespace tokenmark {

ProgramJob::ProgramJob(QString title, QString program, QStringList arguments, QObject* parent)
    : Job(std::move(title), parent), program_(std::move(program)), arguments_(std::move(arguments)) {
  connect(&process_, &QProcess::readyReadStandardError, this, &ProgramJob::readLines);
  connect(&process_, &QProcess::finished, this, &ProgramJob::conclude);
  connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart) return;
    const QString message = tr("%1 cannot be started: %2").arg(program_, process_.errorString());
    emit failed(message);
    end(JobState::failed, message);
  });
}

// Left while it still runs: the process is asked to stop and cleans up after itself.
ProgramJob::~ProgramJob() {
  process_.disconnect(this);
  if (process_.state() == QProcess::NotRunning) return;
  process_.terminate();
  if (!process_.waitForFinished(2000)) process_.kill();
}

void ProgramJob::begin() {
  say(QStringLiteral("tokenmark-cli ") + arguments_.join(' '));
  process_.start(program_, arguments_);
  process_.closeWriteChannel();
}

void ProgramJob::stop() {
  stopping_ = true;
  process_.terminate();
}

void ProgramJob::readLines() {
  unread_ += process_.readAllStandardError();
  for (;;) {
    const auto is_end = [](char c) { return c == '\n' || c == '\r'; };
    const auto at = std::find_if(unread_.cbegin(), unread_.cend(), is_end);
    if (at == unread_.cend()) return;
    const auto length = static_cast<qsizetype>(at - unread_.cbegin());
    const QString line = QString::fromUtf8(unread_.first(length)).trimmed();
    unread_.remove(0, length + 1);
    if (!line.isEmpty()) take(line);
  }
}

void ProgramJob::take(const QString& line) {
  static const QRegularExpression share(QStringLiteral(R"((\d{1,3})\s*%)"));
  const auto found = share.match(line);
  if (found.hasMatch()) {
    progress(std::min(1.0, found.captured(1).toDouble() / 100), line, std::nullopt);
    return;
  }
  last_line_ = line;
  say(line);
}

void ProgramJob::conclude(int code, QProcess::ExitStatus status) {
  readLines();
  if (!unread_.trimmed().isEmpty()) take(QString::fromUtf8(unread_).trimmed());
  if (stopping_) return end(JobState::cancelled, tr("cancelled"));
  if (status == QProcess::NormalExit && code == 0) {
    const QByteArray output = process_.readAllStandardOutput();
    for (const QByteArray& line : output.split('\n'))
      if (output_in_log_ && !line.isEmpty()) say(QString::fromUtf8(line));
    emit succeeded(output);
    return end(JobState::done, tr("done"));
  }
  const QString why = status == QProcess::CrashExit ? tr("the program crashed") : last_line_.isEmpty() ? tr("exit status %1").arg(code) : last_line_;
  emit failed(why);
  end(JobState::failed, why);
}

}  // namespace tokenmark
