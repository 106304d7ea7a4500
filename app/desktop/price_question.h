// A bar that asks for price and power of a device that no price set has: once, and never in the way. Answers hold in
// every price set; a device that was waved off is not asked for again.
#pragma once

#include <QFrame>
#include <QStringList>

class QDoubleSpinBox;
class QLabel;
class QPushButton;

namespace tokenmark {

class UserPrices;

class PriceQuestion : public QFrame {
  Q_OBJECT
 public:
  PriceQuestion(UserPrices& prices, QWidget* parent);
  // Devices that a chart left out for want of a price, as runs name them; an empty list: the question is gone.
  void ask(const QStringList& devices);

 private:
  void setupFields();
  void showNext();
  void keep();
  void waveOff();

  UserPrices& prices_;
  QStringList wanted_;
  QString device_;
  QLabel* text_;
  QDoubleSpinBox *dollars_, *kw_;
  QPushButton *keep_, *never_;
};

}  // namespace tokenmark
