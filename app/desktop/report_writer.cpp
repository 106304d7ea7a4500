#include "app/desktop/report_writer.h"
#include "app/desktop/write_file.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryFile>

#include "core/report/report_document.h"
#include "core/report/report_template.h"

namespace tokenmark {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("ReportWriter", text); }

Result<std::string> template_text(const QString& path) {
  if (path.isEmpty()) return default_report_template();
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return fail(ErrorKind::not_found, "{}", tr("The template %1 cannot be read: %2").arg(path, file.errorString()).toStdString());
  return file.readAll().toStdString();
}

Status write_pdf(const ReportOrder& order, const std::string& document, const std::stop_token& stop) {
  if (!QFileInfo::exists(order.renderer))
    return fail(ErrorKind::unavailable, "{}", tr("The pages of a PDF are drawn by the program %1, which is not there. Choose HTML.").arg(order.renderer).toStdString());
  QTemporaryFile file;
  if (!file.open() || file.write(document.data(), static_cast<qint64>(document.size())) < 0 || !file.flush())
    return fail(ErrorKind::io, "{}", tr("A temporary file cannot be written: %1").arg(file.errorString()).toStdString());
  QProcess program;
  program.start(order.renderer, {QStringLiteral("--render"), file.fileName(), QStringLiteral("-o"), order.output});
  while (!program.waitForFinished(50) && program.state() != QProcess::NotRunning) {
    if (!stop.stop_requested()) continue;
    program.kill();
    program.waitForFinished();
    return fail(ErrorKind::cancelled, "the report was cancelled");
  }
  if (program.exitStatus() != QProcess::NormalExit || program.exitCode() != 0) {
    const QString said = QString::fromUtf8(program.readAllStandardError()).trimmed();
    return fail(ErrorKind::internal, "{}", tr("The pages could not be drawn: %1").arg(said.isEmpty() ? program.errorString() : said).toStdString());
  }
  return {};
}

}  // namespace

Status write_report(const ReportOrder& order, const ReportProgress& progress, std::stop_token stop) {
  const bool pdf = order.output.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive);
  std::string page;
  if (!pdf) {   // what is wrong with a template is said before anything takes its time
    TOKENMARK_TRY(page, template_text(order.template_file));
    TOKENMARK_CHECK(check_report_template(page, order.template_file.toStdString()));
  }
  TOKENMARK_TRY(const auto store, Store::open(order.store));
  std::vector<RunRow> rows(order.rows.begin(), order.rows.end());
  if (order.all_of_store) {
    TOKENMARK_TRY(rows, store->runs());
    std::erase_if(rows, [](const RunRow& row) { return row.state == RunState::running; });
  }
  const auto first_part = [&](double share, const std::string& what) {
    if (progress) progress(share * 0.8, what);
  };
  TOKENMARK_TRY(const Report report, make_report(store.get(), rows, order.options, first_part, stop));
  if (progress) progress(0.85, pdf ? "drawing the pages" : "writing the page");
  const nlohmann::json document = report_document(report);
  if (pdf) return write_pdf(order, document.dump(), stop);
  TOKENMARK_TRY(const std::string html, render_report(document, page, order.template_file.toStdString()));
  return write_file(order.output, html);
}

}  // namespace tokenmark
