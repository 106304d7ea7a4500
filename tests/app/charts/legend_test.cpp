#include "app/charts/legend.h"

#include <gtest/gtest.h>

#include <QFontMetrics>

#include "app/charts/plot_style.h"

namespace tokenmark {
namespace {

TEST(Legend, parts_that_all_names_have_give_way_to_what_tells_them_apart) {
  EXPECT_EQ(told_apart({"llama · fp8 · h200 · v1", "llama · fp8 · b200 · v1"}), (QStringList{"… h200", "… b200"}));
  EXPECT_EQ(told_apart({"llama · fp8 · h200", "llama · bf16 · h200 · tp 8"}), (QStringList{"… fp8", "… bf16 · tp 8"}));
  EXPECT_EQ(told_apart({"a · b", "c · d"}), (QStringList{"a · b", "c · d"}));
}

TEST(Legend, names_that_would_be_left_with_nothing_stay) {
  EXPECT_EQ(told_apart({"a · b"}), (QStringList{"a · b"}));
  EXPECT_EQ(told_apart({"a · b", "a · b · c"}), (QStringList{"a · b", "a · b · c"}));
  EXPECT_EQ(told_apart({}), QStringList());
}

TEST(Legend, a_name_that_is_cut_shows_something_of_every_part) {
  const QFontMetrics metrics{QFont()};
  const QString name = "a model with a very long name indeed · fp8 · another accelerator · framework 0.12";
  const int whole = metrics.horizontalAdvance(name);
  EXPECT_EQ(cut_name(name, metrics, whole), name);
  const QString cut = cut_name(name, metrics, whole * 2 / 3);
  EXPECT_LE(metrics.horizontalAdvance(cut), whole * 2 / 3);
  EXPECT_EQ(cut.split(" · ").size(), 4);
  EXPECT_TRUE(cut.contains("· fp8 ·")) << cut.toStdString();
  EXPECT_LE(metrics.horizontalAdvance(cut_name(name, metrics, 60)), 60);
}

TEST(Legend, a_narrow_one_says_the_hardware_of_every_entry) {
  QCustomPlot plot;
  prepare_plot(plot);
  SceneLook look;
  look.font = QFont();
  for (const char* hardware : {"mi355x", "h200", "b200", "b300", "gb300"})
    add_legend_item(plot, QStringLiteral("a-long-model-name-of-a-lab · mxfp4 · %1 · framework 0.12.3").arg(hardware), QPen(), QCPScatterStyle(), look);
  wrap_legend(*plot.legend, 460);
  auto* item = qobject_cast<SeriesLegendItem*>(plot.legend->elementAt(0));
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(item->text(), "… mi355x");
  EXPECT_TRUE(item->name().startsWith("a-long-model")) << "clicks still name the series";
}

}  // namespace
}  // namespace tokenmark
