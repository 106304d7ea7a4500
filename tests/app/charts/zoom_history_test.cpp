#include "app/charts/zoom_history.h"

#include <gtest/gtest.h>

#include <QStringList>

#include "app/charts/series_style.h"

namespace tokenmark {
namespace {

const ViewRange a{0, 1, 0, 1}, b{0, 2, 0, 2}, c{0, 3, 0, 3};

TEST(ZoomHistory, goes_back_and_forward_through_the_views) {
  ZoomHistory history;
  history.leave(a);
  history.leave(b);
  EXPECT_EQ(history.back(c), b);
  EXPECT_EQ(history.back(b), a);
  EXPECT_EQ(history.back(a), std::nullopt);
  EXPECT_EQ(history.forward(a), b);
  EXPECT_EQ(history.forward(b), c);
  EXPECT_FALSE(history.canGoForward());
}

TEST(ZoomHistory, a_new_movement_forgets_what_lay_forward) {
  ZoomHistory history;
  history.leave(a);
  history.back(b);
  ASSERT_TRUE(history.canGoForward());
  history.leave(a);
  EXPECT_FALSE(history.canGoForward());
}

TEST(ZoomHistory, the_same_view_is_kept_once) {
  ZoomHistory history;
  history.leave(a);
  history.leave(a);
  EXPECT_EQ(history.back(b), a);
  EXPECT_FALSE(history.canGoBack());
}

TEST(SeriesStyles, a_series_keeps_its_look_when_others_come_and_go) {
  SeriesStyles styles;
  const int alpha = styles.indexOf("alpha"), beta = styles.indexOf("beta");
  EXPECT_NE(alpha, beta);
  const int gamma = styles.indexOf("gamma");
  EXPECT_NE(gamma, beta);
  styles.keepOnly({"beta", "gamma"});
  EXPECT_EQ(styles.indexOf("gamma"), gamma);
  EXPECT_EQ(styles.indexOf("delta"), alpha) << "the look of one that is gone is free again";
  EXPECT_EQ(styles.indexOf("beta"), beta);
}

TEST(SeriesVisibility, solo_shows_one_alone_and_a_second_time_all) {
  const QStringList all{"a", "b", "c"};
  SeriesVisibility visibility;
  visibility.solo("b", all);
  EXPECT_TRUE(visibility.hidden("a"));
  EXPECT_FALSE(visibility.hidden("b"));
  visibility.solo("b", all);
  for (const QString& name : all) EXPECT_FALSE(visibility.hidden(name));
}

}  // namespace
}  // namespace tokenmark
