#include "app/desktop/sweep_form_widget.h"

#include <QFileDialog>
#include <QFormLayout>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QSpinBox>
#include <QVBoxLayout>

#include "app/desktop/models_page.h"
#include "app/desktop/offer_box.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

constexpr int kThisMachine = 0, kSshHost = 1;   // of the nodes; the user's come behind

// The shapes that the program knows, each in the format that is used most.
QList<Offer> shape_models() {
  const std::string_view bytes = resource("shapes.json");
  const QJsonObject json =
      QJsonDocument::fromJson(QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size()))).object();
  QList<Offer> models;
  for (const QJsonValue& shape : json["shapes"].toArray())
    models << Offer{QStringLiteral("shape:%1:q4_0").arg(shape["name"].toString()),
                    {},
                    SweepFormWidget::tr("Random weights of this shape")};
  return models;
}

// The index of a value, which is added where it is not among the choices: it is still what the sweep says.
int index_of(QComboBox& box, const QString& value) {
  int index = box.findData(value);
  if (index >= 0) return index;
  box.addItem(value, value);
  return box.count() - 1;
}

void say(QLineEdit* edit, const QString& text) {
  if (edit->text() == text) return;
  edit->setText(text);
  edit->setCursorPosition(0);
}

}  // namespace

SweepFormWidget::SweepFormWidget(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("sweepForm"));
  quiet_ = true;
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 10, 16, 12);
  layout->setSpacing(10);
  setupGeneral();
  engine_ = setupEngine();
  server_ = setupEndpoint();
  for (QWidget* page : {engine_, server_}) layout->addWidget(page);
  setupWorkload();
  setupLoad();
  setupLimits();
  layout->addStretch(1);
  setForm({});
}

bool SweepFormWidget::atHere() const { return node_->currentIndex() == kThisMachine; }

SweepForm SweepFormWidget::form() const {
  SweepForm form;
  for (const Line& one : lines_) form.*one.member = one.edit->text().trimmed();
  for (const Number& one : numbers_) form.*one.member = one.box->value();
  if (node_->currentIndex() > kSshHost) form.node = node_->currentText();
  if (node_->currentIndex() != kSshHost) form.ssh_host.clear();
  form.endpoint = kind_->currentIndex() == 1;
  form.model = model_->currentText().trimmed();
  form.device = device_->currentText().trimmed();
  form.api = api_->currentText();
  form.arrivals = arrivals_->currentData().toString();
  form.axis = axis_->currentData().toString();
  if (form.axis.isEmpty()) form.axis_values.clear();
  return form;
}

void SweepFormWidget::setForm(const SweepForm& form) {
  quiet_ = true;
  chooseNode(form);
  for (const Line& one : lines_)
    if (one.edit != host_ || node_->currentIndex() == kSshHost) say(one.edit, form.*one.member);
  for (const Number& one : numbers_) one.box->setValue(form.*one.member);
  kind_->setCurrentIndex(form.endpoint ? 1 : 0);
  for (const auto& [box, text] : {std::pair{model_, form.model}, std::pair{device_, form.device}}) {
    if (box->currentText() == text) continue;
    box->setCurrentText(text);
    box->lineEdit()->setCursorPosition(0);
  }
  if (api_->findText(form.api) < 0) api_->addItem(form.api);
  api_->setCurrentText(form.api);
  arrivals_->setCurrentIndex(index_of(*arrivals_, form.arrivals));
  updateAxes();
  axis_->setCurrentIndex(index_of(*axis_, form.axis));
  updateParts();
  shown_ = this->form();
  quiet_ = false;
}

void SweepFormWidget::setVaried(const QStringList& paths) {
  for (const Tip& one : tips_) {
    if (one.path.isEmpty() && one.widget != concurrency_ && one.widget != rates_) continue;
    const QString path = one.widget == concurrency_ ? QStringLiteral("load.concurrency")
                         : one.widget == rates_     ? QStringLiteral("load.rate")
                                                    : one.path;
    const bool varied = paths.contains(path);
    one.widget->setEnabled(!varied);
    one.widget->setToolTip(varied ? tr("%1\nVaries here: an axis of the YAML gives its values").arg(one.text) : one.text);
  }
  prefix_->setProperty("varied", paths.contains(path_of(&SweepForm::prefix)));
  turns_->setProperty("varied", paths.contains(path_of(&SweepForm::turns)));
  updateParts();
}

QString SweepFormWidget::pathOf(const QWidget* widget) const {
  const auto found = std::find_if(tips_.begin(), tips_.end(), [&](const Tip& one) { return one.widget == widget; });
  return found == tips_.end() ? QString() : found->path;
}

void SweepFormWidget::setNodes(const QStringList& names) {
  const bool before = std::exchange(quiet_, true);
  const QString chosen = node_->currentIndex() > kSshHost ? node_->currentText() : QString();
  const int index = node_->currentIndex();
  while (node_->count() > kSshHost + 1) node_->removeItem(kSshHost + 1);
  node_->addItems(names);
  if (!chosen.isEmpty() && node_->findText(chosen) < 0) node_->addItem(chosen);
  node_->setCurrentIndex(chosen.isEmpty() ? std::min(index, kSshHost) : node_->findText(chosen));
  quiet_ = before;
}

