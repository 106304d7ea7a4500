#include "app/desktop/sweep_form_widget.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "resources/resources.h"

namespace tokenmark {
namespace {

constexpr int kLabels = 124;

// The shapes that the program knows, each in the format that is used most.
QStringList shape_models() {
  const std::string_view bytes = resource("shapes.json");
  const QJsonObject json =
      QJsonDocument::fromJson(QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size()))).object();
  QStringList models;
  for (const QJsonValue& shape : json["shapes"].toArray())
    models << QStringLiteral("shape:%1:q4_0").arg(shape["name"].toString());
  return models;
}

}  // namespace

SweepFormWidget::SweepFormWidget(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("sweepForm"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 10, 16, 12);
  layout->setSpacing(10);
  QFormLayout* general = group(tr("Sweep"), this);
  name_ = line(general, tr("Name"), "sweepName", tr("Shown in the list of runs"));
  node_ = choice(general, tr("Node"), "sweepNode", {tr("This machine"), tr("SSH host …")}, false, tr("Where it runs; the Nodes page keeps a list"));
  host_ = line(general, tr("SSH host"), "sweepHost", tr("user@host of another machine"));
  host_->setPlaceholderText(tr("user@host"));
  agent_ = line(general, tr("Agent there"), "sweepAgent", tr("Path of tokenmark-cli on that machine"));
  kind_ = choice(general, tr("Target"), "sweepTarget", {tr("Embedded engine"), tr("OpenAI-compatible server")}, false,
                 tr("What is measured"));
  target_ = new QStackedWidget(this);
  target_->addWidget(setupEngine());
  target_->addWidget(setupEndpoint());
  layout->addWidget(target_);
  setupLoad();
  layout->addStretch(1);
  setForm({});
}

QFormLayout* SweepFormWidget::group(const QString& title, QWidget* into) {
  auto* box = new QWidget(into);
  auto* form = new QFormLayout(box);
  form->setContentsMargins(0, 0, 0, 0);
  form->setHorizontalSpacing(12);
  form->setVerticalSpacing(6);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  auto* label = new QLabel(title, box);
  label->setProperty("role", "section");
  label->setFixedWidth(kLabels);   // the same column in all groups
  form->addRow(label, new QWidget(box));
  into->layout()->addWidget(box);
  return form;
}

