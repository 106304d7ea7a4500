// core's words in German: nothing of its tables is missing, nothing in the file is stale, and what its functions write is read.
#include "app/desktop/core_words.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QXmlStreamReader>
#include <set>

#include "app/desktop/help_text.h"
#include "app/desktop/translation.h"
#include "core/economics/economics.h"
#include "core/load/event_log.h"
#include "core/metrics/figure_meanings.h"
#include "core/metrics/figures.h"
#include "core/report/chart_definition.h"
#include "core/report/comparison_table.h"
#include "core/report/latency_samples.h"
#include "core/report/report.h"
#include "core/report/run_log.h"
#include "core/report/trend.h"
#include "core/statistics/statistics.h"
#include "core/sweep/builtin_sweeps.h"
#include "core/sweep/forecast.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

QString german(std::string_view english) { return core_text(english); }

class CoreWordsTest : public testing::Test {
 protected:
  CoreWordsTest() { QCoreApplication::installTranslator(&words_); }
  ~CoreWordsTest() override { QCoreApplication::removeTranslator(&words_); }

  // Either there is a text of its own, or the words are the same in both languages.
  static void expectSaid(std::string_view english, const std::set<std::string_view>& same = {}) {
    if (english.empty() || same.contains(english)) return;
    EXPECT_NE(german(english), QString::fromUtf8(english.data(), static_cast<qsizetype>(english.size()))) << english;
  }

  CoreWords words_{resource("translations/core_de.ts"), nullptr};
};

QStringList sources() {
  const std::string_view bytes = resource("translations/core_de.ts");
  QXmlStreamReader xml(QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())));
  QStringList found;
  while (!xml.atEnd())
    if (xml.readNext() == QXmlStreamReader::StartElement && xml.name() == QLatin1String("source")) found << xml.readElementText();
  EXPECT_FALSE(xml.hasError()) << xml.errorString().toStdString();
  return found;
}

// All of core's literals and the texts of the tables in resources/, formats taken out of the places.
QString all_literals() {
  QString all;
  const auto add = [&](const QString& folder, const QStringList& names) {
    for (QDirIterator at(QStringLiteral(TOKENMARK_SOURCE_DIR "/") + folder, names, QDir::Files, QDirIterator::Subdirectories); at.hasNext();) {
      QFile file(at.next());
      EXPECT_TRUE(file.open(QIODevice::ReadOnly));
      all += QString::fromUtf8(file.readAll()) + '\n';
    }
  };
  add(QStringLiteral("core"), {"*.cpp", "*.h"});
  for (const AxisMeaning& axis : axis_meanings())   // made of other texts
    all += QStringLiteral("%1\n at %2 \n").arg(QString::fromStdString(std::string(axis.definition)), QString::fromStdString(std::string(axis.label)).toLower());
  all += QStringLiteral(" % to \n");
  for (int i = 0; i <= static_cast<int>(RequestError::server_error); ++i)
    all += QString::fromStdString(std::string(request_error_name(static_cast<RequestError>(i)))).replace('_', ' ') + '\n';
  add(QStringLiteral("resources"), {"prices.json"});
  add(QStringLiteral("resources/sweeps"), {"*.yaml"});
  static const QRegularExpression broken(QStringLiteral("\"\\s*\\n\\s*\"")), comment(QStringLiteral("\\n# ")), format(QStringLiteral("\\{:[^{}\"]*\\}"));
  return all.replace(broken, QString()).replace(comment, QStringLiteral(" ")).replace(format, QStringLiteral("{}")).replace("\\\"", "\"");
}

TEST_F(CoreWordsTest, every_source_stands_in_core) {
  const QString all = all_literals();
  for (const QString& source : sources()) {
    if (all.contains(source)) continue;
    for (const QString& part : source.split(QStringLiteral("{}")))   // where + joins it
      EXPECT_TRUE(all.contains(part)) << source.toStdString() << ": " << part.toStdString();
  }
}

TEST_F(CoreWordsTest, no_source_is_there_twice) {
  QStringList all = sources();
  EXPECT_GT(all.size(), 400);
  EXPECT_EQ(all.removeDuplicates(), 0);
}

TEST_F(CoreWordsTest, axes_figures_and_latencies_have_names_and_definitions) {
  for (const AxisMeaning& axis : axis_meanings()) {
    expectSaid(axis.label, {"Goodput"});
    expectSaid(axis.definition);
    expectSaid(axis.key);
  }
  for (const FigureMeaning& figure : figure_meanings()) {
    expectSaid(figure.label, {"Goodput"});
    expectSaid(figure.definition);
  }
  for (const LatencyMeaning& latency : latency_meanings()) {
    expectSaid(latency.label);
    expectSaid(latency.definition);
    expectSaid(latency.sample, {"token"});
  }
}

