// The Models page: what it finds on a made-up home, and with the real program and real files: facts, quantise, measure.
#include "app/desktop/models_page.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QProcess>
#include <QPushButton>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTreeWidget>
#include <QtTest>
#include <fstream>

#include "app/charts/theme.h"
#include "app/desktop/facts_view.h"
#include "app/desktop/job_queue.h"
#include "app/desktop/look.h"
#include "app/desktop/settings.h"
#include "app/desktop/tasks.h"
#include "app/desktop/user_settings.h"
#include "tests/support/file_server.h"

namespace tokenmark {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

TEST(ModelFiles, every_tools_folders_are_searched_and_names_are_the_peoples) {
  QTemporaryDir made;
  const fs::path home = made.path().toStdString();
  const fs::path hub = home / ".cache/huggingface/hub/models--Qwen--Qwen3-0.6B/snapshots/abc";
  write(hub / "config.json", "{}");
  write(hub / "model.safetensors", "12345");
  write(home / ".cache/huggingface/hub/models--a--b-GGUF/snapshots/1/b-Q4_0.gguf", "123");
  write(home / ".cache/llama.cpp/m-00001-of-00002.gguf", "12");
  write(home / ".cache/llama.cpp/m-00002-of-00002.gguf", "12");
  write(home / ".lmstudio/models/pub/x/X.GGUF", "1");
  write(home / ".ollama/models/blobs/sha256-77", "1234567");
  write(home / ".ollama/models/manifests/registry.ollama.ai/library/llama3.2/1b",
        R"({"layers": [{"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:1"},
                       {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:77"}]})");
  write(home / ".ollama/models/manifests/registry.ollama.ai/library/evil/1",
        R"({"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "../../secret"}]})");
  write(home / ".ollama/models/manifests/registry.ollama.ai/library/broken/1", "{");
  write(home / "mine/deep/own.gguf", "1");
  write(home / "mine/notes.txt", "1");
  fs::create_directory_symlink(home / "mine", home / "mine/deep/round");
  const auto found = find_models({home, {}, {(home / "mine").string(), "/nowhere"}}, {});
  std::vector<std::string> seen;
  for (const ModelFile& m : found) seen.push_back(fmt::format("{} | {} | {}", m.where, m.name, m.bytes));
  EXPECT_EQ(seen, (std::vector<std::string>{(home / "mine").string() + " | own | 1", "Hugging Face | Qwen/Qwen3-0.6B | 5",
                                            "Hugging Face | a/b-GGUF · b-Q4_0 | 3", "LM Studio | X | 1", "Ollama | llama3.2:1b | 7",
                                            "llama.cpp | m-00001-of-00002 | 2"}));
}

TEST(FactsView, a_long_word_wraps_and_what_a_file_says_is_no_markup) {
  FactsView view(nullptr, "facts", "Facts");
  view.resize(300, 400);
  view.show();
  view.showFacts({{"source", "/" + QString(400, 'x') + "<b>bold</b>"}});
  EXPECT_EQ(view.horizontalScrollBar()->maximum(), 0);
  EXPECT_TRUE(view.toPlainText().contains("<b>bold</b>"));
}

class ModelsPageTest : public testing::Test {
 protected:
  ModelsPageTest() {
    UserSettings().clear();
    folder_ = made_.filePath("models");
    QDir().mkpath(folder_);
    QProcess::execute(program_, {"model", "make", "--shape", "stories260k", "--format", "f32", "-o", model()});
    ModelPlaces places;
    places.home = made_.path().toStdString();
    places.own = {folder_.toStdString()};
    page_ = std::make_unique<ModelsPage>(tasks_, program_, places);
    QObject::connect(page_.get(), &ModelsPage::jobWanted, page_.get(), [this](Job* job) { jobs_.add(job); });
    page_->resize(1000, 600);
    page_->show();
    EXPECT_TRUE(waitFor([&] { return list()->topLevelItemCount() == 1; }));
  }
  template <class Condition>
  static bool waitFor(Condition condition) { return QTest::qWaitFor(condition, 60000); }
  template <class T>
  T* find(const char* name) { return page_->findChild<T*>(QString::fromLatin1(name)); }
  QTreeWidget* list() { return find<QTreeWidget>("modelList"); }
  QString model() const { return folder_ + "/tiny.gguf"; }
  QString fact(const QString& wanted) { return find<FactsView>("modelFacts")->value(wanted); }
  void choose(int row) {
    const QRect place = list()->visualItemRect(list()->topLevelItem(row));
    QTest::mouseClick(list()->viewport(), Qt::LeftButton, {}, place.center());
  }

