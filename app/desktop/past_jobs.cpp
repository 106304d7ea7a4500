#include "app/desktop/past_jobs.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <array>

#include "app/desktop/write_file.h"

namespace tokenmark {
namespace {

constexpr qsizetype kMostJobs = 30, kMostLines = 300;
constexpr qint64 kLargest_bytes = 8 << 20;
constexpr std::array<std::pair<JobState, const char*>, 3> kStates = {
    {{JobState::done, "done"}, {JobState::failed, "failed"}, {JobState::cancelled, "cancelled"}}};

// Not in the folder of what waits, which another thread removes when nothing does.
QString file_of(const std::filesystem::path& store) { return QString::fromStdString(store.string()) + QStringLiteral("-finished-jobs.json"); }

}  // namespace

bool keep_past_jobs(const QList<Job*>& jobs, const std::filesystem::path& store) {
  QList<const Job*> over;
  for (const Job* job : jobs)
    if (job->over()) over << job;
  QJsonArray kept;
  for (const Job* job : over.mid(std::max<qsizetype>(0, over.size() - kMostJobs)))
    for (const auto& [state, name] : kStates)
      if (job->state() == state)
        kept << QJsonObject{{"title", job->title()}, {"state", name}, {"phase", job->phase()},
                            {"log", QJsonArray::fromStringList(job->log().mid(std::max<qsizetype>(0, job->log().size() - kMostLines)))}};
  const QString path = file_of(store);
  if (kept.isEmpty()) return !QFile::exists(path) || QFile::remove(path);
  return QDir().mkpath(QFileInfo(path).path()) && write_file(path, QJsonDocument(kept).toJson());
}

QList<Job*> past_jobs(const std::filesystem::path& store) {
  QFile file(file_of(store));
  QList<Job*> jobs;
  if (!file.open(QIODevice::ReadOnly)) return jobs;
  for (const QJsonValue& kept : QJsonDocument::fromJson(file.read(kLargest_bytes)).array())
    for (const auto& [state, name] : kStates)
      if (kept["state"].toString() == QLatin1String(name)) {
        QStringList log;
        for (const QJsonValue& line : kept["log"].toArray()) log << line.toString();
        jobs << new PastJob(kept["title"].toString(), state, kept["phase"].toString(), log);
      }
  return jobs;
}

}  // namespace tokenmark
