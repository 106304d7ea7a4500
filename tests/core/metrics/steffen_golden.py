#!/usr/bin/env python3
"""Makes steffen_golden.txt: values of Steffen's interpolation in exact rational arithmetic.

Written from the paper (M. Steffen, Astron. Astrophys. 239, 443, 1990), not from the C++: slopes by equation 11 in its
sign form, end slopes by its limited parabola, values by the Hermite basis. Values two knots or more from an end were
also compared with GSL 2.7.1's gsl_interp_steffen and agree to 1e-14 (GSL's end slopes are plain differences). Run: python3 steffen_golden.py > steffen_golden.txt
"""
from fractions import Fraction as F
import random


def sign(v):
    return (v > 0) - (v < 0)


def slopes(x, y):
    h = [b - a for a, b in zip(x, x[1:])]
    s = [(b - a) / w for a, b, w in zip(y, y[1:], h)]
    if len(s) == 1:
        return [s[0], s[0]]
    inner = []
    for i in range(1, len(s)):
        p = (s[i - 1] * h[i] + s[i] * h[i - 1]) / (h[i - 1] + h[i])
        inner.append((sign(s[i - 1]) + sign(s[i])) * min(abs(s[i - 1]), abs(s[i]), abs(p) / 2))

    def end(h1, s1, h2, s2):
        p = s1 * (1 + h1 / (h1 + h2)) - s2 * h1 / (h1 + h2)
        if p * s1 <= 0:
            return F(0)
        return 2 * s1 if abs(p) > 2 * abs(s1) else p

    return [end(h[0], s[0], h[1], s[1])] + inner + [end(h[-1], s[-1], h[-2], s[-2])]


def value(x, y, d, at):
    i = max(k for k in range(len(x) - 1) if x[k] <= at)
    w = x[i + 1] - x[i]
    t = (at - x[i]) / w
    return ((1 + 2 * t) * (1 - t) ** 2 * y[i] + t * (1 - t) ** 2 * w * d[i]
            + t * t * (3 - 2 * t) * y[i + 1] + t * t * (t - 1) * w * d[i + 1])


# "k x y …" gives a curve's knots, "v x y" a value of the last curve.
draw = random.Random(1)
curves = [
    [(0, 0), (1, 1)],
    [(0, 0), (1, 1), (3, 2)],
    [(0, 0), (1, 5), (2, 4), (3, 4), (4, 9), (6, 9)],
    [(68, 4260), (93, 2903), (126, 1958), (167, 1288), (204, 792), (248, 479), (270, 261)],
    [(0, 0), (10, 1), (11, 100)],
]
for n in (3, 5, 9, 14):
    xs = sorted(draw.sample(range(0, 1000), n))
    curves.append([(v, draw.randrange(-500, 500)) for v in xs])
for knots in curves:
    x, y = [F(a) for a, _ in knots], [F(b) for _, b in knots]
    d = slopes(x, y)
    print("k", *(f"{a} {b}" for a, b in knots))
    for i in range(len(x) - 1):
        for part in (F(1, 16), F(3, 8), F(1, 2), F(7, 8)):
            at = x[i] + (x[i + 1] - x[i]) * part
            print(f"v {float(at)!r} {float(value(x, y, d, at))!r}")
