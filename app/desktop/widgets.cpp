#include "app/desktop/widgets.h"

#include <QPushButton>
#include <QRegularExpression>
#include <QTreeWidget>

namespace tokenmark {

void set_button_text(QAbstractButton& button, const QString& text, const QString& tip) {
  button.setText(text);
  button.setToolTip(tip);
  QString name = text;
  name.remove(QRegularExpression(QStringLiteral("&(?!&)"))).replace(QLatin1String("&&"), QLatin1String("&"));
  if (name.isEmpty()) name = tip.section(QRegularExpression(QStringLiteral("[:;.(]")), 0, 0).trimmed();
  button.setAccessibleName(name);
  button.setAccessibleDescription(tip == name ? QString() : tip);
}

void bring_to_front(QWidget& window) {
  window.show();
  window.raise();
  window.activateWindow();
}

QPushButton* make_button(QWidget* parent, const char* name, const QString& text, const QString& tip) {
  auto* made = new QPushButton(parent);
  made->setObjectName(QString::fromLatin1(name));
  set_button_text(*made, text, tip);
  return made;
}

QTreeWidget* make_list(QWidget* parent, const char* name, const QString& accessible, const QStringList& columns) {
  auto* made = new QTreeWidget(parent);
  made->setObjectName(QString::fromLatin1(name));
  made->setAccessibleName(accessible);
  made->setHeaderLabels(columns);
  made->setRootIsDecorated(false);
  made->setUniformRowHeights(true);
  made->setAlternatingRowColors(true);
  return made;
}

}  // namespace tokenmark
