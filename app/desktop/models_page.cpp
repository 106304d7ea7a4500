#include "app/desktop/models_page.h"

#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/desktop/facts_view.h"
#include "app/desktop/look.h"
#include "app/desktop/program_question.h"
#include "app/desktop/settings.h"
#include "app/desktop/tasks.h"
#include "app/desktop/theme_sheet.h"
#include "app/desktop/widgets.h"

namespace tokenmark {
namespace {

constexpr auto kScanTag = "look for models";

QString text_of(const nlohmann::ordered_json& value) {
  return value.is_string() ? QString::fromStdString(value.get<std::string>()) : QString();
}

QString percent(double share) { return QStringLiteral("%1 %").arg(100 * share, 0, 'g', 3); }

// What writing the model in its format has cost: of all its matrices, and a table, the worst first.
void addErrors(const QByteArray& report, QList<std::pair<QString, QString>>& facts, QList<FactsView::Table>& tables) {
  const auto json = nlohmann::ordered_json::parse(report.begin(), report.end(), nullptr, false);
  if (!json.is_object() || !json.contains("tensors") || !json.contains("relative_error")) return;
  std::vector<std::pair<double, QStringList>> rows;
  for (const auto& tensor : json["tensors"]) {
    if (tensor.value("from", "") == tensor.value("to", "")) continue;
    const double error = tensor.value("relative_error", 0.0);
    rows.push_back({error, {text_of(tensor["name"]), QStringLiteral("%1 → %2").arg(text_of(tensor["from"]), text_of(tensor["to"])),
                            bytes_text(tensor.value("bytes_after", quint64{0})), percent(error)}});
  }
  std::ranges::stable_sort(rows, std::greater(), [](const auto& row) { return row.first; });
  FactsView::Table table{ModelsPage::tr("Error of every tensor"), {ModelsPage::tr("tensor"), ModelsPage::tr("format"), ModelsPage::tr("size"), ModelsPage::tr("error")}, {}};
  for (auto& row : rows) table.rows.push_back(std::move(row.second));
  facts.push_back({ModelsPage::tr("error"), ModelsPage::tr("%1 of the values' root mean square, over all tensors whose format changed")
                                               .arg(percent(json.value("relative_error", 0.0)))});
  tables.push_back(std::move(table));
}

}  // namespace

QString bytes_text(quint64 bytes) {
  double value = static_cast<double>(bytes);
  const char* const units[] = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < std::size(units); ++unit) value /= 1000;
  return QStringLiteral("%1 %2").arg(value, 0, 'f', unit < 2 || value >= 100 ? 0 : 2).arg(QString::fromLatin1(units[unit]));
}

ModelsPage::ModelsPage(Tasks& tasks, QString program, ModelPlaces places, QWidget* parent)
    : QWidget(parent), tasks_(tasks), program_(std::move(program)), places_(std::move(places)), reader_(new ProgramQuestion(program_, this)) {
  setObjectName(QStringLiteral("modelsPage"));
  dress(*this);
  connect(reader_, &ProgramQuestion::answered, this, &ModelsPage::showFacts);
  connect(reader_, &ProgramQuestion::failed, this, [this](const QString& said) { note_->setText(said.isEmpty() ? tr("The file cannot be read.") : said); });
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  auto* split = new QSplitter(Qt::Horizontal, this);
  split->setChildrenCollapsible(false);
  split->addWidget(makeList());
  split->addWidget(makeFacts());
  split->setSizes({450, 550});
  layout->addWidget(split);
  showSelected();
}

