#include "app/desktop/connect_dialog.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include "app/desktop/facts_view.h"
#include "app/desktop/look.h"
#include "app/desktop/sweep_form.h"
#include "app/desktop/tasks.h"
#include "app/desktop/widgets.h"
#include "core/load/api.h"
#include "core/load/endpoint_url.h"

namespace tokenmark {
namespace {

constexpr auto kTypedKey = "TOKENMARK_API_KEY";   // where a typed key is put for the agent

QString text(const std::string& s) { return QString::fromStdString(s); }

QString time_text(const std::optional<double>& seconds) {
  if (!seconds) return ConnectDialog::tr("not reached");
  return *seconds < 1 ? ConnectDialog::tr("%1 ms").arg(*seconds * 1e3, 0, 'f', 1) : ConnectDialog::tr("%1 s").arg(*seconds, 0, 'f', 2);
}

QList<FactsView::Table> headers_of(const ProbeCall& call) {
  if (call.headers.empty()) return {};
  FactsView::Table table{ConnectDialog::tr("Headers of the answer"), {ConnectDialog::tr("header"), ConnectDialog::tr("value")}, {}, true};
  for (const auto& [name, value] : call.headers) table.rows.push_back({text(name), text(value)});
  return {table};
}

}  // namespace

QString sweep_of_server(const EndpointTarget& endpoint) {
  SweepForm form;
  form.name = ConnectDialog::tr("%1 at %2").arg(text(endpoint.model), text(endpoint.url));
  form.endpoint = true;
  form.url = text(endpoint.url);
  form.served_model = text(endpoint.model);
  form.api = text(endpoint.api);
  form.api_key_env = text(endpoint.api_key_env);
  form.input = 1024;
  form.output = 256;
  form.range_ratio = QStringLiteral("0.8");
  form.concurrency = QStringLiteral("1, 2, 4, 8, 16, 32");
  return to_yaml(form);
}

ConnectDialog::ConnectDialog(Tasks& tasks, QWidget* parent) : QDialog(parent), tasks_(tasks) {
  setObjectName(QStringLiteral("connectDialog"));
  setWindowTitle(tr("Connect to a server"));
  setModal(false);
  resize(720, 700);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 14, 16, 14);
  layout->setSpacing(10);
  setupForm();
  setupModels();
  setupAnswer();
  updateButtons();
}

void ConnectDialog::setupForm() {
  auto* form = new QFormLayout;
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  const auto line = [&](const QString& label, const char* name, const QString& tip, const QString& placeholder) {
    auto* edit = new QLineEdit(this);
    edit->setObjectName(QString::fromLatin1(name));
    edit->setAccessibleName(label);
    edit->setToolTip(tip);
    edit->setPlaceholderText(placeholder);
    form->addRow(label, edit);
    connect(edit, &QLineEdit::textChanged, this, &ConnectDialog::updateButtons);
    return edit;
  };
  url_ = line(tr("URL"), "connectUrl", tr("http://host:port, without /v1"), QStringLiteral("http://127.0.0.1:8000"));
  api_ = new QComboBox(this);
  api_->setObjectName(QStringLiteral("connectApi"));
  api_->setAccessibleName(tr("API"));
  api_->setToolTip(tr("The HTTP API that requests are sent to"));
  for (const Api& api : apis())
    if (!api.media) api_->addItem(text(std::string(api.name)));
  api_->setCurrentText(QStringLiteral("chat"));
  form->addRow(tr("API"), api_);
  key_env_ = line(tr("Key from"), "connectKeyEnv", tr("Name of the environment variable that holds the key; sweeps name it too"), tr("an environment variable; empty: no key"));
  key_ = line(tr("or key"), "connectKey", tr("Kept in this program's memory until it ends, never in a file"), tr("only until the program ends"));
  key_->setEchoMode(QLineEdit::Password);
  key_note_ = new QLabel(this);
  key_note_->setObjectName(QStringLiteral("connectKeyNote"));
  key_note_->setWordWrap(true);
  set_role(*key_note_, "muted");
  form->addRow(QString(), key_note_);
  static_cast<QVBoxLayout*>(layout())->addLayout(form);
}

