// A text with things to choose from below it: an editable combo box whose lines say more than the value that they put in.
#pragma once

#include <QComboBox>

namespace tokenmark {

struct Offer {
  QString value, text, tip;     // what is put in; what the line says (empty: the value); more about it
  bool operator==(const Offer&) const = default;
};

class OfferBox : public QComboBox {
  Q_OBJECT
 public:
  explicit OfferBox(QWidget* parent);
  void setOffers(const QList<Offer>& offers);   // the text stays
  const QList<Offer>& offers() const { return offers_; }

 private:
  QList<Offer> offers_;
};

}  // namespace tokenmark
