// Asks for the address of a model's file, the folder it goes into and, where it is known, its SHA-256; says beforehand what
// the file will be called, or what is wrong.
#pragma once

#include <QDialog>

class QLabel;
class QLineEdit;
class QPushButton;

namespace tokenmark {

class DownloadDialog : public QDialog {
  Q_OBJECT
 public:
  DownloadDialog(const QString& folder, QWidget* parent);

  QString url() const;     // as typed: also hf:OWNER/NAME/FILE
  QString file() const;    // empty: the address names none
  QString sha256() const;  // empty: not given

 private:
  QLineEdit* line(const QString& label, const char* name, const QString& hint);
  void chooseFolder();
  void check();

  QLineEdit *url_, *folder_, *sha256_;
  QLabel* note_;
  QPushButton* ok_ = nullptr;
};

}  // namespace tokenmark
