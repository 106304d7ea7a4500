#include "app/desktop/nodes_page.h"

#include <QDateTime>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QProcess>
#include <QPushButton>
#include <QSplitter>
#include <QTreeWidget>
#include <QUndoStack>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/change.h"
#include "app/desktop/facts_view.h"
#include "app/desktop/job_queue.h"
#include "app/desktop/jobs_dock.h"
#include "app/desktop/look.h"
#include "app/desktop/node_report.h"
#include "app/desktop/program_question.h"
#include "app/desktop/sweep_job.h"
#include "app/desktop/tasks.h"
#include "app/desktop/theme_sheet.h"
#include "app/desktop/widgets.h"
#include "core/node/node_list.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;
const QString kLocal = QStringLiteral("local");

QString text(const std::string& s) { return QString::fromStdString(s); }

// As a shell would take them apart, quotes included.
std::vector<std::string> options_from(const QString& line) {
  std::vector<std::string> options;
  for (const QString& one : QProcess::splitCommand(line)) options.push_back(one.toStdString());
  return options;
}

Json as_json(const SshNode& node) { return {{"ssh", node.host}, {"agent", node.agent}, {"options", node.options}}; }

QString options_text(const std::vector<std::string>& options) {
  QStringList parts;
  for (const std::string& one : options) parts << (text(one).contains(' ') ? QStringLiteral("\"%1\"").arg(text(one)) : text(one));
  return parts.join(' ');
}

}  // namespace

NodesPage::NodesPage(Tasks& tasks, QString program, QUndoStack& undo, QWidget* parent)
    : QWidget(parent), tasks_(tasks), program_(std::move(program)), undo_(undo), file_(node_list_path()),
      reports_file_(file_.parent_path() / "node-reports.json") {
  setObjectName(QStringLiteral("nodesPage"));
  dress(*this);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  auto* split = new QSplitter(Qt::Horizontal, this);
  split->setChildrenCollapsible(false);
  split->addWidget(setupList());
  split->addWidget(setupNode());
  split->setSizes({380, 620});
  layout->addWidget(split);
  fillList();
  select(kLocal);
}

QWidget* NodesPage::setupList() {
  auto* side = new QWidget(this);
  auto* layout = new QVBoxLayout(side);
  auto* row = new QHBoxLayout;
  add_ = make_button(side, "addNode", tr("Add a node"), tr("Add a host that is reached over SSH"));
  remove_ = make_button(side, "removeNode", tr("Remove"), tr("Take the chosen node out of the list"));
  row->addWidget(add_);
  row->addWidget(remove_);
  row->addStretch(1);
  list_ = make_list(side, "nodeList", tr("Nodes"), {tr("Node"), tr("Host"), tr("State")});
  list_->setAllColumnsShowFocus(true);
  list_->header()->setStretchLastSection(false);
  list_->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
  list_->header()->setSectionResizeMode(1, QHeaderView::Stretch);
  list_->header()->setSectionResizeMode(2, QHeaderView::ResizeToContents);
  layout->addLayout(row);
  layout->addWidget(list_, 1);
  connect(add_, &QPushButton::clicked, this, &NodesPage::addNode);
  connect(remove_, &QPushButton::clicked, this, &NodesPage::removeNode);
  connect(list_, &QTreeWidget::itemSelectionChanged, this, [this] {
    adding_ = false;
    showSelected();
  });
  return side;
}

