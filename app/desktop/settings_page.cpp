#include "app/desktop/settings_page.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <algorithm>

#include "app/desktop/shortcut_editor.h"
#include "app/desktop/theme_sheet.h"
#include "app/desktop/widgets.h"

namespace tokenmark {
namespace {

constexpr int kPageWidth = 860, kControlWidth = 300;

QString object_name(const Setting& setting) { return QStringLiteral("setting/") + QString::fromLatin1(setting.key); }

QStringList lines_of(const QPlainTextEdit& edit) {
  QStringList lines;
  for (const QString& line : edit.toPlainText().split('\n'))
    if (!line.trimmed().isEmpty()) lines << line.trimmed();
  return lines;
}

void put_value(QWidget& control, const QVariant& value) {
  if (auto* box = qobject_cast<QComboBox*>(&control)) box->setCurrentIndex(std::max(0, box->findData(value)));
  else if (auto* number = qobject_cast<QDoubleSpinBox*>(&control)) number->setValue(value.toDouble());
  else if (auto* flag = qobject_cast<QCheckBox*>(&control)) flag->setChecked(value.toBool());
  else if (auto* line = qobject_cast<QLineEdit*>(&control)) line->setText(value.toString());
  else if (auto* lines = qobject_cast<QPlainTextEdit*>(&control)) lines->setPlainText(value.toStringList().join('\n'));
}

}  // namespace

SettingsPage::SettingsPage(Shortcuts& shortcuts, QWidget* parent) : QWidget(parent), shortcuts_(shortcuts) {
  setObjectName(QStringLiteral("settingsPage"));
  dress(*this);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  setupHead(*layout);
  auto* scroll = new QScrollArea(this);
  scroll->setObjectName(QStringLiteral("settingsScroll"));
  scroll->setAccessibleName(tr("Settings"));
  scroll->setWidgetResizable(true);
  scroll->setBackgroundRole(QPalette::Window);   // fields stand out from it, dark too
  auto* body = new QWidget(scroll);
  body->setObjectName(QStringLiteral("settingsBody"));
  body->setMaximumWidth(kPageWidth);
  auto* lines = new QVBoxLayout(body);
  lines->setContentsMargins(20, 8, 20, 20);
  setupLines(*lines);
  scroll->setWidget(body);
  layout->addWidget(scroll, 1);
  showValues();
}

void SettingsPage::setupHead(QVBoxLayout& layout) {
  auto* head = new QWidget(this);
  auto* row = new QHBoxLayout(head);
  row->setContentsMargins(20, 8, 20, 8);
  search_ = new QLineEdit(head);
  search_->setObjectName(QStringLiteral("settingsSearch"));
  search_->setAccessibleName(tr("Search the settings"));
  search_->setPlaceholderText(tr("Search the settings and shortcuts"));
  search_->setClearButtonEnabled(true);
  search_->setMaximumWidth(420);
  QPushButton* reset = make_button(head, "settingsReset", tr("Reset all"), tr("Every setting and shortcut as it was at first; runs, prices and layouts stay"));
  row->addWidget(search_, 1);
  row->addStretch();
  row->addWidget(reset);
  layout.addWidget(head);
  at_start_ = new QLabel(tr("Changes take effect when Tokenmark is started again."), this);
  at_start_->setObjectName(QStringLiteral("settingsAtStart"));
  at_start_->setContentsMargins(20, 0, 20, 8);
  at_start_->setProperty("role", "good");
  at_start_->hide();
  layout.addWidget(at_start_);
  connect(search_, &QLineEdit::textChanged, this, &SettingsPage::filter);
  connect(reset, &QPushButton::clicked, this, [this] {
    reset_settings();
    shortcuts_.resetAll();
    editor_->showAll();
    showValues();
    at_start_->show();
    emit resetAsked();
  });
}

void SettingsPage::setupLines(QVBoxLayout& layout) {
  QString heading;
  for (const Setting& entry : all_settings()) {
    if (const QString group = settings_text(entry.group); group != heading) {
      heading = group;
      addHeading(layout, group);
    }
    addLine(layout, entry, static_cast<int>(headings_.size()) - 1);
  }
  addHeading(layout, tr("Prices"));
  addPricesLine(layout, static_cast<int>(headings_.size()) - 1);
  addHeading(layout, tr("Shortcuts"));
  editor_ = new ShortcutEditor(shortcuts_, this);
  layout.addWidget(editor_);
  nothing_ = new QLabel(tr("No setting is called that."), this);
  nothing_->setObjectName(QStringLiteral("settingsNothing"));
  nothing_->setProperty("role", "muted");
  nothing_->hide();
  layout.addWidget(nothing_);
  layout.addStretch();
}

void SettingsPage::addHeading(QVBoxLayout& layout, const QString& text) {
  auto* heading = new QLabel(text, this);
  heading->setProperty("role", "title");
  heading->setContentsMargins(0, 14, 0, 4);
  layout.addWidget(heading);
  headings_ << heading;
}

void SettingsPage::addLine(QVBoxLayout& layout, const Setting& setting, int group) {
  auto* line = new QWidget(this);
  auto* row = new QHBoxLayout(line);
  row->setContentsMargins(0, 3, 0, 3);
  const QString title = settings_text(setting.title), tip = settings_text(setting.tip);
  auto* words = new QVBoxLayout;
  words->setSpacing(0);
  auto* name = new QLabel(title, line);
  auto* explained = new QLabel(setting.at_start ? tr("%1. At the next start.").arg(tip) : tip, line);
  explained->setProperty("role", "muted");
  explained->setWordWrap(true);
  words->addWidget(name);
  words->addWidget(explained);
  row->addLayout(words, 1);
  QWidget* made = control(setting, line);
  name->setBuddy(made);
  row->addWidget(made, 0, Qt::AlignTop);
  if (setting.kind == SettingKind::file) {
    static_cast<QLineEdit*>(made)->setPlaceholderText(tr("the usual place"));
    auto* browse = make_button(line, "settingBrowse", tr("Choose …"), tr("Choose a file for: %1").arg(title));
    browse->setObjectName(object_name(setting) + QStringLiteral("/choose"));
    connect(browse, &QPushButton::clicked, this, [this, &setting] { askForFile(setting); });
    made->setFixedWidth(kControlWidth - row->spacing() - browse->sizeHint().width());
    row->addWidget(browse, 0, Qt::AlignTop);
  }
  layout.addWidget(line);
  lines_ << Line{line, QStringList{title, tip, settings_text(setting.group)}.join(' '), group};
}

// The default price set is one of the prices, which tokenmark-cli reads too: chosen where they are.
void SettingsPage::addPricesLine(QVBoxLayout& layout, int group) {
  auto* line = new QWidget(this);
  auto* row = new QHBoxLayout(line);
  row->setContentsMargins(0, 3, 0, 3);
  const QString explained = tr("Price set and tier that are used where nothing is chosen, and your own price sets");
  auto* words = new QLabel(explained, line);
  words->setWordWrap(true);
  QPushButton* open = make_button(line, "settingsPrices", tr("Prices and power"), explained);
  connect(open, &QPushButton::clicked, this, &SettingsPage::pricesWanted);
  row->addWidget(words, 1);
  row->addWidget(open);
  layout.addWidget(line);
  lines_ << Line{line, explained + tr("Prices"), group};
}

QWidget* SettingsPage::control(const Setting& setting, QWidget* parent) {
  QWidget* made = nullptr;
  switch (setting.kind) {
    case SettingKind::choice: {
      auto* box = new QComboBox(parent);
      for (const SettingChoice& choice : setting.choices) box->addItem(settings_text(choice.text), choice.value);
      connect(box, &QComboBox::currentIndexChanged, this, [this, &setting, box] { store(setting, box->currentData()); });
      made = box;
      break;
    }
    case SettingKind::number: {
      auto* number = new QDoubleSpinBox(parent);
      number->setRange(setting.lowest, setting.highest);
      number->setSingleStep(setting.step);
      number->setDecimals(setting.step < 1 ? 1 : 0);
      number->setSuffix(QString::fromUtf8(setting.unit));
      connect(number, &QDoubleSpinBox::valueChanged, this, [this, &setting](double value) { store(setting, QVariant(value)); });
      made = number;
      break;
    }
    case SettingKind::flag: {
      auto* flag = new QCheckBox(parent);
      connect(flag, &QCheckBox::toggled, this, [this, &setting](bool on) { store(setting, on); });
      made = flag;
      break;
    }
    case SettingKind::text:
    case SettingKind::file: {
      auto* line = new QLineEdit(parent);
      line->setClearButtonEnabled(true);
      connect(line, &QLineEdit::textChanged, this, [this, &setting](const QString& text) { store(setting, text.trimmed()); });
      made = line;
      break;
    }
    case SettingKind::folders: {
      auto* lines = new QPlainTextEdit(parent);
      lines->setTabChangesFocus(true);
      lines->setFixedHeight(fontMetrics().height() * 4);
      lines->setProperty("role", "field");
      connect(lines, &QPlainTextEdit::textChanged, this, [this, &setting, lines] { store(setting, lines_of(*lines)); });
      made = lines;
      break;
    }
  }
  made->setObjectName(object_name(setting));
  made->setAccessibleName(settings_text(setting.title));
  made->setAccessibleDescription(settings_text(setting.tip));
  made->setFixedWidth(kControlWidth);
  controls_.insert(QString::fromLatin1(setting.key), made);
  return made;
}

void SettingsPage::store(const Setting& setting, const QVariant& value) {
  if (showing_) return;
  QVariant kept = value;
  kept.convert(setting.fallback.metaType());
  set_setting(QString::fromLatin1(setting.key), kept);
  if (setting.at_start) at_start_->show();
  emit changed(QString::fromLatin1(setting.key));
}

void SettingsPage::showValues() {
  showing_ = true;
  for (auto control = controls_.cbegin(); control != controls_.cend(); ++control) put_value(*control.value(), setting(control.key()));
  showing_ = false;
}

void SettingsPage::showShortcuts() { editor_->showAll(); }

void SettingsPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  showValues();
  editor_->showAll();
}

