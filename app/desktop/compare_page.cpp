#include "app/desktop/compare_page.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleValidator>
#include <QFileDialog>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSaveFile>
#include <QSettings>
#include <QToolBar>
#include <QTreeWidget>
#include <QUndoStack>
#include <QVBoxLayout>
#include <utility>

#include "app/charts/text.h"
#include "app/desktop/change.h"
#include "app/desktop/prices_page.h"
#include "app/desktop/tasks.h"
#include "app/desktop/widgets.h"

namespace tokenmark {
namespace {

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

void choose_key(QComboBox& box, const QString& key) {
  if (const int index = box.findData(key); index >= 0) box.setCurrentIndex(index);
}

}  // namespace

ComparePage::ComparePage(Tasks& tasks, QUndoStack& undo, QWidget* parent) : QWidget(parent), tasks_(tasks), undo_(undo), theme_(theme(false)) {
  setObjectName(QStringLiteral("comparePage"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  applying_ = true;   // choosers report what they are filled with
  setupBar();
  setupList();
  applying_ = false;
  known_ = query();
}

QComboBox* ComparePage::addChooser(QToolBar& bar, const QString& label, const char* name, const QString& tip) {
  auto* caption = new QLabel(label, &bar);
  caption->setProperty("role", "muted");
  caption->setContentsMargins(4, 0, 2, 0);
  bar.addWidget(caption);
  auto* box = new QComboBox(&bar);
  box->setObjectName(QString::fromLatin1(name));
  box->setAccessibleName(tip);
  box->setToolTip(tip);
  caption->setBuddy(box);
  bar.addWidget(box);
  connect(box, &QComboBox::currentIndexChanged, this, &ComparePage::changed);
  return box;
}

void ComparePage::setupBar() {
  auto* bar = new QToolBar(tr("Comparison"), this);
  bar->setObjectName(QStringLiteral("compareBar"));
  equal_ = addChooser(*bar, tr("at equal"), "compareEqual", tr("What the series have in common where they are compared"));
  const QString names[] = {tr("interactivity"), tr("time to first token"), tr("end-to-end latency"), tr("cost")};
  for (const EqualMeaning& entry : equal_meanings()) equal_->addItem(names[static_cast<std::size_t>(entry.equal)], text(entry.key));
  at_ = new QLineEdit(bar);
  at_->setObjectName(QStringLiteral("compareAt"));
  at_->setAccessibleName(tr("Value at which the series are compared"));
  at_->setToolTip(tr("At which value; empty: the middle of what all series cover"));
  at_->setMaximumWidth(90);
  auto* numbers = new QDoubleValidator(0, 1e12, 9, at_);
  numbers->setLocale(QLocale::c());
  at_->setValidator(numbers);
  connect(at_, &QLineEdit::editingFinished, this, &ComparePage::changed);
  bar->addWidget(at_);
  baseline_ = addChooser(*bar, tr("against"), "compareBaseline", tr("The baseline: the series that the others are compared with"));
  baseline_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  baseline_->setMinimumContentsLength(24);
  baseline_->addItem(tr("first series"), QString());
  auto* second = new QToolBar(tr("Prices and filter"), this);
  second->setObjectName(QStringLiteral("compareBar2"));
  prices_ = addChooser(*second, tr("prices"), "comparePrices", tr("Price set of cost and power"));
  fill_price_sets(*prices_);
  tier_ = addChooser(*second, QString(), "compareTier", tr("How the hardware is paid for"));
  for (const std::string& tier : price_tiers()) tier_->addItem(text(tier), text(tier));
  only_significant_ = second->addAction(tr("Only significant"));
  only_significant_->setObjectName(QStringLiteral("onlySignificant"));
  only_significant_->setCheckable(true);
  only_significant_->setToolTip(tr("Only changes whose 95 % interval leaves 0 out"));
  connect(only_significant_, &QAction::toggled, this, &ComparePage::changed);
  QAction* save = second->addAction(tr("Export CSV …"));
  save->setObjectName(QStringLiteral("compareExport"));
  connect(save, &QAction::triggered, this, &ComparePage::exportCsv);
  layout()->addWidget(bar);
  layout()->addWidget(second);
}

void ComparePage::setupList() {
  title_ = new QLabel(this);
  title_->setObjectName(QStringLiteral("compareTitle"));
  title_->setProperty("role", "title");
  title_->setWordWrap(true);
  title_->setTextFormat(Qt::PlainText);
  title_->setContentsMargins(16, 10, 8, 6);
  list_ = make_list(this, "compareTable", tr("Series against the baseline"),
                    {tr("Series"), tr("Figure"), tr("Value"), tr("Baseline"), tr("Change"), tr("95 %"), tr("Verdict")});
  list_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  list_->setContextMenuPolicy(Qt::CustomContextMenu);
  list_->setTextElideMode(Qt::ElideMiddle);
  list_->header()->setStretchLastSection(true);
  list_->header()->setSectionResizeMode(QHeaderView::Interactive);
  for (const auto& [column, width] : {std::pair{0, 190}, {1, 160}, {2, 70}, {3, 70}, {4, 70}, {5, 140}}) list_->setColumnWidth(column, width);
  for (const int column : {2, 3, 4}) list_->headerItem()->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
  connect(list_, &QWidget::customContextMenuRequested, this, &ComparePage::showMenu);
  notes_ = new QLabel(this);
  notes_->setObjectName(QStringLiteral("compareNotes"));
  notes_->setProperty("role", "muted");
  notes_->setWordWrap(true);
  notes_->setTextFormat(Qt::PlainText);
  notes_->setContentsMargins(16, 4, 8, 6);
  layout()->addWidget(title_);
  layout()->addWidget(list_);
  static_cast<QVBoxLayout*>(layout())->setStretchFactor(list_, 1);
  layout()->addWidget(notes_);
}

ComparisonQuery ComparePage::query() const {
  ComparisonQuery query;
  query.equal = equal_from_key(equal_->currentData().toString().toStdString()).value_or(EqualIn::interactivity);
  bool ok = false;
  const double at = QLocale::c().toDouble(at_->text(), &ok);
  if (ok && at > 0) query.at = at;
  query.baseline = baseline_->currentData().toString().toStdString();
  query.price_set = prices_->currentData().toString().toStdString();
  query.tier = tier_->currentData().toString().toStdString();
  query.only_significant = only_significant_->isChecked();
  return query;
}

void ComparePage::apply(const ComparisonQuery& query) {
  applying_ = true;
  choose_key(*equal_, text(meaning(query.equal).key));
  at_->setText(query.at ? QString::number(*query.at, 'g', 9) : QString());
  if (baseline_->findData(text(query.baseline)) < 0) baseline_->addItem(text(query.baseline), text(query.baseline));
  choose_key(*baseline_, text(query.baseline));
  choose_key(*prices_, text(query.price_set));
  choose_key(*tier_, text(query.tier));
  only_significant_->setChecked(query.only_significant);
  applying_ = false;
  known_ = this->query();
  compute();
}

void ComparePage::changed() {
  if (applying_) return;
  ComparisonQuery now = query();
  if (now == known_) return;
  if (now.equal != known_.equal && now.at) {   // a number of other units says nothing here
    applying_ = true;
    at_->clear();
    applying_ = false;
    now = query();
  }
  if (now.baseline != known_.baseline) return emit baselinePinned(text(now.baseline));   // comes back as pinBaseline
  const ComparisonQuery before = std::exchange(known_, now);
  undo_.push(new Change(this, tr("comparison"), [this, before] { apply(before); emit seen(); }, [this, now] { apply(now); emit seen(); }));
  compute();
}

void ComparePage::pinBaseline(const QString& series) {
  ComparisonQuery query = this->query();
  if (known_.baseline == series.toStdString()) return;
  query.baseline = series.toStdString();
  apply(query);
}

void ComparePage::setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) {
  const bool same = runs_ == runs && (chosen == chosen_ || (chosen.size() < 2 && chosen_.size() < 2));
  runs_ = runs;
  chosen_ = chosen;
  if (!same) compute();
}

void ComparePage::setTheme(const Theme& theme) {
  theme_ = theme;
  fillList();
}

void ComparePage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (due_) compute();
}

void ComparePage::pricesChanged() {
  applying_ = true;
  fill_price_sets(*prices_);
  applying_ = false;
  compute();
}

void ComparePage::compute() {
  due_ = !isVisible();
  if (due_) return;
  tasks_.start(QStringLiteral("comparison"),
               [runs = runs_, chosen = chosen_, asked = query()](std::stop_token) {
                 return comparison_table(charted_rows(*runs, chosen), asked);
               },
               [this](Result<ComparisonTable> table) { showTable(std::move(table)); });
}

void ComparePage::showTable(Result<ComparisonTable> table) {
  if (!table) {
    emit failed(text(table.error().message));
    return;
  }
  table_ = *std::move(table);
  applying_ = true;
  const QString wanted = baseline_->currentData().toString();
  while (baseline_->count() > 1) baseline_->removeItem(1);
  for (const std::string& name : table_.series) baseline_->addItem(text(name), text(name));
  if (baseline_->findData(wanted) < 0) baseline_->addItem(wanted, wanted);
  choose_key(*baseline_, wanted);
  at_->setPlaceholderText(number_text(table_.at));
  prices_->setEnabled(true);
  applying_ = false;
  title_->setText(table_.series.empty() ? tr("No runs to compare") : tr("Series %1").arg(text(comparison_heading(table_))));
  QStringList notes;
  for (const std::string& note : table_.notes) notes << text(note);
  notes_->setText(notes.mid(0, 4).join('\n'));
  notes_->setToolTip(notes.size() > 4 ? notes.join('\n') : QString());
  notes_->setVisible(!notes.isEmpty());
  fillList();
}

void ComparePage::fillList() {
  list_->clear();
  QList<QTreeWidgetItem*> items;
  for (std::size_t i = 0; i < table_.rows.size(); ++i) {
    const ComparisonRow& row = table_.rows[i];
    auto* item = new QTreeWidgetItem;
    int column = 0;
    for (const std::string& cell : comparison_cells(row)) {
      const std::optional<double>* number = column == 2 ? &row.value : column == 3 ? &row.baseline : nullptr;
      const QString words = number && *number ? number_text(**number) : text(cell);   // digits as a person's language groups them
      item->setText(column, words);
      item->setToolTip(column, column == 1 ? text(meaning(row.figure).definition) : words);
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

void ComparePage::showMenu(const QPoint& at) {
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("compareMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  if (const QTreeWidgetItem* item = list_->itemAt(at)) {
    const QString series = text(table_.rows.at(item->data(0, Qt::UserRole).toUInt()).series);
    QAction* pin = menu->addAction(tr("Pin as baseline"));
    pin->setObjectName(QStringLiteral("comparePin"));
    connect(pin, &QAction::triggered, this, [this, series] { choose_key(*baseline_, series); });
  }
  connect(menu->addAction(tr("Copy table as text (TSV)")), &QAction::triggered, this, [this] { copy(comparison_tsv(table_)); });
  connect(menu->addAction(tr("Copy table as Markdown")), &QAction::triggered, this, [this] { copy(comparison_markdown(table_)); });
  connect(menu->addAction(tr("Export CSV …")), &QAction::triggered, this, &ComparePage::exportCsv);
  menu->popup(list_->viewport()->mapToGlobal(at));
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
                 [path, csv = comparison_csv(table_)](std::stop_token) {
                   QSaveFile file(path);
                   return file.open(QIODevice::WriteOnly) && file.write(csv.data(), static_cast<qint64>(csv.size())) >= 0 && file.commit();
                 },
                 [this, path](bool done) {
                   if (done) emit written(path);
                   else emit failed(tr("%1 cannot be written; is the folder there, may it be written to, is there space?").arg(path));
                 });
  });
  dialog->open();
}

void ComparePage::save(QSettings& settings) const {
  const ComparisonQuery query = this->query();
  settings.setValue("equal", text(meaning(query.equal).key));
  settings.setValue("at", at_->text());
  settings.setValue("baseline", text(query.baseline));
  settings.setValue("prices", text(query.price_set));
  settings.setValue("tier", text(query.tier));
  settings.setValue("onlySignificant", query.only_significant);
}

void ComparePage::restore(const QSettings& settings) {
  if (!settings.contains("equal")) return;
  ComparisonQuery query = this->query();
  if (const auto equal = equal_from_key(settings.value("equal").toString().toStdString())) query.equal = *equal;
  bool ok = false;
  const double at = QLocale::c().toDouble(settings.value("at").toString(), &ok);
  if (ok && at > 0) query.at = at;
  query.baseline = settings.value("baseline").toString().toStdString();
  query.price_set = settings.value("prices").toString().toStdString();
  query.tier = settings.value("tier").toString().toStdString();
  query.only_significant = settings.value("onlySignificant").toBool();
  apply(query);
}

}  // namespace tokenmark
