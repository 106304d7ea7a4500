// The fields of the sweep editor's form, group by group.
#include <QComboBox>
#include <QDoubleValidator>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <limits>

#include "app/desktop/offer_box.h"
#include "app/desktop/sweep_form_widget.h"
#include "core/load/api.h"

namespace tokenmark {
namespace {

constexpr int kLabels = 124;
constexpr int kDecimals = 15;

}  // namespace

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

void SweepFormWidget::name(QWidget* widget, const char* name, const QString& label, const QString& tip,
                           const QString& path) {
  widget->setObjectName(QString::fromLatin1(name));
  widget->setAccessibleName(label);
  widget->setToolTip(tip);
  widget->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  tips_.push_back({widget, path, tip});
}

QLineEdit* SweepFormWidget::line(QFormLayout* layout, const QString& label, const char* key, QString SweepForm::*member,
                                 const QString& tip, const QString& placeholder) {
  auto* edit = new QLineEdit(this);
  name(edit, key, label, tip, path_of(member));
  edit->setPlaceholderText(placeholder);
  layout->addRow(label, edit);
  connect(edit, &QLineEdit::textEdited, this, &SweepFormWidget::onEdit);
  lines_.push_back({edit, member});
  return edit;
}

// A text, not a spin box: what the file says is neither rounded nor written in another way.
QLineEdit* SweepFormWidget::real(QFormLayout* layout, const QString& label, const char* key, QString SweepForm::*member,
                                 double high, const QString& tip, const QString& placeholder) {
  QLineEdit* edit = line(layout, label, key, member, tip, placeholder);
  auto* valid = new QDoubleValidator(0, high, kDecimals, edit);
  valid->setLocale(QLocale::c());
  edit->setValidator(valid);
  return edit;
}

QSpinBox* SweepFormWidget::whole(QFormLayout* layout, const QString& label, const char* key, int SweepForm::*member, int low,
                                 const QString& tip, const QString& lowest) {
  auto* box = new QSpinBox(this);
  name(box, key, label, tip, path_of(member));
  box->setRange(low, std::numeric_limits<int>::max());   // what is too much is said by the check
  box->setSpecialValueText(lowest);
  layout->addRow(label, box);
  connect(box, &QSpinBox::valueChanged, this, &SweepFormWidget::onEdit);
  numbers_.push_back({box, member});
  return box;
}

QComboBox* SweepFormWidget::choice(QFormLayout* layout, const QString& label, const char* key, const QString& tip) {
  auto* box = new QComboBox(this);
  name(box, key, label, tip);
  box->setMinimumContentsLength(12);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  layout->addRow(label, box);
  return box;
}

OfferBox* SweepFormWidget::offers(const char* key, const QString& label, QString SweepForm::*member, const QString& tip) {
  auto* box = new OfferBox(this);
  name(box, key, label, tip, path_of(member));
  box->setMinimumContentsLength(12);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  connect(box, &QComboBox::editTextChanged, this, &SweepFormWidget::onEdit);
  return box;
}

void SweepFormWidget::setupGeneral() {
  QFormLayout* general = group(tr("Sweep"), this);
  line(general, tr("Name"), "sweepName", &SweepForm::name, tr("Shown in the list of runs"));
  node_ = choice(general, tr("Node"), "sweepNode", tr("Where it runs; the Nodes page keeps a list"));
  node_->addItems({tr("This machine"), tr("SSH host …")});
  host_ =
      line(general, tr("SSH host"), "sweepHost", &SweepForm::ssh_host, tr("user@host of another machine"), tr("user@host"));
  agent_ =
      line(general, tr("Agent there"), "sweepAgent", &SweepForm::ssh_agent, tr("Path of tokenmark-cli on that machine"));
  kind_ = choice(general, tr("Target"), "sweepTarget", tr("What is measured"));
  kind_->addItems({tr("Embedded engine"), tr("OpenAI-compatible server")});
  for (QComboBox* box : {node_, kind_}) connect(box, &QComboBox::currentIndexChanged, this, &SweepFormWidget::onEdit);
}

QWidget* SweepFormWidget::setupEngine() {
  auto* page = new QWidget(this);
  (new QVBoxLayout(page))->setContentsMargins(0, 0, 0, 0);
  QFormLayout* form = group(tr("Embedded engine"), page);
  model_ = offers("sweepModel", tr("Model"), &SweepForm::model,
                  tr("A model file, or shape:NAME:FORMAT for random weights of a known shape"));
  auto* file = new QToolButton(this);
  name(file, "sweepModelFile", tr("Choose a model file …"), tr("Choose a file …"));
  file->setText(QStringLiteral("…"));
  file->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  auto* row = new QHBoxLayout;
  row->setSpacing(4);
  row->addWidget(model_, 1);
  row->addWidget(file);
  form->addRow(tr("Model"), row);
  connect(file, &QToolButton::clicked, this, &SweepFormWidget::chooseModelFile);
  device_ = offers("sweepDevice", tr("Device"), &SweepForm::device, tr("Device that runs the model"));
  form->addRow(tr("Device"), device_);
  whole(form, tr("Threads"), "sweepThreads", &SweepForm::threads, 0, tr("0: one for each core"), tr("automatic"));
  whole(form, tr("Context"), "sweepContext", &SweepForm::context, 0,
        tr("Tokens of the longest sequence for which memory is kept; 0: as the model's file says"), tr("automatic"));
  return page;
}

QWidget* SweepFormWidget::setupEndpoint() {
  auto* page = new QWidget(this);
  (new QVBoxLayout(page))->setContentsMargins(0, 0, 0, 0);
  QFormLayout* form = group(tr("Server"), page);
  line(form, tr("URL"), "sweepUrl", &SweepForm::url, tr("http://host:port, without /v1"));
  line(form, tr("Model"), "sweepServedModel", &SweepForm::served_model, tr("The name under which the server serves it"));
  api_ = choice(form, tr("API"), "sweepApi", tr("The HTTP API that requests are sent to"));
  for (const Api& api : apis()) {
    if (api.media) continue;
    api_->addItem(QString::fromLatin1(api.name.data(), static_cast<qsizetype>(api.name.size())));
    api_->setItemData(api_->count() - 1, QString::fromLatin1(api.path.data(), static_cast<qsizetype>(api.path.size())),
                      Qt::ToolTipRole);
  }
  connect(api_, &QComboBox::currentIndexChanged, this, &SweepFormWidget::onEdit);
  line(form, tr("Key from"), "sweepKeyEnv", &SweepForm::api_key_env,
       tr("Name of the environment variable that holds the API key"), tr("no key"));
  line(form, tr("Tokenizer"), "sweepTokenizer", &SweepForm::tokenizer,
       tr("GGUF file whose vocabulary makes the prompts; empty: prompts are sent as token ids"), tr("prompts as token ids"));
  whole(form, tr("Accelerators"), "sweepGpus", &SweepForm::gpus, 0,
        tr("How many are behind it; figures for each GPU need it"), tr("not known"));
  line(form, tr("Hardware"), "sweepHardware", &SweepForm::hardware,
       tr("Which they are, as the prices name it: h200, b200 …"), tr("not known"));
  return page;
}

void SweepFormWidget::setupWorkload() {
  workload_ = group(tr("Workload"), this);
  whole(workload_, tr("Input tokens"), "sweepInput", &SweepForm::input, 1, tr("Length of a prompt"));
  whole(workload_, tr("Output tokens"), "sweepOutput", &SweepForm::output, 1, tr("Length of an answer"));
  real(workload_, tr("Range ratio"), "sweepRangeRatio", &SweepForm::range_ratio, 1,
       tr("r: lengths are uniform between r·L and L; 1: all equal"), QStringLiteral("1"));
  prefix_ = whole(workload_, tr("Shared prefix"), "sweepPrefix", &SweepForm::prefix, 0,
                  tr("Tokens that the prompts of a group share at their start, on top of the input"), tr("none"));
  prefix_groups_ = whole(workload_, tr("Prefix groups"), "sweepPrefixGroups", &SweepForm::prefix_groups, 1,
                         tr("How many different prefixes there are"));
  zipf_ = real(workload_, tr("Popularity"), "sweepPrefixZipf", &SweepForm::prefix_zipf, 100,
               tr("Zipf's exponent: the k-th group is asked for as often as k to the power of minus it; 0: all alike"),
               tr("all alike"));
  turns_ = whole(workload_, tr("Turns"), "sweepTurns", &SweepForm::turns, 1,
                 tr("Of a conversation; each is sent with all that was said before it"));
  think_ = real(workload_, tr("Think time, s"), "sweepThink", &SweepForm::think_s, 1e6,
                tr("Mean time between an answer and the next turn"), QStringLiteral("0"));
}

void SweepFormWidget::setupLoad() {
  load_ = group(tr("Load"), this);
  arrivals_ = choice(
      load_, tr("Requests come"), "sweepLoad",
      tr("Closed loop: so many at once, a new one when one ends. Open loop: at times that do not wait for the server"));
  arrivals_->addItem(tr("closed loop, by concurrency"), QStringLiteral("closed"));
  arrivals_->addItem(tr("open loop, evenly"), QStringLiteral("constant"));
  arrivals_->addItem(tr("open loop, Poisson"), QStringLiteral("poisson"));
  arrivals_->addItem(tr("open loop, gamma"), QStringLiteral("gamma"));
  connect(arrivals_, &QComboBox::currentIndexChanged, this, &SweepFormWidget::onLoadKind);
  concurrency_ = line(load_, tr("Concurrency"), "sweepConcurrency", &SweepForm::concurrency,
                      tr("Requests in flight, one point each: 1, 2, 4, 8"));
  rates_ =
      line(load_, tr("Rates, 1/s"), "sweepRates", &SweepForm::rates, tr("Requests a second, one point each: 0.5, 1, 2, 4"));
  requests_ = whole(load_, tr("Requests each"), "sweepRequests", &SweepForm::requests_per_concurrency, 1,
                    tr("Measured requests per concurrency"));
  min_requests_ = whole(load_, tr("At least"), "sweepMinRequests", &SweepForm::min_requests, 0,
                        tr("So many requests at any concurrency"), tr("no least number"));
  whole(load_, tr("Warm-ups each"), "sweepWarmups", &SweepForm::warmups_per_concurrency, 0,
        tr("Requests before the measurement, not counted"));
  duration_ = real(load_, tr("Duration, s"), "sweepDuration", &SweepForm::duration_s, 1e7,
                   tr("Nothing is sent later than this after the measurement began"), tr("no limit"));
  axis_ = choice(load_, tr("Also varies"), "sweepAxis", tr("One more field, with a point for each of its values"));
  axis_values_ = line(load_, tr("with"), "sweepAxisValues", &SweepForm::axis_values, tr("Its values: 1, 2, 4"));
  connect(axis_, &QComboBox::currentIndexChanged, this, &SweepFormWidget::onAxis);
  whole(load_, tr("Repeats"), "sweepRepeats", &SweepForm::repeats, 1, tr("How often each point is measured"));
}

void SweepFormWidget::setupLimits() {
  QFormLayout* limits = group(tr("Limits for goodput"), this);
  const QString tip = tr("Requests slower than this miss; empty: no limit");
  real(limits, tr("TTFT, s"), "sweepTtftLimit", &SweepForm::ttft_limit_s, 1e6, tip, tr("no limit"));
  real(limits, tr("TPOT, s"), "sweepTpotLimit", &SweepForm::tpot_limit_s, 1e6, tip, tr("no limit"));
}

}  // namespace tokenmark
