#include "app/charts/text.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/app/charts/example_chart.h"

namespace tokenmark {
namespace {

TEST(ChartText, numbers_have_four_digits_and_separated_thousands) {
  EXPECT_EQ(number_text(12345.6), "12,346");
  EXPECT_EQ(number_text(31.2468), "31.25");
  EXPECT_EQ(number_text(0.0123456), "0.01235");
  EXPECT_EQ(number_text(5), "5");
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(-2.5), "-2.5");
  EXPECT_EQ(number_text(INFINITY), "∞");
  EXPECT_EQ(number_text(NAN), "–");
}

TEST(ChartText, neighbouring_ticks_differ) {
  for (const double step : {0.001, 0.02, 0.5, 2.0, 250.0, 2000.0, 5e4, 1e6}) {
    const double start = step * 40;
    for (int i = 0; i < 8; ++i)
      EXPECT_NE(tick_text(start + i * step, step), tick_text(start + (i + 1) * step, step)) << step << " " << i;
  }
  EXPECT_EQ(tick_text(2000, 1000), "2,000");
  EXPECT_EQ(tick_text(200000, 50000), "200k");
  EXPECT_EQ(tick_text(0.25, 0.25), "0.25");
  EXPECT_EQ(tick_text(7.5, 2.5), "7.5");
  EXPECT_EQ(tick_text(2500, 500), "2,500");
  EXPECT_EQ(tick_text(1e-20, 0.5), "0");
}

TEST(ChartText, times_have_the_unit_that_reads_best_and_shares_keep_their_last_digits) {
  EXPECT_EQ(time_text(1.25), "1.25 s");
  EXPECT_EQ(time_text(0.0123), "12.3 ms");
  EXPECT_EQ(time_text(84e-6), "84 µs");
  EXPECT_EQ(time_text(0), "0 s");
  EXPECT_EQ(share_text(0.5), "50.0 %");
  EXPECT_EQ(share_text(0.99995), "99.995 %");
  EXPECT_EQ(share_text(1), "100 %");
}

TEST(ChartText, run_ids_are_joined_to_ranges_and_samples_left_out) {
  EXPECT_EQ(run_ids_text({7, 3, 4, 5, 4, 12}), "3–5, 7, 12");
  EXPECT_EQ(run_ids_text({-2, -1}), "");
}

TEST(ChartText, the_small_print_names_runs_definitions_prices_notes_and_sources) {
  Chart chart = example_chart();
  chart.y = AxisFigure::dollars_per_mtok;
  chart.price_set = "prices of today";
  chart.tier = "rental";
  chart.notes = {"two runs failed"};
  const QString print = small_print(chart).join('\n');
  for (const char* part : {"1–3", "tokenmark-1", "prices of today", "rental", "two runs failed", "a source, 2025"})
    EXPECT_TRUE(print.contains(part)) << part << " in " << print.toStdString();
}

TEST(ChartText, names_from_outside_are_escaped_in_the_hover_card) {
  Chart chart = example_chart();
  chart.series[0].name = "<img src=x>";
  EXPECT_FALSE(hover_html(chart, chart.series[0], chart.series[0].points[0]).contains("<img"));
}

}  // namespace
}  // namespace tokenmark
