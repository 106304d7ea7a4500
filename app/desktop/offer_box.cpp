#include "app/desktop/offer_box.h"

#include <QLineEdit>
#include <QSignalBlocker>
#include <QStandardItemModel>

namespace tokenmark {
namespace {

// The box takes a line's text for editing from EditRole, which the items of Qt do not keep apart.
class OfferItem : public QStandardItem {
 public:
  explicit OfferItem(const Offer& offer)
      : QStandardItem(offer.text.isEmpty() ? offer.value : offer.text), value_(offer.value) {
    setToolTip(offer.tip);
  }
  QVariant data(int role) const override { return role == Qt::EditRole ? QVariant(value_) : QStandardItem::data(role); }

 private:
  QString value_;
};

}  // namespace

OfferBox::OfferBox(QWidget* parent) : QComboBox(parent) {
  setEditable(true);
  setInsertPolicy(NoInsert);
  setModel(new QStandardItemModel(this));
}

void OfferBox::setOffers(const QList<Offer>& offers) {
  if (offers == offers_) return;
  offers_ = offers;
  const QString chosen = currentText();
  const int cursor = lineEdit()->cursorPosition();
  const QSignalBlocker quiet(this);
  auto* lines = static_cast<QStandardItemModel*>(model());
  lines->clear();
  for (const Offer& offer : offers) lines->appendRow(new OfferItem(offer));
  setCurrentIndex(-1);
  setEditText(chosen);
  lineEdit()->setCursorPosition(cursor);
}

}  // namespace tokenmark
