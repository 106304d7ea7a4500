#include "app/desktop/download_dialog.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>

#include "app/desktop/look.h"
#include "app/desktop/widgets.h"
#include "core/download/download.h"
#include "core/download/hub.h"

namespace tokenmark {

DownloadDialog::DownloadDialog(const QString& folder, QWidget* parent) : QDialog(parent) {
  setObjectName(QStringLiteral("downloadDialog"));
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(tr("Download a model"));
  auto* form = new QFormLayout(this);
  form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
  form->setContentsMargins(16, 16, 16, 16);
  form->setVerticalSpacing(8);
  url_ = line(tr("Address"), "downloadUrl", tr("https://…, or hf:OWNER/NAME/FILE"));
  form->addRow(tr("Address"), url_);
  folder_ = line(tr("Folder"), "downloadFolder", {});
  folder_->setText(folder);
  auto* browse = make_button(this, "downloadBrowse", tr("Choose …"), tr("Choose the folder that the file goes into"));
  auto* row = new QHBoxLayout;
  row->addWidget(folder_, 1);
  row->addWidget(browse);
  form->addRow(tr("Folder"), row);
  sha256_ = line(tr("SHA-256"), "downloadSha256", tr("if it is known; else what the server tells is checked"));
  form->addRow(tr("SHA-256"), sha256_);
  note_ = new QLabel(this);
  note_->setObjectName(QStringLiteral("downloadNote"));
  note_->setProperty("role", "muted");
  note_->setWordWrap(true);
  note_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);   // as wide as the fields
  note_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  note_->setMinimumHeight(2 * fontMetrics().lineSpacing());  // room for what it will say
  form->addRow(QString(), note_);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
  ok_ = buttons->button(QDialogButtonBox::Ok);
  ok_->setText(tr("Download"));
  ok_->setObjectName(QStringLiteral("downloadOk"));
  set_role(*ok_, "primary");
  form->addRow(buttons);
  setMinimumWidth(600);
  connect(browse, &QPushButton::clicked, this, &DownloadDialog::chooseFolder);
  connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  check();
}

QLineEdit* DownloadDialog::line(const QString& label, const char* name, const QString& hint) {
  auto* edit = new QLineEdit(this);
  edit->setObjectName(QString::fromLatin1(name));
  edit->setAccessibleName(label);
  edit->setPlaceholderText(hint);
  connect(edit, &QLineEdit::textChanged, this, &DownloadDialog::check);
  return edit;
}

QString DownloadDialog::url() const { return url_->text().trimmed(); }
QString DownloadDialog::sha256() const { return sha256_->text().trimmed(); }

QString DownloadDialog::file() const {
  const auto url = download_url(url_->text().trimmed().toStdString());
  const auto name = url ? file_name_of(*url) : Result<std::string>();
  const QString folder = folder_->text().trimmed();
  return url && name && !folder.isEmpty() ? QDir(folder).absoluteFilePath(QString::fromStdString(*name)) : QString();
}

void DownloadDialog::chooseFolder() {
  const QString folder = QFileDialog::getExistingDirectory(this, tr("Where the file goes"), folder_->text());
  if (!folder.isEmpty()) folder_->setText(folder);
}

void DownloadDialog::check() {
  if (ok_ == nullptr) return;  // being made
  static const QRegularExpression hash(QStringLiteral("^(sha256:)?[0-9a-fA-F]{64}$"));
  const QString path = file();
  QString wrong;
  if (url().isEmpty())
    note_->setText(tr("What was stopped or broke goes on where it was when the same is downloaded again."));
  else if (path.isEmpty())
    wrong = tr("This is no address of a file: it should begin with https://, http:// or hf: and end with the file's name.");
  else if (!sha256().isEmpty() && !hash.match(sha256()).hasMatch())
    wrong = tr("A SHA-256 has 64 digits, 0 to 9 and a to f.");
  else if (QFileInfo::exists(path)) wrong = tr("%1 is there already.").arg(path);
  else if (QFileInfo::exists(QString::fromStdString(part_of(path.toStdString()).string())))
    note_->setText(tr("%1: the part that is there is gone on with.").arg(path));
  else note_->setText(path);
  if (!wrong.isEmpty()) note_->setText(wrong);
  set_role(*note_, wrong.isEmpty() ? "muted" : "error");
  ok_->setEnabled(wrong.isEmpty() && !url().isEmpty());
}

}  // namespace tokenmark
