// Something that takes a while and can be watched and cancelled. Lives in the window's thread; its work does not.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QStringList>
#include <optional>

namespace tokenmark {

enum class JobState { waiting, running, done, failed, cancelled };

class Job : public QObject {
  Q_OBJECT
 public:
  explicit Job(QString title, QObject* parent = nullptr) : QObject(parent), title_(std::move(title)) {}

  const QString& title() const { return title_; }
  JobState state() const { return state_; }
  bool over() const { return state_ > JobState::running; }
  double share() const { return share_; }               // 0…1
  const QString& phase() const { return phase_; }
  std::optional<double> secondsLeft() const { return seconds_left_; }
  const QStringList& log() const { return log_; }

  void start();
  void cancel();

 signals:
  void changed();
  void logged(const QString& line);
  void finished();

 protected:
  virtual void begin() = 0;
  virtual void stop() = 0;     // asks only: end() is called when it has stopped
  void progress(double share, const QString& phase, std::optional<double> seconds_left);
  void say(const QString& line);
  void end(JobState state, const QString& phase);

 private:
  QString title_, phase_;
  JobState state_ = JobState::waiting;
  double share_ = 0;
  std::optional<double> seconds_left_;
  QStringList log_;
  bool stopping_ = false;
};

// One measuring job at a time: two would disturb each other's figures. The others wait their turn.
class JobQueue : public QObject {
  Q_OBJECT
 public:
  using QObject::QObject;
  void add(Job* job);          // takes it over
  const QList<Job*>& jobs() const { return jobs_; }
  int unfinished() const;
  void cancelAll();
  void forget(Job* job);       // a finished one

 signals:
  void added(tokenmark::Job* job);
  void changed();              // anything about any job
  void removed(tokenmark::Job* job);

 private:
  void startNext();
  QList<Job*> jobs_;
};

}  // namespace tokenmark
