#include "app/desktop/look.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QProxyStyle>
#include <QStyleOption>
#include <QSvgRenderer>
#include <QThread>
#include <QWidget>
#include <utility>

#include "app/desktop/theme_sheet.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

constexpr auto kPortal = "org.freedesktop.portal.Desktop";
constexpr auto kPortalPath = "/org/freedesktop/portal/desktop";
constexpr auto kSettings = "org.freedesktop.portal.Settings";
constexpr auto kAppearance = "org.freedesktop.appearance";

QByteArray resource_bytes(const QString& path) {
  const std::string_view bytes = resource(path.toStdString());
  return {bytes.data(), static_cast<qsizetype>(bytes.size())};
}

class ThemedIcon : public QIconEngine {
 public:
  explicit ThemedIcon(QByteArray svg) : svg_(std::move(svg)) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    const auto group = mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active;
    QByteArray svg = svg_;
    svg.replace("#000000", QApplication::palette().color(group, QPalette::ButtonText).name().toLatin1());
    QSvgRenderer(svg).render(painter, rect);
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap pixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, QRect(QPoint(), size), mode, state);
    return pixmap;
  }
  QIconEngine* clone() const override { return new ThemedIcon(svg_); }

 private:
  QByteArray svg_;
};

// Fusion with thin lines between the panels.
class WindowStyle : public QProxyStyle {
 public:
  WindowStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

  int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override {
    return metric == PM_DockWidgetSeparatorExtent ? 1 : QProxyStyle::pixelMetric(metric, option, widget);
  }
  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override {
    if (element != PE_IndicatorDockWidgetResizeHandle) return QProxyStyle::drawPrimitive(element, option, painter, widget);
    painter->fillRect(option->rect, option->palette.color(option->state & State_MouseOver ? QPalette::Highlight : QPalette::Mid));
  }
};

QPalette palette_of(const Theme& theme) {
  QPalette palette;
  palette.setColor(QPalette::Window, theme.window);
  palette.setColor(QPalette::WindowText, theme.text);
  palette.setColor(QPalette::Base, theme.base);
  palette.setColor(QPalette::AlternateBase, theme.alternate);
  palette.setColor(QPalette::Text, theme.text);
  palette.setColor(QPalette::Button, theme.dark ? theme.window.lighter(125) : theme.window);
  palette.setColor(QPalette::ButtonText, theme.text);
  palette.setColor(QPalette::BrightText, theme.error);
  palette.setColor(QPalette::ToolTipBase, theme.base);
  palette.setColor(QPalette::ToolTipText, theme.text);
  palette.setColor(QPalette::PlaceholderText, theme.muted);
  palette.setColor(QPalette::Highlight, theme.accent);
  palette.setColor(QPalette::HighlightedText, theme.accent_text);
  palette.setColor(QPalette::Link, theme.accent);
  palette.setColor(QPalette::Mid, theme.border);
  QColor faint = theme.muted;
  faint.setAlphaF(0.65F);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    palette.setColor(QPalette::Disabled, role, faint);
  palette.setColor(QPalette::Disabled, QPalette::Highlight, theme.border);
  return palette;
}

QString style_sheet(const Theme& theme) {
  QString sheet = QString::fromUtf8(resource_bytes(QStringLiteral("themes/window.css")));
  // Longer names first: "$note_error" holds "$note".
  const std::pair<const char*, QColor> colors[] = {
      {"$accent_text", theme.accent_text}, {"$note_warning", theme.note_warning}, {"$note_error", theme.note_error},
      {"$window", theme.window}, {"$base", theme.base}, {"$alternate", theme.alternate}, {"$text", theme.text},
      {"$muted", theme.muted}, {"$border", theme.border}, {"$accent", theme.accent},
      {"$selection", theme.selection}, {"$note", theme.note}, {"$error", theme.error}, {"$good", theme.good},
      {"$axis", theme.axis}};
  for (const auto& [name, color] : colors) sheet.replace(QLatin1String(name), color.name());
  return sheet;
}

// No bus, no question: QtDBus would otherwise try to start one.
bool session_bus_exists() {
  if (qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS")) return true;
  const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
  return !runtime.isEmpty() && QFile::exists(runtime + QStringLiteral("/bus"));
}

unsigned portal_scheme() {
  QDBusMessage question = QDBusMessage::createMethodCall(kPortal, kPortalPath, kSettings, QStringLiteral("Read"));
  question << QString::fromLatin1(kAppearance) << QStringLiteral("color-scheme");
  const QDBusMessage answer = QDBusConnection::sessionBus().call(question, QDBus::Block, 2000);
  if (answer.type() != QDBusMessage::ReplyMessage || answer.arguments().isEmpty()) return 0;
  QVariant value = answer.arguments().constFirst();
  while (value.canConvert<QDBusVariant>()) value = value.value<QDBusVariant>().variant();
  return value.toUInt();
}

}  // namespace

void apply_theme(const Theme& theme) {
  static bool styled = false;
  if (!std::exchange(styled, true)) QApplication::setStyle(new WindowStyle);
  QApplication::setPalette(palette_of(theme));
  ThemeSheet::instance().set(style_sheet(theme));
}

void set_role(QWidget& widget, const char* role) {
  widget.setProperty("role", role);
  if (!widget.testAttribute(Qt::WA_WState_Polished)) return;   // it will be, when it is shown
  widget.style()->unpolish(&widget);
  widget.style()->polish(&widget);
}

QIcon themed_icon(const QString& name) {
  return QIcon(new ThemedIcon(resource_bytes(QStringLiteral("icons/%1.svg").arg(name))));
}

QIcon program_icon() { return themed_icon(QStringLiteral("tokenmark")); }

SystemScheme::SystemScheme(QObject* parent) : QObject(parent) {}

void SystemScheme::ask() {
  if (!session_bus_exists()) return;
  QThread* thread = QThread::create([this] {
    const unsigned scheme = portal_scheme();
    QMetaObject::invokeMethod(this, [this, scheme] {
      take(scheme);
      listen();
    });
  });
  connect(thread, &QThread::finished, thread, &QObject::deleteLater);
  connect(this, &QObject::destroyed, thread, [thread] { thread->wait(); }, Qt::DirectConnection);
  thread->start();
}

void SystemScheme::listen() {
  QDBusConnection::sessionBus().connect(QString(), kPortalPath, kSettings, QStringLiteral("SettingChanged"), this,
                                        SLOT(onSetting(QString, QString, QDBusVariant)));
}

void SystemScheme::onSetting(const QString& group, const QString& key, const QDBusVariant& value) {
  if (group == QLatin1String(kAppearance) && key == QLatin1String("color-scheme")) take(value.variant().toUInt());
}

void SystemScheme::take(unsigned scheme) {
  const bool dark = scheme == 1;   // 0: no preference, 1: dark, 2: light
  if (dark == dark_) return;
  dark_ = dark;
  emit changed();
}

}  // namespace tokenmark
