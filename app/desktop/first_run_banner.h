// A line above the charts until something was measured: what one sees, and the one button to press.
#pragma once

#include <QFrame>

class QPushButton;

namespace tokenmark {

class FirstRunBanner : public QFrame {
  Q_OBJECT
 public:
  explicit FirstRunBanner(QWidget* parent = nullptr);
  void setBusy(bool busy);

 signals:
  void measureWanted();

 private:
  QPushButton* measure_;
};

}  // namespace tokenmark
