// The form half of the sweep editor.
#pragma once

#include <QWidget>

#include "app/desktop/sweep_form.h"

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QSpinBox;
class QStackedWidget;

namespace tokenmark {

class SweepFormWidget : public QWidget {
  Q_OBJECT
 public:
  explicit SweepFormWidget(QWidget* parent = nullptr);
  SweepForm form() const;
  void setNodes(const QStringList& names);   // of the user's list
  void setForm(const SweepForm& form);   // says nothing through edited()

 signals:
  void edited();

 private:
  QFormLayout* group(const QString& title, QWidget* into);
  QLineEdit* line(QFormLayout* layout, const QString& label, const char* name, const QString& tip);
  QSpinBox* whole(QFormLayout* layout, const QString& label, const char* name, int low, int high, const QString& tip);
  QDoubleSpinBox* real(QFormLayout* layout, const QString& label, const char* name, double high, const QString& tip);
  QComboBox* choice(QFormLayout* layout, const QString& label, const char* name, const QStringList& items, bool editable,
                    const QString& tip);
  void name(QWidget* widget, const char* name, const QString& label, const QString& tip);
  QWidget* setupEngine();
  QWidget* setupEndpoint();
  void setupLoad();
  void onEdit();

  QLineEdit *name_, *host_, *agent_, *url_, *served_model_, *key_env_, *tokenizer_, *concurrency_;
  void chooseNode(const SweepForm& form);
  void updateParts();

  QComboBox *node_, *kind_, *model_, *device_, *api_;
  QSpinBox *threads_, *input_, *output_, *requests_, *warmups_, *repeats_;
  QDoubleSpinBox *range_ratio_, *ttft_limit_, *tpot_limit_;
  QStackedWidget* target_;
  bool quiet_ = false;
};

}  // namespace tokenmark
