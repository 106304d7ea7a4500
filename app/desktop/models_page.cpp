#include "app/desktop/models_page.h"

#include <QComboBox>
#include <QDialog>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProcess>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "app/desktop/program_job.h"
#include "app/desktop/tasks.h"

namespace tokenmark {
namespace {

constexpr auto kFoldersKey = "models/folders";
constexpr auto kScanTag = "look for models";
// Best first for most people; the words say what is given up.
const std::pair<const char*, const char*> kFormats[] = {
    {"q8_0", QT_TRANSLATE_NOOP("ModelsPage", "Q8_0 · 8.5 bits a value, hardly any loss")},
    {"q6_k", QT_TRANSLATE_NOOP("ModelsPage", "Q6_K · 6.6 bits, very little loss")},
    {"q5_k", QT_TRANSLATE_NOOP("ModelsPage", "Q5_K · 5.5 bits, little loss")},
    {"q4_k", QT_TRANSLATE_NOOP("ModelsPage", "Q4_K · 4.5 bits, the usual compromise")},
    {"q4_0", QT_TRANSLATE_NOOP("ModelsPage", "Q4_0 · 4.5 bits, simple and fast")},
    {"mxfp4", QT_TRANSLATE_NOOP("ModelsPage", "MXFP4 · 4.25 bits, OCP microscaling")},
    {"mxfp6", QT_TRANSLATE_NOOP("ModelsPage", "MXFP6 · 6.25 bits, OCP microscaling (this program only)")},
    {"fp8", QT_TRANSLATE_NOOP("ModelsPage", "FP8 · 8.25 bits, E4M3 in blocks (this program only)")},
    {"bf16", QT_TRANSLATE_NOOP("ModelsPage", "BF16 · 16 bits")},
};

QTreeWidget* tree(QWidget* parent, const char* name, const QString& accessible, const QStringList& columns) {
  auto* made = new QTreeWidget(parent);
  made->setObjectName(QString::fromLatin1(name));
  made->setAccessibleName(accessible);
  made->setHeaderLabels(columns);
  made->setRootIsDecorated(false);
  made->setUniformRowHeights(true);
  made->setAlternatingRowColors(true);
  return made;
}

QPushButton* button(QWidget* parent, const char* name, const QString& text, const QString& tip) {
  auto* made = new QPushButton(text, parent);
  made->setObjectName(QString::fromLatin1(name));
  made->setToolTip(tip);
  made->setAccessibleName(tip);
  return made;
}

QString folder_for_new_files(const ModelFile& model) {
  const QFileInfo file(QString::fromStdString(model.path));
  const bool cached = model.where == "Hugging Face" || model.where == "Ollama";  // their folders are theirs to keep
  return cached || file.isDir() ? QDir::homePath() : file.absolutePath();
}

QString file_stem(const ModelFile& model) {
  QString stem = QString::fromStdString(model.name).section(QStringLiteral(" · "), -1).section('/', -1);
  return stem.replace(':', '-');
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
    : QWidget(parent), tasks_(tasks), program_(std::move(program)), places_(std::move(places)) {
  setObjectName(QStringLiteral("modelsPage"));
  for (const QString& folder : QSettings().value(kFoldersKey).toStringList()) places_.own.push_back(folder.toStdString());
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  auto* split = new QSplitter(Qt::Horizontal, this);
  split->setChildrenCollapsible(false);
  split->addWidget(makeList());
  split->addWidget(makeFacts());
  split->setSizes({500, 500});
  layout->addWidget(split);
  showSelected();
}

ModelsPage::~ModelsPage() {
  if (!reader_) return;
  reader_->disconnect(this);
  reader_->kill();
  reader_->waitForFinished(1000);
}

QWidget* ModelsPage::makeList() {
  auto* side = new QWidget(this);
  auto* layout = new QVBoxLayout(side);
  auto* top = new QHBoxLayout;
  search_ = new QLineEdit(side);
  search_->setObjectName(QStringLiteral("modelSearch"));
  search_->setPlaceholderText(tr("Find a model"));
  search_->setClearButtonEnabled(true);
  top->addWidget(search_, 1);
  auto* add = button(side, "addModelFolder", tr("Add folder …"), tr("Look for models in another folder too"));
  auto* again = button(side, "rescanModels", tr("Look again"), tr("Look for new and deleted files"));
  top->addWidget(add);
  top->addWidget(again);
  layout->addLayout(top);
  list_ = tree(side, "modelList", tr("Models on this machine"), {tr("Model"), tr("Where"), tr("Size")});
  list_->header()->setStretchLastSection(false);
  list_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  layout->addWidget(list_, 1);
  empty_ = new QLabel(side);
  empty_->setObjectName(QStringLiteral("modelsEmpty"));
  empty_->setProperty("role", "muted");
  empty_->setWordWrap(true);
  layout->addWidget(empty_);
  connect(search_, &QLineEdit::textChanged, this, &ModelsPage::filter);
  connect(add, &QPushButton::clicked, this, &ModelsPage::askForFolder);
  connect(again, &QPushButton::clicked, this, &ModelsPage::rescan);
  connect(list_, &QTreeWidget::itemSelectionChanged, this, &ModelsPage::showSelected);
  return side;
}

QWidget* ModelsPage::makeFacts() {
  auto* side = new QWidget(this);
  auto* layout = new QVBoxLayout(side);
  title_ = new QLabel(side);
  title_->setObjectName(QStringLiteral("modelTitle"));
  title_->setProperty("role", "heading");
  title_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  title_->setWordWrap(true);
  note_ = new QLabel(side);
  note_->setObjectName(QStringLiteral("modelNote"));
  note_->setProperty("role", "muted");
  note_->setWordWrap(true);
  facts_ = tree(side, "modelFacts", tr("Facts of the chosen model"), {tr("Fact"), tr("Value")});
  facts_->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
  facts_->setWordWrap(true);
  facts_->setUniformRowHeights(false);
  facts_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* row = new QHBoxLayout;
  quantise_ = button(side, "quantiseModel", tr("Quantise …"), tr("Write this model in another number format"));
  measure_ = button(side, "measureModel", tr("Measure"), tr("Sweep the concurrency with this model on this machine"));
  row->addWidget(quantise_);
  row->addWidget(measure_);
  row->addStretch(1);
  layout->addWidget(title_);
  layout->addWidget(note_);
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
  if (!looked_) rescan();
}

void ModelsPage::rescan() {
  looked_ = true;
  empty_->setText(tr("Looking for models …"));
  empty_->show();
  tasks_.start(QString::fromLatin1(kScanTag), [places = places_](std::stop_token stop) { return find_models(places, stop); },
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
  }
  empty_->setText(tr("There are no models in the folders of Hugging Face, llama.cpp, Ollama and LM Studio. Add a folder "
                     "with GGUF files or safetensors, or measure a shape with random weights from a new sweep."));
  empty_->setVisible(models_.empty());
  filter(search_->text());
  wanted_.clear();
  if (!chosen.isEmpty()) select(chosen);
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
  facts_->clear();
  title_->setText(model ? QString::fromStdString(model->name) : tr("No model chosen"));
  note_->setText(model ? tr("Reading the file …") : tr("Choose a model to see what is in its file."));
  if (reader_) {
    reader_->disconnect(this);
    connect(reader_, &QProcess::finished, reader_, &QObject::deleteLater);
    reader_->kill();
    reader_ = nullptr;
  }
  if (!model) return;
  reader_ = new QProcess(this);
  connect(reader_, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
    const QByteArray out = reader_->readAllStandardOutput(), said = reader_->readAllStandardError();
    reader_->deleteLater();
    reader_ = nullptr;
    if (status == QProcess::NormalExit && code == 0) return showFacts(out);
    note_->setText(said.isEmpty() ? tr("The file cannot be read.") : QString::fromUtf8(said).trimmed());
  });
  connect(reader_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error == QProcess::FailedToStart) note_->setText(tr("%1 cannot be started.").arg(program_));
  });
  reader_->start(program_, {QStringLiteral("model"), QStringLiteral("info"), QString::fromStdString(model->path), QStringLiteral("--json")});
}

