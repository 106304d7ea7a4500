#include "app/desktop/report_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QStandardPaths>
#include <QUrl>
#include <algorithm>
#include <unordered_set>

#include "app/desktop/prices_page.h"
#include "app/desktop/tasks.h"
#include "app/desktop/user_settings.h"
#include "app/desktop/widgets.h"

namespace tokenmark {
namespace {

QString text(std::string_view s) { return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size())); }

template <class Widget>
Widget* named(Widget* widget, const char* name, const QString& accessible) {
  widget->setObjectName(QString::fromLatin1(name));
  widget->setAccessibleName(accessible);
  widget->setToolTip(accessible);
  return widget;
}

}  // namespace

ReportDialog::ReportDialog(Tasks& tasks, std::filesystem::path store, QString renderer, QWidget* parent)
    : QDialog(parent), tasks_(tasks), store_(std::move(store)), renderer_(std::move(renderer)) {
  setObjectName(QStringLiteral("reportDialog"));
  setWindowTitle(tr("Report"));
  setModal(false);
  auto* layout = new QVBoxLayout(this);
  auto* columns = new QHBoxLayout;
  columns->setSpacing(18);
  layout->addLayout(columns, 1);
  setupForm();
  setupPreview();
  auto* form = new QFormLayout;
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  form->addRow(tr("Runs"), which_);
  form->addRow(tr("Title"), title_);
  form->addRow(tr("Author"), author_);
  form->addRow(tr("Remarks"), remarks_);
  form->addRow(tr("Baseline"), baseline_);
  auto* equal = new QHBoxLayout;
  equal->addWidget(by_, 1);
  equal->addWidget(at_, 1);
  form->addRow(tr("Compare at equal"), equal);
  auto* prices = new QHBoxLayout;
  prices->addWidget(prices_, 1);
  prices->addWidget(tier_, 1);
  form->addRow(tr("Prices"), prices);
  form->addRow(tr("Format"), format_);
  auto* page = new QHBoxLayout;
  page->addWidget(template_, 1);
  browse_ = make_button(this, "reportTemplateBrowse", tr("Choose …"), tr("Choose a template of your own"));
  page->addWidget(browse_);
  form->addRow(tr("Template"), page);
  columns->addLayout(form, 3);
  auto* preview = new QVBoxLayout;
  auto* heading = new QLabel(tr("What it will contain"), this);
  heading->setProperty("role", "title");
  preview->addWidget(heading);
  preview->addWidget(contents_);
  preview->addWidget(open_charts_);
  preview->addWidget(charts_, 1);
  columns->addLayout(preview, 3);
  result_ = named(new QLabel(this), "reportResult", tr("The report that was written"));
  result_->setOpenExternalLinks(true);
  result_->setWordWrap(true);
  layout->addWidget(result_);
  setupButtons();
  resize(900, 560);
  fillWhich();
}

void ReportDialog::setupForm() {
  which_ = named(new QComboBox(this), "reportWhich", tr("Which runs the report is about"));
  title_ = named(new QLineEdit(this), "reportTitle", tr("Title of the report"));
  title_->setText(tr("Inference benchmark"));
  author_ = named(new QLineEdit(this), "reportAuthor", tr("Who made the report"));
  author_->setText(UserSettings().value(QStringLiteral("report/author")).toString());
  remarks_ = named(new QPlainTextEdit(this), "reportRemarks", tr("What is to be known beforehand; empty lines part paragraphs"));
  remarks_->setTabChangesFocus(true);
  remarks_->setFrameShape(QFrame::StyledPanel);
  baseline_ = named(new QComboBox(this), "reportBaseline", tr("The series that the others are compared with"));
  by_ = named(new QComboBox(this), "reportBy", tr("What is equal for all series in the comparison"));
  for (const EqualMeaning& one : equal_meanings()) by_->addItem(text(meaning(one.figure).label).toLower(), text(one.key));
  at_ = named(new QLineEdit(this), "reportAt",
              tr("Its value; empty: the middle of what the baseline shares with most others"));
  at_->setPlaceholderText(tr("the middle they share"));
  prices_ = named(new QComboBox(this), "reportPrices", tr("Price set of cost and power"));
  fill_price_sets(*prices_);
  tier_ = named(new QComboBox(this), "reportTier", tr("How the hardware is paid for"));
  for (const std::string& tier : price_tiers()) tier_->addItem(text(tier), text(tier));
  format_ = named(new QComboBox(this), "reportFormat", tr("Kind of file"));
  format_->addItem(tr("HTML, one file"), QStringLiteral("html"));
  format_->addItem(tr("PDF, A4 pages"), QStringLiteral("pdf"));
  template_ = named(new QLineEdit(this), "reportTemplate", tr("A template of your own for HTML; empty: the default one"));
  template_->setPlaceholderText(tr("the default one"));
  for (QComboBox* box : {which_, baseline_, by_, prices_, tier_}) {
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(12);
    connect(box, &QComboBox::currentIndexChanged, this, &ReportDialog::outlineLater);
  }
  connect(at_, &QLineEdit::editingFinished, this, &ReportDialog::outlineLater);
  connect(format_, &QComboBox::currentIndexChanged, this, [this](int index) {
    template_->setEnabled(index == 0);
    browse_->setEnabled(index == 0);
  });
}

