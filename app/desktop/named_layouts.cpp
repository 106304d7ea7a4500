#include "app/desktop/named_layouts.h"

#include <QInputDialog>
#include <QMap>
#include <QMenu>

#include "app/desktop/user_settings.h"

namespace tokenmark {
namespace {

constexpr auto kKey = "layouts/named";   // a map: names may have any letters

QVariantMap kept() { return UserSettings().value(kKey).toMap(); }
void keep(const QVariantMap& layouts) { UserSettings().setValue(kKey, layouts); }

QString escaped(QString name) { return name.replace('&', QStringLiteral("&&")); }

}  // namespace

NamedLayouts::NamedLayouts(QMenu& view_menu, QWidget* window, std::function<QByteArray()> state, std::function<bool(const QByteArray&)> restore)
    : QObject(window), window_(window), state_(std::move(state)), restore_(std::move(restore)), menu_(view_menu.addMenu(tr("La&youts"))) {
  menu_->setObjectName(QStringLiteral("layoutsMenu"));
  delete_ = new QMenu(tr("&Delete layout"), menu_);
  delete_->setObjectName(QStringLiteral("deleteLayoutMenu"));
  save_ = new QAction(tr("&Save layout …"), this);
  save_->setObjectName(QStringLiteral("saveLayout"));
  save_->setStatusTip(tr("Keep the arrangement of the panels under a name"));
  connect(save_, &QAction::triggered, this, &NamedLayouts::askForName);
  fill();
}

QStringList NamedLayouts::names() const { return kept().keys(); }

void NamedLayouts::save(const QString& name) {
  if (name.trimmed().isEmpty()) return;
  QVariantMap layouts = kept();
  layouts.insert(name.trimmed(), state_());
  keep(layouts);
  fill();
}

void NamedLayouts::choose(const QString& name) {
  if (!restore_(kept().value(name).toByteArray()))
    emit failed(tr("The layout '%1' is of another version of Tokenmark and cannot be used.").arg(name));
}

void NamedLayouts::remove(const QString& name) {
  QVariantMap layouts = kept();
  layouts.remove(name);
  keep(layouts);
  fill();
}

void NamedLayouts::askForName() {
  auto* dialog = new QInputDialog(window_);
  dialog->setObjectName(QStringLiteral("layoutName"));
  dialog->setAccessibleName(tr("Name of the layout"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Save layout"));
  dialog->setLabelText(tr("Name of the layout"));
  connect(dialog, &QInputDialog::textValueSelected, this, &NamedLayouts::save);
  dialog->open();
}

void NamedLayouts::fill() {
  menu_->clear();
  delete_->clear();
  menu_->addAction(save_);
  menu_->addSeparator();
  for (const QString& name : names()) {
    QAction* chosen = menu_->addAction(escaped(name));
    QAction* removed = delete_->addAction(escaped(name));
    chosen->setObjectName(QStringLiteral("layout"));
    removed->setObjectName(QStringLiteral("deleteLayout"));
    for (QAction* action : {chosen, removed}) action->setProperty("passing", true);
    connect(chosen, &QAction::triggered, this, [this, name] { choose(name); });
    connect(removed, &QAction::triggered, this, [this, name] { remove(name); }, Qt::QueuedConnection);   // the menu is filled anew
  }
  if (!names().isEmpty()) menu_->addSeparator();
  menu_->addMenu(delete_);
  delete_->menuAction()->setEnabled(!names().isEmpty());
}

}  // namespace tokenmark
