// What the page of comparisons shows: its table, the differences below it, their menus, and the way into files.
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QMenu>
#include <QTreeWidget>

#include "app/charts/core_text.h"
#include "app/charts/text.h"
#include "app/desktop/compare_page.h"
#include "app/desktop/difference_rows.h"
#include "app/desktop/tasks.h"
#include "app/desktop/write_file.h"

namespace tokenmark {
namespace {

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

}  // namespace

void ComparePage::fillList() {
  list_->clear();
  list_->headerItem()->setText(0, table_.of_runs ? tr("Run") : tr("Series"));
  QList<QTreeWidgetItem*> items;
  for (std::size_t i = 0; i < table_.rows.size(); ++i) {
    const ComparisonRow& row = table_.rows[i];
    auto* item = new QTreeWidgetItem;
    int column = 0;
    for (const std::string& cell : comparison_cells(row)) {
      const std::optional<double>* number = column == 2 ? &row.value : column == 3 ? &row.baseline : nullptr;
      const QString words = number && *number ? number_text(**number) : core_text(cell);   // digits as a person's language groups them
      item->setText(column, words);
      item->setToolTip(column, column == 1 ? core_text(row.figure.definition) : words);
      if (column >= 2 && column <= 4) item->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
      ++column;
    }
    item->setData(0, Qt::UserRole, static_cast<int>(i));
    if (row.verdict == ChangeVerdict::noise || !row.change)
      for (int c = 0; c < column; ++c) item->setForeground(c, theme_.muted);
    if (row.verdict == ChangeVerdict::better) item->setForeground(4, theme_.good), item->setForeground(6, theme_.good);
    if (row.verdict == ChangeVerdict::worse) item->setForeground(4, theme_.error), item->setForeground(6, theme_.error);
    items << item;
  }
  list_->addTopLevelItems(items);
}

// Figures stand above: here is what they may come from.
void ComparePage::fillDifferences() {
  differences_->setVisible(table_.of_runs && difference_.runs.size() > 1);
  differences_->clear();
  set_difference_columns(*differences_, difference_, tr("What differs"));
  for (const DifferenceSection& section : difference_.sections) {
    if (section.title == "Figures") continue;
    auto* top = new QTreeWidgetItem(differences_, {core_text(section.title)});
    top->setFirstColumnSpanned(true);
    add_difference(*top, section, theme_.muted);
    top->setExpanded(true);
  }
}

void ComparePage::showMenu(const QPoint& at) {
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("compareMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  if (const QTreeWidgetItem* item = list_->itemAt(at)) {
    const ComparisonRow& row = table_.rows.at(item->data(0, Qt::UserRole).toUInt());
    const QVariant key = table_.of_runs ? QVariant(static_cast<qlonglong>(row.run)) : QVariant(text(row.series));
    QAction* pin = menu->addAction(tr("Pin as baseline"));
    pin->setObjectName(QStringLiteral("comparePin"));
    connect(pin, &QAction::triggered, this, [this, key] {
      if (const int index = baseline_->findData(key); index >= 0) baseline_->setCurrentIndex(index);
    });
  }
  connect(menu->addAction(tr("Copy table as text (TSV)")), &QAction::triggered, this,
          [this] { copy(comparison_tsv(table_)); });
  connect(menu->addAction(tr("Copy table as Markdown")), &QAction::triggered, this,
          [this] { copy(comparison_markdown(table_)); });
  connect(menu->addAction(tr("Export CSV …")), &QAction::triggered, this, &ComparePage::exportCsv);
  menu->popup(list_->viewport()->mapToGlobal(at));
}

void ComparePage::showDifferencesMenu(const QPoint& at) {
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("compareDifferencesMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  connect(menu->addAction(tr("Copy what differs as Markdown")), &QAction::triggered, this,
          [this] { copy(difference_markdown(difference_, false)); });
  connect(menu->addAction(tr("Copy everything as Markdown")), &QAction::triggered, this,
          [this] { copy(difference_markdown(difference_, true)); });
  menu->popup(differences_->viewport()->mapToGlobal(at));
}

void ComparePage::copy(const std::string& copied) { QApplication::clipboard()->setText(text(copied)); }

void ComparePage::exportCsv() {
  auto* dialog = new QFileDialog(this, tr("Export the comparison"), {}, QStringLiteral("CSV (*.csv)"));
  dialog->setObjectName(QStringLiteral("compareDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(QStringLiteral("csv"));
  dialog->selectFile(QStringLiteral("comparison.csv"));
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    tasks_.start(QStringLiteral("export ") + path,
                 [path, csv = comparison_csv(table_)](std::stop_token) { return write_file(path, csv); },
                 [this, path](const Status& done) {
                   if (done) emit written(path);
                   else
                     emit failed(
                         tr("%1 cannot be written; is the folder there, may it be written to, is there space?").arg(path));
                 });
  });
  dialog->open();
}

}  // namespace tokenmark