  QString program_ = TOKENMARK_BIN "/tokenmark-cli";
  QTemporaryDir made_;
  QString folder_;
  JobQueue jobs_;
  Tasks tasks_;
  std::unique_ptr<ModelsPage> page_;
};

TEST_F(ModelsPageTest, a_chosen_model_shows_its_facts) {
  EXPECT_FALSE(find<QPushButton>("quantiseModel")->isEnabled());
  choose(0);
  EXPECT_TRUE(waitFor([&] { return find<QPushButton>("quantiseModel")->isEnabled(); }));
  EXPECT_EQ(find<QLabel>("modelTitle")->text(), "tiny");
  EXPECT_EQ(fact("architecture"), "llama");
  EXPECT_EQ(fact("layers"), "5 of width 64");
  EXPECT_TRUE(find<QLabel>("modelFit")->text().startsWith("Fits: ")) << find<QLabel>("modelFit")->text().toStdString();
  EXPECT_TRUE(find<FactsView>("modelFacts")->toPlainText().contains("5 of width 64"));
  EXPECT_EQ(find<FactsView>("modelFacts")->horizontalScrollBar()->maximum(), 0) << "a long fact is cut off";
}

TEST_F(ModelsPageTest, a_file_that_is_no_model_says_what_is_wrong) {
  write((folder_ + "/bad.gguf").toStdString(), "this is no model");
  QTest::mouseClick(find<QPushButton>("rescanModels"), Qt::LeftButton);
  EXPECT_TRUE(waitFor([&] { return list()->topLevelItemCount() == 2; }));
  choose(0);
  EXPECT_TRUE(waitFor([&] { return find<QLabel>("modelNote")->text().contains("bad.gguf"); })) << find<QLabel>("modelNote")->text().toStdString();
  EXPECT_FALSE(find<QPushButton>("quantiseModel")->isEnabled());
}

TEST_F(ModelsPageTest, quantising_is_a_job_and_its_file_appears_chosen) {
  choose(0);
  EXPECT_TRUE(waitFor([&] { return find<QPushButton>("quantiseModel")->isEnabled(); }));
  QTest::mouseClick(find<QPushButton>("quantiseModel"), Qt::LeftButton);
  auto* output = find<QLineEdit>("quantiseOutput");
  ASSERT_NE(output, nullptr);
  EXPECT_EQ(output->text(), folder_ + "/tiny-q8_0.gguf");
  EXPECT_TRUE(waitFor([&] { return find<QLabel>("quantiseSize")->text().contains(" instead of 1.04 MB"); }))
      << find<QLabel>("quantiseSize")->text().toStdString();
  EXPECT_TRUE(find<QLabel>("quantiseSize")->text().contains("become f16"));  // 172 columns
  QTest::mouseClick(find<QPushButton>("quantiseOk"), Qt::LeftButton);
  EXPECT_TRUE(waitFor([&] { return list()->topLevelItemCount() == 2; }));
  ASSERT_EQ(jobs_.jobs().size(), 1);
  EXPECT_TRUE(waitFor([&] { return jobs_.jobs().front()->state() == JobState::done; })) << jobs_.jobs().front()->phase().toStdString();
  EXPECT_TRUE(waitFor([&] { return fact("weights").contains("q8_0"); })) << fact("weights").toStdString();
  EXPECT_EQ(find<QLabel>("modelTitle")->text(), "tiny-q8_0");
  EXPECT_TRUE(fact("error").contains(" % of the values")) << fact("error").toStdString();
  EXPECT_TRUE(find<FactsView>("modelFacts")->toPlainText().contains("blk.4.attn_q.weight"));
}

