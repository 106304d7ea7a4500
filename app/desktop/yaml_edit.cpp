#include "app/desktop/yaml_edit.h"

#include <QFontDatabase>
#include <QPaintEvent>
#include <QPainter>
#include <QTextBlock>

namespace tokenmark {
namespace {

class Numbers : public QWidget {
 public:
  explicit Numbers(YamlEdit* edit) : QWidget(edit), edit_(edit) {}
  QSize sizeHint() const override { return {edit_->numbersWidth(), 0}; }

 protected:
  void paintEvent(QPaintEvent* event) override { edit_->paintNumbers(event); }

 private:
  YamlEdit* edit_;
};

}  // namespace

YamlEdit::YamlEdit(QWidget* parent) : QPlainTextEdit(parent), numbers_(new Numbers(this)), theme_(theme(false)) {
  setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  setLineWrapMode(QPlainTextEdit::NoWrap);
  setTabChangesFocus(true);
  connect(this, &QPlainTextEdit::blockCountChanged, this, &YamlEdit::updateMargins);
  connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect& rect, int dy) {
    if (dy != 0)
      numbers_->scroll(0, dy);
    else
      numbers_->update(0, rect.y(), numbers_->width(), rect.height());
  });
  updateMargins();
}

int YamlEdit::numbersWidth() const {
  const auto digits = QString::number(std::max(99, blockCount())).size();
  return 18 + fontMetrics().horizontalAdvance('9') * static_cast<int>(digits);
}

void YamlEdit::updateMargins() { setViewportMargins(numbersWidth(), 0, 0, 0); }

void YamlEdit::resizeEvent(QResizeEvent* event) {
  QPlainTextEdit::resizeEvent(event);
  const QRect area = contentsRect();
  numbers_->setGeometry(area.left(), area.top(), numbersWidth(), area.height());
}

void YamlEdit::markLines(const QSet<int>& lines) {
  marked_ = lines;
  QList<QTextEdit::ExtraSelection> selections;
  for (const int line : lines) {
    QTextEdit::ExtraSelection selection;
    selection.cursor = QTextCursor(document()->findBlockByNumber(line - 1));
    selection.format.setBackground(theme_.note_error);
    selection.format.setProperty(QTextFormat::FullWidthSelection, true);
    if (!selection.cursor.isNull()) selections.push_back(selection);
  }
  setExtraSelections(selections);
  numbers_->update();
}

void YamlEdit::goToLine(int line) {
  const QTextBlock block = document()->findBlockByNumber(line - 1);
  if (!block.isValid()) return;
  setTextCursor(QTextCursor(block));
  centerCursor();
  setFocus();
}

void YamlEdit::replaceText(const QString& text) {
  const QString old = toPlainText();
  const auto shorter = std::min(old.size(), text.size());
  qsizetype same = 0, end = 0;
  while (same < shorter && old[same] == text[same]) ++same;
  while (end < shorter - same && old[old.size() - 1 - end] == text[text.size() - 1 - end]) ++end;
  if (old == text) return;
  QTextCursor cursor(document());
  cursor.beginEditBlock();
  cursor.setPosition(static_cast<int>(same));
  cursor.setPosition(static_cast<int>(old.size() - end), QTextCursor::KeepAnchor);
  cursor.insertText(text.mid(same, text.size() - same - end));
  cursor.endEditBlock();
}

void YamlEdit::setTheme(const Theme& theme) {
  theme_ = theme;
  markLines(QSet<int>(marked_));
}

void YamlEdit::paintNumbers(QPaintEvent* event) {
  QPainter painter(numbers_);
  painter.fillRect(event->rect(), theme_.alternate);
  painter.setFont(font());
  for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
    const QRectF area = blockBoundingGeometry(block).translated(contentOffset());
    if (area.top() > event->rect().bottom()) break;
    const int line = block.blockNumber() + 1;
    painter.setPen(marked_.contains(line) ? theme_.error : theme_.muted);
    painter.drawText(QRectF(0, area.top(), numbers_->width() - 8, fontMetrics().height()), Qt::AlignRight,
                     QString::number(line));
  }
}

}  // namespace tokenmark
