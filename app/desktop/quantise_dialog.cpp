#include "app/desktop/quantise_dialog.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <nlohmann/json.hpp>

#include "app/desktop/look.h"
#include "app/desktop/models_page.h"
#include "app/desktop/program_question.h"

namespace tokenmark {
namespace {

// Best first for most people; the words say what is given up.
const std::pair<const char*, const char*> kFormats[] = {
    {"q8_0", QT_TRANSLATE_NOOP("QuantiseDialog", "Q8_0 · 8.5 bits a value, hardly any loss")},
    {"q6_k", QT_TRANSLATE_NOOP("QuantiseDialog", "Q6_K · 6.6 bits, very little loss")},
    {"q5_k", QT_TRANSLATE_NOOP("QuantiseDialog", "Q5_K · 5.5 bits, little loss")},
    {"q4_k", QT_TRANSLATE_NOOP("QuantiseDialog", "Q4_K · 4.5 bits, the usual compromise")},
    {"q4_0", QT_TRANSLATE_NOOP("QuantiseDialog", "Q4_0 · 4.5 bits, simple and fast")},
    {"mxfp4", QT_TRANSLATE_NOOP("QuantiseDialog", "MXFP4 · 4.25 bits, OCP microscaling")},
    {"mxfp6", QT_TRANSLATE_NOOP("QuantiseDialog", "MXFP6 · 6.25 bits, OCP microscaling (this program only)")},
    {"fp8", QT_TRANSLATE_NOOP("QuantiseDialog", "FP8 · 8.25 bits, E4M3 in blocks (this program only)")},
    {"bf16", QT_TRANSLATE_NOOP("QuantiseDialog", "BF16 · 16 bits")},
};

QString folder_for_new_files(const ModelFile& model) {
  const QFileInfo file(QString::fromStdString(model.path));
  const bool cached = model.where == "Hugging Face" || model.where == "Ollama";  // their folders are theirs to keep
  return cached || file.isDir() ? QDir::homePath() : file.absolutePath();
}

QString file_stem(const ModelFile& model) {
  QString stem = QString::fromStdString(model.name).section(QStringLiteral(" · "), -1).section('/', -1);
  return stem.replace(':', '-');
}

QLabel* muted_label(QWidget* parent, const char* name) {
  auto* label = new QLabel(parent);
  label->setObjectName(QString::fromLatin1(name));
  label->setProperty("role", "muted");
  label->setWordWrap(true);
  label->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
  label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  return label;
}

}  // namespace

QuantiseDialog::QuantiseDialog(const ModelFile& model, QString program, QWidget* parent)
    : QDialog(parent), source_(QString::fromStdString(model.path)), base_(folder_for_new_files(model) + '/' + file_stem(model)),
      planner_(new ProgramQuestion(std::move(program), this)) {
  setObjectName(QStringLiteral("quantiseDialog"));
  connect(planner_, &ProgramQuestion::answered, this, &QuantiseDialog::showSize);
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(tr("Quantise %1").arg(QString::fromStdString(model.name)));
  format_ = new QComboBox(this);
  format_->setObjectName(QStringLiteral("quantiseFormat"));
  for (const auto& [key, words] : kFormats) format_->addItem(tr(words), QString::fromLatin1(key));
  format_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  size_ = muted_label(this, "quantiseSize");
  size_->setMinimumHeight(3 * fontMetrics().lineSpacing());  // room for what it will say
  output_ = new QLineEdit(this);
  output_->setObjectName(QStringLiteral("quantiseOutput"));
  exists_ = muted_label(this, "quantiseExists");
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
  ok_ = buttons->button(QDialogButtonBox::Ok);
  ok_->setText(tr("Quantise"));
  ok_->setObjectName(QStringLiteral("quantiseOk"));
  set_role(*ok_, "primary");
  auto* form = new QFormLayout(this);
  form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
  form->setContentsMargins(16, 16, 16, 16);
  form->setVerticalSpacing(8);
  form->addRow(tr("Format"), format_);
  form->addRow(tr("Size"), size_);
  form->addRow(tr("New file"), output_);
  form->addRow(QString(), exists_);
  form->addRow(buttons);
  setMinimumWidth(560);
  connect(planner_, &ProgramQuestion::failed, size_, &QLabel::setText);
  connect(format_, &QComboBox::currentIndexChanged, this, &QuantiseDialog::suggest);
  connect(output_, &QLineEdit::textChanged, this, &QuantiseDialog::check);
  connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  suggest();
}

QString QuantiseDialog::format() const { return format_->currentData().toString(); }
QString QuantiseDialog::output() const { return output_->text(); }

void QuantiseDialog::suggest() {
  output_->setText(base_ + '-' + format() + QStringLiteral(".gguf"));
  output_->setCursorPosition(static_cast<int>(output_->text().size()));
  askForSize();
}

void QuantiseDialog::check() {
  const bool there = QFileInfo::exists(output());
  exists_->setText(there ? tr("There is a file of this name already.") : QString());
  ok_->setEnabled(!there && !output().isEmpty());
}

void QuantiseDialog::askForSize() {
  size_->setText(tr("…"));
  planner_->ask({QStringLiteral("model"), QStringLiteral("make"), QStringLiteral("--from"), source_, QStringLiteral("--format"), format(), QStringLiteral("--dry-run"),
                 QStringLiteral("--json")});
}

void QuantiseDialog::showSize(const QByteArray& text) {
  const auto plan = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  if (!plan.is_object() || !plan.contains("tensors")) return size_->clear();
  const auto before = plan.value("bytes_before", quint64{0}), after = plan.value("bytes_after", quint64{0});
  quint64 values = 0, elsewhere = 0;
  std::string instead;
  for (const auto& tensor : plan["tensors"]) {
    const auto count = tensor.value("values", quint64{0});
    values += count;
    if (!tensor.value("fell_back", false)) continue;
    elsewhere += count;
    const std::string to = tensor.value("to", "");
    if (instead.find(to) == std::string::npos) instead += (instead.empty() ? "" : ", ") + to;
  }
  QString words = tr("%1 instead of %2").arg(bytes_text(after), bytes_text(before));
  if (elsewhere > 0 && values > 0)
    words += tr("; %1 % of the values become %2 since their rows do not fill this format's blocks")
                 .arg(qRound(100.0 * static_cast<double>(elsewhere) / static_cast<double>(values))).arg(QString::fromStdString(instead));
  size_->setText(words);
}

}  // namespace tokenmark
