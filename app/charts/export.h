// Charts into files: PNG, SVG, PDF as pictures with title, small print and run ids; CSV as data. Works without a
// window. Drawing belongs to the window's thread (some 10 ms); compressing and writing may happen in any.
#pragma once

#include <QByteArray>
#include <QImage>
#include <QString>

#include "app/charts/drawing.h"
#include "base/result.h"
#include "core/report/run_chart_json.h"

class QCPPainter;

namespace tokenmark {

enum class ExportFormat { png, svg, pdf, csv };
Result<ExportFormat> export_format(const QString& path);  // by the file's ending

// Every kind of chart has its drawing.
Drawing drawing_of(const Chart& chart, const PictureOptions& options);
Drawing drawing_of(const DistributionChart& chart, const PictureOptions& options);
Drawing drawing_of(const Timeline& chart, const PictureOptions& options);
Drawing drawing_of(const Trend& chart, const PictureOptions& options);

QImage chart_image(const Drawing& drawing, const PictureOptions& options);
// At the painter's origin, options.width × options.height.
void paint_chart(const Drawing& drawing, QCPPainter& painter, const PictureOptions& options);

// A chart on its way into a file.
struct DrawnChart {
  ExportFormat format = ExportFormat::png;
  QImage image;       // of PNG
  QByteArray bytes;   // of the others
};
// The same chart with the same options gives the same picture.
Result<DrawnChart> draw_chart(const Drawing& drawing, ExportFormat format, const PictureOptions& options);
Status write_chart(const DrawnChart& drawn, const QString& path);   // any thread; all of the file or nothing

Status export_chart(const Drawing& drawing, const QString& path, const PictureOptions& options);   // both

// The same of a chart of any kind.
template <class AChart>
QImage chart_image(const AChart& chart, const PictureOptions& options) {
  return chart_image(drawing_of(chart, options), options);
}
template <class AChart>
Status export_chart(const AChart& chart, const QString& path, const PictureOptions& options) {
  return export_chart(drawing_of(chart, options), path, options);
}

}  // namespace tokenmark
