#include "app/desktop/write_file.h"

#include <QCoreApplication>
#include <QSaveFile>

namespace tokenmark {

Status write_file(const QString& path, QByteArrayView contents) {
  QSaveFile file(path);
  if (file.open(QIODevice::WriteOnly) && file.write(contents.data(), contents.size()) == contents.size() && file.commit()) return {};
  return fail(ErrorKind::io, "{}", QCoreApplication::translate("Files", "%1 cannot be written: %2").arg(path, file.errorString()).toStdString());
}

}  // namespace tokenmark
