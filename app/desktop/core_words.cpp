#include "app/desktop/core_words.h"

#include <QMutexLocker>
#include <QRegularExpression>
#include <QXmlStreamReader>
#include <algorithm>
#include <cstring>

namespace tokenmark {
namespace {

constexpr int kDeepest = 5;             // reasons joined in a note, each with names in it
constexpr int kFewLetters = 6;            // fewer of its own, and a pattern fits many sentences
constexpr qsizetype kMostKept = 5000;   // texts

// What stands at the places, the shortest that fits each; nothing where the text is another.
std::optional<QStringList> filled_in(const QStringList& literals, const QString& text) {
  if (!text.startsWith(literals.first())) return std::nullopt;
  QStringList found;
  qsizetype at = literals.first().size();
  for (qsizetype i = 1; i < literals.size(); ++i) {
    const QString& literal = literals[i];
    const bool last = i + 1 == literals.size();
    const qsizetype end = !last ? text.indexOf(literal, at) : text.endsWith(literal) ? text.size() - literal.size() : -1;
    if (end < at) return std::nullopt;
    found << text.mid(at, end - at);
    at = end + literal.size();
  }
  return found;
}

bool is_number(const QString& text) {
  static const QRegularExpression number(QStringLiteral("^[+−-]?\\d[\\d.,]*( \\S+)?$"));
  return number.match(text).hasMatch();
}

QString with_places_filled(const QString& translation, const QStringList& values) {
  static const QRegularExpression place(QStringLiteral("\\{(\\d*)\\}"));
  QString text;
  qsizetype from = 0, next = 0;
  for (auto found = place.globalMatch(translation); found.hasNext();) {
    const auto match = found.next();
    const qsizetype index = match.capturedLength(1) > 0 ? match.captured(1).toInt() : next++;
    text += translation.mid(from, match.capturedStart() - from) + values.value(index);
    from = match.capturedEnd();
  }
  return text + translation.mid(from);
}

}  // namespace

CoreWords::CoreWords(std::string_view ts, QObject* parent) : QTranslator(parent) {
  QXmlStreamReader xml(QByteArray::fromRawData(ts.data(), static_cast<qsizetype>(ts.size())));
  QString source;
  while (!xml.atEnd()) {
    if (xml.readNext() != QXmlStreamReader::StartElement) continue;
    if (xml.name() == QLatin1String("source")) source = xml.readElementText();
    else if (xml.name() == QLatin1String("translation")) add(source, xml.readElementText());
  }
  const auto longer = [](const Pattern& a, const Pattern& b) { return a.length > b.length; };
  std::stable_sort(patterns_.begin(), patterns_.end(), longer);
}

void CoreWords::add(const QString& source, const QString& translation) {
  if (translation.isEmpty()) return;
  exact_.insert(source, translation);
  Pattern pattern{source.split(QStringLiteral("{}")), translation};
  if (pattern.literals.size() == 1) return;
  const QString literals = pattern.literals.join(QString());
  const auto letters = std::count_if(literals.begin(), literals.end(), [](QChar c) { return c.isLetter(); });
  pattern.length = letters == 0 ? 0 : literals.size();   // lists and brackets last, as the file has them
  pattern.vague = pattern.literals.first().isEmpty() && letters < kFewLetters;
  patterns_.push_back(std::move(pattern));
}

QString CoreWords::translate(const char* context, const char* source, const char*, int) const {
  if (std::strcmp(context, "core") != 0) return {};
  const QByteArray bytes = source;
  const QMutexLocker lock(&mutex_);
  if (const auto kept = kept_.constFind(bytes); kept != kept_.constEnd()) return *kept;
  if (kept_.size() >= kMostKept) kept_.clear();
  return *kept_.insert(bytes, inWords(QString::fromUtf8(bytes), 0));
}

// Labels stand in the middle of sentences with a small first letter.
std::optional<QString> CoreWords::whole(const QString& text, int depth) const {
  if (const auto found = exact_.constFind(text); found != exact_.constEnd()) return *found;
  if (depth == 0 || text.isEmpty() || !text[0].isLower()) return std::nullopt;
  const auto found = exact_.constFind(text[0].toUpper() + text.mid(1));
  return found == exact_.constEnd() ? std::nullopt : std::optional(*found);
}

QString CoreWords::inWords(const QString& text, int depth) const {
  if (const auto found = whole(text, depth)) return *found;
  if (depth == kDeepest) return text;
  for (const Pattern& pattern : patterns_) {
    auto values = filled_in(pattern.literals, text);
    if (!values) continue;
    const QString first = inWords(values->first(), depth + 1);
    if (pattern.vague && first == values->first() && !is_number(first) && !whole(first, depth + 1)) continue;
    values->first() = first;
    for (qsizetype i = 1; i < values->size(); ++i) (*values)[i] = inWords(values->at(i), depth + 1);
    return with_places_filled(pattern.translation, *values);
  }
  return text;
}

}  // namespace tokenmark
