#include "app/desktop/tasks.h"

#include <algorithm>

namespace tokenmark {

Tasks::Tasks(QObject* parent) : QObject(parent) {}

Tasks::~Tasks() {
  for (Task& task : tasks_) task.thread.request_stop();
}

void Tasks::run(const QString& tag, std::function<std::function<void()>(std::stop_token)> work) {
  cancel(tag);
  const quint64 number = next_++;
  latest_[tag] = number;
  tasks_.push_back({tag, number, std::jthread([this, number, work = std::move(work)](std::stop_token stop) {
                      std::function<void()> report = work(stop);
                      QMetaObject::invokeMethod(this, [this, number, report = std::move(report)] {
                        finish(number, report);
                      }, Qt::QueuedConnection);
                    })});
}

void Tasks::cancel(const QString& tag) {
  latest_.remove(tag);
  for (Task& task : tasks_)
    if (task.tag == tag) task.thread.request_stop();
}

void Tasks::finish(quint64 number, const std::function<void()>& report) {
  const auto task = std::find_if(tasks_.begin(), tasks_.end(), [&](const Task& t) { return t.number == number; });
  const bool wanted = latest_.value(task->tag) == number;
  if (wanted) latest_.remove(task->tag);
  tasks_.erase(task);   // its thread has nothing left to do but end
  if (wanted) report();
}

}  // namespace tokenmark
