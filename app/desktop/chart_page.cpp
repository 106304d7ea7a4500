#include "app/desktop/chart_page.h"

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QMenu>
#include <QToolBar>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/desktop/look.h"
#include "app/desktop/tasks.h"
#include "app/desktop/theme_sheet.h"

namespace tokenmark {
namespace {

constexpr int kMostNotes = 4;   // lines below the chart; all of them are in the tip and in exported files

}  // namespace

void choose(QComboBox& box, const QVariant& key) {
  if (const int index = box.findData(key); index >= 0) box.setCurrentIndex(index);
}

ChartPage::ChartPage(Tasks& tasks, QUndoStack& undo, PlotView* plot, const QString& prefix, const QString& label,
                     QWidget* parent)
    : QWidget(parent), tasks_(tasks), undo_(undo), plot_(plot), prefix_(prefix), label_(label) {
  setAcceptDrops(true);
  setObjectName(prefix + QStringLiteral("Page"));
  dress(*this);
  layout_ = new QVBoxLayout(this);
  layout_->setContentsMargins(0, 0, 0, 0);
  layout_->setSpacing(0);
  setupActions();
  setupLineActions();
  setupExportActions();
  setupBody();
  setupChanges();
}

void ChartPage::setupChanges() {
  connect(plot_, &PlotView::menuWanted, this, &ChartPage::showChartMenu);
  connect(plot_, &PlotView::legendMenuWanted, this, &ChartPage::showLegendMenu);
  connect(plot_, &PlotView::viewChanged, this, [this] {
    back_->setEnabled(plot_->canGoBack());
    forward_->setEnabled(plot_->canGoForward());
  });
  connect(plot_, &PlotView::viewChanged, this, &ChartPage::noteChange);
  connect(plot_, &PlotView::visibilityChanged, this, &ChartPage::noteChange);
  connect(&plot_->line(), &ReadingLine::changed, this, [this] {
    line_->setChecked(plot_->line().on());
    noteChange();
  });
}

void ChartPage::showChartMenu(const QPoint& at) {
  auto* menu = new QMenu(this);
  menu->setObjectName(named(QStringLiteral("chartMenu")));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  emit menuOpening(menu, plot_->runsAt(at));
  if (!menu->isEmpty()) menu->addSeparator();
  menu->addActions(view_actions_);
  menu->addSeparator();
  menu->addActions(export_actions_);
  menu_at_ = at;
  connect(menu, &QMenu::aboutToHide, this,
          [this] { QTimer::singleShot(0, this, [this] { menu_at_.reset(); }); });  // after what it triggers
  menu->popup(at);
}

// What every legend offers; a right button or the Menu key opens it.
void ChartPage::showLegendMenu(const QString& series, const QPoint& at) {
  auto* menu = new QMenu(this);
  menu->setObjectName(named(QStringLiteral("legendMenu")));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const bool is_baseline = plot_->line().baseline() == series.toStdString();
  QAction* pin = menu->addAction(is_baseline ? tr("No longer the baseline") : tr("Pin as baseline"));
  pin->setObjectName(QStringLiteral("pinBaseline"));
  connect(pin, &QAction::triggered, this, [this, series, is_baseline] { pinSeries(is_baseline ? QString() : series); });
  connect(menu->addAction(plot_->hiddenSeries().contains(series) ? tr("Show") : tr("Hide")), &QAction::triggered, this,
          [this, series] { plot_->toggleSeries(series); });
  connect(menu->addAction(tr("Show alone")), &QAction::triggered, this, [this, series] { plot_->soloSeries(series); });
  connect(menu->addAction(tr("Show all series")), &QAction::triggered, plot_, &PlotView::showAllSeries);
  menu->setActiveAction(pin);
  menu->popup(at);
}

// The frontier's names came first and have no prefix.
QString ChartPage::named(const QString& name) const {
  return prefix_ == QLatin1String("frontier") ? name : prefix_ + name.left(1).toUpper() + name.mid(1);
}

void ChartPage::setupBody() {
  auto* body = new QFrame(this);
  body->setObjectName(named(QStringLiteral("chartBody")));
  body->setBackgroundRole(QPalette::Base);
  body->setAutoFillBackground(true);
  auto* lines = new QVBoxLayout(body);
  lines->setContentsMargins(16, 10, 8, 6);
  lines->setSpacing(2);
  const auto label = [&](const QString& name, const char* role) {
    auto* made = new QLabel(body);
    made->setObjectName(named(name));
    made->setProperty("role", role);
    made->setWordWrap(true);
    made->setTextFormat(Qt::PlainText);
    return made;
  };
  title_ = label(QStringLiteral("chartTitle"), "title");
  auto* head = new QHBoxLayout;
  head->addWidget(title_, 1);
  head->addWidget(setupExport(body), 0, Qt::AlignTop);
  lines->addLayout(head);
  subtitle_ = label(QStringLiteral("chartSubtitle"), "muted");
  lines->addWidget(subtitle_);
  plot_->setParent(body);
  lines->addWidget(plot_, 1);
  notes_ = label(QStringLiteral("chartNotes"), "muted");
  lines->addWidget(notes_);
  layout_->addWidget(body, 1);
}

QAction* ChartPage::addAction(const QString& text, const QString& name, const QString& icon, const QKeySequence& keys) {
  auto* action = new QAction(text, this);
  action->setObjectName(named(name));
  action->setProperty("common", name);     // its shortcut is that of the same action on the other pages
  if (!icon.isEmpty()) action->setIcon(themed_icon(icon));
  action->setShortcut(keys);
  if (!keys.isEmpty())
    action->setToolTip(QStringLiteral("%1 (%2)").arg(QString(text).remove('&'), keys.toString(QKeySequence::NativeText)));
  return action;
}

void ChartPage::setupActions() {
  back_ = addAction(tr("Previous view"), "viewBack", "back", QKeySequence(tr("Alt+Left")));
  forward_ = addAction(tr("Next view"), "viewForward", "forward", QKeySequence(tr("Alt+Right")));
  fit_ = addAction(tr("Show everything"), "viewFit", "fit", QKeySequence(tr("Ctrl+0")));
  QAction* zoom_in = addAction(tr("Zoom in"), "viewZoomIn", {}, QKeySequence::ZoomIn);
  QAction* zoom_out = addAction(tr("Zoom out"), "viewZoomOut", {}, QKeySequence::ZoomOut);
  QAction* show_all = addAction(tr("Show all series"), "viewShowAll", {}, QKeySequence(tr("Ctrl+Shift+A")));
  back_->setEnabled(false);
  forward_->setEnabled(false);
  connect(back_, &QAction::triggered, plot_, &PlotView::goBack);
  connect(forward_, &QAction::triggered, plot_, &PlotView::goForward);
  connect(fit_, &QAction::triggered, plot_, &PlotView::resetView);
  connect(zoom_in, &QAction::triggered, plot_, &PlotView::zoomIn);
  connect(zoom_out, &QAction::triggered, plot_, &PlotView::zoomOut);
  connect(show_all, &QAction::triggered, plot_, &PlotView::showAllSeries);
  view_actions_ = {fit_, zoom_in, zoom_out, back_, forward_, show_all};
  all_runs_ = addAction(tr("Saved runs ✕"), "allRuns", {}, {});
  all_runs_->setToolTip(
      tr("The chart shows runs of its own, of a file or dropped here. Click to show those of the list again."));
  all_runs_->setVisible(false);
  connect(all_runs_, &QAction::triggered, this, [this] {
    restricted_ = {};
    noteChange();
    refresh();
    all_runs_->setVisible(false);
  });
}

// Cursors are set where the menu was opened; from elsewhere where the line is, or in the middle.
void ChartPage::setupLineActions() {
  line_ = addAction(tr("Values at a line"), "valuesLine", {}, QKeySequence(tr("Ctrl+L")));
  line_->setToolTip(tr("A line goes with the pointer and shows every series' value and its ratio to the baseline (Ctrl+L). "
                       "Left and Right move it, Enter pins it, A and B set two cursors, Escape takes them away."));
  line_->setCheckable(true);
  connect(line_, &QAction::toggled, this, [this](bool on) { plot_->line().setOn(on); });
  QAction* set_a = addAction(tr("Set cursor A here"), "cursorA", {}, {});
  QAction* set_b = addAction(tr("Set cursor B here"), "cursorB", {}, {});
  QAction* remove = addAction(tr("Remove cursors"), "removeCursors", {}, {});
  connect(set_a, &QAction::triggered, this, [this] { plot_->setCursorHere(ReadingLine::Cursor::a, menu_at_); });
  connect(set_b, &QAction::triggered, this, [this] { plot_->setCursorHere(ReadingLine::Cursor::b, menu_at_); });
  connect(remove, &QAction::triggered, &plot_->line(), &ReadingLine::removeCursors);
  view_actions_ << line_ << set_a << set_b << remove;
}

void ChartPage::setupExportActions() {
  struct File {
    QString label;
    const char* name;
    ExportFormat format;
    QKeySequence keys;
    DataPart part = DataPart::seen;
  };
  const File files[] = {{tr("Export as P&NG …"), "exportPng", ExportFormat::png, QKeySequence(tr("Ctrl+E"))},
                        {tr("Export as &SVG …"), "exportSvg", ExportFormat::svg, {}},
                        {tr("Export as &PDF …"), "exportPdf", ExportFormat::pdf, {}},
                        {tr("Export data seen as &CSV …"), "exportCsv", ExportFormat::csv, {}},
                        {tr("Export &all data as CSV …"), "exportAllCsv", ExportFormat::csv, {}, DataPart::all}};
  for (const File& file : files) {
    QAction* action = addAction(file.label, QString::fromLatin1(file.name), {}, file.keys);
    connect(action, &QAction::triggered, this, [this, format = file.format, part = file.part] { askForFile(format, part); });
    export_actions_ << action;
  }
  QAction* picture = addAction(tr("Copy as picture"), "copyPicture", {}, QKeySequence(tr("Ctrl+Shift+C")));
  QAction* copy = addAction(tr("Copy as data"), "copyData", {}, {});
  connect(picture, &QAction::triggered, this, &ChartPage::copyPicture);
  connect(copy, &QAction::triggered, this, &ChartPage::copyData);
  QAction* cards = addAction(tr("Copy pinned cards"), "copyCards", {}, {});
  cards->setEnabled(false);
  connect(cards, &QAction::triggered, plot_, &PlotView::copyPinnedCards);
  connect(plot_, &PlotView::cardsChanged, cards, [this, cards] { cards->setEnabled(!plot_->pinnedCards().isEmpty()); });
  export_actions_ << picture << copy << cards;
}

QToolBar* ChartPage::addBar(const QString& title, const QString& name) {
  auto* bar = new QToolBar(title, this);
  bar->setObjectName(named(name));
  bar->setIconSize({16, 16});
  layout_->insertWidget(bars_++, bar);
  return bar;
}

void ChartPage::addViewButtons(QToolBar& bar) {
  auto* spacer = new QWidget(&bar);
  spacer->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  bar.addAction(all_runs_);
  bar.addWidget(spacer);
  bar.addActions({back_, forward_, fit_});
}

QComboBox* ChartPage::addChooser(QToolBar& bar, const QString& label, const QString& name, const QString& tip) {
  auto* caption = new QLabel(label, &bar);
  caption->setProperty("role", "muted");
  caption->setContentsMargins(4, 0, 2, 0);
  bar.addWidget(caption);
  auto* box = new QComboBox(&bar);
  box->setObjectName(named(name));
  box->setAccessibleName(tip);
  box->setToolTip(tip);
  box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  caption->setBuddy(box);
  bar.addWidget(box);
  return box;
}

QWidget* ChartPage::setupExport(QWidget* parent) {
  export_menu_ = new QMenu(this);
  export_menu_->addActions(export_actions_);
  auto* button = new QToolButton(parent);
  button->setObjectName(named(QStringLiteral("exportButton")));
  button->setProperty("role", "export");
  button->setAccessibleName(tr("Export the chart"));
  button->setToolTip(tr("Save the chart as picture or data"));
  button->setText(tr("Export"));
  button->setIcon(themed_icon(QStringLiteral("export")));
  button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  button->setPopupMode(QToolButton::InstantPopup);
  button->setMenu(export_menu_);
  return button;
}

void ChartPage::showWords(const QString& title, const QString& subtitle, const QStringList& notes) {
  title_->setText(title);
  subtitle_->setText(subtitle);
  subtitle_->setVisible(!subtitle.isEmpty());
  QStringList lines = notes.mid(0, kMostNotes);
  if (notes.size() > kMostNotes) lines.last() = tr("… and %1 more notes (point here)").arg(notes.size() - kMostNotes + 1);
  notes_->setText(lines.join(QStringLiteral("\n")));
  notes_->setToolTip(notes.size() > kMostNotes ? notes.join(QStringLiteral("\n")).toHtmlEscaped().replace('\n', QStringLiteral("<br>")) : QString());
  notes_->setVisible(!notes.isEmpty());
}

void ChartPage::setUnpriced(const std::vector<std::string>& hardware) {
  unpriced_.clear();
  for (const std::string& one : hardware) unpriced_ << QString::fromStdString(one);
  emit unpricedChanged();
}

void ChartPage::setTheme(const Theme& theme) { plot_->setTheme(theme); }

void ChartPage::setCurrent(bool current) {
  for (QAction* action : view_actions_ + export_actions_) action->setVisible(current);
}

}  // namespace tokenmark