QWidget* ModelsPage::makeList() {
  auto* side = new QWidget(this);
  auto* layout = new QVBoxLayout(side);
  auto* buttons = new QHBoxLayout;
  search_ = new QLineEdit(side);
  search_->setObjectName(QStringLiteral("modelSearch"));
  search_->setAccessibleName(tr("Find a model"));
  search_->setPlaceholderText(tr("Find a model"));
  search_->setClearButtonEnabled(true);
  layout->addWidget(search_);
  auto* fetch = make_button(side, "downloadModel", tr("Download …"), tr("Fetch a model's file by its address"));
  auto* folders =
      make_button(side, "modelFolders", tr("Folders"), tr("Folders that are looked through too: add one, remove one"));
  auto* again = make_button(side, "rescanModels", tr("Look again"), tr("Look for new and deleted files"));
  folder_menu_ = new QMenu(folders);
  folder_menu_->setObjectName(QStringLiteral("modelFolderMenu"));
  folders->setMenu(folder_menu_);
  for (QPushButton* button : {fetch, folders, again}) buttons->addWidget(button);
  buttons->addStretch(1);
  layout->addLayout(buttons);
  list_ = make_list(side, "modelList", tr("Models on this machine"), {tr("Model"), tr("Where"), tr("Size")});
  list_->header()->setStretchLastSection(false);
  list_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  list_->header()->setSectionResizeMode(2, QHeaderView::ResizeToContents);
  list_->setColumnWidth(1, 130);
  list_->setTextElideMode(Qt::ElideMiddle);
  list_->setAllColumnsShowFocus(true);
  layout->addWidget(list_, 1);
  empty_ = new QLabel(side);
  empty_->setObjectName(QStringLiteral("modelsEmpty"));
  empty_->setProperty("role", "muted");
  empty_->setWordWrap(true);
  layout->addWidget(empty_);
  connect(search_, &QLineEdit::textChanged, this, &ModelsPage::filter);
  connect(fetch, &QPushButton::clicked, this, &ModelsPage::askForDownload);
  connect(folder_menu_, &QMenu::aboutToShow, this, &ModelsPage::fillFolderMenu);
  connect(again, &QPushButton::clicked, this, &ModelsPage::rescan);
  connect(list_, &QTreeWidget::itemSelectionChanged, this, &ModelsPage::showSelected);
  return side;
}

QWidget* ModelsPage::makeFacts() {
  auto* side = new QWidget(this);
  auto* layout = new QVBoxLayout(side);
  title_ = new QLabel(side);
  title_->setObjectName(QStringLiteral("modelTitle"));
  title_->setProperty("role", "title");
  title_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  title_->setWordWrap(true);
  note_ = new QLabel(side);
  note_->setObjectName(QStringLiteral("modelNote"));
  note_->setProperty("role", "muted");
  note_->setWordWrap(true);
  fit_ = new QLabel(side);
  fit_->setObjectName(QStringLiteral("modelFit"));
  fit_->setWordWrap(true);
  fit_bar_ = new QProgressBar(side);
  fit_bar_->setObjectName(QStringLiteral("modelFitBar"));
  fit_bar_->setAccessibleName(tr("Needed share of the free memory"));
  fit_bar_->setRange(0, 1000);
  fit_bar_->setTextVisible(false);
  facts_ = new FactsView(side, "modelFacts", tr("Facts of the chosen model"));
  auto* row = new QHBoxLayout;
  quantise_ = make_button(side, "quantiseModel", tr("Quantise …"), tr("Write this model in another number format"));
  measure_ = make_button(side, "measureModel", tr("Measure"), tr("Sweep the concurrency with this model on this machine"));
  measure_->setProperty("role", "primary");
  row->addWidget(measure_);
  row->addWidget(quantise_);
  row->addStretch(1);
  layout->addWidget(title_);
  layout->addWidget(note_);
  layout->addWidget(fit_);
  layout->addWidget(fit_bar_);
  layout->addSpacing(4);
  layout->addWidget(facts_, 1);
  layout->addLayout(row);
  connect(quantise_, &QPushButton::clicked, this, &ModelsPage::askHowToQuantise);
  connect(measure_, &QPushButton::clicked, this, [this] {
    if (const ModelFile* model = selected())
      emit measureWanted(QString::fromStdString(model->path), QString::fromStdString(model->name));
  });
  return side;
}

void ModelsPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (!looked_ || setting(QStringLiteral("files/models")).toStringList() != folders_) rescan();
}

void ModelsPage::rescan() {
  looked_ = true;
  empty_->setText(tr("Looking for models …"));
  empty_->show();
  folders_ = setting(QStringLiteral("files/models")).toStringList();
  ModelPlaces all = places_;
  for (const QString& folder : folders_) all.own.push_back(folder.toStdString());
  tasks_.start(
      QString::fromLatin1(kScanTag), [places = std::move(all)](std::stop_token stop) { return find_models(places, stop); },
      [this](const std::vector<ModelFile>& models) { showModels(models); });
}

void ModelsPage::showModels(const std::vector<ModelFile>& models) {
  const ModelFile* before = selected();
  const QString chosen = wanted_.isEmpty() && before ? QString::fromStdString(before->path) : wanted_;
  models_ = models;
  list_->clear();
  for (const ModelFile& model : models_) {
    auto* item = new QTreeWidgetItem(list_, {QString::fromStdString(model.name), QString::fromStdString(model.where),
                                             bytes_text(model.bytes)});
    item->setTextAlignment(2, Qt::AlignRight | Qt::AlignVCenter);
    item->setToolTip(0, QString::fromStdString(model.path));
    item->setToolTip(1, item->text(1));
  }
  empty_->setText(
      tr("There are no models in the folders of Hugging Face, llama.cpp, Ollama and LM Studio. Download one, add a "
         "folder with GGUF files or safetensors, or measure a shape with random weights from a new sweep."));
  empty_->setVisible(models_.empty());
  filter(search_->text());
  wanted_.clear();
  if (!chosen.isEmpty()) select(chosen);
  emit found(models_);
}

