// The window's look: icons and colours of the chosen theme, and what the desktop prefers.
#pragma once

#include <QDBusVariant>
#include <QIcon>
#include <QObject>

#include "app/charts/theme.h"

namespace tokenmark {

enum class ThemeChoice { system, light, dark };

// Fusion style, palette and style sheet (theme_sheet.h) for the whole application.
void apply_theme(const Theme& theme);

// Names the part that a widget plays in the style sheet ("title", "muted", "primary" …) and restyles it.
void set_role(QWidget& widget, const char* role);

// An icon of resources/icons in the text colour of the palette at the time it is painted.
QIcon themed_icon(const QString& name);
QIcon program_icon();

// Which scheme the desktop prefers, asked of the settings portal over D-Bus in another thread; light until it answers.
class SystemScheme : public QObject {
  Q_OBJECT
 public:
  explicit SystemScheme(QObject* parent);
  void ask();
  bool dark() const { return dark_; }

 signals:
  void changed();

 private slots:
  void onSetting(const QString& group, const QString& key, const QDBusVariant& value);

 private:
  void take(unsigned scheme);
  void listen();

  bool dark_ = false;
};

}  // namespace tokenmark
