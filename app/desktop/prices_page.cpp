#include "app/desktop/prices_page.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSplitter>
#include <QTableWidget>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "app/charts/core_text.h"
#include "app/desktop/theme_sheet.h"
#include "app/desktop/user_prices.h"
#include "app/desktop/widgets.h"

namespace tokenmark {
namespace {

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

constexpr int kSetName = Qt::UserRole;   // empty: own devices

// Two decimals, so that a column's points stand below each other; more where there are more.
QString amount(double value) {
  const QString two = QString::number(value, 'f', 2);
  return two.toDouble() == value ? two : QString::number(value, 'g', 12);
}

}  // namespace

QString device_name(const std::string& key) {
  const Accelerator* known = find_accelerator(key);
  return known ? text(known->name) : text(key);
}

void fill_price_sets(QComboBox& box) {
  const QVariant chosen = box.currentData();
  const QSignalBlocker quiet(&box);
  box.clear();
  const std::vector<PriceSet> sets = price_sets();
  for (auto set = sets.rbegin(); set != sets.rend(); ++set) {
    box.addItem(text(dated_name(set->name, set->date)), text(set->name));
    box.setItemData(box.count() - 1, text(set->source), Qt::ToolTipRole);
  }
  const auto usual = find_price_set({});
  const int index = box.findData(chosen.isValid() && box.findData(chosen) >= 0 ? chosen : usual ? QVariant(text(usual->name)) : QVariant());
  box.setCurrentIndex(std::max(index, 0));
}

PricesPage::PricesPage(UserPrices& prices, QWidget* parent) : QWidget(parent), prices_(prices) {
  setObjectName(QStringLiteral("pricesPage"));
  dress(*this);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  auto* split = new QSplitter(this);
  split->setObjectName(QStringLiteral("pricesSplit"));
  split->addWidget(setupList());
  split->addWidget(setupSet());
  split->setStretchFactor(1, 1);
  split->setSizes({320, 800});
  layout->addWidget(split);
  connectEdits();
  fillList();
}

QWidget* PricesPage::setupList() {
  auto* side = new QWidget(this);
  auto* layout = new QVBoxLayout(side);
  layout->setContentsMargins(10, 10, 6, 10);
  list_ = make_list(side, "priceSets", tr("Price sets"), {tr("Price set"), tr("Date")});
  list_->header()->setStretchLastSection(false);
  list_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  list_->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  layout->addWidget(list_, 1);
  copy_ = make_button(side, "priceCopy", tr("Copy"), tr("Make a price set of your own from this one"));
  delete_ = make_button(side, "priceDelete", tr("Delete"), tr("Delete this price set; Edit > Undo brings it back"));
  import_ = make_button(side, "priceImport", tr("Import …"), tr("Read price sets from a JSON file"));
  export_ = make_button(side, "priceExport", tr("Export …"), tr("Write this price set into a JSON file"));
  auto* buttons = new QGridLayout;
  buttons->addWidget(copy_, 0, 0);
  buttons->addWidget(delete_, 0, 1);
  buttons->addWidget(import_, 1, 0);
  buttons->addWidget(export_, 1, 1);
  layout->addLayout(buttons);
  layout->addWidget(setupDefaults(side));
  return side;
}

QWidget* PricesPage::setupDefaults(QWidget* parent) {
  auto* box = new QWidget(parent);
  auto* layout = new QHBoxLayout(box);
  layout->setContentsMargins(0, 6, 0, 0);
  default_ = make_button(box, "priceDefault", tr("Use by default"), tr("New charts, reports and tokenmark-cli use this set with this tier where none is named"));
  tier_ = new QComboBox(box);
  tier_->setObjectName(QStringLiteral("priceDefaultTier"));
  tier_->setAccessibleName(tr("Tier used by default"));
  for (const std::string& tier : price_tiers()) {
    tier_->addItem(text(tier), text(tier));
    tier_->setItemData(tier_->count() - 1, core_text(price_tier_meaning(tier)), Qt::ToolTipRole);
  }
  tier_->setToolTip(tr("How the hardware is paid for, where nothing is chosen"));
  layout->addWidget(default_, 1);
  layout->addWidget(tier_);
  return box;
}

QWidget* PricesPage::setupSet() {
  auto* body = new QFrame(this);
  body->setObjectName(QStringLiteral("pricesBody"));
  auto* layout = new QVBoxLayout(body);
  layout->setContentsMargins(16, 10, 12, 10);
  layout->addWidget(setupHead(body));
  rows_ = new QTableWidget(body);
  rows_->setObjectName(QStringLiteral("priceRows"));
  rows_->setAccessibleName(tr("Devices of the price set with power and prices"));
  rows_->setAlternatingRowColors(true);
  rows_->setSelectionBehavior(QAbstractItemView::SelectRows);
  rows_->setSelectionMode(QAbstractItemView::SingleSelection);
  rows_->setShowGrid(false);
  rows_->setWordWrap(false);
  rows_->setTabKeyNavigation(false);
  rows_->verticalHeader()->hide();
  QStringList columns{tr("Device"), tr("kW")};
  for (const std::string& tier : price_tiers()) columns << tr("%1, $/h").arg(text(tier));
  rows_->setColumnCount(static_cast<int>(columns.size()));
  rows_->setHorizontalHeaderLabels(columns);
  rows_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  rows_->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Interactive);
  rows_->horizontalHeader()->resizeSection(0, 170);
  rows_->horizontalHeader()->setHighlightSections(false);
  for (int i = 0; i < static_cast<int>(price_tiers().size()); ++i)
    rows_->horizontalHeaderItem(i + 2)->setToolTip(core_text(price_tier_meaning(price_tiers()[static_cast<std::size_t>(i)])));
  rows_->horizontalHeaderItem(0)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  rows_->horizontalHeaderItem(1)->setToolTip(tr("All-in provisioned utility power of one device"));
  layout->addWidget(rows_, 1);
  layout->addWidget(setupDeviceBar(body));
  return body;
}

