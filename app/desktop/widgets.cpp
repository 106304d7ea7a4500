#include "app/desktop/widgets.h"

#include <QPushButton>
#include <QTreeWidget>

namespace tokenmark {

QPushButton* make_button(QWidget* parent, const char* name, const QString& text, const QString& tip) {
  auto* made = new QPushButton(text, parent);
  made->setObjectName(QString::fromLatin1(name));
  made->setToolTip(tip);
  made->setAccessibleName(tip);
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