void SettingsPage::search(const QString& words) {
  search_->setText(words);
  search_->setFocus();
}

// Every word must be in a line; a heading stays with one of its lines.
void SettingsPage::filter() {
  const QStringList words = search_->text().split(' ', Qt::SkipEmptyParts);
  QList<bool> used(headings_.size(), false);
  bool any = false;
  for (const Line& line : lines_) {
    const bool found = std::all_of(words.begin(), words.end(), [&](const QString& word) { return line.words.contains(word, Qt::CaseInsensitive); });
    line.widget->setVisible(found);
    if (found) used[line.group] = any = true;
  }
  const bool shortcuts = editor_->filter(words);
  editor_->setVisible(shortcuts);
  used.last() = shortcuts;
  for (qsizetype i = 0; i < headings_.size(); ++i) headings_[i]->setVisible(used[i]);
  nothing_->setVisible(!any && !shortcuts);
}

void SettingsPage::askForFile(const Setting& setting) {
  auto* dialog = new QFileDialog(this, settings_text(setting.title));
  dialog->setObjectName(QStringLiteral("settingFileDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::AnyFile);
  dialog->setLabelText(QFileDialog::Accept, tr("Choose"));
  connect(dialog, &QFileDialog::fileSelected, this,
          [this, key = QString::fromLatin1(setting.key)](const QString& path) { put_value(*controls_.value(key), path); });
  dialog->open();
}

}  // namespace tokenmark
