#include "app/desktop/theme_sheet.h"

#include <QApplication>
#include <QEvent>
#include <QPointer>
#include <QStyle>
#include <QWidget>

namespace tokenmark {
namespace {

constexpr auto kHolder = "holdsParts";
constexpr auto kChange = "sheetChange";   // the change that a part was last brought to

bool holds_parts(const QWidget& widget) { return widget.property(kHolder).toBool(); }

bool has_sheet(const QWidget* widget) { return widget && widget->style()->inherits("QStyleSheetStyle"); }

// Children of what has a sheet, also windows, have it too.
bool is_part(const QWidget& widget) {
  const QWidget* parent = widget.parentWidget();
  if (holds_parts(widget) || widget.property(kChange).isValid()) return !holds_parts(widget);
  return parent && !widget.isWindow() ? holds_parts(*parent) : !has_sheet(parent);
}

}  // namespace

void hold_parts(QWidget& holder) { holder.setProperty(kHolder, true); }

void dress(QWidget& part) { ThemeSheet::instance().bringUpToDate(part); }

ThemeSheet::ThemeSheet(QObject* application) : QObject(application) { application->installEventFilter(this); }

ThemeSheet& ThemeSheet::instance() {
  static QPointer<ThemeSheet> sheet;
  if (!sheet) sheet = new ThemeSheet(QApplication::instance());
  return *sheet;
}

void ThemeSheet::set(const QString& sheet) {
  if (sheet == sheet_) return;
  sheet_ = sheet;
  ++changes_;
  for (QWidget* widget : QApplication::allWidgets())
    if (widget->isVisible() && is_part(*widget)) bringUpToDate(*widget);
}

bool ThemeSheet::eventFilter(QObject* object, QEvent* event) {
  if ((event->type() == QEvent::Polish || event->type() == QEvent::Show) && object->isWidgetType() && changes_ > 0)
    if (auto& widget = *static_cast<QWidget*>(object); is_part(widget)) bringUpToDate(widget);
  return false;
}

void ThemeSheet::bringUpToDate(QWidget& part) {
  if (part.property(kChange).toInt() == changes_) return;
  part.setProperty(kChange, changes_);
  part.setStyleSheet(sheet_);
}

}  // namespace tokenmark