void ModelsPage::showFacts(const QByteArray& text) {
  const auto json = nlohmann::ordered_json::parse(text.begin(), text.end(), nullptr, false);
  const auto facts = json.is_object() ? json.find("facts") : json.end();
  if (facts == json.end() || !facts->is_object()) return note_->setText(tr("The answer about this file cannot be read."));
  const auto words = [](const auto& value) { return value.is_string() ? QString::fromStdString(value.template get<std::string>()) : QString(); };
  for (const auto& [name, value] : facts->items()) {
    auto* item = new QTreeWidgetItem(facts_, {QString::fromStdString(name), words(value)});
    item->setToolTip(1, item->text(1));
  }
  note_->setText(facts->contains("memory") ? words((*facts)["memory"]) : tr("This model can be run."));
  const auto fit = json.find("fit");
  const bool too_large = fit != json.end() && fit->is_object() && fit->value("fits", true) == false;
  quantise_->setEnabled(true);
  measure_->setEnabled(!too_large);
}

void ModelsPage::askForFolder() {
  const QString folder = QFileDialog::getExistingDirectory(this, tr("A folder with models"), QDir::homePath());
  if (!folder.isEmpty()) addFolder(folder);
}

void ModelsPage::addFolder(const QString& folder) {
  QSettings settings;
  QStringList folders = settings.value(kFoldersKey).toStringList();
  if (folders.contains(folder)) return rescan();
  folders << folder;
  settings.setValue(kFoldersKey, folders);
  places_.own.push_back(folder.toStdString());
  rescan();
}