TEST_F(CoreWordsTest, tiers_states_verdicts_kinds_and_sweeps_have_words) {
  for (const std::string& tier : price_tiers()) expectSaid(price_tier_meaning(tier));
  for (const RunState state : {RunState::running, RunState::done, RunState::failed, RunState::cancelled, RunState::interrupted}) expectSaid(run_state_name(state));
  for (const ChangeVerdict verdict : {ChangeVerdict::better, ChangeVerdict::worse, ChangeVerdict::noise, ChangeVerdict::unknown}) expectSaid(verdict_name(verdict));
  for (const EqualMeaning& equal : equal_meanings()) expectSaid(equal.key);
  for (const ChartKind& kind : chart_kinds()) expectSaid(kind.label);
  for (const TrendAxis& axis : trend_axes()) expectSaid(axis.definition);
  for (const BuiltinSweep& sweep : builtin_sweeps()) {
    expectSaid(sweep.title);
    expectSaid(sweep.about);
  }
  for (const ReportChartMeaning& chart : report_charts()) {
    expectSaid(chart.label);
    expectSaid(chart.needs);
  }
}

TEST_F(CoreWordsTest, a_text_that_is_not_known_stays_and_other_contexts_are_left_alone) {
  EXPECT_EQ(german("llama-3.1-8b · vllm"), "llama-3.1-8b · vllm");
  EXPECT_EQ(german("the disk is at fault: full"), "the disk is at fault: full");
  EXPECT_EQ(german(""), "");
  EXPECT_EQ(QCoreApplication::translate("Other", "Duration"), "Duration");
}

RunRow run(RunId id, double interactivity, double throughput, const char* started = "2026-05-01T00:00:00Z") {
  RunRow row;
  row.id = id;
  row.state = RunState::done;
  row.series = "llama";
  row.model = "llama";
  row.hardware = "no such hardware";
  row.framework = "vllm 0.9.1";
  row.source = "measured";
  row.started = started;
  row.configuration_key = std::to_string(id);
  row.input = 512;
  row.output = 128;
  row.gpus = 8;
  row.concurrency = static_cast<std::int32_t>(id);
  row.interactivity = interactivity;
  row.total_tok_s_gpu = throughput;
  return row;
}

TEST_F(CoreWordsTest, a_chart_with_missing_prices_and_failed_runs_says_so) {
  std::vector<RunRow> rows = {run(1, 30, 100), run(2, 20, 150), run(3, 10, 200)};
  rows[2].state = RunState::failed;
  const auto chart = frontier_chart(rows, {.y = AxisFigure::dollars_per_mtok});
  ASSERT_TRUE(chart);
  EXPECT_EQ(german(chart->title), "Kosten je Million Token gegen Interaktivität");
  QStringList notes;
  for (const std::string& note : chart->notes) notes << german(note);
  const QString all = notes.join('\n');
  EXPECT_TRUE(all.contains("Ausgelassene Läufe: 1 (gescheitert, abgebrochen oder unterbrochen)")) << all.toStdString();
  EXPECT_TRUE(all.contains("Ausgelassene Läufe: 2 (in der Preisliste „")) << all.toStdString();
  EXPECT_TRUE(all.contains("“ fehlt: Preis für 'no such hardware')")) << all.toStdString();
}

TEST_F(CoreWordsTest, a_points_label_and_an_axis_are_said) {
  const auto chart = frontier_chart(std::vector<RunRow>{run(16, 30, 100), run(2, 20, 150)}, {});
  ASSERT_TRUE(chart);
  std::set<QString> labels;
  for (const ChartPoint& point : chart->series.front().points) labels.insert(german(std::string(point.label)));
  EXPECT_TRUE(labels.contains("8 GPUs, Gleichzeitigkeit 16"));
  EXPECT_EQ(german(chart->subtitle), "llama · Token: 512 ein, 128 aus");
  EXPECT_EQ(german("Cost per million total tokens ($/Mtok), rental_3y"), "Kosten je Million Token ($/Mtok), rental_3y");
  EXPECT_EQ(german("Time to first token, p99 (s)"), "Zeit bis zum ersten Token, p99 (s)");
}

