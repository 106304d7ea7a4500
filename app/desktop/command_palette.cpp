#include "app/desktop/command_palette.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStandardItemModel>
#include <QStyledItemDelegate>
#include <QTextLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <climits>

#include "app/desktop/fuzzy.h"
#include "app/desktop/user_settings.h"

namespace tokenmark {
namespace {

constexpr int kWidth = 640, kMostShown = 60, kVisibleLines = 12, kMostRemembered = 60;
constexpr int kLastResort = -1000;   // weight of lines that are always offered
constexpr auto kUsedKey = "palette/used";

// A line: text with its matched letters in bold accent, the place it is in, the shortcut at the right.
class LineDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override { return {100, option.fontMetrics.height() + 12}; }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const bool chosen = option.state & QStyle::State_Selected;
    const QPalette& colors = option.palette;
    painter->save();
    if (chosen) painter->fillRect(option.rect, colors.highlight());
    const bool possible = index.data(kPaletteWhyNot).toString().isEmpty();
    const QColor plain = chosen ? colors.highlightedText().color() : colors.color(possible ? QPalette::Active : QPalette::Disabled, QPalette::Text);
    QColor dim = plain;
    dim.setAlphaF(0.65F);
    QRect rest = option.rect.adjusted(12, 0, -12, 0);
    const QString keys = index.data(kPaletteKeys).toString();
    if (!keys.isEmpty()) {
      painter->setPen(dim);
      painter->drawText(rest, Qt::AlignRight | Qt::AlignVCenter, keys);
      rest.setRight(rest.right() - option.fontMetrics.horizontalAdvance(keys) - 16);
    }
    const int used = drawText(painter, rest, option, index, plain, chosen ? plain : colors.link().color());
    rest.setLeft(rest.left() + used + 12);
    painter->setPen(dim);
    const QString detail = possible ? index.data(kPaletteDetail).toString() : index.data(kPaletteWhyNot).toString();
    painter->drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, option.fontMetrics.elidedText(detail, Qt::ElideRight, rest.width()));
    painter->restore();
  }

 private:
  static int drawText(QPainter* painter, const QRect& at, const QStyleOptionViewItem& option, const QModelIndex& index, const QColor& plain, const QColor& matched) {
    QString text = index.data(Qt::DisplayRole).toString();
    if (option.fontMetrics.horizontalAdvance(text) > at.width()) text = option.fontMetrics.elidedText(text, Qt::ElideRight, at.width());
    QTextLayout layout(text, option.font);
    QList<QTextLayout::FormatRange> formats;
    for (const QVariant& letter : index.data(kPaletteLetters).toList()) {
      if (letter.toInt() >= text.size()) continue;
      QTextCharFormat bold;
      bold.setFontWeight(QFont::Bold);
      bold.setForeground(matched);
      formats << QTextLayout::FormatRange{letter.toInt(), 1, bold};
    }
    layout.setFormats(formats);
    layout.beginLayout();
    QTextLine line = layout.createLine();
    line.setLineWidth(at.width() + 40);
    layout.endLayout();
    painter->setPen(plain);
    layout.draw(painter, QPointF(at.left(), at.top() + (at.height() - line.height()) / 2));
    return static_cast<int>(line.naturalTextWidth());
  }
};

}  // namespace

struct CommandPalette::Found {
  PaletteLine line;
  FuzzyMatch match;
  int used = 0;                  // 0: not lately; else the higher the later
};

CommandPalette::CommandPalette(QWidget* window) : QFrame(window) {
  setObjectName(QStringLiteral("commandPalette"));
  setAccessibleName(tr("Palette of all actions"));
  setFrameShape(QFrame::StyledPanel);
  setAutoFillBackground(true);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(8, 8, 8, 8);
  field_ = new QLineEdit(this);
  field_->setObjectName(QStringLiteral("paletteField"));
  field_->setAccessibleName(tr("What to do"));
  field_->setPlaceholderText(tr("Type what to do: an action, a page, a setting, a run …"));
  list_ = new QListView(this);
  list_->setObjectName(QStringLiteral("paletteList"));
  list_->setAccessibleName(tr("What was found"));
  list_->setFocusPolicy(Qt::NoFocus);       // the keys go on typing; up and down move in the list
  list_->setUniformItemSizes(true);
  list_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  list_->setItemDelegate(new LineDelegate(list_));
  model_ = new QStandardItemModel(this);
  list_->setModel(model_);
  layout->addWidget(field_);
  layout->addWidget(list_, 1);
  field_->installEventFilter(this);
  window->installEventFilter(this);
  connect(field_, &QLineEdit::textChanged, this, &CommandPalette::search);
  connect(list_, &QListView::clicked, this, &CommandPalette::run);
  hide();
}

