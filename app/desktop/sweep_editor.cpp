#include "app/desktop/sweep_editor.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QKeyEvent>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

#include "app/desktop/look.h"
#include "app/desktop/sweep_files.h"
#include "app/desktop/sweep_form_widget.h"
#include "app/desktop/sweep_plan.h"
#include "app/desktop/tasks.h"
#include "app/desktop/yaml_edit.h"
#include "core/node/node_list.h"
#include "core/sweep/forecast.h"

namespace tokenmark {
namespace {

// All of the text in one step of its history.
void replace_text(QPlainTextEdit& edit, const QString& text) {
  QTextCursor cursor(edit.document());
  cursor.beginEditBlock();
  cursor.select(QTextCursor::Document);
  cursor.insertText(text);
  cursor.endEditBlock();
}

// Those that the user can choose from; a damaged list is said on its page.
QStringList node_names() {
  QStringList names;
  for (const SshNode& node : read_nodes(node_list_path()).value_or(std::vector<SshNode>())) names << QString::fromStdString(node.name);
  return names;
}

struct Past {
  std::shared_ptr<const Forecaster> forecaster;
  QStringList nodes;
};

Past read_past_of(const std::filesystem::path& file) {
  std::unique_ptr<Store> store;
  std::error_code error;
  if (std::filesystem::exists(file, error)) store = Store::open(file).value_or(nullptr);
  return {std::make_shared<const Forecaster>(forecaster_of(store.get()).value_or(Forecaster())), node_names()};
}

}  // namespace

// What a check of the YAML found, made in another thread.
struct SweepEditor::Check {
  Result<Sweep> sweep;
  std::optional<SweepForm> form;   // absent: wrong, or more than the form shows
  PlannedSweep plan;
};

SweepEditor::SweepEditor(Tasks& tasks, std::filesystem::path store, QWidget* parent)
    : QDialog(parent), tasks_(tasks), store_(std::move(store)), forecaster_(std::make_shared<const Forecaster>()) {
  setObjectName(QStringLiteral("sweepEditor"));
  setWindowTitle(tr("New sweep"));
  setModal(false);
  resize(1040, 760);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
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
  connect(yaml_, &QPlainTextEdit::textChanged, this, [this] {
    from_form_ = writing_;
    checked_.reset();
    start_->setEnabled(false);
    typing_.start();
  });
  connect(&typing_, &QTimer::timeout, this, &SweepEditor::check);
  yaml_->setPlainText(to_yaml(form_->form()));   // where the history begins
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
  beyond_ = new QLabel(tr("This sweep says more than the form shows: edit it here."), side);
  beyond_->setObjectName(QStringLiteral("sweepBeyond"));
  set_role(*beyond_, "muted");
  beyond_->setMargin(8);
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
  save_ = button(tr("&Save as …"), "sweepSave", tr("Write the YAML into a file"));
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
  row->addSpacing(8);
  row->addWidget(verdict_, 1);
  row->addWidget(resume_);
  row->addWidget(close_);
  row->addWidget(start_);
  static_cast<QVBoxLayout*>(layout())->addLayout(row);
  connect(open_, &QPushButton::clicked, this, &SweepEditor::openFile);
  connect(save_, &QPushButton::clicked, this, &SweepEditor::saveFile);
  connect(close_, &QPushButton::clicked, this, &QDialog::close);
  connect(start_, &QPushButton::clicked, this, &SweepEditor::start);
}

void SweepEditor::setYaml(const QString& yaml) {
  if (yaml != this->yaml()) replace_text(*yaml_, yaml);
}
QString SweepEditor::yaml() const { return yaml_->toPlainText(); }

void SweepEditor::onFormEdited() {
  const QString text = to_yaml(form_->form());
  if (text == yaml()) return;
  writing_ = true;
  replace_text(*yaml_, text);
  writing_ = false;
}

void SweepEditor::check() {
  tasks_.start(QStringLiteral("sweep check"),
               [yaml = yaml().toStdString(), forecaster = forecaster_](std::stop_token) {
                 Check check{parse_sweep(yaml, "sweep"), std::nullopt, {}};
                 if (!check.sweep) return check;
                 check.form = form_of(*check.sweep);
                 check.plan = planned(*check.sweep, *forecaster);
                 return check;
               },
               [this](const Check& check) { showCheck(check); });
}

void SweepEditor::showCheck(const Check& check) {
  const bool by_form = from_form_;
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
  if (by_form || !checked_) return;
  beyond_->setVisible(!check.form);
  form_->setEnabled(check.form.has_value());
  if (check.form) form_->setForm(*check.form);
}

void SweepEditor::start() {
  if (!checked_) return;
  emit startWanted(*checked_, resume_->isChecked());
  close();
}

void SweepEditor::openFile() {
  auto* dialog = new QFileDialog(this, tr("Open a sweep file"), QString(), tr("Sweeps (*.yaml *.yml);;All files (*)"));
  dialog->setObjectName(QStringLiteral("sweepOpenDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, this, &SweepEditor::openPath);
  dialog->open();
}

void SweepEditor::openPath(const QString& path) {
  tasks_.start(QStringLiteral("sweep open"), [path](std::stop_token) { return read_sweep_text(path); },
               [this, path](const Result<QString>& text) {
                 if (!text) return emit failed(QString::fromStdString(text.error().message));
                 setYaml(*text);
                 sources_->remember(path);
               });
}

void SweepEditor::saveFile() {
  auto* dialog = new QFileDialog(this, tr("Save the sweep"), QString(), tr("Sweeps (*.yaml)"));
  dialog->setObjectName(QStringLiteral("sweepSaveDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(QStringLiteral("yaml"));
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    tasks_.start(QStringLiteral("sweep save"),
                 [path, text = yaml()](std::stop_token) { return write_sweep_text(path, text); },
                 [this, path](const Status& status) {
                   if (!status) return emit failed(QString::fromStdString(status.error().message));
                   sources_->remember(path);
                 });
  });
  dialog->open();
}

void SweepEditor::setTheme(const Theme& theme) { yaml_->setTheme(theme); }

}  // namespace tokenmark
