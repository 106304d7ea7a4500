#include "app/desktop/user_prices.h"

#include <QPointer>
#include <QUndoCommand>
#include <QUndoStack>

#include "app/desktop/tasks.h"

namespace tokenmark {

// A step from one state of all own prices to another; they are a few kilobytes.
class PricesChange : public QUndoCommand {
 public:
  PricesChange(UserPrices* owner, const QString& what, OwnPrices before, OwnPrices after)
      : QUndoCommand(what), owner_(owner), before_(std::move(before)), after_(std::move(after)) {}
  void undo() override {
    if (owner_) owner_->use(before_);
  }
  void redo() override {
    if (owner_) owner_->use(after_);
  }

 private:
  QPointer<UserPrices> owner_;
  OwnPrices before_, after_;
};

UserPrices::UserPrices(std::filesystem::path file, Tasks& tasks, QUndoStack& undo, QObject* parent)
    : QObject(parent), file_(std::move(file)), tasks_(tasks), undo_(undo) {}

UserPrices::~UserPrices() {
  if (unwritten_) (void)write_own_prices(file_, prices());   // nobody is left to tell
}

QString UserPrices::load() {
  const Status loaded = load_own_prices(file_);
  return loaded ? QString() : QString::fromStdString(loaded.error().message);
}

void UserPrices::change(const QString& what, OwnPrices next) {
  if (next == prices()) return;
  undo_.push(new PricesChange(this, what, prices(), std::move(next)));
}

void UserPrices::use(const OwnPrices& prices) {
  use_own_prices(prices);
  unwritten_ = true;
  write();
  emit changed();
}

void UserPrices::write() {
  if (writing_ || !unwritten_) return;
  writing_ = true;
  unwritten_ = false;
  tasks_.start(QStringLiteral("own prices"),
               [file = file_, prices = prices()](std::stop_token) { return write_own_prices(file, prices); },
               [this](const Status& written) {
                 writing_ = false;
                 if (!written) emit failed(tr("Prices are not kept: %1").arg(QString::fromStdString(written.error().message)));
                 write();
               });
}

}  // namespace tokenmark
