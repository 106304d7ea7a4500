#include "app/desktop/devices_page.h"

#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSplitter>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "app/desktop/facts_view.h"
#include "app/desktop/look.h"
#include "app/desktop/models_page.h"
#include "app/desktop/program_job.h"
#include "app/desktop/program_question.h"
#include "app/desktop/theme_sheet.h"
#include "app/desktop/widgets.h"

namespace tokenmark {
namespace {

using Json = nlohmann::ordered_json;
using Facts = QList<std::pair<QString, QString>>;

QString text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}

double number_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

const Json& list_of(const Json& object, const char* key) {
  static const Json none = Json::array();
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_array() ? *found : none;
}

const Json& object_of(const Json& object, const char* key) {
  static const Json none = Json::object();
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_object() ? *found : none;
}

QString joined(const Json& names) {
  QStringList words;
  for (const Json& name : names)
    if (name.is_string()) words << QString::fromStdString(name.get<std::string>());
  return words.join(QStringLiteral(", "));
}

bool is_available(const Json& device) { return device.value("available", false); }

// A rate in the unit that people say it in: 10⁹ below a thousand of them, else 10¹².
QString rate(double giga, const QString& unit) {
  const bool tera = giga >= 1000;
  return QStringLiteral("%1 %2%3").arg(QLocale().toString(tera ? giga / 1000 : giga, 'f', tera || giga < 100 ? 1 : 0), tera ? "T" : "G", unit);
}

void addRate(Facts& facts, const QString& name, double giga, const QString& unit) {
  if (giga > 0) facts.push_back({name, rate(giga, unit)});
}

void addCeilings(Facts& facts, const Json& c) {
  addRate(facts, DevicesPage::tr("measured bandwidth"), number_of(c, "memory_gb_s"), QStringLiteral("B/s"));
  addRate(facts, DevicesPage::tr("measured BF16, matrix units"), number_of(c, "matrix_bf16_gflop_s"), QStringLiteral("FLOP/s"));
  addRate(facts, DevicesPage::tr("measured INT8, matrix units"), number_of(c, "matrix_int8_gop_s"), QStringLiteral("OP/s"));
  addRate(facts, DevicesPage::tr("measured F32"), number_of(c, "f32_gflop_s"), QStringLiteral("FLOP/s"));
  addRate(facts, DevicesPage::tr("measured BF16"), number_of(c, "bf16_gflop_s"), QStringLiteral("FLOP/s"));
  addRate(facts, DevicesPage::tr("measured INT8"), number_of(c, "int8_gop_s"), QStringLiteral("OP/s"));
}

QString tuning_text(const Json& tuning) {
  const QString state = text_of(tuning, "state");
  if (state == QLatin1String("used"))
    return DevicesPage::tr("%1 choices, %2 of them not the default: %3 % faster on average")
        .arg(number_of(tuning, "choices")).arg(number_of(tuning, "changed")).arg(100 * (number_of(tuning, "mean_gain") - 1), 0, 'f', 0);
  const QString why = text_of(tuning, "why");
  return why.isEmpty() ? DevicesPage::tr("not tuned: kernels are chosen by rule") : why;
}

Facts device_facts(const Json& device, const Json& measured) {
  Facts facts;
  const auto add = [&](const QString& name, const QString& value) {
    if (!value.isEmpty()) facts.push_back({name, value});
  };
  add(DevicesPage::tr("id"), text_of(device, "id"));
  add(DevicesPage::tr("plugin"), text_of(device, "plugin"));
  add(DevicesPage::tr("PCI id"), text_of(device, "pci_id"));
  if (!is_available(device)) return facts;
  add(DevicesPage::tr("memory"), bytes_text(static_cast<quint64>(number_of(device, "memory_bytes"))));
  add(DevicesPage::tr("compute units"), QLocale().toString(number_of(device, "compute_units"), 'f', 0));
  add(DevicesPage::tr("threads in lockstep"), QLocale().toString(number_of(device, "wave_size"), 'f', 0));
  add(DevicesPage::tr("formats at full rate"), joined(list_of(device, "native_formats")));
  add(DevicesPage::tr("formats converted on the way"), joined(list_of(device, "emulated_formats")));
  addRate(facts, DevicesPage::tr("specified bandwidth"), number_of(device, "peak_memory_gb_s"), QStringLiteral("B/s"));
  addRate(facts, DevicesPage::tr("specified BF16, dense"), 1000 * number_of(device, "peak_bf16_tflop_s"), QStringLiteral("FLOP/s"));
  addCeilings(facts, measured);
  if (const Json& tuning = object_of(device, "tuning"); !tuning.empty()) add(DevicesPage::tr("tuning"), tuning_text(tuning));
  return facts;
}

// What is beside the devices, the same whichever is chosen.
QList<FactsView::Table> tables_of(const Json& found) {
  FactsView::Table plugins{DevicesPage::tr("Plugins"), {DevicesPage::tr("plugin"), DevicesPage::tr("state")}, {}, true};
  for (const Json& plugin : list_of(found, "plugins")) {
    const QString why = text_of(plugin, "why"), build = text_of(plugin, "build");
    plugins.rows.push_back({text_of(plugin, "name"), why.isEmpty() ? DevicesPage::tr("loaded: %1").arg(build) : why});
  }
  FactsView::Table meters{DevicesPage::tr("Meters of power"), {DevicesPage::tr("meter"), DevicesPage::tr("reads, or why not")}, {}, true};
  const Json& metered = object_of(found, "meters");
  for (const Json& one : list_of(metered, "found")) {
    QStringList reads;
    for (const auto& [quantity, value] : object_of(one, "reads").items())
      if (value.is_number()) reads << QStringLiteral("%1 %2").arg(QString::fromStdString(quantity)).arg(value.get<double>(), 0, 'g', 4);
    const QString note = text_of(one, "note");
    if (!note.isEmpty()) reads << note;
    meters.rows.push_back({QStringLiteral("%1 · %2").arg(text_of(one, "source"), text_of(one, "name")), reads.join(QStringLiteral(", "))});
  }
  for (const Json& one : list_of(metered, "missing")) meters.rows.push_back({text_of(one, "source"), text_of(one, "why")});
  return {plugins, meters};
}

}  // namespace

