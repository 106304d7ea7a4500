#include "app/desktop/sweep_files.h"

#include <QFile>
#include <QFileInfo>
#include <QMenu>
#include <algorithm>

#include "app/desktop/recent_files.h"
#include "app/desktop/write_file.h"
#include "core/sweep/builtin_sweeps.h"

namespace tokenmark {
namespace {

constexpr qint64 kLargestFile = 1 << 20;
constexpr int kMostRecent = 10;

}  // namespace

Result<QString> read_sweep_text(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly))
    return fail(ErrorKind::io, "{} cannot be read: {}", path.toStdString(), file.errorString().toStdString());
  if (file.size() > kLargestFile)
    return fail(ErrorKind::invalid_input, "{} has {} bytes: sweep files have at most {}.", path.toStdString(),
                file.size(), kLargestFile);
  return QString::fromUtf8(file.readAll());
}

Status write_sweep_text(const QString& path, const QString& text) { return write_file(path, text.toUtf8()); }

bool is_sweep_file(const QString& path) {
  return path.endsWith(QLatin1String(".yaml"), Qt::CaseInsensitive) ||
         path.endsWith(QLatin1String(".yml"), Qt::CaseInsensitive);
}

SweepSources::SweepSources(QWidget* parent) : QToolButton(parent) {
  setObjectName(QStringLiteral("sweepSources"));
  setText(tr("Start &from"));
  setAccessibleName(tr("Start from a built-in sweep or a recent file"));
  setToolTip(tr("A built-in sweep, or a file that was opened or saved lately"));
  setPopupMode(InstantPopup);
  setToolButtonStyle(Qt::ToolButtonTextOnly);
  setProperty("role", "export");   // a button with a menu, framed
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("sweepSourcesMenu"));
  menu->setToolTipsVisible(true);
  setMenu(menu);
  connect(menu, &QMenu::aboutToShow, this, &SweepSources::fill);
}

void SweepSources::fill() {
  menu()->clear();
  for (const BuiltinSweep& sweep : builtin_sweeps()) {
    QAction* action = menu()->addAction(QString::fromStdString(sweep.title).replace('&', QLatin1String("&&")));
    action->setObjectName(QStringLiteral("builtin-") + QString::fromStdString(sweep.name));
    action->setToolTip(QString::fromStdString(sweep.about));
    connect(action, &QAction::triggered, this, [this, yaml = QString::fromStdString(sweep.yaml)] { emit yamlChosen(yaml); });
  }
  QStringList paths = recent_files();
  paths.erase(std::remove_if(paths.begin(), paths.end(), [](const QString& path) { return !is_sweep_file(path); }),
              paths.end());
  paths = paths.mid(0, kMostRecent);
  if (!paths.isEmpty()) menu()->addSection(tr("Recent files"));
  for (const QString& path : paths) {
    QAction* action = menu()->addAction(QFileInfo(path).fileName().replace('&', QLatin1String("&&")));
    action->setObjectName(QStringLiteral("recentSweep"));
    action->setToolTip(path);
    connect(action, &QAction::triggered, this, [this, path] { emit fileChosen(path); });
  }
}

}  // namespace tokenmark