void SweepFormWidget::name(QWidget* widget, const char* name, const QString& label, const QString& tip) {
  widget->setObjectName(QString::fromLatin1(name));
  widget->setAccessibleName(label);
  widget->setToolTip(tip);
  widget->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QLineEdit* SweepFormWidget::line(QFormLayout* layout, const QString& label, const char* key, const QString& tip) {
  auto* edit = new QLineEdit(this);
  name(edit, key, label, tip);
  layout->addRow(label, edit);
  connect(edit, &QLineEdit::textEdited, this, &SweepFormWidget::onEdit);
  return edit;
}

QSpinBox* SweepFormWidget::whole(QFormLayout* layout, const QString& label, const char* key, int low, int high,
                                 const QString& tip) {
  auto* box = new QSpinBox(this);
  name(box, key, label, tip);
  box->setRange(low, high);
  layout->addRow(label, box);
  connect(box, &QSpinBox::valueChanged, this, &SweepFormWidget::onEdit);
  return box;
}

QDoubleSpinBox* SweepFormWidget::real(QFormLayout* layout, const QString& label, const char* key, double high,
                                      const QString& tip) {
  auto* box = new QDoubleSpinBox(this);
  name(box, key, label, tip);
  box->setRange(0, high);
  box->setDecimals(3);
  box->setSingleStep(0.05);
  layout->addRow(label, box);
  connect(box, &QDoubleSpinBox::valueChanged, this, &SweepFormWidget::onEdit);
  return box;
}

QComboBox* SweepFormWidget::choice(QFormLayout* layout, const QString& label, const char* key, const QStringList& items,
                                   bool editable, const QString& tip) {
  auto* box = new QComboBox(this);
  name(box, key, label, tip);
  box->addItems(items);
  box->setEditable(editable);
  box->setMinimumContentsLength(12);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  layout->addRow(label, box);
  connect(box, &QComboBox::currentTextChanged, this, &SweepFormWidget::onEdit);
  return box;
}

QWidget* SweepFormWidget::setupEngine() {
  auto* page = new QWidget(this);
  (new QVBoxLayout(page))->setContentsMargins(0, 0, 0, 0);
  QFormLayout* form = group(tr("Embedded engine"), page);
  model_ = choice(form, tr("Model"), "sweepModel", shape_models(), true,
                  tr("A GGUF file, or shape:NAME:FORMAT for random weights of a known shape"));
  device_ = choice(form, tr("Device"), "sweepDevice", {QStringLiteral("cpu")}, true, tr("Device that runs the model"));
  threads_ = whole(form, tr("Threads"), "sweepThreads", 0, 1024, tr("0: one for each core"));
  threads_->setSpecialValueText(tr("automatic"));
  static_cast<QVBoxLayout*>(page->layout())->addStretch(1);
  return page;
}

QWidget* SweepFormWidget::setupEndpoint() {
  auto* page = new QWidget(this);
  (new QVBoxLayout(page))->setContentsMargins(0, 0, 0, 0);
  QFormLayout* form = group(tr("Server"), page);
  url_ = line(form, tr("URL"), "sweepUrl", tr("http://host:port, without /v1"));
  served_model_ = line(form, tr("Model"), "sweepServedModel", tr("The name under which the server serves it"));
  api_ = choice(form, tr("API"), "sweepApi", {QStringLiteral("completions"), QStringLiteral("chat")}, false,
                tr("/v1/completions or /v1/chat/completions"));
  key_env_ = line(form, tr("Key from"), "sweepKeyEnv", tr("Name of the environment variable that holds the API key"));
  key_env_->setPlaceholderText(tr("no key"));
  tokenizer_ = line(form, tr("Tokenizer"), "sweepTokenizer",
                    tr("GGUF file whose vocabulary makes the prompts; empty: prompts are sent as token ids"));
  tokenizer_->setPlaceholderText(tr("prompts as token ids"));
  return page;
}

void SweepFormWidget::setupLoad() {
  QFormLayout* workload = group(tr("Workload"), this);
  input_ = whole(workload, tr("Input tokens"), "sweepInput", 1, 1000000, tr("Length of a prompt"));
  output_ = whole(workload, tr("Output tokens"), "sweepOutput", 1, 1000000, tr("Length of an answer"));
  range_ratio_ = real(workload, tr("Range ratio"), "sweepRangeRatio", 1,
                      tr("r: lengths are uniform between r·L and L; 1: all equal"));
  QFormLayout* load = group(tr("Load"), this);
  concurrency_ = line(load, tr("Concurrency"), "sweepConcurrency", tr("Requests in flight, one point each: 1, 2, 4, 8"));
  requests_ = whole(load, tr("Requests each"), "sweepRequests", 1, 100000, tr("Measured requests per concurrency"));
  warmups_ = whole(load, tr("Warm-ups each"), "sweepWarmups", 0, 1000, tr("Requests before the measurement, not counted"));
  repeats_ = whole(load, tr("Repeats"), "sweepRepeats", 1, 100, tr("How often each point is measured"));
  QFormLayout* limits = group(tr("Limits for goodput"), this);
  ttft_limit_ = real(limits, tr("TTFT, s"), "sweepTtftLimit", 3600, tr("Requests slower than this miss; 0: no limit"));
  tpot_limit_ = real(limits, tr("TPOT, s"), "sweepTpotLimit", 3600, tr("Requests slower than this miss; 0: no limit"));
  for (QDoubleSpinBox* box : {ttft_limit_, tpot_limit_}) box->setSpecialValueText(tr("no limit"));
}

SweepForm SweepFormWidget::form() const {
  SweepForm form;
  form.name = name_->text();
  if (node_->currentIndex() > 1) form.node = node_->currentText();
  if (node_->currentIndex() == 1) form.ssh_host = host_->text().trimmed();
  form.ssh_agent = agent_->text().trimmed();
  form.endpoint = kind_->currentIndex() == 1;
  form.model = model_->currentText().trimmed();
  form.device = device_->currentText().trimmed();
  form.threads = threads_->value();
  form.url = url_->text().trimmed();
  form.served_model = served_model_->text().trimmed();
  form.api = api_->currentText();
  form.api_key_env = key_env_->text().trimmed();
  form.tokenizer = tokenizer_->text().trimmed();
  form.input = input_->value();
  form.output = output_->value();
  form.range_ratio = range_ratio_->value();
  form.concurrency = concurrency_->text();
  form.requests_per_concurrency = requests_->value();
  form.warmups_per_concurrency = warmups_->value();
  form.repeats = repeats_->value();
  form.ttft_limit_s = ttft_limit_->value();
  form.tpot_limit_s = tpot_limit_->value();
  return form;
}

void SweepFormWidget::setNodes(const QStringList& names) {
  const bool before = std::exchange(quiet_, true);
  const QString chosen = node_->currentIndex() > 1 ? node_->currentText() : QString();
  const int index = node_->currentIndex();
  while (node_->count() > 2) node_->removeItem(2);
  node_->addItems(names);
  if (!chosen.isEmpty() && node_->findText(chosen) < 0) node_->addItem(chosen);
  node_->setCurrentIndex(chosen.isEmpty() ? std::min(index, 1) : node_->findText(chosen));
  quiet_ = before;
}

// A name that is not in the list is still what the sweep says.
void SweepFormWidget::chooseNode(const SweepForm& form) {
  if (form.node.isEmpty()) return node_->setCurrentIndex(form.ssh_host.isEmpty() ? 0 : 1);
  if (node_->findText(form.node) < 2) node_->addItem(form.node);
  node_->setCurrentIndex(node_->findText(form.node));
}

void SweepFormWidget::updateParts() {
  target_->setCurrentIndex(kind_->currentIndex());
  host_->setEnabled(node_->currentIndex() == 1);
  agent_->setEnabled(node_->currentIndex() == 1);
}

void SweepFormWidget::setForm(const SweepForm& form) {
  quiet_ = true;
  const auto say = [](QLineEdit* edit, const QString& text) {
    if (edit->text() != text) edit->setText(text);
  };
  say(name_, form.name);
  chooseNode(form);
  if (node_->currentIndex() == 1) say(host_, form.ssh_host);
  say(agent_, form.ssh_agent);
  kind_->setCurrentIndex(form.endpoint ? 1 : 0);
  model_->setCurrentText(form.model);
  model_->lineEdit()->setCursorPosition(0);
  device_->setCurrentText(form.device);
  threads_->setValue(form.threads);
  say(url_, form.url);
  say(served_model_, form.served_model);
  api_->setCurrentText(form.api);
  say(key_env_, form.api_key_env);
  say(tokenizer_, form.tokenizer);
  input_->setValue(form.input);
  output_->setValue(form.output);
  range_ratio_->setValue(form.range_ratio);
  say(concurrency_, form.concurrency);
  requests_->setValue(form.requests_per_concurrency);
  warmups_->setValue(form.warmups_per_concurrency);
  repeats_->setValue(form.repeats);
  ttft_limit_->setValue(form.ttft_limit_s);
  tpot_limit_->setValue(form.tpot_limit_s);
  quiet_ = false;
  updateParts();
}

void SweepFormWidget::onEdit() {
  if (quiet_) return;
  updateParts();
  emit edited();
}

}  // namespace tokenmark
