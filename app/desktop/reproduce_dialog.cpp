#include "app/desktop/reproduce_dialog.h"

#include <QClipboard>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/charts/core_text.h"
#include "app/desktop/widgets.h"

namespace tokenmark {

ReproduceDialog::ReproduceDialog(const RunRow& row, const Reproduction& made, QWidget* parent) : QDialog(parent) {
  setObjectName(QStringLiteral("reproduceDialog"));
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(row.id > 0 ? tr("Reproduce run %1").arg(row.id) : tr("Reproduce a published sample"));
  auto* layout = new QVBoxLayout(this);
  layout->setSpacing(6);
  add("sweep", tr("Sweep file: this point with its repeats, and nothing that is as by default"), made.sweep, 8);
  add("command", tr("Command for a shell: runs that sweep"), made.command, 6);
  add("server", tr("The server was started with"), made.server, 3);
  auto* row_of_buttons = new QHBoxLayout;
  row_of_buttons->addStretch();
  if (!made.sweep.text.empty()) {
    auto* edit = make_button(this, "reproduceEdit", tr("Open in the sweep editor"), tr("Open the sweep file in the editor, to change or start it"));
    connect(edit, &QPushButton::clicked, this, [this, yaml = QString::fromStdString(made.sweep.text)] { emit editWanted(yaml); });
    row_of_buttons->addWidget(edit);
  }
  auto* close_button = make_button(this, "reproduceClose", tr("Close"), tr("Close this window"));
  connect(close_button, &QPushButton::clicked, this, &QWidget::close);
  row_of_buttons->addWidget(close_button);
  layout->addStretch();
  layout->addLayout(row_of_buttons);
  resize(720, made.sweep.text.empty() ? 220 : 520);
}

void ReproduceDialog::add(const char* name, const QString& title, const Recipe& recipe, int lines) {
  auto* layout = static_cast<QVBoxLayout*>(this->layout());
  auto* head = new QHBoxLayout;
  auto* label = new QLabel(title, this);
  label->setWordWrap(true);
  head->addWidget(label, 1);
  layout->addLayout(head);
  const QString key = QString::fromLatin1(name).left(1).toUpper() + QString::fromLatin1(name).mid(1);
  if (recipe.text.empty()) {
    auto* why = new QLabel(tr("There is none: %1.").arg(core_text(recipe.why_not)), this);
    why->setObjectName(QStringLiteral("reproduceWhyNot") + key);
    why->setProperty("role", "muted");
    why->setTextFormat(Qt::PlainText);
    why->setTextInteractionFlags(Qt::TextSelectableByMouse);
    why->setWordWrap(true);
    layout->addWidget(why);
    return;
  }
  const QString text = QString::fromStdString(recipe.text);
  auto* box = new QPlainTextEdit(text, this);
  box->setObjectName(QStringLiteral("reproduce") + key);
  box->setAccessibleName(title);
  box->setReadOnly(true);
  box->setTabChangesFocus(true);
  box->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  box->setMinimumHeight(QFontMetrics(box->font()).lineSpacing() * lines / 2 + 12);
  layout->addWidget(box, lines);
  auto* copy = make_button(this, qPrintable(QStringLiteral("reproduceCopy") + key), tr("Copy"), tr("Copy: %1").arg(title));
  connect(copy, &QPushButton::clicked, this, [text] { QGuiApplication::clipboard()->setText(text); });
  head->addWidget(copy, 0, Qt::AlignBottom);
}

}  // namespace tokenmark
