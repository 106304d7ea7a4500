// Notes at the top of the window: what went wrong and what to do next. The same text does not stack: it is counted.
#pragma once

#include <QFrame>

class QVBoxLayout;

namespace tokenmark {

enum class Severity { note, warning, error };

class MessageBar : public QWidget {
  Q_OBJECT
 public:
  explicit MessageBar(QWidget* parent = nullptr);
  // `topic`: a newer message of the same topic replaces the older one; empty: the text is its own topic.
  void say(Severity severity, const QString& text, const QString& topic = {});
  void clear(const QString& topic);
  QStringList texts() const;   // newest last

 private:
  QVBoxLayout* layout_;
};

}  // namespace tokenmark
