// Charts into files: PNG, SVG, PDF as pictures with title, small print and run ids; CSV as data. Works without a
// window. Drawing belongs to the window's thread (some 10 ms); compressing and writing may happen in any.
#pragma once

#include <QByteArray>
#include <QImage>
#include <QString>
#include <optional>

#include "app/charts/series_style.h"
#include "app/charts/zoom_history.h"
#include "base/result.h"
#include "core/report/chart.h"

namespace tokenmark {

enum class ExportFormat { png, svg, pdf, csv };
Result<ExportFormat> export_format(const QString& path);  // by the file's ending

struct PictureOptions {
  int width = 1200, height = 750;   // in points of 1/96 inch
  double scale = 2;                 // pixels a point, PNG only
  bool dark = false;
  bool only_optimal = false;
  std::optional<ViewRange> view;    // absent: all of it
  SeriesStyles styles;
  SeriesVisibility visibility;
};

QImage chart_image(const Chart& chart, const PictureOptions& options);

// A chart on its way into a file.
struct DrawnChart {
  ExportFormat format = ExportFormat::png;
  QImage image;       // of PNG
  QByteArray bytes;   // of the others
};
// The same chart with the same options gives the same picture. CSV holds what is visible.
Result<DrawnChart> draw_chart(const Chart& chart, ExportFormat format, const PictureOptions& options);
Status write_chart(const DrawnChart& drawn, const QString& path);   // any thread; all of the file or nothing

Status export_chart(const Chart& chart, const QString& path, const PictureOptions& options);   // both

}  // namespace tokenmark