TEST_F(CoreWordsTest, a_change_of_a_trend_is_a_sentence) {
  Trend trend{.figure = AxisFigure::total_tok_s_gpu, .x = AxisFigure::interactivity, .at = 30};
  trend.states = {{"0.9.1", "", ""}, {"0.9.2", "", ""}};
  const TrendChange change{0, 1, -0.098, {-0.115, -0.081}, 0.001, false, {}};
  EXPECT_EQ(german(change_sentence(trend, change)),
            "Ab 0.9.2 (davor: 0.9.1): Durchsatz je GPU, 9.8 % niedriger, also schlechter (95 %: -11.5 % bis -8.1 %; p = 0.001). "
            "In der gespeicherten Umgebung ist nichts anders.");
  TrendChange known = change;
  known.differs = {{"driver", "570", "580"}};
  EXPECT_TRUE(german(change_sentence(trend, known)).endsWith("Anders ist: Treiber: 570 → 580.")) << german(change_sentence(trend, known)).toStdString();
  EXPECT_EQ(german(trend_title(trend)), "Durchsatz je GPU bei Interaktivität 30 tok/s/Nutzer");
}

TEST_F(CoreWordsTest, a_log_and_its_failures_are_told) {
  EventLog log;
  log.requests.intended = log.requests.send_start = {0};
  log.requests.end = {1'500'000'000};
  log.requests.status = {500};
  log.requests.warmup = {0};
  log.requests.error = {RequestError::http_status};
  QStringList lines;
  for (const RunLogLine& line : run_log(log)) lines << german(line.text);
  EXPECT_TRUE(lines.contains("erste Anfrage gesendet")) << lines.join('\n').toStdString();
  EXPECT_TRUE(lines.contains("Anfrage 1 gescheitert: HTTP-Status, HTTP 500, nach 1.500 s")) << lines.join('\n').toStdString();
}

TEST_F(CoreWordsTest, reasons_for_what_is_absent_are_told) {
  EXPECT_EQ(german(Percentiles(std::vector<double>(40, 1.0)).at(0.99).why_absent), "p99 braucht 100 Werte, vorhanden: 40");
  EXPECT_EQ(german(Percentiles(std::vector<double>{}).at(0.99).why_absent), "p99 braucht 100 Werte, vorhanden: keine");
  const Figures figures = compute_figures(EventLog{}, {}, 1);
  EXPECT_NE(german(figures.client_verdict).toStdString(), figures.client_verdict);
  EXPECT_EQ(german("energy counters of 2 accelerators (nvml), read every 0.1 s; the devices' own report, no wall power, no MLPerf number; the trapezoid gives 3 J"),
            "Energiezähler, 2 Beschleuniger (nvml), alle 0.1 s gelesen; eigene Angabe der Geräte, keine Leistung an der Steckdose, keine MLPerf-Zahl; die Trapezregel gibt 3 J");
}

TEST_F(CoreWordsTest, a_forecast_says_what_it_is_from) {
  SweepForecast forecast;
  forecast.sources = {{ForecastSource::measured, 3}};
  EXPECT_EQ(german(sources_text(forecast)), "wie früher gemessen");
}

// ---- the guide in German

QString file(const QString& path) {
  const std::string_view bytes = resource(path.toStdString());
  return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

QStringList found_in(const QString& text, const char* pattern) {
  QStringList found;
  for (auto match = QRegularExpression(QString::fromLatin1(pattern)).globalMatch(text); match.hasNext();) found << match.next().captured();
  found.sort();
  return found;
}

TEST(GermanGuide, every_chapter_has_its_english_one_with_the_same_links_places_and_headings) {
  int chapters = 0;
  for (const std::string_view path : resource_paths("help/de/")) {
    const QString german_path = QString::fromUtf8(path.data(), static_cast<qsizetype>(path.size())), german_text = file(german_path);
    const QString english = file(QString(german_path).replace(QLatin1String("/de/"), QLatin1String("/")));
    ASSERT_FALSE(english.isEmpty()) << path;
    for (const char* same : {"\\]\\([^)]+\\)", "\\{\\{\\w+\\}\\}", "(?m)^#+ ", "(?m)^(- |\\d\\. )", "`[^`]+`"})
      EXPECT_EQ(found_in(german_text, same), found_in(english, same)) << path;
    ++chapters;
  }
  EXPECT_GE(chapters, 10);
}

TEST(GermanGuide, it_is_chosen_by_the_windows_language) {
  const QList<HelpChapter> english = help_chapters();
  if (!shipped_languages().contains("de")) GTEST_SKIP() << "built without Qt's translation tools";
  ASSERT_EQ(use_language("de"), "de");
  const QList<HelpChapter> german = help_chapters();
  ASSERT_EQ(german.size(), english.size());
  for (qsizetype i = 0; i < german.size(); ++i) EXPECT_EQ(german[i].key, english[i].key);
  EXPECT_EQ(german.front().title, "Der Anfang");
  for (const HelpChapter& chapter : german)
    if (chapter.key == "figures") {
      EXPECT_TRUE(chapter.text.contains("Beginn des Sendens") || chapter.text.contains("Senden der Anfrage"));
    }
  for (QTranslator* translator : qApp->findChildren<QTranslator*>()) delete translator;
}

}  // namespace
}  // namespace tokenmark
