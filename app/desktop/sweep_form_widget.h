// The form half of the sweep editor.
#pragma once

#include <QWidget>
#include <span>

#include "app/desktop/model_files.h"
#include "app/desktop/sweep_form.h"

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QSpinBox;
class QVBoxLayout;

namespace tokenmark {

class OfferBox;

class SweepFormWidget : public QWidget {
  Q_OBJECT
 public:
  explicit SweepFormWidget(QWidget* parent = nullptr);
  SweepForm form() const;
  void setForm(const SweepForm& form);           // says nothing through edited()
  void setVaried(const QStringList& paths);      // fields whose values are elsewhere, in an axis of the file
  QString pathOf(const QWidget* widget) const;   // of the file's field that it shows; empty: of none
  void setNodes(const QStringList& names);       // of the user's list
  // What was found on this machine: offered where the sweep runs here.
  void setModels(const std::vector<ModelFile>& models);
  void setDevices(const QStringList& ids);

 signals:
  // What a person has changed. Fields that they did not touch are the same in both, however they are shown.
  void edited(const tokenmark::SweepForm& before, const tokenmark::SweepForm& after);

 private:
  // The widgets of fields that are one value under one key.
  struct Line {
    QLineEdit* edit;
    QString SweepForm::*member;
  };
  struct Number {
    QSpinBox* box;
    int SweepForm::*member;
  };
  struct Tip {
    QWidget* widget;
    QString path, text;
  };

  QFormLayout* group(const QString& title, QWidget* into);
  void name(QWidget* widget, const char* name, const QString& label, const QString& tip, const QString& path = {});
  QLineEdit* line(QFormLayout* layout, const QString& label, const char* name, QString SweepForm::*member,
                  const QString& tip, const QString& placeholder = {});
  QLineEdit* real(QFormLayout* layout, const QString& label, const char* name, QString SweepForm::*member, double high,
                  const QString& tip, const QString& placeholder);
  QSpinBox* whole(QFormLayout* layout, const QString& label, const char* name, int SweepForm::*member, int low,
                  const QString& tip, const QString& lowest = {});
  QComboBox* choice(QFormLayout* layout, const QString& label, const char* name, const QString& tip);
  OfferBox* offers(const char* name, const QString& label, QString SweepForm::*member, const QString& tip);
  // sweep_form_setup.cpp
  void setupGeneral();
  QWidget* setupEngine();
  QWidget* setupEndpoint();
  void setupWorkload();
  void setupLoad();
  void setupLimits();

  void chooseNode(const SweepForm& form);
  void chooseModelFile();
  void updateOffers();
  void updateAxes();
  void updateParts();
  void onLoadKind();
  void onAxis();
  void onEdit();
  bool atHere() const;

  QList<Line> lines_;
  QList<Number> numbers_;
  QList<Tip> tips_;
  QFormLayout *workload_, *load_;
  QComboBox *node_, *kind_, *api_, *arrivals_, *axis_;
  OfferBox *model_, *device_;
  QLineEdit *host_, *agent_, *concurrency_, *rates_, *duration_, *zipf_, *think_, *axis_values_;
  QSpinBox *prefix_, *prefix_groups_, *turns_, *requests_, *min_requests_;
  QWidget *engine_, *server_;   // of which one is shown
  std::vector<ModelFile> models_;
  QStringList devices_;
  SweepForm shown_;
  bool quiet_ = false;
};

}  // namespace tokenmark