void ConnectDialog::setupModels() {
  auto* row = new QHBoxLayout;
  ask_ = make_button(this, "connectAsk", tr("List its &models"), tr("Ask the server for the models that it serves"));
  set_role(*ask_, "primary");
  state_ = new QLabel(this);
  state_->setObjectName(QStringLiteral("connectState"));
  state_->setWordWrap(true);
  state_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  row->addWidget(ask_);
  row->addWidget(state_, 1);
  models_ = new QListWidget(this);
  models_->setObjectName(QStringLiteral("connectModels"));
  models_->setAccessibleName(tr("Models of the server"));
  models_->setMaximumHeight(90);
  auto* trial = new QHBoxLayout;
  auto* label = new QLabel(tr("Model"), this);
  model_ = new QLineEdit(this);
  model_->setObjectName(QStringLiteral("connectModel"));
  model_->setAccessibleName(tr("Model to try"));
  model_->setToolTip(tr("Chosen from the list, or typed where the server lists none"));
  output_ = new QSpinBox(this);
  output_->setObjectName(QStringLiteral("connectOutput"));
  output_->setAccessibleName(tr("Tokens to ask for"));
  output_->setToolTip(tr("Tokens of the answer"));
  output_->setRange(1, 4096);
  output_->setValue(64);
  output_->setSuffix(tr(" tokens"));
  try_ = make_button(this, "connectTry", tr("&Try one request"), tr("Send one request of the kind that a measurement sends"));
  for (QWidget* widget : std::initializer_list<QWidget*>{label, model_, output_, try_}) trial->addWidget(widget, widget == model_ ? 1 : 0);
  auto* all = static_cast<QVBoxLayout*>(layout());
  all->addLayout(row);
  all->addWidget(models_);
  all->addLayout(trial);
  connect(ask_, &QPushButton::clicked, this, &ConnectDialog::askModels);
  connect(url_, &QLineEdit::returnPressed, this, &ConnectDialog::askModels);
  connect(models_, &QListWidget::currentTextChanged, model_, &QLineEdit::setText);
  connect(model_, &QLineEdit::textChanged, this, &ConnectDialog::updateButtons);
  connect(try_, &QPushButton::clicked, this, &ConnectDialog::tryOne);
  for (QPushButton* button : {ask_, try_}) button->setAutoDefault(false);
}

void ConnectDialog::setupAnswer() {
  answer_ = new FactsView(this, "connectAnswer", tr("The trial request's answer"));
  sweep_ = make_button(this, "connectSweep", tr("New &sweep of it …"), tr("Set up a sweep of this server and model in the editor"));
  sweep_->setAutoDefault(false);
  auto* close = make_button(this, "connectClose", tr("Close"), tr("Close; what is typed stays until the program ends"));
  close->setAutoDefault(false);
  auto* row = new QHBoxLayout;
  row->addStretch(1);
  row->addWidget(close);
  row->addWidget(sweep_);
  auto* all = static_cast<QVBoxLayout*>(layout());
  all->addWidget(answer_, 1);
  all->addLayout(row);
  connect(close, &QPushButton::clicked, this, &QDialog::close);
  connect(sweep_, &QPushButton::clicked, this, &ConnectDialog::makeSweep);
}

EndpointTarget ConnectDialog::endpoint() const {
  EndpointTarget target;
  target.url = url_->text().trimmed().toStdString();
  target.model = model_->text().trimmed().toStdString();
  target.api = api_->currentText().toStdString();
  target.api_key_env = key_env_->text().trimmed().toStdString();
  if (target.api_key_env.empty() && !key_->text().isEmpty()) target.api_key_env = kTypedKey;
  return target;
}

Result<std::string> ConnectDialog::key() const {
  if (key_env_->text().trimmed().isEmpty()) return key_->text().toStdString();
  return api_key_of(endpoint());
}

void ConnectDialog::updateButtons() {
  const bool typed = key_env_->text().trimmed().isEmpty() && !key_->text().isEmpty();
  key_->setEnabled(key_env_->text().trimmed().isEmpty());
  key_note_->setVisible(typed);
  key_note_->setText(tr("A typed key is not stored. A sweep finds it in the variable %1 of this program and of the agent on this machine until the program ends; on other nodes set a variable there.")
                         .arg(QString::fromLatin1(kTypedKey)));
  const bool url = !url_->text().trimmed().isEmpty(), model = !model_->text().trimmed().isEmpty();
  ask_->setEnabled(url && !busy_);
  try_->setEnabled(url && model && !busy_);
  sweep_->setEnabled(url && model);
}

