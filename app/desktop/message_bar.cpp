#include "app/desktop/message_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>

#include "app/charts/core_text.h"
#include "app/desktop/look.h"
#include "app/desktop/widgets.h"

namespace tokenmark {
namespace {

constexpr int kMostNotes = 4;

class Note : public QFrame {
 public:
  Note(const QString& topic, QWidget* parent) : QFrame(parent), topic(topic) {
    setObjectName(QStringLiteral("note"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 6, 8, 6);
    label_ = new QLabel(this);
    label_->setObjectName(QStringLiteral("noteText"));
    label_->setWordWrap(true);
    label_->setTextFormat(Qt::PlainText);
    label_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    layout->addWidget(label_, 1);
    auto* close = new QToolButton(this);
    close->setObjectName(QStringLiteral("noteClose"));
    close->setAccessibleName(MessageBar::tr("Close this note"));
    close->setToolTip(MessageBar::tr("Close this note"));
    close->setIcon(themed_icon(QStringLiteral("cancel")));
    close->setIconSize({11, 11});
    close->setAutoRaise(true);
    layout->addWidget(close, 0, Qt::AlignTop);
    connect(close, &QToolButton::clicked, this, &QObject::deleteLater);
  }

  void say(Severity severity, const QString& words) {
    const QString said = core_text(words.toStdString());   // errors of core are English
    count_ = said == text ? count_ + 1 : 1;
    text = said;
    label_->setText(count_ > 1 ? MessageBar::tr("%1 (%2 times)").arg(text).arg(count_) : text);
    setAccessibleName(text);
    static constexpr const char* kNames[] = {"note", "warning", "error"};
    setProperty("severity", kNames[static_cast<int>(severity)]);
    style()->unpolish(this);
    style()->polish(this);
  }

  void offer(const QString& answer, std::function<void()> yes, std::function<void()> no) {
    auto* button = make_button(this, "noteAnswer", answer, answer);
    static_cast<QHBoxLayout*>(layout())->insertWidget(1, button, 0, Qt::AlignTop);
    connect(button, &QPushButton::clicked, this, [this, yes = std::move(yes)] {
      deleteLater();
      yes();
    });
    if (no) connect(findChild<QToolButton*>(QStringLiteral("noteClose")), &QToolButton::clicked, this, [no = std::move(no)] { no(); });
  }

  QString topic, text;

 private:
  QLabel* label_;
  int count_ = 0;
};

}  // namespace

MessageBar::MessageBar(QWidget* parent) : QWidget(parent), layout_(new QVBoxLayout(this)) {
  setObjectName(QStringLiteral("messageBar"));
  setAccessibleName(tr("Notes"));
  layout_->setContentsMargins(0, 0, 0, 0);
  layout_->setSpacing(0);
}

void MessageBar::say(Severity severity, const QString& text, const QString& topic) {
  const QString key = topic.isEmpty() ? text : topic;
  for (int i = 0; i < layout_->count(); ++i) {
    auto* note = static_cast<Note*>(layout_->itemAt(i)->widget());
    if (note->topic != key) continue;
    note->say(severity, text);
    return;
  }
  if (layout_->count() >= kMostNotes) delete layout_->itemAt(0)->widget();
  auto* note = new Note(key, this);
  note->say(severity, text);
  layout_->addWidget(note);
}

void MessageBar::ask(const QString& text, const QString& answer, const QString& topic, std::function<void()> yes, std::function<void()> no) {
  clear(topic);
  say(Severity::note, text, topic);
  static_cast<Note*>(layout_->itemAt(layout_->count() - 1)->widget())->offer(answer, std::move(yes), std::move(no));
}

void MessageBar::clear(const QString& topic) {
  for (int i = layout_->count() - 1; i >= 0; --i)
    if (auto* note = static_cast<Note*>(layout_->itemAt(i)->widget()); note->topic == topic) delete note;
}

QStringList MessageBar::texts() const {
  QStringList texts;
  for (int i = 0; i < layout_->count(); ++i) texts << static_cast<Note*>(layout_->itemAt(i)->widget())->text;
  return texts;
}

}  // namespace tokenmark
