// Writes a file whole or not at all. Any thread.
#pragma once

#include <QByteArrayView>
#include <QString>

#include "base/result.h"

namespace tokenmark {

// What was there before stays until the new contents are complete. An error names the file and the reason, in the window's
// language.
Status write_file(const QString& path, QByteArrayView contents);

}  // namespace tokenmark
