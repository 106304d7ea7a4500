#include "app/charts/theme.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "resources/resources.h"

namespace tokenmark {

Theme theme(bool dark) {
  const std::string_view bytes = resource(dark ? "themes/dark.json" : "themes/light.json");
  const QJsonObject json =
      QJsonDocument::fromJson(QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size()))).object();
  const auto color = [&](const char* key) { return QColor(json[QLatin1String(key)].toString()); };
  Theme theme;
  theme.dark = dark;
  theme.window = color("window");
  theme.base = color("base");
  theme.alternate = color("alternate");
  theme.text = color("text");
  theme.muted = color("muted");
  theme.border = color("border");
  theme.accent = color("accent");
  theme.accent_text = color("accent_text");
  theme.selection = color("selection");
  theme.good = color("good");
  theme.warning = color("warning");
  theme.error = color("error");
  theme.note = color("note");
  theme.note_warning = color("note_warning");
  theme.note_error = color("note_error");
  theme.grid = color("grid");
  theme.grid_minor = color("grid_minor");
  theme.axis = color("axis");
  for (const QJsonValue& value : json["series"].toArray()) theme.series.push_back(QColor(value.toString()));
  return theme;
}

}  // namespace tokenmark
