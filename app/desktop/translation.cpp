#include "app/desktop/translation.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

#include "app/desktop/core_words.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

constexpr std::string_view kPrefix = "translations/tokenmark_", kSuffix = ".qm";

// lupdate knows namespaces and templates less well than the compiler: a text of tokenmark::Page may stand under "Page",
// one of a free function under "tokenmark".
class Words : public QTranslator {
 public:
  using QTranslator::QTranslator;

  QString translate(const char* context, const char* source, const char* disambiguation, int n) const override {
    const QByteArray full = context;
    for (const QByteArray& tried : {full, full.mid(full.lastIndexOf(':') + 1), QByteArray("tokenmark"), QByteArray("tokenmark::Format")})
      if (const QString found = QTranslator::translate(tried.constData(), source, disambiguation, n); !found.isEmpty()) return found;
    return {};
  }
};

}  // namespace

QStringList shipped_languages() {
  QStringList languages;
  for (const std::string_view path : resource_paths(kPrefix))
    if (path.ends_with(kSuffix))
      languages << QString::fromLatin1(path.data() + kPrefix.size(), static_cast<qsizetype>(path.size() - kPrefix.size() - kSuffix.size()));
  return languages;
}

QString use_language(const QString& chosen) {
  const QString language = chosen.isEmpty() ? QLocale::system().name().section('_', 0, 0) : chosen;
  const std::string_view bytes = resource(std::string(kPrefix) + language.toStdString() + std::string(kSuffix));
  if (bytes.empty()) return QStringLiteral("en");
  auto* words = new Words(qApp);
  if (!words->load(reinterpret_cast<const uchar*>(bytes.data()), static_cast<int>(bytes.size()))) return QStringLiteral("en");
  QCoreApplication::installTranslator(words);
  if (const std::string_view core = resource("translations/core_" + language.toStdString() + ".ts"); !core.empty())
    QCoreApplication::installTranslator(new CoreWords(core, qApp));
  auto* of_qt = new QTranslator(qApp);             // Qt's own dialogs, where the distribution has their translation
  if (of_qt->load(QStringLiteral("qtbase_") + language, QLibraryInfo::path(QLibraryInfo::TranslationsPath))) QCoreApplication::installTranslator(of_qt);
  return language;
}

QString window_language() {
  for (const QTranslator* words : qApp->findChildren<QTranslator*>())
    if (!words->language().isEmpty()) return words->language().section('_', 0, 0);
  return QStringLiteral("en");
}

}  // namespace tokenmark