QWidget* NodesPage::setupNode() {
  auto* side = new QWidget(this);
  auto* layout = new QVBoxLayout(side);
  title_ = new QLabel(side);
  title_->setObjectName(QStringLiteral("nodeTitle"));
  title_->setProperty("role", "title");
  note_ = new QLabel(side);
  note_->setObjectName(QStringLiteral("nodeNote"));
  note_->setWordWrap(true);
  note_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  layout->addWidget(title_);
  layout->addWidget(note_);
  setupForm(layout);
  auto* row = new QHBoxLayout;
  test_ = make_button(side, "testNode", tr("Test connection"), tr("Look step by step whether this node can measure"));
  sweep_ = make_button(side, "sweepNode", tr("New sweep …"), tr("Set up a sweep on this node"));
  set_role(*test_, "primary");
  row->addWidget(test_);
  row->addWidget(sweep_);
  row->addStretch(1);
  layout->addLayout(row);
  steps_ = make_list(side, "nodeSteps", tr("Steps of the test"), {tr("Step"), tr("State"), tr("Found")});
  steps_->setWordWrap(true);
  steps_->setUniformRowHeights(false);
  steps_->setSelectionMode(QAbstractItemView::NoSelection);
  steps_->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
  steps_->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  facts_ = new FactsView(side, "nodeFacts", tr("Facts of the chosen node"));
  layout->addWidget(steps_, 2);
  layout->addWidget(facts_, 3);
  connect(test_, &QPushButton::clicked, this, &NodesPage::test);
  connect(sweep_, &QPushButton::clicked, this, [this] { emit sweepWanted(selected()); });
  return side;
}

void NodesPage::setupForm(QVBoxLayout* layout) {
  form_ = new QWidget(this);
  auto* form = new QFormLayout(form_);
  form->setContentsMargins(0, 4, 0, 4);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  const auto line = [&](const QString& label, const char* name, const QString& tip) {
    auto* edit = new QLineEdit(form_);
    edit->setObjectName(QString::fromLatin1(name));
    edit->setAccessibleName(label);
    edit->setToolTip(tip);
    form->addRow(label, edit);
    connect(edit, &QLineEdit::textEdited, this, [this] { apply_->setEnabled(true); });
    connect(edit, &QLineEdit::returnPressed, this, &NodesPage::applyForm);
    return edit;
  };
  name_ = line(tr("Name"), "nodeName", tr("How sweeps name it: node: NAME"));
  host_ = line(tr("Host"), "nodeHost", tr("user@host, or a Host of your SSH configuration"));
  agent_ = line(tr("Program there"), "nodeAgent", tr("Path of tokenmark-cli on that machine"));
  options_ = line(tr("SSH options"), "nodeOptions", tr("Further arguments of ssh, such as: -p 2222"));
  host_->setPlaceholderText(tr("user@host"));
  options_->setPlaceholderText(tr("none"));
  apply_ = make_button(form_, "applyNode", tr("Save"), tr("Write this node into the list"));
  form->addRow(QString(), apply_);
  layout->addWidget(form_);
  connect(apply_, &QPushButton::clicked, this, &NodesPage::applyForm);
}

void NodesPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  read();   // another program may have changed it
}

void NodesPage::read() {
  tasks_.start(
      QStringLiteral("nodes"),
      [file = file_, reports = reports_file_](std::stop_token) {
        return std::pair(read_nodes(file), read_node_reports(reports));
      },
      [this](std::pair<Result<std::vector<SshNode>>, NodeReports> found) {
        auto& [nodes, reports] = found;
        if (!nodes) return emit failed(text(nodes.error().message));
        if (!read_) takeReports(*nodes, reports);
        showNodes(*std::move(nodes));
      });
}

// Those of nodes that are still what was tested.
void NodesPage::takeReports(const std::vector<SshNode>& nodes, const NodeReports& reports) {
  const auto take = [&](const QString& name, const Json& node) {
    const auto report = reports.constFind(name);
    if (report != reports.constEnd() && !reports_.contains(name) && report->value("of", Json()) == node)
      reports_[name] = *report;
  };
  take(kLocal, Json());
  for (const SshNode& node : nodes) take(text(node.name), as_json(node));
  showReport();
}

