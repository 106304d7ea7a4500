// Golden pictures: what a part of the window looks like when it is right, named by its path in the repository and compared
// with what is drawn now. Those that illustrate the guide and the README lie in resources/help, the others in tests/app/golden. With TOKENMARK_WRITE_GOLDEN=1 the pictures are written anew: look at each before it is committed.
#pragma once

#include <QImage>
#include <QString>

namespace tokenmark {

// The look that golden pictures are made with: one font, one size, no blinking cursor. Before the first widget.
void use_golden_look();

// Fails the running test when more than a thousandth of the picture differs by more than antialiasing does. What was seen is
// then kept beside the test's program, with the difference in red.
void expect_golden(const QImage& seen, const QString& name);

}  // namespace tokenmark
