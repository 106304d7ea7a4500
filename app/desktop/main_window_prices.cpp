// The main window's prices: charts follow every edit, and a device without a price is asked for once.
#include "app/desktop/chart_page.h"
#include "app/desktop/compare_page.h"
#include "app/desktop/main_window.h"
#include "app/desktop/message_bar.h"
#include "app/desktop/price_question.h"
#include "app/desktop/prices_page.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/user_prices.h"

namespace tokenmark {

// Before the charts are made: their choosers show the user's sets. A damaged file is one of the notes of the start.
void MainWindow::setupPrices() {
  user_prices_ = new UserPrices(options_.prices, tasks_, *undo_, this);
  if (const QString wrong = user_prices_->load(); !wrong.isEmpty()) options_.notes << wrong;
  connect(user_prices_, &UserPrices::changed, this, [this] {
    for (ChartPage* page : chart_pages_) page->pricesChanged();
    if (compare_page_) compare_page_->pricesChanged();
  });
  connect(user_prices_, &UserPrices::failed, this, &MainWindow::sayPriceProblem);
}

void MainWindow::sayPriceProblem(const QString& text) { messages_->say(Severity::error, text, QStringLiteral("prices")); }

QWidget* MainWindow::makePrices(QWidget* parent) {
  auto* page = new PricesPage(*user_prices_, parent);
  connect(page, &PricesPage::failed, this, &MainWindow::sayPriceProblem);
  connect(page, &PricesPage::exported, this, &MainWindow::sayWritten);
  return page;
}

void MainWindow::askForPrices() {
  const auto* page = qobject_cast<ChartPage*>(tabs_->currentWidget());
  price_question_->ask(page ? page->unpriced() : QStringList());
}

}  // namespace tokenmark