void ConnectDialog::showProblem(const QString& text) {
  state_->setText(text);
  set_role(*state_, "error");
}

void ConnectDialog::askModels() {
  if (busy_ || url_->text().trimmed().isEmpty()) return;
  const auto secret = key();
  if (!secret) return showProblem(text(secret.error().message));
  busy_ = true;
  updateButtons();
  set_role(*state_, "muted");
  state_->setText(tr("Asking …"));
  tasks_.start(QStringLiteral("server models"),
               [target = endpoint(), secret = *secret](std::stop_token stop) { return list_server_models(target, secret, stop, {.connect_s = 10, .answer_s = 20}); },
               [this](const ServerModels& models) { showModels(models); });
}

void ConnectDialog::showModels(const ServerModels& models) {
  busy_ = false;
  models_->clear();
  for (const std::string& id : models.ids) models_->addItem(text(id));
  if (models_->count() > 0) models_->setCurrentRow(0);
  if (!models.call.ok()) {
    showProblem(text(models.call.problem));
    answer_->showFacts({{tr("asked"), text(models.call.url)}, {tr("status"), models.call.status ? QString::number(models.call.status) : tr("no answer")}}, headers_of(models.call));
  } else {
    state_->setText(models.ids.size() == 1 ? tr("1 model, answered in %1").arg(time_text(models.call.end_s))
                                           : tr("%1 models, answered in %2").arg(models.ids.size()).arg(time_text(models.call.end_s)));
    set_role(*state_, "good");
  }
  updateButtons();
}

void ConnectDialog::tryOne() {
  const auto secret = key();
  if (!secret) return showProblem(text(secret.error().message));
  busy_ = true;
  updateButtons();
  set_role(*state_, "muted");
  state_->setText(tr("One request is on its way …"));
  tasks_.start(QStringLiteral("server trial"),
               [target = endpoint(), secret = *secret, output = output_->value()](std::stop_token stop) { return try_server(target, secret, output, stop); },
               [this](const TrialAnswer& trial) { showTrial(trial); });
}

void ConnectDialog::showTrial(const TrialAnswer& trial) {
  busy_ = false;
  updateButtons();
  if (trial.call.ok()) {
    state_->setText(trial.tok_s ? tr("It answers: first token after %1, then %2 tokens/s").arg(time_text(trial.ttft_s)).arg(*trial.tok_s, 0, 'f', 1)
                                : tr("It answers in %1").arg(time_text(trial.e2e_s)));
    set_role(*state_, "good");
  } else {
    showProblem(text(trial.call.problem));
  }
  QList<std::pair<QString, QString>> facts{{tr("asked"), text(trial.call.url)},
                                           {tr("status"), trial.call.status ? QString::number(trial.call.status) : tr("no answer")},
                                           {tr("connected after"), time_text(trial.call.connected_s)},
                                           {tr("first token (TTFT)"), time_text(trial.ttft_s)},
                                           {tr("last token"), time_text(trial.e2e_s)}};
  if (trial.tok_s) facts.push_back({tr("tokens/s after the first"), QString::number(*trial.tok_s, 'f', 1)});
  if (trial.output_tokens > 0)
    facts.push_back({tr("output tokens"), trial.counted ? tr("%1, as the server counts").arg(trial.output_tokens) : tr("%1 messages; the server does not count").arg(trial.output_tokens)});
  if (trial.input_tokens >= 0) facts.push_back({tr("input tokens"), QString::number(trial.input_tokens)});
  if (!trial.text.empty()) facts.push_back({tr("answer"), text(trial.text)});
  answer_->showFacts(facts, headers_of(trial.call));
}

void ConnectDialog::makeSweep() {
  const EndpointTarget target = endpoint();
  if (target.api_key_env == kTypedKey) qputenv(kTypedKey, key_->text().toUtf8());   // the agent inherits it
  emit sweepWanted(sweep_of_server(target));
}

}  // namespace tokenmark