DevicesPage::DevicesPage(QString program, QWidget* parent)
    : QWidget(parent), program_(std::move(program)), reader_(new ProgramQuestion(program_, this)) {
  setObjectName(QStringLiteral("devicesPage"));
  dress(*this);
  connect(reader_, &ProgramQuestion::answered, this, &DevicesPage::showAnswer);
  connect(reader_, &ProgramQuestion::failed, this, [this](const QString& said) { state_->setText(said.isEmpty() ? tr("The devices cannot be listed.") : said); });
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  auto* split = new QSplitter(Qt::Horizontal, this);
  split->setChildrenCollapsible(false);
  split->addWidget(makeList());
  split->addWidget(makeFacts());
  split->setSizes({420, 580});
  layout->addWidget(split);
  showSelected();
}

QWidget* DevicesPage::makeList() {
  auto* side = new QWidget(this);
  auto* layout = new QVBoxLayout(side);
  auto* top = new QHBoxLayout;
  state_ = new QLabel(side);
  state_->setObjectName(QStringLiteral("devicesState"));
  state_->setProperty("role", "muted");
  state_->setWordWrap(true);
  auto* again = make_button(side, "lookForDevices", tr("Look again"), tr("Look for devices, plugins and meters again"));
  top->addWidget(state_, 1);
  top->addWidget(again);
  layout->addLayout(top);
  list_ = make_list(side, "deviceList", tr("Devices of this machine"), {tr("Device"), tr("State")});
  list_->setAllColumnsShowFocus(true);
  list_->header()->setStretchLastSection(false);
  list_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  list_->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  layout->addWidget(list_, 1);
  connect(again, &QPushButton::clicked, this, &DevicesPage::lookAgain);
  connect(list_, &QTreeWidget::itemSelectionChanged, this, &DevicesPage::showSelected);
  return side;
}

QWidget* DevicesPage::makeFacts() {
  auto* side = new QWidget(this);
  auto* layout = new QVBoxLayout(side);
  title_ = new QLabel(side);
  title_->setObjectName(QStringLiteral("deviceTitle"));
  title_->setProperty("role", "title");
  title_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  title_->setWordWrap(true);
  note_ = new QLabel(side);
  note_->setObjectName(QStringLiteral("deviceNote"));
  note_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  note_->setWordWrap(true);
  facts_ = new FactsView(side, "deviceFacts", tr("Facts of the chosen device, plugins and meters"));
  auto* row = new QHBoxLayout;
  sweep_ = make_button(side, "sweepDevice", tr("New sweep …"), tr("Set up a sweep on this device"));
  sweep_->setProperty("role", "primary");
  measure_ = make_button(side, "calibrateDevices", tr("Measure ceilings"), tr("Measure what the devices reach at best: bandwidth and arithmetic"));
  tune_ = make_button(side, "tuneDevice", tr("Tune"), tr("Measure which kernels are fastest on this device, and use them from now on"));
  for (QPushButton* one : {sweep_, measure_, tune_}) row->addWidget(one);
  row->addStretch(1);
  layout->addWidget(title_);
  layout->addWidget(note_);
  layout->addSpacing(4);
  layout->addWidget(facts_, 1);
  layout->addLayout(row);
  connect(sweep_, &QPushButton::clicked, this, [this] {
    if (const Json* device = selected()) emit sweepWanted(text_of(*device, "id"));
  });
  connect(measure_, &QPushButton::clicked, this, &DevicesPage::measure);
  connect(tune_, &QPushButton::clicked, this, &DevicesPage::tune);
  return side;
}

void DevicesPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  lookOnce();
}

void DevicesPage::lookAgain() {
  looked_ = true;
  if (reader_->asking()) return;
  state_->setText(tr("Looking for devices …"));
  reader_->ask({QStringLiteral("devices"), QStringLiteral("--json")});
}

void DevicesPage::showAnswer(const QByteArray& text) {
  Json answer = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!answer.is_object()) return state_->setText(tr("The answer about the devices cannot be read."));
  const Json* before = selected();
  const QString chosen = !wanted_.isEmpty() ? wanted_ : before ? text_of(*before, "id") : QString();
  found_ = std::move(answer);
  list_->clear();
  ready_.clear();
  for (const Json& device : list_of(found_, "devices")) {
    const bool there = is_available(device);
    if (there) ready_ << text_of(device, "id");
    auto* item = new QTreeWidgetItem(list_, {text_of(device, "name"), there ? tr("ready") : tr("not available")});
    item->setData(0, Qt::UserRole, text_of(device, "id"));
    for (const int column : {0, 1}) item->setToolTip(column, there ? text_of(device, "name") : text_of(device, "why"));
  }
  colourList();
  state_->setText(ready_.size() == 1 ? tr("1 device is ready") : tr("%1 devices are ready").arg(ready_.size()));
  emit found(ready_);
  wanted_.clear();
  select(chosen);
  if (!selected() && list_->topLevelItemCount() > 0) list_->setCurrentItem(list_->topLevelItem(0));
}

void DevicesPage::select(const QString& id) {
  for (int row = 0; row < list_->topLevelItemCount(); ++row)
    if (list_->topLevelItem(row)->data(0, Qt::UserRole) == id) return list_->setCurrentItem(list_->topLevelItem(row));
  wanted_ = id;
}

void DevicesPage::colourList() {
  const Json& devices = list_of(found_, "devices");
  for (int row = 0; row < list_->topLevelItemCount(); ++row)
    for (const int column : {0, 1})
      list_->topLevelItem(row)->setForeground(column, palette().brush(is_available(devices[static_cast<std::size_t>(row)]) ? QPalette::Text : QPalette::PlaceholderText));
}

void DevicesPage::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) colourList();
}

const Json* DevicesPage::selected() const {
  const auto items = list_->selectedItems();
  const Json& devices = list_of(found_, "devices");
  if (items.isEmpty()) return nullptr;
  const auto row = static_cast<std::size_t>(list_->indexOfTopLevelItem(items.front()));
  return row < devices.size() ? &devices[row] : nullptr;
}

void DevicesPage::showSelected() {
  const Json* device = selected();
  const bool ready = device && is_available(*device);
  sweep_->setEnabled(ready);
  measure_->setEnabled(ready);
  tune_->setEnabled(ready && !object_of(*device, "tuning").empty());
  title_->setText(device ? text_of(*device, "name") : tr("No device chosen"));
  note_->setVisible(!ready);
  note_->setText(!device ? tr("Choose a device to see what it can do.") : tr("Cannot be used: %1").arg(text_of(*device, "why")));
  set_role(*note_, device ? "error" : "muted");
  if (!device) return facts_->showFacts({}, tables_of(found_));
  facts_->showFacts(device_facts(*device, object_of(ceilings_, text_of(*device, "id").toUtf8().constData())), tables_of(found_));
}

ProgramJob* DevicesPage::startJob(const QString& title, const QStringList& arguments) {
  auto* job = new ProgramJob(title, program_, arguments);
  job->keepOutputOutOfLog();
  connect(job, &ProgramJob::failed, this, [this, title](const QString& why) { emit failed(tr("%1: %2").arg(title, why)); });
  return job;
}

void DevicesPage::measure() {
  ProgramJob* job = startJob(tr("Measure ceilings"), {QStringLiteral("devices"), QStringLiteral("--calibrate"), QStringLiteral("--json")});
  connect(job, &ProgramJob::succeeded, this, [this](const QByteArray& text) {
    const Json answer = Json::parse(text.begin(), text.end(), nullptr, false);
    for (const Json& device : list_of(answer, "devices")) {
      const std::string id = device.value("id", "");
      if (device.contains("ceilings")) ceilings_[id] = device["ceilings"];
      else if (is_available(device)) emit failed(tr("Measure ceilings: %1: %2").arg(QString::fromStdString(id), text_of(device, "calibration_error")));
    }
    showAnswer(text);
  });
  emit jobWanted(job);
}

void DevicesPage::tune() {
  const Json* device = selected();
  if (!device) return;
  const QString id = text_of(*device, "id");
  ProgramJob* job = startJob(tr("Tune %1").arg(id), {QStringLiteral("devices"), QStringLiteral("--tune"), id, QStringLiteral("--json")});
  connect(job, &ProgramJob::succeeded, this, &DevicesPage::lookAgain);
  emit jobWanted(job);
}

}  // namespace tokenmark
