#include "app/charts/export.h"

#include <QBuffer>
#include <QFileInfo>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <algorithm>
#include <cmath>

#include "app/charts/paint_readings.h"
#include "app/charts/plot_style.h"

namespace tokenmark {
namespace {

constexpr int kLargestSide = 20000;
constexpr double kLargestPixels = 2e8;

QFont pixel_font(int size, bool bold = false) {
  QFont font = QGuiApplication::font();
  font.setPixelSize(size);
  font.setBold(bold);
  return font;
}

QStringList wrapped(const QString& text, const QFont& font, int width) {
  const QFontMetrics metrics(font);
  QStringList lines;
  QString line;
  for (const QString& word : text.split(' ', Qt::SkipEmptyParts)) {
    const QString longer = line.isEmpty() ? word : line + ' ' + word;
    if (!line.isEmpty() && metrics.horizontalAdvance(longer) > width) {
      lines << line;
      line = word;
    } else {
      line = longer;
    }
  }
  if (!line.isEmpty()) lines << line;
  return lines;
}

void add_text(QCustomPlot& plot, int row, const QString& text, const QFont& font, const QColor& color, int bottom) {
  auto* element = new QCPTextElement(&plot, text, font);
  element->setTextColor(color);
  element->setTextFlags(Qt::AlignLeft | Qt::AlignVCenter);
  element->setMargins(QMargins(16, 2, 16, bottom));
  element->setSelectable(false);
  plot.plotLayout()->addElement(row, 0, element);
  plot.plotLayout()->setRowStretchFactor(row, 0.001);
}

// A plot of its own for the file, never shown.
class Picture {
 public:
  Picture(const Drawing& drawing, const PictureOptions& options) : options_(options), values_(drawing.values) {
    look_.theme = theme(options.dark);
    look_.styles = options.styles;
    look_.visibility = options.visibility;
    look_.only_optimal = options.only_optimal;
    look_.font = pixel_font(13);
    plot_.setAttribute(Qt::WA_DontShowOnScreen);
    prepare_plot(plot_);
    plot_.resize(options.width, options.height);
    plot_.setViewport(QRect(0, 0, options.width, options.height));
    drawing.draw(plot_, look_);
    addTexts(drawing);
    fit_axis_titles(plot_);
  }

  void paint(QCPPainter& painter) {
    plot_.toPainter(&painter, options_.width, options_.height);
    paint_readings(painter, plot_, look_, options_, values_);   // now the axes have their places
  }

 private:
  QString subtitle(const Drawing& drawing) const {
    if (options_.baseline.empty()) return drawing.subtitle;
    const QString baseline =
        QCoreApplication::translate("Charts", "baseline %1").arg(QString::fromStdString(options_.baseline));
    return drawing.subtitle.isEmpty() ? baseline : drawing.subtitle + QStringLiteral(" · ") + baseline;
  }

  void addTexts(const Drawing& drawing) {
    const int room = options_.width - 40;
    QStringList head = wrapped(drawing.title, pixel_font(19, true), room);
    const QFont small = pixel_font(11);
    QStringList foot;
    for (const QString& line : drawing.small_print) foot << wrapped(line, small, room);
    int row = 0;
    const auto insert = [&](const QString& text, const QFont& font, const QColor& color, int bottom) {
      plot_.plotLayout()->insertRow(row);
      add_text(plot_, row++, text, font, color, bottom);
    };
    plot_.plotLayout()->insertRow(row);
    auto* space = new QCPTextElement(&plot_, QStringLiteral(" "), pixel_font(4));
    plot_.plotLayout()->addElement(row, 0, space);
    plot_.plotLayout()->setRowStretchFactor(row++, 0.001);
    for (const QString& line : head) insert(line, pixel_font(19, true), look_.theme.text, 0);
    for (const QString& line : wrapped(subtitle(drawing), pixel_font(13), room))
      insert(line, pixel_font(13), look_.theme.muted, 4);
    row = plot_.plotLayout()->rowCount();
    for (const QString& line : foot) add_text(plot_, row++, line, small, look_.theme.muted, 0);
    plot_.plotLayout()->setRowSpacing(1);
  }