// A name that is not in the list is still what the sweep says.
void SweepFormWidget::chooseNode(const SweepForm& form) {
  if (form.node.isEmpty()) return node_->setCurrentIndex(form.ssh_host.isEmpty() ? kThisMachine : kSshHost);
  if (node_->findText(form.node) <= kSshHost) node_->addItem(form.node);
  node_->setCurrentIndex(node_->findText(form.node));
}

void SweepFormWidget::setModels(const std::vector<ModelFile>& models) {
  models_ = models;
  updateOffers();
}

void SweepFormWidget::setDevices(const QStringList& ids) {
  devices_ = ids;
  updateOffers();
}

// What lies on this machine is of no use to another.
void SweepFormWidget::updateOffers() {
  QList<Offer> models, devices{{QStringLiteral("cpu"), {}, {}}};
  if (atHere()) {
    for (const ModelFile& file : models_)
      models << Offer{
          QString::fromStdString(file.path),
          tr("%1 · %2, %3")
              .arg(QString::fromStdString(file.name), QString::fromStdString(file.where), bytes_text(file.bytes)),
          QString::fromStdString(file.path)};
    for (const QString& id : devices_)
      if (id != QLatin1String("cpu")) devices << Offer{id, {}, {}};
  }
  static const QList<Offer> shapes = shape_models();
  model_->setOffers(models + shapes);
  device_->setOffers(devices);
}

void SweepFormWidget::chooseModelFile() {
  auto* dialog = new QFileDialog(this, tr("Choose a model file"), QString(), tr("Models (*.gguf);;All files (*)"));
  dialog->setObjectName(QStringLiteral("sweepModelDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, model_, &QComboBox::setEditText);
  dialog->open();
}

// The fields that can vary are those of the target.
void SweepFormWidget::updateAxes() {
  const bool endpoint = kind_->currentIndex() == 1;
  if (axis_->count() > 0 && axis_->property("endpoint").toBool() == endpoint) return;
  const bool before = std::exchange(quiet_, true);
  const QString chosen = axis_->currentData().toString();
  axis_->setProperty("endpoint", endpoint);
  axis_->clear();
  axis_->addItem(tr("nothing else"), QString());
  for (const QString& name : axis_names(endpoint)) axis_->addItem(name, name);
  axis_->setCurrentIndex(index_of(*axis_, chosen));
  quiet_ = before;
}

// What is not asked is not shown.
void SweepFormWidget::updateParts() {
  const bool closed = arrivals_->currentData() == QLatin1String("closed");
  const bool prefix = prefix_->value() > 0 || prefix_->property("varied").toBool() || prefix_groups_->value() != 1 ||
                      !zipf_->text().isEmpty();
  const bool turns = turns_->value() > 1 || turns_->property("varied").toBool() || !think_->text().isEmpty();
  engine_->setVisible(kind_->currentIndex() == 0);
  server_->setVisible(kind_->currentIndex() == 1);
  host_->setEnabled(node_->currentIndex() == kSshHost);
  agent_->setEnabled(node_->currentIndex() == kSshHost);
  for (QWidget* row : {static_cast<QWidget*>(prefix_groups_), static_cast<QWidget*>(zipf_)})
    workload_->setRowVisible(row, prefix);
  workload_->setRowVisible(think_, turns);
  for (QWidget* row : std::initializer_list<QWidget*>{concurrency_, requests_, min_requests_})
    load_->setRowVisible(row, closed);
  load_->setRowVisible(rates_, !closed);
  load_->setRowVisible(axis_values_, !axis_->currentData().toString().isEmpty());
  updateOffers();
}

// With what the other kind of load cannot do without, and without what it would not end by.
void SweepFormWidget::onLoadKind() {
  if (quiet_) return;
  if (arrivals_->currentData() == QLatin1String("closed")) {
    duration_->clear();
    if (concurrency_->text().isEmpty()) concurrency_->setText(SweepForm().concurrency);
  } else {
    if (duration_->text().isEmpty()) duration_->setText(QStringLiteral("60"));
    if (rates_->text().isEmpty()) rates_->setText(QStringLiteral("1, 2, 4"));
  }
  onEdit();
}

// It begins with the one value that the field has.
void SweepFormWidget::onAxis() {
  if (quiet_) return;
  const QString name = axis_->currentData().toString(), last = name.mid(name.lastIndexOf('.') + 1);
  axis_values_->clear();
  const SweepForm now = form();
  for (const FormField& field : form_fields()) {
    const QString path = QString::fromLatin1(field.path);
    const bool other = path.startsWith(now.endpoint ? QLatin1String("target.engine") : QLatin1String("target.endpoint"));
    if (!other && path.endsWith('.' + last)) axis_values_->setText(value_of(now, field));
  }
  onEdit();
}

void SweepFormWidget::onEdit() {
  if (quiet_) return;
  quiet_ = true;
  updateAxes();
  updateParts();
  quiet_ = false;
  const SweepForm before = std::exchange(shown_, form());
  if (before != shown_) emit edited(before, shown_);
}

}  // namespace tokenmark
