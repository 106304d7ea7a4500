// Prices and power: the price sets, the project's to read and the user's to edit; the user's own devices; what is used
// where nothing is chosen. Every edit can be undone and redraws the charts at once.
#pragma once

#include <QWidget>
#include <functional>

#include "core/economics/economics.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableWidget;
class QTreeWidget;

namespace tokenmark {

struct OwnPrices;
class UserPrices;

class PricesPage : public QWidget {
  Q_OBJECT
 public:
  PricesPage(UserPrices& prices, QWidget* parent);
  void choose(const QString& set);                   // shows that set

 signals:
  void failed(const QString& message);
  void exported(const QString& path);

 private:
  QWidget* setupList();
  QWidget* setupSet();
  QWidget* setupHead(QWidget* parent);
  QWidget* setupDeviceBar(QWidget* parent);
  QWidget* setupDefaults(QWidget* parent);
  void fillList();
  void showSet();
  void fillRows(const std::vector<PriceRow>& rows, bool editable);
  bool showsDevices() const;                         // the user's own devices instead of a set
  std::vector<PriceRow> shownRows() const;
  void connectEdits();                               // prices_edits.cpp
  void updateAdd();
  void editRows(const QString& what, const std::function<void(std::vector<PriceRow>&)>& edit);
  void cellEdited(int row, int column);
  void headEdited();
  void addDevice();
  void removeDevice();
  void copySet();
  void deleteSet();
  void useByDefault();
  void askForFile(bool save);                        // prices_files.cpp
  void importFile(const QString& path);
  void exportFile(const QString& path);

  UserPrices& prices_;
  PriceSet shown_;                                   // as it is drawn; name empty: own devices
  QTreeWidget* list_;
  QLabel* whose_;
  QLineEdit *name_, *date_, *source_;
  QTableWidget* rows_;
  QComboBox *device_, *tier_;
  QDoubleSpinBox* kw_;
  QPushButton *add_, *remove_, *copy_, *delete_, *import_, *export_, *default_;
  bool filling_ = false;
};

QString device_name(const std::string& key);         // as the catalogue has it, else the key

// "price set" choosers of charts: newest first, with sources as tips; keeps what is chosen where it is still there.
void fill_price_sets(QComboBox& box);

}  // namespace tokenmark
