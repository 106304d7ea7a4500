#include "app/desktop/facts_view.h"

#include <QEvent>
#include <QScrollBar>

namespace tokenmark {
namespace {

QString cell(const QString& text, const QString& style) {
  return QStringLiteral("<td style=\"%1\">%2</td>").arg(style, text.toHtmlEscaped());
}

QString row_start(qsizetype row, const QPalette& palette) {
  const QColor ground = palette.color(row % 2 == 0 ? QPalette::Base : QPalette::AlternateBase);
  return QStringLiteral("<tr bgcolor=\"%1\">").arg(ground.name());
}

}  // namespace

FactsView::FactsView(QWidget* parent, const char* name, const QString& accessible) : QTextBrowser(parent) {
  setObjectName(QString::fromLatin1(name));
  setAccessibleName(accessible);
  setOpenLinks(false);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void FactsView::showFacts(QList<std::pair<QString, QString>> facts, QList<Table> tables) {
  facts_ = std::move(facts);
  tables_ = std::move(tables);
  fill();
  verticalScrollBar()->setValue(0);
}

QString FactsView::value(const QString& name) const {
  for (const auto& [known, value] : facts_)
    if (known == name) return value;
  return {};
}

void FactsView::changeEvent(QEvent* event) {
  QTextBrowser::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) fill();
}

void FactsView::fill() {
  const QString muted = QStringLiteral("color:%1;").arg(palette().color(QPalette::PlaceholderText).name());
  const QString table = QStringLiteral("<table width=\"100%\" cellspacing=\"0\" cellpadding=\"5\">");
  QString html = table;
  for (qsizetype i = 0; i < facts_.size(); ++i)
    html += row_start(i, palette()) + cell(facts_[i].first, muted + QStringLiteral("white-space:nowrap;padding-right:12px")) +
            cell(facts_[i].second, QString()) + QStringLiteral("</tr>");
  html += QStringLiteral("</table>");
  for (const Table& each : tables_) {
    const QString left = each.sentences ? QStringLiteral("white-space:nowrap;padding-right:12px;") : QStringLiteral("text-align:left;");
    const QString right = each.sentences ? QString() : QStringLiteral("text-align:right;white-space:nowrap;");
    html += QStringLiteral("<p style=\"margin:14px 5px 4px 5px\"><b>%1</b></p>").arg(each.title.toHtmlEscaped()) + table + row_start(0, palette());
    for (qsizetype c = 0; c < each.columns.size(); ++c) html += cell(each.columns[c], muted + (c == 0 ? left : right));
    html += QStringLiteral("</tr>");
    for (qsizetype i = 0; i < each.rows.size(); ++i) {
      html += row_start(i + 1, palette());
      for (qsizetype c = 0; c < each.rows[i].size(); ++c) html += cell(each.rows[i][c], c == 0 ? left : right);
      html += QStringLiteral("</tr>");
    }
    html += QStringLiteral("</table>");
  }
  setHtml(html);
}

}  // namespace tokenmark
