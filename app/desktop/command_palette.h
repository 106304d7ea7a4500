// The palette: everything the window can do, found by a few letters and run by Enter. Lines come from whoever has some;
// those that were run last stand first. Opens under the window's top edge; Escape or a click elsewhere closes it.
// The window's thread.
#pragma once

#include <QFrame>
#include <QIcon>
#include <QKeySequence>
#include <functional>

class QLineEdit;
class QListView;
class QStandardItemModel;

namespace tokenmark {

struct PaletteLine {
  QString id;                    // the same for the same thing at every start: what was used last is kept by it
  QString text, detail;          // "Export as PNG", "File"
  QKeySequence keys;
  QString why_not;               // it cannot be run now, because; empty: it can
  std::function<void()> run;
  int weight = 0;                // below 0: stands behind others that match as well
};

// Asked each time with what is typed; an empty text asks for all that is always there.
using PaletteSource = std::function<QList<PaletteLine>(const QString& typed)>;

class CommandPalette : public QFrame {
  Q_OBJECT
 public:
  explicit CommandPalette(QWidget* window);
  void addSource(PaletteSource source) { sources_ << std::move(source); }
  void open();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Found;
  void search();
  void place();
  void run();
  void remember(const QString& id);

  QLineEdit* field_;
  QListView* list_;
  QStandardItemModel* model_;
  QList<PaletteSource> sources_;
  QList<PaletteLine> shown_;
};

// What each item of the palette's list has, for its drawing and for tests.
enum PaletteRole { kPaletteLetters = Qt::UserRole + 1, kPaletteDetail, kPaletteKeys, kPaletteWhyNot };

}  // namespace tokenmark
