// A mark painted once, to be copied to many places of one picture. Copying is plain arithmetic on bytes: a painter's call
// for each of 100,000 marks would take longer than the marks. The window's thread.
#pragma once

#include <qcustomplot.h>

#include <vector>

namespace tokenmark {

class MarkSprite {
 public:
  // `ratio`: pixels a point. `middle`: where in its pixel the middle lies, from 0, at its left and upper end, to 1.
  MarkSprite(const QCPScatterStyle& style, double ratio, QPointF middle);

  // Over what is there, with its middle in that pixel of an image of 32 premultiplied bits; nothing if it does not fit.
  void copyTo(QImage& image, int x, int y) const;

 private:
  QRect seen_;                         // the pixels that it paints, as seen from its middle's
  std::vector<uchar> over_, keep_;     // of their bytes: what is added, and the share of what was there
};

}  // namespace tokenmark