void ReportDialog::setupPreview() {
  contents_ = named(new QLabel(this), "reportContents", tr("What the report will contain"));
  contents_->setWordWrap(true);
  contents_->setTextFormat(Qt::PlainText);
  contents_->setProperty("role", "muted");
  open_charts_ = new QCheckBox(tr("The charts that are &open, as they are seen"), this);
  open_charts_->setObjectName(QStringLiteral("reportOpenCharts"));
  open_charts_->setEnabled(false);
  charts_ = named(new QListWidget(this), "reportCharts", tr("Charts of the report"));
  for (const ReportChartMeaning& one : report_charts()) {
    auto* item = new QListWidgetItem(text(one.label), charts_);
    item->setData(Qt::UserRole, text(one.key));
    item->setCheckState(Qt::Checked);
  }
}

void ReportDialog::setupButtons() {
  auto* row = new QHBoxLayout;
  progress_ = named(new QProgressBar(this), "reportProgress", tr("Progress of the report"));
  progress_->setRange(0, 1000);
  progress_->hide();
  cancel_ = make_button(this, "reportCancel", tr("Cancel"), tr("Stop making the report"));
  cancel_->hide();
  write_ = make_button(this, "reportWrite", tr("Write …"), tr("Choose the file and write the report"));
  write_->setProperty("role", "primary");
  write_->setDefault(true);
  auto* close_button = make_button(this, "reportClose", tr("Close"), tr("Close this window"));
  row->addWidget(progress_, 1);
  row->addWidget(cancel_);
  row->addStretch();
  row->addWidget(close_button);
  row->addWidget(write_);
  static_cast<QVBoxLayout*>(layout())->addLayout(row);
  connect(write_, &QPushButton::clicked, this, &ReportDialog::askForFile);
  connect(browse_, &QPushButton::clicked, this, &ReportDialog::chooseTemplate);
  connect(close_button, &QPushButton::clicked, this, &QWidget::close);
  connect(cancel_, &QPushButton::clicked, this, [this] {
    tasks_.cancel(QStringLiteral("report"));
    setBusy(false);
    result_->setText(tr("Cancelled; nothing was written."));
  });
}

void ReportDialog::setRuns(const RunsPtr& runs, const std::vector<RunId>& chosen) {
  if (runs == runs_ && chosen == chosen_) return;
  runs_ = runs;
  chosen_ = chosen;
  fillWhich();
}

void ReportDialog::setOpenCharts(std::function<std::vector<ChartDefinition>()> charts) {
  charts_of_window_ = std::move(charts);
  QStringList names;
  for (const ChartDefinition& chart : charts_of_window_()) names << text(find_chart_kind(chart.kind)->label);
  open_charts_->setEnabled(!names.isEmpty());
  open_charts_->setToolTip(
      tr("Axes, logarithms, hidden series, view and prices as on the tabs: %1").arg(names.join(QStringLiteral(", "))));
}

void ReportDialog::fillWhich() {
  const QVariant before = which_->currentData();
  filling_ = true;
  which_->clear();
  if (!chosen_.empty()) which_->addItem(chosen_.size() == 1 ? tr("The chosen run") : tr("The %1 chosen runs").arg(chosen_.size()), static_cast<int>(Which::chosen));
  which_->addItem(runs_->query.search.isEmpty() ? tr("The %1 runs of the list").arg(runs_->rows.size())
                                                : tr("The %1 runs that match the search").arg(runs_->rows.size()), static_cast<int>(Which::listed));
  which_->addItem(tr("All runs of the store"), static_cast<int>(Which::all));
  which_->setCurrentIndex(std::max(0, which_->findData(before)));
  filling_ = false;
  outlineLater();
}

ReportDialog::Which ReportDialog::which() const { return static_cast<Which>(which_->currentData().toInt()); }

RunRows ReportDialog::rows() const {
  RunRows rows;
  const std::unordered_set<RunId> wanted(chosen_.begin(), chosen_.end());
  const bool only_chosen = which() == Which::chosen;
  for (const RowPtr& row : runs_->rows.shared())
    if (row->state != RunState::running && (!only_chosen || wanted.contains(row->id))) rows.push_back(row);
  return rows;
}

ReportOptions ReportDialog::options() const {
  ReportOptions options;
  options.title = title_->text().trimmed().toStdString();
  options.author = author_->text().trimmed().toStdString();
  options.remarks = remarks_->toPlainText().toStdString();
  options.price_set = prices_->currentData().toString().toStdString();
  options.tier = tier_->currentData().toString().toStdString();
  options.equal = equal_from_key(by_->currentData().toString().toStdString()).value_or(EqualIn::interactivity);
  bool number = false;
  const double at = at_->text().trimmed().toDouble(&number);
  if (number) options.compare_at = at;
  options.baseline = baseline_->currentData().toLongLong();
  if (open_charts_->isChecked() && charts_of_window_) options.seen = charts_of_window_();
  options.charts.emplace();
  for (int i = 0; i < charts_->count(); ++i)
    if (charts_->item(i)->checkState() == Qt::Checked)
      if (const auto chart = report_chart_from_key(charts_->item(i)->data(Qt::UserRole).toString().toStdString()))
        options.charts->push_back(*chart);
  return options;
}

