// The models on this machine: where they lie, what is in them, whether they fit, and what can be done with one: quantise
// it, measure it; others are downloaded. Files are read by a process of their own (tokenmark-cli model info), so a hostile
// one harms nothing.
#pragma once

#include <QHash>
#include <QWidget>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "app/desktop/model_files.h"

class QLabel;
class QLineEdit;
class QMenu;
class QProgressBar;
class QPushButton;
class QTreeWidget;

namespace tokenmark {

class FactsView;
class Job;
class ProgramQuestion;
class Tasks;

class ModelsPage : public QWidget {
  Q_OBJECT
 public:
  // `program`: tokenmark-cli. `places`: where to look, besides the folders of the setting files/models.
  ModelsPage(Tasks& tasks, QString program, ModelPlaces places, QWidget* parent = nullptr);

  void rescan();
  void lookOnce() { if (!looked_) rescan(); }
  void addFolder(const QString& folder);
  void removeFolder(const QString& folder);      // from the setting; its files stay
  void select(const QString& path);
  const std::vector<ModelFile>& models() const { return models_; }   // as far as one has looked

 signals:
  void jobWanted(tokenmark::Job* job);           // to be queued; the receiver owns it
  void measureWanted(const QString& model, const QString& name);
  void failed(const QString& text);
  void found(const std::vector<tokenmark::ModelFile>& models);   // all of this machine

 protected:
  void showEvent(QShowEvent* event) override;    // the first time, and when folders were set elsewhere: looks for models

 private:
  QWidget* makeList();
  QWidget* makeFacts();
  void showModels(const std::vector<ModelFile>& models);
  void filter(const QString& words);
  void showSelected();
  void showFacts(const QByteArray& json);
  void showFit(const nlohmann::ordered_json& fit, quint64 context);
  void fillFolderMenu();
  void askForFolder();
  void showNew(const QString& path);             // a file that a job has made: found and chosen
  void askForDownload();
  void download(const QString& url, const QString& file, const QString& sha256);
  void askHowToQuantise();
  void quantise(const QString& format, const QString& output);
  const ModelFile* selected() const;

  Tasks& tasks_;
  QString program_;
  ModelPlaces places_;
  QStringList folders_;                          // of the user's, as they were looked through last
  std::vector<ModelFile> models_;
  QString wanted_;                               // path to select once it is found
  bool looked_ = false;
  ProgramQuestion* reader_;                      // of the selected model's facts
  QLineEdit* search_;
  QMenu* folder_menu_;
  QHash<QString, QByteArray> written_;           // by path: what quantising has said of its tensors, while the window is open
  QTreeWidget* list_;
  FactsView* facts_;
  QLabel *title_, *note_, *fit_, *empty_;
  QProgressBar* fit_bar_;
  QPushButton *quantise_, *measure_;
};

QString bytes_text(quint64 bytes);               // "1.32 GB"

}  // namespace tokenmark