void CommandPalette::open() {
  field_->clear();
  search();
  place();
  show();
  raise();
  field_->setFocus(Qt::PopupFocusReason);
}

void CommandPalette::place() {
  const QWidget* window = parentWidget();
  const int width = std::min(kWidth, window->width() - 40);
  const int line = list_->sizeHintForRow(0) > 0 ? list_->sizeHintForRow(0) : 28;
  setGeometry((window->width() - width) / 2, 48, width, std::min(std::clamp(model_->rowCount(), 1, kVisibleLines) * line + field_->sizeHint().height() + 26, window->height() - 80));
}

// Best first; of equally good ones, and where nothing is typed, the last used.
void CommandPalette::search() {
  const QString typed = field_->text().trimmed();
  const QStringList used = UserSettings().value(kUsedKey).toStringList();   // last used first
  QList<Found> found;
  for (const PaletteSource& source : sources_)
    for (PaletteLine& line : source(typed)) {
      std::optional<FuzzyMatch> match = fuzzy_match(typed, line.text);
      if (!match) {                           // its place may say it: "view zoom"
        match = fuzzy_match(typed, line.text + ' ' + line.detail);
        if (!match) continue;
        match->score -= 15;
      }
      match->score += line.weight;
      const auto at = used.indexOf(line.id);
      found << Found{std::move(line), *std::move(match), at < 0 ? 0 : static_cast<int>(used.size() - at)};
    }
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    const int a_score = a.match.score + (a.used > 0 ? 6 : 0), b_score = b.match.score + (b.used > 0 ? 6 : 0);
    return a_score != b_score ? a_score > b_score : a.used > b.used;
  });
  const int good = found.isEmpty() || typed.isEmpty() ? INT_MIN : found.first().match.score / 3;   // letters strewn about are no find
  model_->clear();
  shown_.clear();
  for (Found& entry : found.mid(0, kMostShown)) {
    if (entry.match.score < good && entry.line.weight > kLastResort) continue;
    auto* item = new QStandardItem(entry.line.text);
    QVariantList letters;
    for (const int letter : entry.match.letters) letters << letter;
    item->setData(letters, kPaletteLetters);
    item->setData(entry.line.detail, kPaletteDetail);
    item->setData(entry.line.keys.toString(QKeySequence::NativeText), kPaletteKeys);
    item->setData(entry.line.why_not, kPaletteWhyNot);
    item->setToolTip(entry.line.why_not);
    model_->appendRow(item);
    shown_ << entry.line;
  }
  if (model_->rowCount() > 0) list_->setCurrentIndex(model_->index(0, 0));
  if (isVisible()) place();
}

void CommandPalette::run() {
  const int row = list_->currentIndex().row();
  if (row < 0 || row >= shown_.size() || !shown_[row].why_not.isEmpty()) return;
  const PaletteLine line = shown_[row];
  hide();
  parentWidget()->setFocus();
  remember(line.id);
  line.run();
}

void CommandPalette::remember(const QString& id) {
  UserSettings settings;
  QStringList used = settings.value(kUsedKey).toStringList();
  used.removeAll(id);
  used.prepend(id);
  settings.setValue(kUsedKey, used.mid(0, kMostRemembered));
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (watched == parent()) {
    if (event->type() == QEvent::Resize && isVisible()) place();
    if (event->type() == QEvent::MouseButtonPress && isVisible()) hide();
    return false;
  }
  if (event->type() == QEvent::FocusOut && isVisible() && static_cast<QFocusEvent*>(event)->reason() != Qt::PopupFocusReason) hide();
  if (event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
  const auto* key = static_cast<QKeyEvent*>(event);
  switch (key->key()) {
    case Qt::Key_Escape: hide(); parentWidget()->setFocus(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: run(); return true;
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown: {
      const int step = key->key() == Qt::Key_Up ? -1 : key->key() == Qt::Key_Down ? 1 : key->key() == Qt::Key_PageUp ? -kVisibleLines + 1 : kVisibleLines - 1;
      const int rows = model_->rowCount(), at = list_->currentIndex().row();
      if (rows > 0) list_->setCurrentIndex(model_->index(std::abs(step) == 1 ? (at + step + rows) % rows : std::clamp(at + step, 0, rows - 1), 0));
      return true;
    }
    default: return QFrame::eventFilter(watched, event);
  }
}

}  // namespace tokenmark
