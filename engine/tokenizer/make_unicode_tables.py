"""Writes unicode_tables.inc: what normalization forms C and D need of the Unicode character database.

Usage: make_unicode_tables.py > unicode_tables.inc      (needs Python's unicodedata2)
"""

import unicodedata2 as unicode

HANGUL = range(0xAC00, 0xD7A4)  # composed by arithmetic
classes, decompositions = [], []
for code in range(0x110000):
    if 0xD800 <= code < 0xE000 or code in HANGUL:
        continue
    if combining := unicode.combining(chr(code)):
        classes.append((code, combining))
    mapping = unicode.decomposition(chr(code))
    if mapping and not mapping.startswith("<"):
        parts = [int(part, 16) for part in mapping.split()]
        composes = len(parts) == 2 and unicode.normalize("NFC", "".join(map(chr, parts))) == chr(code)
        decompositions.append((code, parts[0], parts[1] if len(parts) == 2 else 0, int(composes)))

ranges = []  # first, last, class
for code, combining in classes:
    if ranges and ranges[-1][1] == code - 1 and ranges[-1][2] == combining:
        ranges[-1][1] = code
    else:
        ranges.append([code, code, combining])


def table(name, kind, rows):
    print(f"constexpr {kind} {name}[] = {{")
    line = "   "
    for row in rows:
        item = " {" + ",".join(f"0x{value:X}" if value > 9 else str(value) for value in row) + "},"
        if len(line) + len(item) > 110:
            print(line)
            line = "   "
        line += item
    print(line + "\n};")


print(f"// Made by make_unicode_tables.py from Unicode {unicode.unidata_version}; not to be edited.")
table("kCombiningClasses", "CombiningClass", ranges)
table("kDecompositions", "Decomposition", decompositions)
