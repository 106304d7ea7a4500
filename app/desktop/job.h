// Something that takes a while and can be watched, paused where it can, and cancelled. Lives in the window's thread; its
// work does not.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QStringList>
#include <optional>

namespace tokenmark {

enum class JobState { waiting, running, paused, done, failed, cancelled };

class Job : public QObject {
  Q_OBJECT
 public:
  explicit Job(QString title, QObject* parent = nullptr) : QObject(parent), title_(std::move(title)) {}

  const QString& title() const { return title_; }
  JobState state() const { return state_; }
  bool over() const { return state_ > JobState::paused; }
  double share() const { return share_; }               // 0…1
  const QString& phase() const { return phase_; }
  std::optional<double> secondsLeft() const { return seconds_left_; }
  const QStringList& log() const { return log_; }
  bool begun() const { return begun_; }
  bool pausing() const { return pausing_; }             // asked to pause, still busy
  bool stopping() const { return stopping_; }

  virtual bool canPause() const { return false; }
  // It disturbs no figures, so it waits for no turn and holds nobody up: a download.
  virtual bool runsBeside() const { return false; }
  // What can be begun again once it is over: "Retry failed points", "Resume"; empty: nothing.
  virtual QString againText() const { return {}; }
  virtual void again() {}

  void start();                   // or goes on, if it was paused
  void pause(bool at_once = false);  // at_once: what is in hand is given up and repeated
  void resume();                  // waits for its turn again
  void cancel();

 signals:
  void changed();
  void logged(const QString& line);
  void finished();
  void ready();                   // paused before, waits for its turn now

 protected:
  virtual void begin() = 0;
  virtual void stop() = 0;     // asks only: end() is called when it has stopped
  virtual void hold(bool) {}   // asks only: held() is called when it stands still
  virtual void proceed() {}
  void progress(double share, const QString& phase, std::optional<double> seconds_left);
  void say(const QString& line);
  void held();
  void end(JobState state, const QString& phase);

 private:
  QString title_, phase_;
  JobState state_ = JobState::waiting;
  double share_ = 0;
  std::optional<double> seconds_left_;
  QStringList log_;
  bool stopping_ = false, pausing_ = false, begun_ = false;
};

}  // namespace tokenmark
