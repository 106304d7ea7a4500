// The Prices page's way into files and out of them.
#include <QFileDialog>

#include "app/desktop/prices_page.h"
#include "app/desktop/user_prices.h"
#include "app/desktop/write_file.h"

namespace tokenmark {

void PricesPage::askForFile(bool save) {
  auto* dialog = new QFileDialog(this, save ? tr("Export the price set") : tr("Import price sets"), {}, tr("Price sets (*.json)"));
  dialog->setObjectName(QStringLiteral("priceFileDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  if (save) {
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("json"));
    dialog->selectFile(QString::fromStdString(shown_.name) + QStringLiteral(".json"));
  } else {
    dialog->setFileMode(QFileDialog::ExistingFile);
  }
  connect(dialog, &QFileDialog::fileSelected, this, [this, save](const QString& path) { save ? exportFile(path) : importFile(path); });
  dialog->open();
}

// A set whose name is taken gets a number behind it; nothing is overwritten.
void PricesPage::importFile(const QString& path) {
  const auto sets = read_price_sets(path.toStdString());
  if (!sets) return emit failed(tr("Import: %1").arg(QString::fromStdString(sets.error().message)));
  OwnPrices next = prices_.prices();
  QString last;
  for (PriceSet set : *sets) {
    set.name = free_set_name(next, set.name);
    last = QString::fromStdString(set.name);
    next.sets.push_back(std::move(set));
  }
  if (last.isEmpty()) return emit failed(tr("Import: there is no price set in %1").arg(path));
  prices_.change(tr("import of %1").arg(last), std::move(next));
  choose(last);
}

void PricesPage::exportFile(const QString& path) {
  if (const Status written = write_file(path, price_sets_json({shown_})); !written)
    return emit failed(QString::fromStdString(written.error().message));
  emit exported(path);
}

}  // namespace tokenmark