TEST_F(ModelsPageTest, a_folder_is_added_and_removed_and_settings_know_it) {
  QDir().mkpath(made_.filePath("more"));
  QFile::copy(model(), made_.filePath("more/other.gguf"));
  page_->addFolder(made_.filePath("more"));
  EXPECT_TRUE(waitFor([&] { return list()->topLevelItemCount() == 2; }));
  EXPECT_EQ(setting("files/models").toStringList(), QStringList{made_.filePath("more")});
  auto* menu = find<QMenu>("modelFolderMenu");
  emit menu->aboutToShow();
  QAction* remove = nullptr;
  for (QAction* action : menu->actions())
    if (action->text() == "Remove " + made_.filePath("more")) remove = action;
  ASSERT_NE(remove, nullptr);
  remove->trigger();
  EXPECT_TRUE(waitFor([&] { return list()->topLevelItemCount() == 1; }));
  EXPECT_TRUE(setting("files/models").toStringList().isEmpty());
  EXPECT_TRUE(QFile::exists(made_.filePath("more/other.gguf")));
  set_setting("files/models", QStringList{made_.filePath("more")});   // as the page Settings does
  page_->hide();
  page_->show();
  EXPECT_TRUE(waitFor([&] { return list()->topLevelItemCount() == 2; }));
}

TEST_F(ModelsPageTest, folders_under_the_old_key_are_taken_over_once) {
  set_setting("files/models", QStringList{"/a"});
  UserSettings().setValue("models/folders", QStringList{"/b", "/a"});
  take_over_old_settings();
  EXPECT_EQ(setting("files/models").toStringList(), (QStringList{"/a", "/b"}));
  EXPECT_FALSE(UserSettings().contains("models/folders"));
}

class ModelsDownload : public ModelsPageTest {
 protected:
  ModelsDownload() {
    QFile file(model());
    EXPECT_TRUE(file.open(QIODevice::ReadOnly));
    bytes_ = file.readAll().toStdString();
    target_ = made_.filePath("fetched");
  }
  void ask(const QString& url) {
    QTest::mouseClick(find<QPushButton>("downloadModel"), Qt::LeftButton);
    auto* dialog = find<QDialog>("downloadDialog");
    ASSERT_NE(dialog, nullptr);
    EXPECT_FALSE(find<QPushButton>("downloadOk")->isEnabled());
    QTest::keyClicks(find<QLineEdit>("downloadUrl"), url);
    find<QLineEdit>("downloadFolder")->setText(target_);
  }
  void start() { QTest::mouseClick(find<QPushButton>("downloadOk"), Qt::LeftButton); }
  Job* job(qsizetype place) { return jobs_.jobs().at(place); }

  std::string bytes_;
  QString target_;
};

TEST_F(ModelsDownload, a_download_shows_its_file_chosen) {
  test::FileServer server({.bytes = bytes_});
  ask(QString::fromStdString(server.url("/new.gguf")));
  EXPECT_EQ(find<QLabel>("downloadNote")->text(), target_ + "/new.gguf");
  find<QLineEdit>("downloadSha256")->setText("abc");
  EXPECT_FALSE(find<QPushButton>("downloadOk")->isEnabled());
  find<QLineEdit>("downloadSha256")->clear();
  start();
  EXPECT_TRUE(waitFor([&] { return list()->topLevelItemCount() == 2; }));
  EXPECT_TRUE(waitFor([&] { return fact("architecture") == "llama"; }));
  EXPECT_EQ(find<QLabel>("modelTitle")->text(), "new");
  EXPECT_EQ(job(0)->state(), JobState::done);
}

TEST_F(ModelsDownload, a_cancelled_download_is_gone_on_with_where_it_was) {
  test::FileServer server({.bytes = bytes_, .piece_ms = 100});
  ask(QString::fromStdString(server.url("/new.gguf")));
  start();
  const QString part = target_ + "/new.gguf.part";
  EXPECT_TRUE(waitFor([&] { return QFileInfo(part).size() > 0; }));
  job(0)->cancel();
  EXPECT_TRUE(waitFor([&] { return job(0)->state() == JobState::cancelled; }));
  EXPECT_GT(QFileInfo(part).size(), 0);
  EXPECT_EQ(job(0)->againText(), "Go on with the download");
  server.serve({.bytes = bytes_});
  job(0)->again();
  EXPECT_TRUE(waitFor([&] { return list()->topLevelItemCount() == 2; }));
  EXPECT_TRUE(server.heads().back().find("Range: bytes=") != std::string::npos);
  EXPECT_FALSE(QFileInfo::exists(part));
}

