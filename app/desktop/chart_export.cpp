// ChartPage's way into files and the clipboard: drawn here, compressed and written in another thread.
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QMimeData>
#include <QStandardPaths>

#include "app/desktop/chart_page.h"
#include "app/desktop/settings.h"
#include "app/desktop/tasks.h"

namespace tokenmark {
namespace {

QString ending(ExportFormat format) {
  switch (format) {
    case ExportFormat::png: return QStringLiteral("png");
    case ExportFormat::svg: return QStringLiteral("svg");
    case ExportFormat::pdf: return QStringLiteral("pdf");
    case ExportFormat::csv: return QStringLiteral("csv");
  }
  return {};
}

}  // namespace

void ChartPage::askForFile(ExportFormat format, DataPart part) {
  auto* dialog = new QFileDialog(this, tr("Export the chart"));
  dialog->setObjectName(QStringLiteral("exportDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(ending(format));
  dialog->setNameFilter(QStringLiteral("%1 (*.%2)").arg(ending(format).toUpper(), ending(format)));
  dialog->setDirectory(export_folder_.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation)
                                                : export_folder_);
  dialog->selectFile(prefix_ + '.' + ending(format));
  connect(dialog, &QFileDialog::fileSelected, this, [this, format, part](const QString& path) {
    export_folder_ = QFileInfo(path).absolutePath();
    writeFile(path, format, part);
  });
  dialog->open();
}

// What is seen, in the size, the colours and with the sharpness of the settings.
PictureOptions ChartPage::exportOptions() const {
  PictureOptions options = plot_->pictureOptions();
  const QString size = setting(QStringLiteral("export/size")).toString();
  const QSize sides = size == QLatin1String("window")
                          ? plot_->size()
                          : QSize(size.section('x', 0, 0).toInt(), size.section('x', 1, 1).toInt());
  options.width = sides.width();
  options.height = sides.height();
  options.scale = setting(QStringLiteral("export/scale")).toDouble();
  options.dark = setting(QStringLiteral("export/dark")).toBool();
  return options;
}

void ChartPage::writeFile(const QString& path, ExportFormat format, DataPart part) {
  PictureOptions options = exportOptions();
  options.part = part;
  const auto written = [this, path](const Status& status) {
    if (status) emit exported(path);
    else emit failed(QString::fromStdString(status.error().message));
  };
  if (const auto data = format == ExportFormat::csv && part == DataPart::all ? allData() : nullptr) {
    tasks_.start(QStringLiteral("export ") + path,
                 [data, path](std::stop_token) { return write_chart({ExportFormat::csv, {}, data()}, path); }, written);
    return;
  }
  Result<DrawnChart> drawn = draw_chart(drawing(options), format, options);
  if (!drawn) {
    emit failed(QString::fromStdString(drawn.error().message));
    return;
  }
  tasks_.start(
      QStringLiteral("export ") + path,
      [drawn = *std::move(drawn), path](std::stop_token) { return write_chart(drawn, path); }, written);
}

void ChartPage::copyPicture() {
  const PictureOptions options = exportOptions();
  QApplication::clipboard()->setImage(chart_image(drawing(options), options));
}

void ChartPage::copyData() {
  const PictureOptions options = exportOptions();
  const Result<DrawnChart> drawn = draw_chart(drawing(options), ExportFormat::csv, options);
  if (drawn) QApplication::clipboard()->setText(QString::fromUtf8(drawn->bytes));
}

}  // namespace tokenmark
