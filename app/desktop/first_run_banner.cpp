#include "app/desktop/first_run_banner.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "app/desktop/look.h"
#include "app/desktop/theme_sheet.h"

namespace tokenmark {

FirstRunBanner::FirstRunBanner(QWidget* parent) : QFrame(parent) {
  setObjectName(QStringLiteral("firstRunBanner"));
  dress(*this);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(16, 10, 14, 10);
  layout->setSpacing(16);
  auto* texts = new QVBoxLayout;
  texts->setSpacing(2);
  auto* title = new QLabel(tr("How fast is this machine?"), this);
  title->setObjectName(QStringLiteral("bannerTitle"));
  set_role(*title, "title");
  auto* text = new QLabel(tr("The chart shows published sample results. A sweep of about one minute runs the embedded "
                             "engine here and draws its points beside them."), this);
  text->setObjectName(QStringLiteral("bannerText"));
  text->setWordWrap(true);
  texts->addWidget(title);
  texts->addWidget(text);
  layout->addLayout(texts, 1);
  measure_ = new QPushButton(tr("Measure this machine"), this);
  measure_->setObjectName(QStringLiteral("measureButton"));
  measure_->setAccessibleName(tr("Measure this machine"));
  measure_->setToolTip(tr("Run the built-in one-minute sweep of the embedded engine (Ctrl+M)"));
  measure_->setIconSize({14, 14});
  set_role(*measure_, "primary");
  layout->addWidget(measure_, 0, Qt::AlignVCenter);
  connect(measure_, &QPushButton::clicked, this, &FirstRunBanner::measureWanted);
}

void FirstRunBanner::setBusy(bool busy) {
  measure_->setEnabled(!busy);
  measure_->setText(busy ? tr("Measuring …") : tr("Measure this machine"));
}

}  // namespace tokenmark
