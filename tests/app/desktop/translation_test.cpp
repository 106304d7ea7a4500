// Translations: complete, with the same places for values, and no text of the window outside of them.
#include "app/desktop/translation.h"

#include <gtest/gtest.h>

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QTranslator>
#include <QXmlStreamReader>
#include <QtTest>
#include <set>


namespace tokenmark {
namespace {

struct Message {
  QString context, source, translation, type;
};

QList<Message> messages(const QString& path) {
  QFile file(path);
  EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << path.toStdString();
  QXmlStreamReader xml(&file);
  QList<Message> found;
  QString context;
  while (!xml.atEnd()) {
    xml.readNext();
    if (!xml.isStartElement()) continue;
    if (xml.name() == QLatin1String("name")) context = xml.readElementText();
    else if (xml.name() == QLatin1String("message")) found << Message{context, {}, {}, {}};
    else if (xml.name() == QLatin1String("source")) found.last().source = xml.readElementText();
    else if (xml.name() == QLatin1String("translation")) {
      found.last().type = xml.attributes().value("type").toString();
      found.last().translation = xml.readElementText(QXmlStreamReader::IncludeChildElements);
    }
  }
  EXPECT_FALSE(xml.hasError()) << xml.errorString().toStdString();
  return found;
}

QString folder() { return QStringLiteral(TOKENMARK_SOURCE_DIR "/resources/translations"); }

QStringList places(const QString& text) {
  static const QRegularExpression place(QStringLiteral("%(\\d|n|L\\d)"));
  QStringList found;
  for (auto match = place.globalMatch(text); match.hasNext();) found << match.next().captured();
  found.sort();
  return found;
}

TEST(Translation, every_text_is_translated_with_the_same_places_and_accelerator) {
  const QStringList files = QDir(folder()).entryList({"tokenmark_*.ts"});
  ASSERT_FALSE(files.isEmpty());
  for (const QString& file : files) {
    const QList<Message> all = messages(folder() + '/' + file);
    EXPECT_GT(all.size(), 500);
    for (const Message& message : all) {
      const std::string where = QStringLiteral("%1, %2: %3").arg(file, message.context, message.source).toStdString();
      EXPECT_TRUE(message.type.isEmpty()) << where << " is " << message.type.toStdString();
      EXPECT_FALSE(message.translation.isEmpty()) << where;
      EXPECT_EQ(places(message.translation), places(message.source)) << where;
      EXPECT_EQ(message.translation.endsWith(QStringLiteral(" …")), message.source.endsWith(QStringLiteral(" …"))) << where;
      if (message.source.contains('&') && !message.source.contains("&&")) {
        EXPECT_TRUE(message.translation.contains('&')) << where;
      }
    }
  }
}

// The file is as lupdate would leave it: no text of the sources is missing. Literals of tr(), found as plainly as can be.
TEST(Translation, every_text_of_the_sources_is_in_the_file) {
  std::set<QString> known;
  for (const QString& file : QDir(folder()).entryList({"tokenmark_*.ts"}))
    for (const Message& message : messages(folder() + '/' + file)) known.insert(message.source);
  static const QRegularExpression call(QStringLiteral("\\btr\\(\\s*\"((?:[^\"\\\\]|\\\\.)*)\"\\s*[,)]"));
  int seen = 0;
  for (const char* sources : {"app/desktop", "app/charts"})
    for (QDirIterator at(QStringLiteral(TOKENMARK_SOURCE_DIR "/") + sources, {"*.cpp", "*.h"}, QDir::Files); at.hasNext();) {
      QFile file(at.next());
      ASSERT_TRUE(file.open(QIODevice::ReadOnly));
      const QString text = QString::fromUtf8(file.readAll());
      for (auto match = call.globalMatch(text); match.hasNext();) {
        QString source = match.next().captured(1);
        source.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\");
        EXPECT_TRUE(known.contains(source)) << file.fileName().toStdString() << ": " << source.toStdString() << "  (build the target 'translations')";
        ++seen;
      }
    }
  EXPECT_GT(seen, 500);
}

// The window translates what core says of the figures (core/metrics/figure_meanings.cpp).
// Texts that people see go through tr(): setters and makers of labels are never given a bare literal with words in it.
TEST(Translation, no_visible_text_of_the_window_is_outside_of_tr) {
  static const QRegularExpression bare(QStringLiteral(
      "(setText|setTitle|setWindowTitle|setToolTip|setStatusTip|setPlaceholderText|setAccessibleName|setLabelText|addRow|addTab|addMenu|new QLabel|new QPushButton|new QCheckBox)"
      "\\(\\s*(?:QStringLiteral\\()?\"(?!Title|Description|Software)([^\"]*[A-Za-z]{3}[^\"]*)\""));   // those are a picture's own, for programs
  for (const char* sources : {"app/desktop", "app/charts"})
    for (QDirIterator at(QStringLiteral(TOKENMARK_SOURCE_DIR "/") + sources, {"*.cpp"}, QDir::Files); at.hasNext();) {
      QFile file(at.next());
      ASSERT_TRUE(file.open(QIODevice::ReadOnly));
      const QString text = QString::fromUtf8(file.readAll());
      for (auto match = bare.globalMatch(text); match.hasNext();) {
        const auto found = match.next();
        EXPECT_TRUE(false) << file.fileName().toStdString() << ": " << found.captured(0).toStdString();
      }
    }
}

TEST(Translation, a_language_is_loaded_also_where_lupdate_and_the_compiler_name_contexts_differently) {
  EXPECT_EQ(use_language("xx"), "en");
  if (shipped_languages().isEmpty()) GTEST_SKIP() << "built without Qt's translation tools";
  ASSERT_EQ(use_language("de"), "de");
  EXPECT_EQ(QCoreApplication::translate("Charts", "median of %1"), "Median von %1");
  EXPECT_EQ(QCoreApplication::translate("Figures", "median"), "Median");
  EXPECT_EQ(QCoreApplication::translate("tokenmark::QuantiseDialog", "Q5_K · 5.5 bits, little loss"), QString::fromUtf8("Q5_K · 5,5 Bit, wenig Verlust"));
  EXPECT_EQ(QCoreApplication::translate("Settings", "Theme"), "Farbschema");
  EXPECT_EQ(QCoreApplication::translate("Settings", "there is no such text"), "there is no such text");
  for (QTranslator* translator : qApp->findChildren<QTranslator*>()) delete translator;
}

}  // namespace
}  // namespace tokenmark
