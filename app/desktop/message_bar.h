// Notes at the top of the window: what went wrong and what to do next. The same text does not stack: it is counted.
#pragma once

#include <QFrame>
#include <functional>

class QVBoxLayout;

namespace tokenmark {

enum class Severity { note, warning, error };

class MessageBar : public QWidget {
  Q_OBJECT
 public:
  explicit MessageBar(QWidget* parent = nullptr);
  // `topic`: a newer message of the same topic replaces the older one; empty: the text is its own topic.
  void say(Severity severity, const QString& text, const QString& topic = {});
  // A note with a button: `yes` when it is pressed, `no` when the note is closed instead; it goes with either.
  void ask(const QString& text, const QString& answer, const QString& topic, std::function<void()> yes, std::function<void()> no = {});
  void clear(const QString& topic);
  QStringList texts() const;   // newest last

 private:
  QVBoxLayout* layout_;
};

}  // namespace tokenmark