// Written outside of the window's thread; that it could not be is no harm.
void NodesPage::keepReports() {
  tasks_.start(
      QStringLiteral("node reports"),
      [file = reports_file_, reports = reports_](std::stop_token) { return write_node_reports(file, reports); },
      [](bool) {});
}

void NodesPage::showNodes(std::vector<SshNode> nodes) {
  if (read_ && nodes == nodes_) return;
  read_ = true;
  nodes_ = std::move(nodes);
  const QString chosen = selected();
  if (adding_) return;   // what is typed stays
  fillList();
  select(chosen);
}

QString NodesPage::stateOf(const QString& name) const {
  if (running_.contains(name)) return tr("measuring");
  if (testing_.contains(name)) return tr("testing …");
  if (!reports_.contains(name)) return tr("not tested");
  const bool other = of_other_version(reports_[name]);
  if (!node_usable(reports_[name])) return other ? tr("other version") : tr("not usable");
  return other ? tr("ready, other version") : tr("ready");
}

void NodesPage::fillList() {
  const QSignalBlocker quiet(list_);
  list_->clear();
  new QTreeWidgetItem(list_, {tr("This machine"), QString(), stateOf(kLocal)});
  list_->topLevelItem(0)->setData(0, Qt::UserRole, kLocal);
  for (const SshNode& node : nodes_) {
    auto* item = new QTreeWidgetItem(list_, {text(node.name), text(node.host), stateOf(text(node.name))});
    item->setData(0, Qt::UserRole, text(node.name));
    item->setToolTip(1, text(node.host));
  }
}

QString NodesPage::selected() const {
  const auto items = list_->selectedItems();
  return items.isEmpty() ? kLocal : items.first()->data(0, Qt::UserRole).toString();
}

void NodesPage::select(const QString& name) {
  {
    const QSignalBlocker quiet(list_);
    list_->setCurrentItem(list_->topLevelItem(0));
    for (int row = 0; row < list_->topLevelItemCount(); ++row)
      if (list_->topLevelItem(row)->data(0, Qt::UserRole) == name) list_->setCurrentItem(list_->topLevelItem(row));
  }
  showSelected();
}

void NodesPage::showSelected() {
  const QString name = selected();
  SshNode shown;
  for (const SshNode& node : nodes_)
    if (text(node.name) == name) shown = node;
  const bool local = name == kLocal && !adding_;
  title_->setText(adding_ ? tr("A new node") : local ? tr("This machine") : name);
  form_->setVisible(!local);
  if (adding_) shown = {};
  name_->setText(text(shown.name));
  host_->setText(text(shown.host));
  agent_->setText(text(shown.agent));
  options_->setText(options_text(shown.options));
  apply_->setEnabled(adding_);
  remove_->setEnabled(!local && !adding_);
  test_->setEnabled(!adding_ && !testing_.contains(name));
  sweep_->setEnabled(!adding_);
  showReport();
}

void NodesPage::showReport() {
  const QString name = selected();
  const Json report = adding_ ? Json() : reports_.value(name);
  fill_steps(*steps_, report);
  note_->setText(adding_ ? tr("The login must work without a password: a key in your SSH agent or configuration. tokenmark-cli must be on that machine; it needs nothing else there.")
                         : node_note(report, testing_.contains(name), running_.value(name)));
  set_role(*note_, report.is_object() && !node_usable(report) ? "error" : "muted");
  facts_->showFacts(node_facts(report), node_tables(report));
  const QSignalBlocker quiet(list_);
  for (int row = 0; row < list_->topLevelItemCount(); ++row)
    list_->topLevelItem(row)->setText(2, stateOf(list_->topLevelItem(row)->data(0, Qt::UserRole).toString()));
}

void NodesPage::addNode() {
  {
    const QSignalBlocker quiet(list_);
    list_->clearSelection();
  }
  adding_ = true;
  showSelected();
  name_->setFocus();
}