  PictureOptions options_;
  std::function<LineValues()> values_;
  SceneLook look_;
  QCustomPlot plot_;
};

QString description(const Drawing& drawing) { return drawing.small_print.join('\n'); }

Status check_size(const PictureOptions& options) {
  const double pixels = options.width * options.scale * options.height * options.scale;
  if (options.width < 200 || options.height < 150 || options.width > kLargestSide || options.height > kLargestSide)
    return fail(ErrorKind::invalid_input, "A picture of {} × {} cannot be drawn: 200 × 150 to {} × {} can.",
                options.width, options.height, kLargestSide, kLargestSide);
  if (!(options.scale > 0) || pixels > kLargestPixels)
    return fail(ErrorKind::invalid_input, "A picture of {} × {} at scale {} is too large: choose a smaller scale.",
                options.width, options.height, options.scale);
  return {};
}

bool draw_svg(const Drawing& drawing, QIODevice& file, const PictureOptions& options) {
  QSvgGenerator generator;
  generator.setOutputDevice(&file);
  generator.setSize({options.width, options.height});
  generator.setViewBox(QRect(0, 0, options.width, options.height));
  generator.setResolution(96);
  generator.setTitle(drawing.title.toHtmlEscaped());   // Qt writes both as they are
  generator.setDescription(description(drawing).toHtmlEscaped());
  QCPPainter painter;
  if (!painter.begin(&generator)) return false;
  painter.setMode(QCPPainter::pmVectorized);
  Picture(drawing, options).paint(painter);
  return painter.end();
}

bool draw_pdf(const Drawing& drawing, QIODevice& file, const PictureOptions& options) {
  QPdfWriter writer(&file);
  writer.setResolution(96);
  writer.setPageSize(QPageSize(QSizeF(options.width, options.height) * 0.75, QPageSize::Point, QString(),
                               QPageSize::ExactMatch));
  writer.setPageMargins(QMarginsF(0, 0, 0, 0));
  writer.setTitle(drawing.title);
  writer.setCreator(QStringLiteral("Tokenmark"));
  QCPPainter painter;
  if (!painter.begin(&writer)) return false;
  painter.setMode(QCPPainter::pmVectorized);
  Picture(drawing, options).paint(painter);
  return painter.end();
}

}  // namespace

Result<ExportFormat> export_format(const QString& path) {
  const QString ending = QFileInfo(path).suffix().toLower();
  if (ending == "png") return ExportFormat::png;
  if (ending == "svg") return ExportFormat::svg;
  if (ending == "pdf") return ExportFormat::pdf;
  if (ending == "csv") return ExportFormat::csv;
  return fail(ErrorKind::invalid_input, "{}: the ending '{}' is not known: use .png, .svg, .pdf or .csv.",
              path.toStdString(), ending.toStdString());
}

void paint_chart(const Drawing& drawing, QCPPainter& painter, const PictureOptions& options) { Picture(drawing, options).paint(painter); }

QImage chart_image(const Drawing& drawing, const PictureOptions& options) {
  QImage image(static_cast<int>(std::lround(options.width * options.scale)),
               static_cast<int>(std::lround(options.height * options.scale)), QImage::Format_RGB32);
  image.setDevicePixelRatio(options.scale);
  image.fill(theme(options.dark).base);
  image.setText(QStringLiteral("Title"), drawing.title);
  image.setText(QStringLiteral("Description"), description(drawing));
  image.setText(QStringLiteral("Software"), QStringLiteral("Tokenmark"));
  QCPPainter painter(&image);
  Picture(drawing, options).paint(painter);
  return image;
}

Result<DrawnChart> draw_chart(const Drawing& drawing, ExportFormat format, const PictureOptions& options) {
  DrawnChart drawn{format, {}, {}};
  if (format == ExportFormat::csv) {
    drawn.bytes = drawing.csv();
    return drawn;
  }
  TOKENMARK_CHECK(check_size(options));
  if (format == ExportFormat::png) {
    drawn.image = chart_image(drawing, options);
    if (drawn.image.isNull()) return fail(ErrorKind::exhausted, "There is not enough memory for the picture.");
    return drawn;
  }
  QBuffer buffer(&drawn.bytes);
  buffer.open(QIODevice::WriteOnly);
  const bool done = format == ExportFormat::svg ? draw_svg(drawing, buffer, options) : draw_pdf(drawing, buffer, options);
  if (!done) return fail(ErrorKind::internal, "The picture could not be drawn.");
  return drawn;
}

Status write_chart(const DrawnChart& drawn, const QString& path) {
  QSaveFile file(path);
  const auto broken = [&](const QString& why) {
    return fail(ErrorKind::io, "{} cannot be written: {}", path.toStdString(), why.toStdString());
  };
  if (!file.open(QIODevice::WriteOnly)) return broken(file.errorString());
  const bool written = drawn.format == ExportFormat::png ? drawn.image.save(&file, "PNG")
                                                         : file.write(drawn.bytes) == drawn.bytes.size();
  if (!written || !file.commit()) return broken(file.errorString());
  return {};
}

Status export_chart(const Drawing& drawing, const QString& path, const PictureOptions& options) {
  TOKENMARK_TRY(const ExportFormat format, export_format(path));
  TOKENMARK_TRY(const DrawnChart drawn, draw_chart(drawing, format, options));
  return write_chart(drawn, path);
}

}  // namespace tokenmark
