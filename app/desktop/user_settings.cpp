#include "app/desktop/user_settings.h"

#include <QMap>
#include <QSettings>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace tokenmark {
namespace {

struct Change {
  QString key;
  std::optional<QVariant> value;     // none: the key and what is under it are removed
};

class File {
 public:
  const QString& name() const { return name_; }

  template <class Use>
  auto use(Use use) {
    const std::lock_guard lock(guard_);
    load();
    return use(std::as_const(values_));
  }

  void change(Change change) {
    const std::lock_guard lock(guard_);
    load();
    apply(change);
    changes_.push_back(std::move(change));
    changed_.notify_one();
  }

  void flush() {
    std::unique_lock lock(guard_);
    written_.wait(lock, [this] { return changes_.empty() && !writing_; });
  }

  void forget() {
    flush();
    const std::lock_guard lock(guard_);
    values_.clear();
    loaded_ = false;
  }

 private:
  void load() {
    if (std::exchange(loaded_, true)) return;
    const QSettings file;
    for (const QString& key : file.allKeys()) values_[key] = file.value(key);
  }

  void apply(const Change& change) {
    if (change.value) {
      values_[change.key] = *change.value;
      return;
    }
    const QString under = change.key.isEmpty() ? QString() : change.key + '/';
    values_.removeIf([&](const auto& entry) { return entry.key() == change.key || entry.key().startsWith(under); });
  }

  void write(std::stop_token stop) {
    std::unique_lock lock(guard_);
    while (changed_.wait(lock, stop, [this] { return !changes_.empty(); })) {
      const std::vector<Change> changes = std::exchange(changes_, {});
      writing_ = true;
      lock.unlock();
      {
        QSettings file;
        for (const auto& [key, value] : changes) value ? file.setValue(key, *value) : file.remove(key);
      }
      lock.lock();
      writing_ = false;
      written_.notify_all();
    }
  }

  const QString name_ = QSettings().fileName();
  std::mutex guard_;
  std::condition_variable_any changed_;
  std::condition_variable written_;
  QMap<QString, QVariant> values_;
  bool loaded_ = false, writing_ = false;
  std::vector<Change> changes_;      // not written yet
  std::jthread writer_{[this](std::stop_token stop) { write(stop); }};   // last: it uses the others, and writes what is left
};

File& file() {
  static File one;
  return one;
}

}  // namespace

QVariant UserSettings::value(const QString& key, const QVariant& fallback) const {
  return file().use([&](const auto& values) { return values.value(group_ + key, fallback); });
}

bool UserSettings::contains(const QString& key) const {
  return file().use([&](const auto& values) { return values.contains(group_ + key); });
}

void UserSettings::setValue(const QString& key, const QVariant& value) { file().change({group_ + key, value}); }

void UserSettings::remove(const QString& key) { file().change({group_ + key, {}}); }

void UserSettings::clear() { file().change({}); }

void UserSettings::beginGroup(const QString& group) { group_ += group + '/'; }

void UserSettings::endGroup() {
  group_.chop(1);
  group_.truncate(group_.lastIndexOf('/') + 1);
}

QString UserSettings::fileName() { return file().name(); }

void UserSettings::flush() { file().flush(); }

void UserSettings::reload() { file().forget(); }

}  // namespace tokenmark
