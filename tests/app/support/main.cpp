// The main of all tests with widgets: offscreen, in folders of their own, never in the user's.
#include <gtest/gtest.h>

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

#include "tests/app/support/watchdog.h"

int main(int argc, char** argv) {
  // In memory, where there is such: Qt's file dialog writes its own settings in the window's thread and waits for the disk.
  const QString memory = QStringLiteral("/dev/shm");
  QTemporaryDir home((QFileInfo(memory).isWritable() ? memory : QDir::tempPath()) + QStringLiteral("/tokenmark-test-XXXXXX"));
  for (const char* variable : {"XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}) {
    const QString path = home.filePath(QString::fromLatin1(variable));
    QDir().mkpath(path);
    QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    qputenv(variable, path.toUtf8());
  }
  qputenv("QT_QPA_PLATFORM", "offscreen");
  qunsetenv("DBUS_SESSION_BUS_ADDRESS");
  testing::InitGoogleTest(&argc, argv);
  QApplication application(argc, argv);
  QCoreApplication::setOrganizationName(QStringLiteral("Tokenmark"));
  QCoreApplication::setApplicationName(QStringLiteral("TokenmarkTest"));
  const int code = RUN_ALL_TESTS();
  return code != 0 || tokenmark::stalled_tests().isEmpty() ? code : tokenmark::run_again(application.applicationFilePath(), tokenmark::stalled_tests());
}
