// The pages of the centre. Each is made when it is first shown, or when the window has nothing else to do, and is then given
// what the window has: colours, runs, prices, shortcuts.
#include <QTimer>

#include "app/desktop/devices_page.h"
#include "app/desktop/main_window.h"
#include "app/desktop/models_page.h"
#include "app/desktop/nodes_page.h"
#include "app/desktop/settings_page.h"
#include "app/desktop/split_tabs.h"
#include "app/desktop/window_actions.h"

namespace tokenmark {

void MainWindow::setupPages() {
  setupCharts();
  addPage("modelsPage", tr("Models"), &MainWindow::makeModels);
  addPage("devicesPage", tr("Devices"), &MainWindow::makeDevices);
  addPage("nodesPage", tr("Nodes"), &MainWindow::makeNodes);
  addPage("pricesPage", tr("Prices"), &MainWindow::makePrices);
  addPage("settingsPage", tr("Settings"), &MainWindow::makeSettings);
}

void MainWindow::addPage(const char* name, const QString& title, QWidget* (MainWindow::*make)(QWidget* parent)) {
  tabs_->addPage(QString::fromLatin1(name), title, [this, make](QWidget* parent) {
    QWidget* page = (this->*make)(parent);
    shortcuts_->adopt(*page);
    return page;
  });
}

// One in a turn of the event loop: nobody waits for them.
void MainWindow::makeNextPage() {
  if (tabs_->makeNext()) return QTimer::singleShot(0, this, &MainWindow::makeNextPage);
  if (settings_page_ && settings_page_->isVisible()) settings_page_->showShortcuts();   // there are more now
}

QWidget* MainWindow::openPage(const char* name) {
  tabs_->setCurrentPage(QString::fromLatin1(name));
  return tabs_->page(QString::fromLatin1(name));
}

QWidget* MainWindow::makeModels(QWidget* parent) {
  auto* page = new ModelsPage(tasks_, QString::fromStdString(options_.agent_program), options_.models, parent);
  connect(page, &ModelsPage::failed, this, &MainWindow::sayError);
  connect(page, &ModelsPage::measureWanted, this, &MainWindow::measureModel);
  connect(page, &ModelsPage::jobWanted, this, &MainWindow::addJob);
  return page;
}

QWidget* MainWindow::makeDevices(QWidget* parent) {
  auto* page = new DevicesPage(QString::fromStdString(options_.agent_program), parent);
  connect(page, &DevicesPage::failed, this, &MainWindow::sayError);
  connect(page, &DevicesPage::jobWanted, this, &MainWindow::addJob);
  connect(page, &DevicesPage::sweepWanted, this, &MainWindow::sweepDevice);
  return page;
}

QWidget* MainWindow::makeNodes(QWidget* parent) {
  nodes_page_ = new NodesPage(tasks_, QString::fromStdString(options_.agent_program), *undo_, parent);
  connect(nodes_page_, &NodesPage::failed, this, &MainWindow::sayError);
  connect(nodes_page_, &NodesPage::sweepWanted, this, &MainWindow::sweepNode);
  nodes_page_->setRunning(jobs_);
  return nodes_page_;
}

QWidget* MainWindow::makeSettings(QWidget* parent) {
  settings_page_ = new SettingsPage(*shortcuts_, parent);
  connect(settings_page_, &SettingsPage::changed, this, &MainWindow::onSetting);
  connect(settings_page_, &SettingsPage::resetAsked, this, [this] { onSetting(QStringLiteral("theme")); });
  connect(settings_page_, &SettingsPage::pricesWanted, tabs_, [this] { tabs_->setCurrentPage(QStringLiteral("pricesPage")); });
  return settings_page_;
}

}  // namespace tokenmark