QWidget* PricesPage::setupHead(QWidget* parent) {
  auto* head = new QWidget(parent);
  auto* form = new QFormLayout(head);
  form->setContentsMargins(0, 0, 0, 6);
  whose_ = new QLabel(head);
  whose_->setObjectName(QStringLiteral("priceWhose"));
  whose_->setProperty("role", "muted");
  whose_->setWordWrap(true);
  const auto field = [&](const char* name, const QString& label, const QString& tip) {
    auto* made = new QLineEdit(head);
    made->setObjectName(QString::fromLatin1(name));
    made->setAccessibleName(label);
    made->setToolTip(tip);
    form->addRow(label, made);
    return made;
  };
  form->addRow(whose_);
  name_ = field("priceName", tr("Name"), tr("Charts and reports name the price set by this"));
  date_ = field("priceDate", tr("Date"), tr("When these prices held: 2026-11 or 2026-11-28"));
  source_ = field("priceSource", tr("Source"), tr("Where the prices are from; charts and reports say it"));
  name_->setMaxLength(60);
  date_->setMaxLength(20);
  source_->setMaxLength(2000);
  return head;
}

QWidget* PricesPage::setupDeviceBar(QWidget* parent) {
  auto* bar = new QWidget(parent);
  auto* layout = new QHBoxLayout(bar);
  layout->setContentsMargins(0, 6, 0, 0);
  device_ = new QComboBox(bar);
  device_->setObjectName(QStringLiteral("priceDevice"));
  device_->setAccessibleName(tr("Device to add"));
  device_->setToolTip(tr("A device of the catalogue, or hardware as a run names it"));
  device_->setEditable(true);
  for (const Accelerator& accelerator : accelerators()) device_->addItem(text(accelerator.name), text(accelerator.key));
  device_->setCurrentIndex(-1);
  device_->lineEdit()->setPlaceholderText(tr("Device to add"));
  kw_ = new QDoubleSpinBox(bar);
  kw_->setObjectName(QStringLiteral("priceDeviceKw"));
  kw_->setAccessibleName(tr("All-in power of the device to add, in kilowatts"));
  kw_->setToolTip(kw_->accessibleName());
  kw_->setRange(0, 1e6);
  kw_->setDecimals(4);
  kw_->setSingleStep(0.05);
  kw_->setSuffix(tr(" kW"));
  add_ = make_button(bar, "priceAddDevice", tr("Add device"), tr("Add the device with this power; its prices are typed into the table"));
  add_->setEnabled(false);
  remove_ = make_button(bar, "priceRemoveDevice", tr("Remove device"), tr("Take the chosen device out of this price set"));
  layout->addWidget(device_, 1);
  layout->addWidget(kw_);
  layout->addWidget(add_);
  layout->addWidget(remove_);
  return bar;
}

void PricesPage::choose(const QString& set) {
  for (int i = 0; i < list_->topLevelItemCount(); ++i)
    if (list_->topLevelItem(i)->data(0, kSetName).toString() == set) list_->setCurrentItem(list_->topLevelItem(i));
}

