// Widgets as all pages have them, with the names that tests and screen readers find them by.
#pragma once

#include <QString>
#include <QStringList>

class QAbstractButton;
class QPushButton;
class QTreeWidget;
class QWidget;

namespace tokenmark {

// What is written on a button is its name for screen readers, the tip its description; one without text is named by what its
// tip says first.
void set_button_text(QAbstractButton& button, const QString& text, const QString& tip);
void bring_to_front(QWidget& window);   // shown, above the others, with the keyboard
QPushButton* make_button(QWidget* parent, const char* name, const QString& text, const QString& tip);
// A list in columns, one row chosen at a time.
QTreeWidget* make_list(QWidget* parent, const char* name, const QString& accessible, const QStringList& columns);

}  // namespace tokenmark