TEST_F(ModelsDownload, a_refused_one_says_why) {
  test::FileServer server({.answer = "404 Not Found\r\n"});
  QString said;
  QObject::connect(page_.get(), &ModelsPage::failed, page_.get(), [&](const QString& text) { said = text; });
  ask(QString::fromStdString(server.url("/new.gguf")));
  start();
  EXPECT_TRUE(waitFor([&] { return !said.isEmpty(); }));
  EXPECT_TRUE(said.contains("HTTP 404: there is no such file")) << said.toStdString();
}

TEST_F(ModelsDownload, what_is_no_address_cannot_be_downloaded) {
  ask("ftp://there/m.gguf");
  EXPECT_FALSE(find<QPushButton>("downloadOk")->isEnabled());
  find<QLineEdit>("downloadUrl")->setText("hf:owner/name/m.gguf");
  EXPECT_TRUE(find<QPushButton>("downloadOk")->isEnabled());
  find<QLineEdit>("downloadUrl")->setText("https://there/tiny.gguf");
  find<QLineEdit>("downloadFolder")->setText(folder_);
  EXPECT_FALSE(find<QPushButton>("downloadOk")->isEnabled()) << "a file of this name is there";
}

TEST_F(ModelsPageTest, a_search_hides_what_does_not_match) {
  find<QLineEdit>("modelSearch")->setText("nothing like it");
  EXPECT_TRUE(list()->topLevelItem(0)->isHidden());
  find<QLineEdit>("modelSearch")->setText("TINY");
  EXPECT_FALSE(list()->topLevelItem(0)->isHidden());
}

TEST_F(ModelsPageTest, measure_asks_for_a_sweep_of_the_model) {
  QString asked;
  QObject::connect(page_.get(), &ModelsPage::measureWanted, page_.get(), [&](const QString& path, const QString&) { asked = path; });
  choose(0);
  EXPECT_TRUE(waitFor([&] { return find<QPushButton>("measureModel")->isEnabled(); }));
  QTest::mouseClick(find<QPushButton>("measureModel"), Qt::LeftButton);
  EXPECT_EQ(asked, model());
}

// Developers' pictures: TOKENMARK_SCREENSHOTS=FOLDER window_test --gtest_filter=*screenshots
TEST_F(ModelsPageTest, screenshots) {
  const QString to = qEnvironmentVariable("TOKENMARK_SCREENSHOTS");
  if (to.isEmpty()) GTEST_SKIP() << "TOKENMARK_SCREENSHOTS names no folder";
  page_->resize(1280, 720);
  choose(0);
  EXPECT_TRUE(waitFor([&] { return find<QPushButton>("quantiseModel")->isEnabled(); }));
  page_->resize(800, 720);
  QTest::qWait(100);
  page_->grab().save(to + "/models-narrow.png");
  page_->resize(1280, 720);
  for (const bool dark : {false, true}) {
    apply_theme(theme(dark));
    QTest::qWait(100);
    page_->grab().save(to + (dark ? "/models-dark.png" : "/models.png"));
  }
  QTest::mouseClick(find<QPushButton>("quantiseModel"), Qt::LeftButton);
  EXPECT_TRUE(waitFor([&] { return find<QLabel>("quantiseSize")->text().contains("MB"); }));
  QTest::qWait(100);
  find<QDialog>("quantiseDialog")->grab().save(to + "/quantise-dark.png");
  QTest::mouseClick(find<QPushButton>("quantiseOk"), Qt::LeftButton);
  EXPECT_TRUE(waitFor([&] { return !fact("error").isEmpty(); }));
  find<FactsView>("modelFacts")->verticalScrollBar()->setValue(400);
  page_->grab().save(to + "/quantised-dark.png");
  apply_theme(theme(false));
  page_->grab().save(to + "/quantised.png");
}

}  // namespace
}  // namespace tokenmark