void ReportDialog::outlineLater() {
  if (filling_) return;
  ReportOptions asked = options();
  asked.charts.reset();
  tasks_.start(QStringLiteral("report outline"),
               [rows = rows(), all = which() == Which::all, store = store_, asked](std::stop_token) {
                 std::vector<RunRow> taken(rows.begin(), rows.end());
                 if (all)
                   if (auto opened = Store::open(store))
                     if (auto found = (*opened)->runs()) taken = *std::move(found);
                 return report_outline(taken, asked);
               },
               [this](const ReportOutline& outline) { showOutline(outline); });
}

void ReportDialog::showOutline(const ReportOutline& outline) {
  QString words = outline.runs == 1 ? tr("1 run") : tr("%1 runs").arg(outline.runs);
  if (outline.failed > 0) words += tr(", %1 without a result").arg(outline.failed);
  if (outline.samples > 0) words += tr(", %1 published samples").arg(outline.samples);
  words += tr(". Comparison: %1. Then environment, method, definitions, prices, failures, all runs, how to reproduce.").arg(text(outline.comparison));
  contents_->setText(words);
  for (std::size_t i = 0; i < outline.parts.size() && static_cast<int>(i) < charts_->count(); ++i) {
    const ReportPart& part = outline.parts[i];
    QListWidgetItem* item = charts_->item(static_cast<int>(i));
    item->setText(QStringLiteral("%1 — %2").arg(text(report_charts()[i].label), text(part.words)));
    item->setToolTip(item->text());
    item->setFlags(part.there ? Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable : Qt::ItemIsSelectable);
  }
  const QVariant before = baseline_->currentData();
  filling_ = true;
  baseline_->clear();
  for (const auto& [run, name] : outline.series) baseline_->addItem(text(name), static_cast<qlonglong>(run));
  baseline_->setCurrentIndex(std::max(0, baseline_->findData(before)));
  filling_ = false;
  write_->setEnabled(outline.runs > 0 && !progress_->isVisible());
}

void ReportDialog::chooseTemplate() {
  auto* dialog = new QFileDialog(this, tr("Template of a report"), {}, tr("HTML templates (*.html);;All files (*)"));
  dialog->setObjectName(QStringLiteral("reportTemplateChooser"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, template_, &QLineEdit::setText);
  dialog->open();
}

void ReportDialog::askForFile() {
  const QString ending = format_->currentData().toString();
  const QString folder = UserSettings().value(QStringLiteral("report/folder"), QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation)).toString();
  auto* dialog = new QFileDialog(this, tr("Write the report"), folder, ending == QLatin1String("pdf") ? tr("PDF (*.pdf)") : tr("HTML (*.html)"));
  dialog->setObjectName(QStringLiteral("reportFileChooser"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(ending);
  dialog->selectFile(QStringLiteral("report.") + ending);
  connect(dialog, &QFileDialog::fileSelected, this, &ReportDialog::write);
  dialog->open();
}

void ReportDialog::write(const QString& path) {
  UserSettings().setValue(QStringLiteral("report/author"), author_->text().trimmed());
  UserSettings().setValue(QStringLiteral("report/folder"), QFileInfo(path).absolutePath());
  ReportOrder order{store_, rows(), which() == Which::all, options(), template_->isEnabled() ? template_->text().trimmed() : QString(), path, renderer_};
  setBusy(true);
  const ReportProgress progress = [this](double share, const std::string& what) {
    QMetaObject::invokeMethod(this, [this, share, what] {
      progress_->setValue(static_cast<int>(share * 1000));
      progress_->setFormat(QStringLiteral("%p % · ") + text(what));
    }, Qt::QueuedConnection);
  };
  tasks_.start(QStringLiteral("report"), [order, progress](std::stop_token stop) { return write_report(order, progress, stop); },
               [this, path](const Status& status) { finished(status, path); });
}

void ReportDialog::setBusy(bool busy) {
  progress_->setVisible(busy);
  progress_->setValue(0);
  cancel_->setVisible(busy);
  write_->setEnabled(!busy);
  if (busy) result_->clear();
}

void ReportDialog::finished(const Status& status, const QString& path) {
  setBusy(false);
  if (!status) {
    result_->setText(text(status.error().message).toHtmlEscaped());
    emit failed(text(status.error().message));
    return;
  }
  result_->setText(tr("Written: %1").arg(QStringLiteral("<a href=\"%1\">%2</a>").arg(QString::fromLatin1(QUrl::fromLocalFile(path).toEncoded()), path.toHtmlEscaped())));
  emit written(path);
}

}  // namespace tokenmark