// The shown set stays shown; one that is gone gives way to the one used by default.
void PricesPage::fillList() {
  const QTreeWidgetItem* current = list_->currentItem();
  const QString chosen = current ? current->data(0, kSetName).toString() : QString::fromStdString(find_price_set({}).value_or(PriceSet{}).name);
  const bool devices = current != nullptr && chosen.isEmpty();
  const auto usual = find_price_set({});
  filling_ = true;
  list_->clear();
  const std::vector<PriceSet> sets = price_sets();
  for (auto set = sets.rbegin(); set != sets.rend(); ++set) {
    auto* item = new QTreeWidgetItem(list_, {text(set->name), text(set->date)});
    item->setData(0, kSetName, text(set->name));
    item->setToolTip(0, text(set->name));
    QFont font = item->font(0);
    font.setBold(usual && usual->name == set->name);
    font.setItalic(set->own);
    item->setFont(0, font);
  }
  auto* own = new QTreeWidgetItem(list_, {tr("Your own devices")});
  own->setToolTip(0, tr("Devices that are in no price set: their prices hold in all of them"));
  if (usual) tier_->setCurrentIndex(std::max(0, tier_->findData(text(find_price_tier({}).value_or("")))));
  filling_ = false;
  if (devices) list_->setCurrentItem(own);
  else choose(chosen);
  if (list_->currentItem() == nullptr) list_->setCurrentItem(list_->topLevelItem(0));
}

bool PricesPage::showsDevices() const { return shown_.name.empty(); }

void PricesPage::showSet() {
  if (filling_ || list_->currentItem() == nullptr) return;
  const std::string name = list_->currentItem()->data(0, kSetName).toString().toStdString();
  shown_ = {};
  for (const PriceSet& set : price_sets())
    if (set.name == name) shown_ = set;
  const bool own = shown_.own, devices = showsDevices();
  filling_ = true;
  name_->setText(devices ? tr("Your own devices") : text(shown_.name));
  date_->setText(text(shown_.date));
  source_->setText(text(shown_.source));
  source_->setCursorPosition(0);
  source_->setToolTip(source_->text().isEmpty() ? tr("Where the prices are from; charts and reports say it") : source_->text());
  for (QLineEdit* field : {name_, date_, source_}) field->setReadOnly(!own);
  date_->setVisible(!devices);
  source_->setVisible(!devices);
  whose_->setText(devices ? tr("Prices of devices that are in no price set. They hold in every set; where a set has the device, the set counts.")
                  : own   ? tr("A price set of your own: click into a cell to change it.")
                          : tr("A price set of Tokenmark, with its source: copy it to change it."));
  fillRows(shownRows(), own || devices);
  filling_ = false;
  for (QWidget* part : std::initializer_list<QWidget*>{device_, kw_, remove_}) part->setEnabled(own || devices);
  updateAdd();
  delete_->setEnabled(own);
  for (QPushButton* button : {copy_, export_, default_}) button->setEnabled(!devices);
}

std::vector<PriceRow> PricesPage::shownRows() const { return showsDevices() ? prices_.prices().devices : shown_.rows; }

void PricesPage::fillRows(const std::vector<PriceRow>& rows, bool editable) {
  rows_->setRowCount(static_cast<int>(rows.size()));
  const std::vector<std::string> tiers = price_tiers();
  for (int row = 0; row < rows_->rowCount(); ++row) {
    const PriceRow& price = rows[static_cast<std::size_t>(row)];
    const auto put = [&](int column, const QString& shown, bool may_edit) {
      QTableWidgetItem* item = rows_->item(row, column);   // kept where it is: it may be that one is typing in another cell
      if (item == nullptr) rows_->setItem(row, column, item = new QTableWidgetItem);
      if (item->text() != shown) item->setText(shown);
      item->setFlags(may_edit ? Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemIsEditable : Qt::ItemIsSelectable | Qt::ItemIsEnabled);
      if (column > 0) item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    };
    put(0, device_name(price.accelerator), false);
    rows_->item(row, 0)->setToolTip(text(price.accelerator));
    put(1, amount(price.kw), editable);
    for (std::size_t tier = 0; tier < tiers.size(); ++tier) {
      QString dollars = QStringLiteral("–");
      for (const auto& [key, value] : price.dollars_per_hour)
        if (key == tiers[tier]) dollars = amount(value);
      put(static_cast<int>(tier) + 2, dollars, editable);
    }
  }
}

}  // namespace tokenmark