void NodesPage::removeNode() {
  const QString name = selected();
  const auto found =
      std::find_if(nodes_.begin(), nodes_.end(), [&](const SshNode& node) { return text(node.name) == name; });
  if (found == nodes_.end()) return;
  const auto place = static_cast<std::size_t>(found - nodes_.begin());
  const auto take_out = [this, name] {
    std::vector<SshNode> nodes = nodes_;
    std::erase_if(nodes, [&](const SshNode& node) { return text(node.name) == name; });
    write(std::move(nodes), kLocal);
  };
  undo_.push(new Change(
      this, tr("Remove the node %1").arg(name), [this, node = *found, place] { putBack(node, place); }, take_out));
  take_out();
}

void NodesPage::putBack(const SshNode& node, std::size_t place) {
  std::vector<SshNode> nodes = nodes_;
  std::erase_if(nodes, [&](const SshNode& one) { return one.name == node.name; });
  nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(std::min(place, nodes.size())), node);
  write(std::move(nodes), text(node.name));
}

void NodesPage::applyForm() {
  SshNode node;
  node.name = name_->text().trimmed().toStdString();
  node.host = host_->text().trimmed().toStdString();
  node.agent = agent_->text().trimmed().toStdString();
  node.options = options_from(options_->text());
  if (const Status good = check_named_node(node); !good) return emit failed(text(good.error().message));
  std::vector<SshNode> nodes = nodes_;
  const QString before = selected();
  const auto place = std::find_if(nodes.begin(), nodes.end(), [&](const SshNode& one) { return !adding_ && text(one.name) == before; });
  if (place == nodes.end())
    nodes.push_back(node);
  else
    *place = node;
  reports_.remove(text(node.name));   // of what it was before
  write(std::move(nodes), text(node.name));
}

void NodesPage::write(std::vector<SshNode> nodes, const QString& chosen) {
  tasks_.start(QStringLiteral("nodes"),
               [file = file_, nodes](std::stop_token) { return write_nodes(file, nodes); },
               [this, nodes, chosen](const Status& status) {
                 if (!status) return emit failed(text(status.error().message));
                 adding_ = false;
                 nodes_ = nodes;
                 fillList();
                 select(chosen);
               });
}

void NodesPage::test() {
  const QString name = selected();
  if (testing_.contains(name)) return;
  auto* question = new ProgramQuestion(program_, this);
  testing_[name] = question;
  reports_.remove(name);
  connect(question, &ProgramQuestion::answered, this, [this, name](const QByteArray& output) { take(name, output); });
  connect(question, &ProgramQuestion::failed, this, [this, name](const QString& said) {
    take(name, {});
    emit failed(tr("%1: %2").arg(name, said.isEmpty() ? tr("the test gave no answer") : said));
  });
  showSelected();
  question->ask({QStringLiteral("node"), QStringLiteral("check"), name, QStringLiteral("--json"), QStringLiteral("--report")});
}

void NodesPage::take(const QString& name, const QByteArray& output) {
  if (ProgramQuestion* question = testing_.take(name)) question->deleteLater();
  Json report = Json::parse(output.begin(), output.end(), nullptr, false);
  if (report.is_object()) {
    report["tested_unix_s"] = QDateTime::currentSecsSinceEpoch();
    report["of"] = Json();
    for (const SshNode& node : nodes_)
      if (text(node.name) == name) report["of"] = as_json(node);
    reports_[name] = std::move(report);
    keepReports();
  }
  if (name == selected() && !adding_) showSelected();
  else showReport();
}

void NodesPage::setRunning(const JobQueue& jobs) {
  QHash<QString, QString> running;
  for (const Job* job : jobs.jobs()) {
    const auto* sweep = qobject_cast<const SweepJob*>(job);
    if (sweep && job->state() == JobState::running && sweep->sweep()) running[text(node_name(sweep->sweep()->node))] = job->title();
  }
  if (running == running_) return;
  running_ = running;
  showReport();
}

}  // namespace tokenmark