void ModelsPage::askHowToQuantise() {
  const ModelFile* model = selected();
  if (!model) return;
  auto* dialog = new QDialog(this);
  dialog->setObjectName(QStringLiteral("quantiseDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Quantise %1").arg(QString::fromStdString(model->name)));
  auto* form = new QFormLayout(dialog);
  auto* format = new QComboBox(dialog);
  format->setObjectName(QStringLiteral("quantiseFormat"));
  for (const auto& [key, words] : kFormats) format->addItem(tr(words), QString::fromLatin1(key));
  auto* output = new QLineEdit(dialog);
  output->setObjectName(QStringLiteral("quantiseOutput"));
  output->setMinimumWidth(420);
  const QString base = folder_for_new_files(*model) + '/' + file_stem(*model);
  const auto suggest = [=] { output->setText(base + '-' + format->currentData().toString() + QStringLiteral(".gguf")); };
  connect(format, &QComboBox::currentIndexChanged, output, suggest);
  suggest();
  auto* exists = new QLabel(dialog);
  exists->setProperty("role", "muted");
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, dialog);
  buttons->button(QDialogButtonBox::Ok)->setText(tr("Quantise"));
  buttons->button(QDialogButtonBox::Ok)->setObjectName(QStringLiteral("quantiseOk"));
  const auto check = [=] {
    const bool there = QFileInfo::exists(output->text());
    exists->setText(there ? tr("There is a file of this name already.") : QString());
    buttons->button(QDialogButtonBox::Ok)->setEnabled(!there && !output->text().isEmpty());
  };
  connect(output, &QLineEdit::textChanged, exists, check);
  check();
  form->addRow(tr("Format"), format);
  form->addRow(tr("New file"), output);
  form->addRow(QString(), exists);
  form->addRow(buttons);
  connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, this, [=, this] {
    quantise(format->currentData().toString(), output->text());
    dialog->accept();
  });
  dialog->open();
}

void ModelsPage::quantise(const QString& format, const QString& output) {
  const ModelFile* model = selected();
  if (!model) return;
  const QString name = QString::fromStdString(model->name);
  auto* job = new ProgramJob(tr("Quantise %1 to %2").arg(name, format), program_,
                             {QStringLiteral("model"), QStringLiteral("make"), QStringLiteral("--from"), QString::fromStdString(model->path),
                              QStringLiteral("--format"), format, QStringLiteral("-o"), output});
  connect(job, &ProgramJob::failed, this, [this, name](const QString& why) { emit failed(tr("Quantise %1: %2").arg(name, why)); });
  connect(job, &ProgramJob::succeeded, this, [this, output] {
    wanted_ = output;
    const QString folder = QFileInfo(output).absolutePath();
    const bool known = std::ranges::any_of(models_, [&](const ModelFile& m) { return QString::fromStdString(m.path).startsWith(folder); });
    if (known) rescan();
    else addFolder(folder);
  });
  emit jobWanted(job);
}

}  // namespace tokenmark
