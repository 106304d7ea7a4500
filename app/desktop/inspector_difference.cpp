// Several runs side by side in the inspector: what differs, and under it what is equal for all.
#include <QLabel>
#include <QPlainTextEdit>
#include <QTreeWidget>

#include "app/desktop/difference_rows.h"
#include "app/desktop/inspector_dock.h"

namespace tokenmark {

void InspectorDock::showDifference(const RunDifference& difference, std::size_t all) {
  detail_.reset();
  difference_ = difference;
  chosen_ = all;
  log_.clear();
  error_->hide();
  updateButtons();
  fillDifference();
}

void InspectorDock::fillDifference() {
  const std::size_t shown = difference_->runs.size();
  title_->setText(tr("%1 runs side by side").arg(shown));
  facts_->setText(chosen_ > shown ? tr("The first %1 of %2 chosen runs. What is equal for all is folded.").arg(shown).arg(chosen_)
                                  : tr("What is equal for all is folded."));
  tree_->setUpdatesEnabled(false);
  tree_->clear();
  set_difference_columns(*tree_, *difference_, QString());
  for (const DifferenceSection& each : difference_->sections)
    add_difference(*section(QString::fromStdString(each.title)), each, theme_.muted);
  tree_->setUpdatesEnabled(true);
}

}  // namespace tokenmark
