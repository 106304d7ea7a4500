// What edits on the Prices page do: each is one step that can be undone.
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QTreeWidget>
#include <cmath>

#include "app/desktop/prices_page.h"
#include "app/desktop/user_prices.h"

namespace tokenmark {
namespace {

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

// Prices are typed with a point or a comma, whatever the desktop's language.
std::optional<double> typed_number(QString typed) {
  bool number = false;
  const double value = typed.trimmed().replace(',', '.').toDouble(&number);
  return number && std::isfinite(value) && value > 0 && value <= 1e9 ? std::optional(value) : std::nullopt;
}

}  // namespace

void PricesPage::connectEdits() {
  connect(&prices_, &UserPrices::changed, this, &PricesPage::fillList);
  connect(list_, &QTreeWidget::currentItemChanged, this, &PricesPage::showSet);
  connect(rows_, &QTableWidget::cellChanged, this, [this](int row, int column) {   // later: the table is filled anew by it
    if (!filling_) QMetaObject::invokeMethod(this, [this, row, column] { cellEdited(row, column); }, Qt::QueuedConnection);
  });
  for (QLineEdit* field : {name_, date_, source_}) connect(field, &QLineEdit::editingFinished, this, &PricesPage::headEdited);
  connect(add_, &QPushButton::clicked, this, &PricesPage::addDevice);
  connect(device_->lineEdit(), &QLineEdit::returnPressed, this, &PricesPage::addDevice);
  connect(device_, &QComboBox::editTextChanged, this, &PricesPage::updateAdd);
  connect(kw_, &QDoubleSpinBox::valueChanged, this, &PricesPage::updateAdd);
  connect(remove_, &QPushButton::clicked, this, &PricesPage::removeDevice);
  connect(copy_, &QPushButton::clicked, this, &PricesPage::copySet);
  connect(delete_, &QPushButton::clicked, this, &PricesPage::deleteSet);
  connect(import_, &QPushButton::clicked, this, [this] { askForFile(false); });
  connect(export_, &QPushButton::clicked, this, [this] { askForFile(true); });
  connect(default_, &QPushButton::clicked, this, &PricesPage::useByDefault);
  connect(tier_, &QComboBox::activated, this, [this] {
    OwnPrices next = prices_.prices();
    next.default_tier = tier_->currentData().toString().toStdString();
    prices_.change(tr("default tier"), std::move(next));
  });
}

void PricesPage::updateAdd() {
  add_->setEnabled(device_->isEnabled() && !device_->currentText().trimmed().isEmpty() && kw_->value() > 0);
}

void PricesPage::editRows(const QString& what, const std::function<void(std::vector<PriceRow>&)>& edit) {
  OwnPrices next = prices_.prices();
  if (showsDevices()) edit(next.devices);
  for (PriceSet& set : next.sets)
    if (!showsDevices() && set.name == shown_.name) edit(set.rows);
  prices_.change(what, std::move(next));
}

void PricesPage::cellEdited(int at, int column) {
  const QTableWidgetItem* item = rows_->item(at, column);
  if (item == nullptr) return;
  const std::size_t row = static_cast<std::size_t>(at);
  const std::string typed = item->text().trimmed().toStdString();
  const std::optional<double> value = typed_number(item->text());
  const bool emptied = column >= 2 && (typed.empty() || typed == "–");   // a device need not be had by every tier
  if (!value && !emptied) {
    emit failed(tr("'%1' is no price: type a number above 0.").arg(item->text()));
    return showSet();
  }
  const std::vector<PriceRow> shown = shownRows();
  if (row >= shown.size()) return;
  const QString device = device_name(shown[row].accelerator);
  editRows(column == 1 ? tr("power of %1").arg(device) : tr("price of %1").arg(device), [&](std::vector<PriceRow>& rows) {
    if (column == 1) {
      rows[row].kw = *value;
      return;
    }
    const std::vector<std::string> tiers = price_tiers();
    std::vector<std::pair<std::string, double>> dollars;
    for (std::size_t tier = 0; tier < tiers.size(); ++tier) {
      std::optional<double> kept;
      for (const auto& [key, old] : rows[row].dollars_per_hour)
        if (key == tiers[tier]) kept = old;
      if (static_cast<int>(tier) + 2 == column) kept = value;
      if (kept) dollars.emplace_back(tiers[tier], *kept);
    }
    rows[row].dollars_per_hour = std::move(dollars);
  });
  showSet();
}

void PricesPage::headEdited() {
  if (filling_ || !shown_.own || !(name_->isModified() || date_->isModified() || source_->isModified())) return;
  OwnPrices next = prices_.prices();
  const std::string name = name_->text().trimmed().toStdString();
  if (name != shown_.name)
    if (const std::string why = why_not_set_name(next, name); !why.empty()) {
      emit failed(tr("The price set keeps its name: %1.").arg(text(why)));
      return showSet();
    }
  for (PriceSet& set : next.sets)
    if (set.name == shown_.name) {
      set.name = name;
      set.date = date_->text().trimmed().toStdString();
      set.source = source_->text().trimmed().toStdString();
    }
  if (next.default_set == shown_.name) next.default_set = name;
  if (list_->currentItem() != nullptr) list_->currentItem()->setData(0, Qt::UserRole, text(name));
  prices_.change(tr("facts of %1").arg(text(name)), std::move(next));
}

void PricesPage::addDevice() {
  const int known = device_->findText(device_->currentText().trimmed(), Qt::MatchFixedString);
  const std::string key = known >= 0 ? device_->itemData(known).toString().toStdString() : device_->currentText().trimmed().toStdString();
  if (key.empty() || kw_->value() <= 0) return;
  const std::vector<PriceRow> shown = shownRows();
  for (std::size_t i = 0; i < shown.size(); ++i)
    if (shown[i].accelerator == key) return rows_->setCurrentCell(static_cast<int>(i), 1);
  const PriceRow row{key, kw_->value(), {}, showsDevices()};
  editRows(tr("device %1").arg(device_name(key)), [&](std::vector<PriceRow>& rows) { rows.push_back(row); });
  device_->setCurrentIndex(-1);
  device_->clearEditText();
  kw_->setValue(0);
  rows_->setCurrentCell(rows_->rowCount() - 1, 2);
  rows_->setFocus();
}

void PricesPage::removeDevice() {
  const int row = rows_->currentRow();
  if (row < 0) return;
  const QString device = rows_->item(row, 0)->text();
  editRows(tr("removal of %1").arg(device), [row](std::vector<PriceRow>& rows) { rows.erase(rows.begin() + row); });
}

void PricesPage::copySet() {
  if (showsDevices()) return;
  OwnPrices next = prices_.prices();
  PriceSet copy = shown_;
  copy.name = free_set_name(next, tr("%1, mine").arg(text(shown_.name)).toStdString());
  if (!shown_.own) copy.source = tr("copy of %1; %2").arg(text(shown_.name), text(shown_.source)).toStdString();
  copy.own = true;
  const QString name = text(copy.name);
  next.sets.push_back(std::move(copy));
  prices_.change(tr("copy of %1").arg(text(shown_.name)), std::move(next));
  choose(name);
  name_->setFocus();
  name_->selectAll();
}

void PricesPage::deleteSet() {
  if (!shown_.own) return;
  OwnPrices next = prices_.prices();
  std::erase_if(next.sets, [&](const PriceSet& set) { return set.name == shown_.name; });
  if (next.default_set == shown_.name) next.default_set.clear();
  prices_.change(tr("deletion of %1").arg(text(shown_.name)), std::move(next));
}

void PricesPage::useByDefault() {
  OwnPrices next = prices_.prices();
  next.default_set = shown_.name;
  next.default_tier = tier_->currentData().toString().toStdString();
  prices_.change(tr("default price set"), std::move(next));
}

}  // namespace tokenmark
