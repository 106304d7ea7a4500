#include "app/desktop/sweep_editor.h"

#include <QCheckBox>
#include <QKeyEvent>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

#include "app/desktop/look.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/sweep_files.h"
#include "app/desktop/sweep_form_widget.h"
#include "app/desktop/sweep_plan.h"
#include "app/desktop/tasks.h"
#include "app/desktop/yaml_edit.h"
#include "core/node/node_list.h"
#include "core/sweep/forecast.h"

namespace tokenmark {
namespace {

// Those that the user can choose from; a damaged list is said on its page.
QStringList node_names() {
  QStringList names;
  for (const SshNode& node : read_nodes(node_list_path()).value_or(std::vector<SshNode>())) names << QString::fromStdString(node.name);
  return names;
}

constexpr qsizetype kMostNamed = 6;

std::unique_ptr<Store> store_of(const std::filesystem::path& file) {
  std::error_code error;
  return std::filesystem::exists(file, error) ? Store::open(file).value_or(nullptr) : nullptr;
}

// Without an earlier run, or if the store cannot be read: all of it.
PlannedSweep plan_of(const Sweep& sweep, const Forecaster& forecaster, bool resume, const std::filesystem::path& file) {
  const auto store = resume ? store_of(file) : nullptr;
  RunnerOptions options;
  options.resume = resume;
  auto left = work_left(sweep, forecaster, store.get(), options);
  if (!left) left = work_left(sweep, forecaster, nullptr, options);
  return planned(sweep, forecaster, *left);
}

struct Past {
  std::shared_ptr<const Forecaster> forecaster;
  QStringList nodes;
};

Past read_past_of(const std::filesystem::path& file) {
  const auto store = store_of(file);
  return {std::make_shared<const Forecaster>(forecaster_of(store.get()).value_or(Forecaster())), node_names()};
}

}  // namespace

// What a check of the YAML found, made in another thread.
struct SweepEditor::Check {
  QString yaml;                        // what was checked
  Result<Sweep> sweep;
  std::optional<SweepFormView> form;   // absent: no YAML
  PlannedSweep plan;
};

SweepEditor::SweepEditor(Tasks& tasks, std::filesystem::path store, QWidget* parent)
    : QDialog(parent), tasks_(tasks), store_(std::move(store)), forecaster_(std::make_shared<const Forecaster>()) {
  setObjectName(QStringLiteral("sweepEditor"));
  setModal(false);
  resize(1040, 760);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  notes_ = new MessageBar(this);
  notes_->setObjectName(QStringLiteral("sweepNotes"));
  layout->addWidget(notes_);
  auto* split = new QSplitter(Qt::Horizontal, this);
  split->setObjectName(QStringLiteral("sweepSplit"));
  split->setChildrenCollapsible(false);
  auto* area = new QScrollArea(split);
  area->setWidgetResizable(true);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  form_ = new SweepFormWidget(area);
  area->setWidget(form_);
  area->setMinimumWidth(360);
  split->addWidget(area);
  split->addWidget(setupYaml());
  split->setStretchFactor(0, 2);
  split->setStretchFactor(1, 3);
  layout->addWidget(split, 1);
  setupButtons();

  typing_.setSingleShot(true);
  typing_.setInterval(120);
  connect(form_, &SweepFormWidget::edited, this, &SweepEditor::onFormEdited);
  connect(yaml_, &QPlainTextEdit::textChanged, this, &SweepEditor::onText);
  connect(yaml_->document(), &QTextDocument::modificationChanged, this, &QWidget::setWindowModified);
  connect(&typing_, &QTimer::timeout, this, &SweepEditor::check);
  yaml_->setPlainText(to_yaml(form_->form()));   // where the history begins
  updateTitle();
  setupUndo();
}

SweepEditor::~SweepEditor() = default;

// One history for both halves: the form's changes are changes of the text.
void SweepEditor::setupUndo() {
  for (QWidget* widget : form_->findChildren<QWidget*>()) widget->installEventFilter(this);
}

bool SweepEditor::eventFilter(QObject* object, QEvent* event) {
  if (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride) return QDialog::eventFilter(object, event);
  auto* key = static_cast<QKeyEvent*>(event);
  const bool undo = key->matches(QKeySequence::Undo), redo = key->matches(QKeySequence::Redo);
  if (!undo && !redo) return QDialog::eventFilter(object, event);
  key->accept();
  if (event->type() == QEvent::KeyPress) undo ? yaml_->undo() : yaml_->redo();
  return true;
}

void SweepEditor::showEvent(QShowEvent* event) {
  QDialog::showEvent(event);
  readPast();
}

void SweepEditor::readPast() {
  tasks_.start(QStringLiteral("sweep past"), [file = store_](std::stop_token) { return read_past_of(file); },
               [this](const Past& past) {
                 forecaster_ = past.forecaster;
                 form_->setNodes(past.nodes);
                 check();
               });
}

QWidget* SweepEditor::setupYaml() {
  auto* side = new QWidget(this);
  auto* layout = new QVBoxLayout(side);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  beyond_ = new QLabel(side);
  beyond_->setObjectName(QStringLiteral("sweepBeyond"));
  set_role(*beyond_, "muted");
  beyond_->setMargin(8);
  beyond_->setWordWrap(true);
  beyond_->hide();
  yaml_ = new YamlEdit(side);
  yaml_->setObjectName(QStringLiteral("sweepYaml"));
  yaml_->setAccessibleName(tr("The sweep as YAML"));
  problems_ = new QListWidget(side);
  problems_->setObjectName(QStringLiteral("sweepProblems"));
  problems_->setAccessibleName(tr("Problems"));
  problems_->setFrameShape(QFrame::NoFrame);
  problems_->setWordWrap(true);
  problems_->setMaximumHeight(130);
  problems_->hide();
  connect(problems_, &QListWidget::itemClicked, this,
          [this](const QListWidgetItem* item) { yaml_->goToLine(item->data(Qt::UserRole).toInt()); });
  plan_ = new SweepPlan(side);
  auto* halves = new QSplitter(Qt::Vertical, side);
  halves->setObjectName(QStringLiteral("sweepYamlSplit"));
  halves->setChildrenCollapsible(false);
  halves->addWidget(yaml_);
  halves->addWidget(plan_);
  halves->setSizes({420, 220});
  layout->addWidget(beyond_);
  layout->addWidget(halves, 1);
  layout->addWidget(problems_);
  return side;
}

void SweepEditor::setupButtons() {
  auto* row = new QHBoxLayout;
  row->setContentsMargins(14, 10, 14, 12);
  row->setSpacing(8);
  const auto button = [&](const QString& text, const char* name, const QString& tip) {
    auto* made = new QPushButton(text, this);
    made->setObjectName(QString::fromLatin1(name));
    made->setAccessibleName(QString(text).remove('&'));
    made->setToolTip(tip);
    made->setAutoDefault(false);
    return made;
  };
  open_ = button(tr("&Open …"), "sweepOpen", tr("Read a sweep file"));
  save_ = button(tr("Sa&ve"), "sweepSave", tr("Write the YAML into its file (Ctrl+S)"));
  save_->setShortcut(QKeySequence::Save);
  save_as_ = button(tr("Save &as …"), "sweepSaveAs", tr("Write the YAML into another file"));
  close_ = button(tr("Close"), "sweepClose", tr("Close the editor; the sweep stays in it"));
  start_ = button(tr("&Start"), "sweepStart", tr("Run the sweep (Ctrl+Return)"));
  start_->setShortcut(QKeySequence(tr("Ctrl+Return")));
  set_role(*start_, "primary");
  start_->setEnabled(false);
  resume_ = new QCheckBox(tr("Continue an earlier one"), this);
  resume_->setObjectName(QStringLiteral("sweepResume"));
  resume_->setAccessibleName(tr("Continue an earlier run of this sweep"));
  resume_->setToolTip(tr("Leave out the points that an earlier run of this very sweep has finished"));
  verdict_ = new QLabel(this);
  verdict_->setObjectName(QStringLiteral("sweepVerdict"));
  sources_ = new SweepSources(this);
  connect(sources_, &SweepSources::yamlChosen, this, &SweepEditor::setYaml);
  connect(sources_, &SweepSources::fileChosen, this, &SweepEditor::openPath);
  row->addWidget(sources_);
  row->addWidget(open_);
  row->addWidget(save_);
  row->addWidget(save_as_);
  row->addSpacing(8);
  row->addWidget(verdict_, 1);
  row->addWidget(resume_);
  row->addWidget(close_);
  row->addWidget(start_);
  static_cast<QVBoxLayout*>(layout())->addLayout(row);
  connect(open_, &QPushButton::clicked, this, &SweepEditor::openFile);
  connect(save_, &QPushButton::clicked, this, &SweepEditor::saveFile);
  connect(save_as_, &QPushButton::clicked, this, &SweepEditor::saveFileAs);
  connect(resume_, &QCheckBox::toggled, this, &SweepEditor::check);
  connect(close_, &QPushButton::clicked, this, &QDialog::close);
  connect(start_, &QPushButton::clicked, this, &SweepEditor::start);
}

QString SweepEditor::yaml() const { return yaml_->toPlainText(); }

void SweepEditor::onText() {
  form_stale_ = form_stale_ || !writing_;
  checked_.reset();
  start_->setEnabled(false);
  typing_.start();
  followHistory();
}

void SweepEditor::onFormEdited(const SweepForm& before, const SweepForm& after) {
  const Result<QString> text = with_changes(yaml(), before, after);
  if (!text) {
    notes_->say(Severity::warning, QString::fromStdString(text.error().message), QStringLiteral("form"));
    form_stale_ = true;
    return typing_.start();
  }
  notes_->clear(QStringLiteral("form"));
  writing_ = true;
  yaml_->replaceText(*text);
  writing_ = false;
}

void SweepEditor::check() {
  tasks_.start(QStringLiteral("sweep check"),
               [yaml = yaml(), forecaster = forecaster_, resume = resume_->isChecked(), file = store_](std::stop_token) {
                 Check check{yaml, parse_sweep(yaml.toStdString(), "sweep"), form_of(yaml), {}};
                 if (check.sweep) check.plan = plan_of(*check.sweep, *forecaster, resume, file);
                 return check;
               },
               [this](const Check& check) { showCheck(check); });
}

void SweepEditor::showCheck(const Check& check) {
  if (check.yaml != yaml()) return;    // the text has changed meanwhile and will be checked again
  QSet<int> lines;
  problems_->clear();
  if (!check.sweep) {
    for (const SweepProblem& problem : problems_of(check.sweep.error())) {
      auto* item = new QListWidgetItem(
          problem.line > 0 ? tr("Line %1: %2").arg(problem.line).arg(problem.text) : problem.text, problems_);
      item->setData(Qt::UserRole, problem.line);
      if (problem.line > 0) lines.insert(problem.line);
    }
  }
  yaml_->markLines(lines);
  problems_->setVisible(problems_->count() > 0);
  checked_ = check.sweep ? std::optional<Sweep>(*check.sweep) : std::nullopt;
  start_->setEnabled(checked_.has_value());
  if (checked_) {
    const auto points = checked_->points.size();
    verdict_->setText(points == 1 ? tr("1 point") : tr("%1 points").arg(points));
    plan_->showPlan(check.plan);
  } else {
    plan_->clear();
    verdict_->setText(problems_->count() == 1 ? tr("1 problem") : tr("%1 problems").arg(problems_->count()));
  }
  set_role(*verdict_, checked_ ? "muted" : "error");
  showForm(check.form);
}

void SweepEditor::showForm(const std::optional<SweepFormView>& form) {
  form_->setEnabled(form.has_value());
  if (form && std::exchange(form_stale_, false)) form_->setForm(form->form);
  if (form) form_->setVaried(form->varied);
  QStringList more = form ? form->beyond : QStringList();
  if (more.size() > kMostNamed) more = more.mid(0, kMostNamed) << tr("%1 more").arg(more.size() - kMostNamed);
  beyond_->setText(form ? tr("Besides what the form shows, the YAML says: %1.").arg(more.join(QStringLiteral(", ")))
                        : tr("The form waits until the YAML can be read."));
  beyond_->setVisible(!form || !more.isEmpty());
}

void SweepEditor::start() {
  if (!checked_) return;
  emit startWanted(*checked_, resume_->isChecked());
  close();
}

void SweepEditor::setModels(const std::vector<ModelFile>& models) { form_->setModels(models); }
void SweepEditor::setDevices(const QStringList& ids) { form_->setDevices(ids); }
void SweepEditor::setTheme(const Theme& theme) { yaml_->setTheme(theme); }

}  // namespace tokenmark
