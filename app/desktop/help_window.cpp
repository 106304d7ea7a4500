#include "app/desktop/help_window.h"

#include <QDesktopServices>
#include <QHBoxLayout>
#include <QImage>
#include <QLineEdit>
#include <QListWidget>
#include <QSplitter>
#include <QTextBrowser>
#include <QToolButton>

#include "app/desktop/look.h"
#include "app/desktop/widgets.h"
#include "app/desktop/window_actions.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

constexpr int kPictureWidth = 640;   // device-independent pixels; a chapter's column is about as wide

// Pictures of the guide are resources; nothing is fetched from anywhere.
class GuidePage : public QTextBrowser {
 public:
  using QTextBrowser::QTextBrowser;

  QVariant loadResource(int type, const QUrl& name) override {
    if (type != QTextDocument::ImageResource) return {};
    const std::string_view bytes = resource("help/" + name.path().toStdString());
    QImage picture = QImage::fromData(QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())));
    const int width = static_cast<int>(kPictureWidth * devicePixelRatioF());
    if (picture.width() > width) picture = picture.scaledToWidth(width, Qt::SmoothTransformation);
    picture.setDevicePixelRatio(picture.width() / static_cast<double>(kPictureWidth));
    return picture;
  }
};

QToolButton* step_button(QWidget* parent, const char* name, const QString& icon, const QString& tip, const QKeySequence& keys) {
  auto* button = new QToolButton(parent);
  button->setObjectName(QString::fromLatin1(name));
  button->setIcon(themed_icon(icon));
  button->setAccessibleName(tip);
  button->setToolTip(tip);
  button->setAutoRaise(true);
  button->setShortcut(keys);
  button->setEnabled(false);
  return button;
}

}  // namespace

HelpWindow::HelpWindow(const Shortcuts& shortcuts, QWidget* window)
    : QWidget(window, Qt::Window), shortcuts_(shortcuts), chapters_(help_chapters()) {
  setObjectName(QStringLiteral("helpWindow"));
  setWindowTitle(tr("Tokenmark: user guide"));
  resize(980, 720);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  auto* split = new QSplitter(this);
  split->setObjectName(QStringLiteral("helpSplit"));
  auto* side = new QWidget(split);
  side->setObjectName(QStringLiteral("helpSide"));
  page_ = new GuidePage(split);
  page_->setObjectName(QStringLiteral("helpPage"));
  page_->setAccessibleName(tr("Chapter of the guide"));
  page_->setOpenLinks(false);
  page_->document()->setDocumentMargin(22);
  layout->addWidget(split);
  setupSide();
  split->addWidget(side);
  split->addWidget(page_);
  split->setSizes({270, 710});
  split->setStretchFactor(1, 1);
  connect(page_, &QTextBrowser::anchorClicked, this, &HelpWindow::follow);
  search();
}

void HelpWindow::setupSide() {
  auto* side = findChild<QWidget*>(QStringLiteral("helpSide"));
  auto* layout = new QVBoxLayout(side);
  layout->setContentsMargins(8, 8, 8, 8);
  auto* row = new QHBoxLayout;
  back_ = step_button(side, "helpBack", QStringLiteral("back"), tr("The chapter before"), QKeySequence::Back);
  forward_ = step_button(side, "helpForward", QStringLiteral("forward"), tr("The chapter after"), QKeySequence::Forward);
  search_ = new QLineEdit(side);
  search_->setObjectName(QStringLiteral("helpSearch"));
  search_->setAccessibleName(tr("Search the guide"));
  search_->setPlaceholderText(tr("Search the guide"));
  search_->setClearButtonEnabled(true);
  row->addWidget(back_);
  row->addWidget(forward_);
  row->addWidget(search_, 1);
  layout->addLayout(row);
  list_ = new QListWidget(side);
  list_->setObjectName(QStringLiteral("helpChapters"));
  list_->setAccessibleName(tr("Chapters"));
  list_->setWordWrap(true);
  list_->setSpacing(3);
  layout->addWidget(list_, 1);
  connect(search_, &QLineEdit::textChanged, this, &HelpWindow::search);
  connect(search_, &QLineEdit::returnPressed, list_, qOverload<>(&QWidget::setFocus));
  connect(list_, &QListWidget::currentItemChanged, this, [this](const QListWidgetItem* item) {
    if (item != nullptr && item->data(Qt::UserRole).toString() != shown_) follow(QUrl(item->data(Qt::UserRole).toString()));
  });
  const auto step = [this](QStringList& from, QStringList& to) {
    if (from.isEmpty()) return;
    to << shown_;
    showChapter(from.takeLast());
  };
  connect(back_, &QToolButton::clicked, this, [this, step] { step(before_, after_); });
  connect(forward_, &QToolButton::clicked, this, [this, step] { step(after_, before_); });
}

void HelpWindow::open(const QString& chapter) {
  search_->clear();
  follow(QUrl(chapter));
  bring_to_front(*this);
  page_->setFocus();
}

void HelpWindow::follow(const QUrl& link) {
  if (link.scheme().startsWith(QLatin1String("http"))) {
    QDesktopServices::openUrl(link);
    return;
  }
  const QString key = link.path().isEmpty() ? shown_ : link.path().remove(QStringLiteral(".md"));
  if (key != shown_ && !shown_.isEmpty()) {
    before_ << shown_;
    after_.clear();
  }
  showChapter(key);
}

void HelpWindow::showChapter(const QString& key) {
  for (const HelpChapter& chapter : chapters_) {
    if (chapter.key != key) continue;
    shown_ = key;
    page_->setMarkdown(filled(chapter));
    const QStringList words = search_->text().split(' ', Qt::SkipEmptyParts);
    if (!words.isEmpty()) page_->find(words.first());
  }
  for (int i = 0; i < list_->count(); ++i)
    if (list_->item(i)->data(Qt::UserRole).toString() == shown_) list_->setCurrentRow(i);
  back_->setEnabled(!before_.isEmpty());
  forward_->setEnabled(!after_.isEmpty());
}

QString HelpWindow::filled(const HelpChapter& chapter) const {
  if (!chapter.text.contains(QLatin1String("{{shortcuts}}"))) return chapter.text;
  QString table = tr("| Action | Menu | Shortcut |") + QStringLiteral("\n|---|---|---|\n");
  for (const ShortcutEntry& entry : shortcuts_.entries())
    if (!entry.keys.isEmpty())
      table += QStringLiteral("| %1 | %2 | %3 |\n").arg(entry.text, entry.path, entry.keys.toString(QKeySequence::NativeText).replace('|', QStringLiteral("\\|")));
  return QString(chapter.text).replace(QStringLiteral("{{shortcuts}}"), table);
}

void HelpWindow::refresh() {
  if (!shown_.isEmpty()) showChapter(shown_);
}

void HelpWindow::search() {
  const QStringList words = search_->text().split(' ', Qt::SkipEmptyParts);
  list_->clear();
  for (const HelpChapter& chapter : chapters_) {
    const QString excerpt = help_excerpt(chapter, words);
    if (excerpt.isEmpty()) continue;
    auto* item = new QListWidgetItem(words.isEmpty() ? chapter.title : chapter.title + '\n' + excerpt, list_);
    item->setData(Qt::UserRole, chapter.key);
    item->setToolTip(excerpt);
  }
  if (!shown_.isEmpty()) showChapter(shown_);   // with what was found marked in it
}

}  // namespace tokenmark
