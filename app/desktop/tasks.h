// Long work outside the window's thread. A task has a tag: a newer one with the same tag asks the older to stop and
// makes its result void. Results come back to the window's thread. Owned and called there.
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <functional>
#include <list>
#include <memory>
#include <stop_token>
#include <thread>
#include <utility>

namespace tokenmark {

class Tasks : public QObject {
  Q_OBJECT
 public:
  explicit Tasks(QObject* parent = nullptr);
  ~Tasks() override;   // asks all to stop and waits for them

  // `work(stop_token)` runs in a thread of its own; `done(result)` in the window's thread, unless superseded.
  template <class Work, class Done>
  void start(const QString& tag, Work work, Done done) {
    run(tag, [work = std::move(work), done = std::move(done)](std::stop_token stop) -> std::function<void()> {
      auto result = std::make_shared<decltype(work(stop))>(work(stop));  // shared: std::function wants copies
      return [result, done] { done(std::move(*result)); };
    });
  }
  void cancel(const QString& tag);

 private:
  struct Task {
    QString tag;
    quint64 number = 0;
    std::jthread thread;
  };

  void run(const QString& tag, std::function<std::function<void()>(std::stop_token)> work);
  void finish(quint64 number, const std::function<void()>& report);

  std::list<Task> tasks_;
  QHash<QString, quint64> latest_;
  quint64 next_ = 1;
};

}  // namespace tokenmark
