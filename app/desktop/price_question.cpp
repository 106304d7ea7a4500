#include "app/desktop/price_question.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>

#include "app/desktop/theme_sheet.h"
#include "app/desktop/user_prices.h"
#include "app/desktop/user_settings.h"
#include "app/desktop/widgets.h"

namespace tokenmark {
namespace {

constexpr auto kWavedOff = "prices/notAsked";

QDoubleSpinBox* number_field(QWidget* parent, const char* name, const QString& tip, const QString& suffix, double step) {
  auto* field = new QDoubleSpinBox(parent);
  field->setObjectName(QString::fromLatin1(name));
  field->setAccessibleName(tip);
  field->setToolTip(tip);
  field->setRange(0, 1e6);
  field->setDecimals(4);
  field->setSingleStep(step);
  field->setSuffix(suffix);
  return field;
}

}  // namespace

PriceQuestion::PriceQuestion(UserPrices& prices, QWidget* parent) : QFrame(parent), prices_(prices) {
  setObjectName(QStringLiteral("priceQuestion"));
  dress(*this);
  setAccessibleName(tr("Price and power of a device"));
  setupFields();
  hide();
  connect(keep_, &QPushButton::clicked, this, &PriceQuestion::keep);
  connect(never_, &QPushButton::clicked, this, &PriceQuestion::waveOff);
  for (QDoubleSpinBox* field : {dollars_, kw_})
    connect(field, &QDoubleSpinBox::valueChanged, this, [this] { keep_->setEnabled(dollars_->value() > 0 && kw_->value() > 0); });
}

void PriceQuestion::setupFields() {
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(14, 6, 8, 6);
  text_ = new QLabel(this);
  text_->setObjectName(QStringLiteral("priceQuestionText"));
  text_->setTextFormat(Qt::PlainText);
  text_->setWordWrap(true);
  dollars_ = number_field(this, "priceQuestionDollars", tr("Price of one device, in dollars an hour"), tr(" $/h"), 0.1);
  kw_ = number_field(this, "priceQuestionKw", tr("All-in power of one device, in kilowatts"), tr(" kW"), 0.05);
  keep_ = make_button(this, "priceQuestionKeep", tr("Keep"), tr("Keep price and power, and draw the device"));
  never_ = make_button(this, "priceQuestionNever", tr("Do not ask"), tr("Leave the device out and do not ask again; the Prices page can still name it"));
  keep_->setEnabled(false);
  layout->addWidget(text_, 1);
  for (QWidget* field : std::initializer_list<QWidget*>{dollars_, kw_, keep_, never_}) layout->addWidget(field);
}

void PriceQuestion::ask(const QStringList& devices) {
  const QStringList waved_off = UserSettings().value(kWavedOff).toStringList();
  wanted_.clear();
  for (const QString& device : devices)
    if (!device.isEmpty() && !waved_off.contains(device) && !wanted_.contains(device)) wanted_ << device;
  showNext();
}

void PriceQuestion::showNext() {
  if (wanted_.isEmpty()) {
    device_.clear();
    return hide();
  }
  if (device_ != wanted_.first()) {   // what is being typed stays when the chart is drawn anew
    device_ = wanted_.first();
    dollars_->setValue(0);
    kw_->setValue(0);
  }
  text_->setText(tr("No price set has a price for %1. What does one cost, and what power does it draw with all around it?").arg(device_));
  text_->setToolTip(device_);
  show();
}

void PriceQuestion::keep() {
  OwnPrices next = prices_.prices();
  PriceRow row{device_.toStdString(), kw_->value(), {}, true};
  for (const std::string& tier : price_tiers()) row.dollars_per_hour.emplace_back(tier, dollars_->value());
  std::erase_if(next.devices, [&](const PriceRow& device) { return device.accelerator == row.accelerator; });
  next.devices.push_back(std::move(row));
  const QString device = device_;
  wanted_.removeOne(device);
  showNext();
  prices_.change(tr("price of %1").arg(device), std::move(next));
}

void PriceQuestion::waveOff() {
  UserSettings settings;
  settings.setValue(kWavedOff, settings.value(kWavedOff).toStringList() << device_);
  wanted_.removeOne(device_);
  showNext();
}

}  // namespace tokenmark
