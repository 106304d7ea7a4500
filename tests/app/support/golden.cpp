#include "tests/app/support/golden.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QFont>
#include <cstdlib>

namespace tokenmark {
namespace {

// Neighbours are averaged before the comparison, so that an edge may lie a fraction of a pixel elsewhere.
constexpr int kAveraged = 3;
constexpr int kLevels = 28;          // of 255, in one colour of an averaged pixel
constexpr double kShare = 0.001;     // of the averaged pixels

QImage averaged(const QImage& image) {
  return image.convertToFormat(QImage::Format_RGB32)
      .scaled(image.width() / kAveraged, image.height() / kAveraged, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
}

bool differ(QRgb one, QRgb other) {
  return std::abs(qRed(one) - qRed(other)) > kLevels || std::abs(qGreen(one) - qGreen(other)) > kLevels ||
         std::abs(qBlue(one) - qBlue(other)) > kLevels;
}

// How many averaged pixels differ; they are painted red in `shown`.
int differences(const QImage& seen, const QImage& golden, QImage& shown) {
  int count = 0;
  for (int y = 0; y < seen.height(); ++y)
    for (int x = 0; x < seen.width(); ++x)
      if (differ(seen.pixel(x, y), golden.pixel(x, y))) {
        shown.setPixel(x, y, qRgb(255, 0, 0));
        ++count;
      }
  return count;
}

}  // namespace

void use_golden_look() {
  QFont font(QStringLiteral("DejaVu Sans"));
  font.setPixelSize(12);
  font.setHintingPreference(QFont::PreferNoHinting);
  QApplication::setFont(font);
  QApplication::setCursorFlashTime(0);
}

void expect_golden(const QImage& seen, const QString& name) {
  const QString path = QDir(QStringLiteral(TOKENMARK_GOLDEN)).filePath(name);
  if (qEnvironmentVariableIsSet("TOKENMARK_WRITE_GOLDEN")) {
    EXPECT_TRUE(seen.convertToFormat(QImage::Format_RGB32).save(path)) << path.toStdString() << " cannot be written";
    return;
  }
  const QImage golden(path);
  ASSERT_FALSE(golden.isNull()) << path.toStdString() << " is not there; TOKENMARK_WRITE_GOLDEN=1 writes it";
  const QString kept = QDir(QStringLiteral(TOKENMARK_GOLDEN_SEEN)).filePath(QFileInfo(name).fileName());
  QDir().mkpath(QStringLiteral(TOKENMARK_GOLDEN_SEEN));
  if (seen.size() != golden.size()) {
    seen.save(kept);
    FAIL() << name.toStdString() << ": " << seen.width() << " × " << seen.height() << ", golden is " << golden.width() << " × " << golden.height();
  }
  const QImage now = averaged(seen), then = averaged(golden);
  QImage shown = now;
  const double share = differences(now, then, shown) / (1.0 * now.width() * now.height());
  if (share <= kShare) return;
  seen.save(kept);
  shown.save(kept + ".difference.png");
  FAIL() << name.toStdString() << ": " << share * 100 << " % of the picture differ; seen: " << kept.toStdString();
}

}  // namespace tokenmark
