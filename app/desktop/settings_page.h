// Settings: every setting of settings.h as a line with its control, found by typing; the shortcuts below. What is changed
// is kept at once. The window's thread.
#pragma once

#include <QHash>
#include <QWidget>

#include "app/desktop/settings.h"

class QLabel;
class QLineEdit;
class QVBoxLayout;

namespace tokenmark {

class ShortcutEditor;
class Shortcuts;

class SettingsPage : public QWidget {
  Q_OBJECT
 public:
  SettingsPage(Shortcuts& shortcuts, QWidget* parent);
  void search(const QString& words);     // shows what is found by them
  void showValues();                     // as they are stored, if changed from elsewhere
  void showShortcuts();                  // of all actions that there are

 signals:
  void changed(const QString& key);      // stored already
  void resetAsked();                     // all settings are back as they were at first
  void pricesWanted();                   // the page with the default price set

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  struct Line {
    QWidget* widget;
    QString words;                       // searched
    int group;
  };
  void setupHead(QVBoxLayout& layout);
  void setupLines(QVBoxLayout& layout);
  void addLine(QVBoxLayout& layout, const Setting& setting, int group);
  void addHeading(QVBoxLayout& layout, const QString& text);
  void addPricesLine(QVBoxLayout& layout, int group);
  QWidget* control(const Setting& setting, QWidget* parent);
  void store(const Setting& setting, const QVariant& value);
  void filter();
  void askForFile(const Setting& setting);

  Shortcuts& shortcuts_;
  QLineEdit* search_;
  QLabel *at_start_, *nothing_;
  ShortcutEditor* editor_;
  QList<Line> lines_;
  QList<QLabel*> headings_;
  QHash<QString, QWidget*> controls_;
  bool showing_ = false;                 // values are being put into the controls
};

}  // namespace tokenmark