void ModelsPage::filter(const QString& words) {
  const QStringList wanted = words.split(' ', Qt::SkipEmptyParts);
  for (int i = 0; i < list_->topLevelItemCount(); ++i) {
    QTreeWidgetItem* item = list_->topLevelItem(i);
    const QString text = item->text(0) + ' ' + item->text(1) + ' ' + item->toolTip(0);
    item->setHidden(!std::ranges::all_of(wanted, [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); }));
  }
}

void ModelsPage::select(const QString& path) {
  for (int i = 0; i < list_->topLevelItemCount(); ++i)
    if (list_->topLevelItem(i)->toolTip(0) == path) return list_->setCurrentItem(list_->topLevelItem(i));
  wanted_ = path;
}

const ModelFile* ModelsPage::selected() const {
  const auto items = list_->selectedItems();
  if (items.isEmpty()) return nullptr;
  const auto row = static_cast<std::size_t>(list_->indexOfTopLevelItem(items.front()));
  return row < models_.size() ? &models_[row] : nullptr;
}

void ModelsPage::showSelected() {
  const ModelFile* model = selected();
  quantise_->setEnabled(false);
  measure_->setEnabled(false);
  facts_->showFacts({});
  fit_->hide();
  fit_bar_->hide();
  note_->show();
  title_->setText(model ? QString::fromStdString(model->name) : tr("No model chosen"));
  note_->setText(model ? tr("Reading the file …") : tr("Choose a model to see what is in its file."));
  reader_->drop();
  if (model) reader_->ask({QStringLiteral("model"), QStringLiteral("info"), QString::fromStdString(model->path), QStringLiteral("--json")});
}

void ModelsPage::showFacts(const QByteArray& text) {
  const auto json = nlohmann::ordered_json::parse(text.begin(), text.end(), nullptr, false);
  const auto facts = json.is_object() ? json.find("facts") : json.end();
  if (facts == json.end() || !facts->is_object()) return note_->setText(tr("The answer about this file cannot be read."));
  QList<std::pair<QString, QString>> shown;
  for (const auto& [name, value] : facts->items())
    if (name != "memory" && value.is_string()) shown.push_back({QString::fromStdString(name), text_of(value)});
  QList<FactsView::Table> tables;
  const ModelFile* model = selected();
  if (const auto report = model ? written_.constFind(QString::fromStdString(model->path)) : written_.constEnd(); report != written_.constEnd())
    addErrors(*report, shown, tables);
  facts_->showFacts(shown, tables);
  note_->hide();
  const auto fit = json.find("fit");
  const bool known = fit != json.end() && fit->is_object();
  if (known) showFit(*fit, json.value("context", quint64{0}));
  quantise_->setEnabled(true);
  measure_->setEnabled(!known || fit->value("fits", true));
}

// Needed against free memory, as a sentence and as a bar.
void ModelsPage::showFit(const nlohmann::ordered_json& fit, quint64 context) {
  const auto number = [&](const char* key) { return fit.value(key, quint64{0}); };
  const quint64 needed = number("needed_bytes"), available = number("available_bytes");
  const QLocale locale;
  const bool fits = fit.value("fits", true);
  QString words;
  if (fits) {
    words = tr("Fits: %1 of %2 free memory, with a context of %3 tokens").arg(bytes_text(needed), bytes_text(available), locale.toString(number("tokens")));
    const quint64 most = std::min(number("most_tokens"), context);
    if (most > number("tokens")) words += tr("; up to %1 would fit").arg(locale.toString(most));
  } else {
    words = tr("Does not fit: %1 needed with a context of %2 tokens, %3 free").arg(bytes_text(needed), locale.toString(number("tokens")), bytes_text(available));
    if (number("most_tokens") > 0) words += tr("; %1 tokens would fit").arg(locale.toString(number("most_tokens")));
    if (fit.contains("smaller_format")) words += tr("; in %1 it would fit").arg(text_of(fit["smaller_format"]));
  }
  fit_->setText(words);
  set_role(*fit_, fits ? "good" : "error");
  set_role(*fit_bar_, fits ? "good" : "error");
  fit_bar_->setValue(available > 0 ? static_cast<int>(std::min(1000.0, 1000.0 * static_cast<double>(needed) / static_cast<double>(available))) : 1000);
  fit_->show();
  fit_bar_->show();
}

}  // namespace tokenmark
