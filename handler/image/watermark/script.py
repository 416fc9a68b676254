"""Text in the order and the forms in which it is drawn: from the right, and joined, where it is so.

Pillow leaves this to libraqm and the system's libfribidi, which may be missing, and no library of
the layer's size does it (docs/decisions/0006-text-shaping.md). A watermark is one short line, for
which the rules of the Unicode Bidirectional Algorithm (https://www.unicode.org/reports/tr9/) for
one level, without explicit embeddings, suffice; the joined forms of Arabic are the characters that
Unicode's own data declares to be forms of others. Vowel points, which names are written without,
are left out: only a shaping engine could place them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Final

_MIRRORED: Final = str.maketrans("()[]{}<>«»\u2039\u203a", ")(][}{><»«\u203a\u2039")
# Unseen, but heeded: do not join, and this is left, this is right, this is Arabic.
_DIRECTIVES: Final = "\u200c\u200e\u200f\u061c"
_VARIATIONS: Final = "\ufe0e\ufe0f"
_FORMS: Final = range(0xFB50, 0xFEFD)
# By whether the letter joins the one before it, and the one behind.
_FORM_NAMES: Final = {
    (False, False): "<isolated>",
    (False, True): "<initial>",
    (True, True): "<medial>",
    (True, False): "<final>",
}
# Lam and alef are written as one.
_LETTERS: Final = re.compile("\u0644[\u0622\u0623\u0625\u0627]|.", re.DOTALL)
# One letter for each kind of character that UAX 9 tells apart; O is any other. AN is written N.
_KINDS: Final = {
    "L": "L", "R": "R", "AL": "A", "EN": "E", "AN": "N", "ES": "S", "ET": "T", "CS": "C",
}  # fmt: skip


def drawn(text: str) -> str:
    """Return the characters of ``text`` in the order of drawing; most scripts as they were."""
    normal = "".join(char for char in unicodedata.normalize("NFC", text) if _counts(char))
    if any(unicodedata.bidirectional(char) in ("R", "AL") for char in normal):
        bare = "".join(char for char in normal if unicodedata.category(char) != "Mn")
        normal = _reordered(_joined(bare))
    return "".join(char for char in normal if char not in _DIRECTIVES)


def _counts(char: str) -> bool:
    return char in _DIRECTIVES or not (unicodedata.category(char) == "Cf" or char in _VARIATIONS)


@lru_cache(maxsize=1)
def _forms() -> dict[tuple[str, str], str]:
    """Return the form by letter and name of the form, such as ``<initial>``."""
    forms = {}
    for code in _FORMS:
        name, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        forms["".join(chr(int(letter, 16)) for letter in letters), name] = chr(code)
    return forms


def _joined(text: str) -> str:
    letters = _LETTERS.findall(text)
    joins = [False, *(_join(left, right) for left, right in pairwise(letters)), False]
    return "".join(
        _forms().get((letter, _FORM_NAMES[around]), letter)
        for letter, around in zip(letters, pairwise(joins), strict=True)
    )


def _join(left: str, right: str) -> bool:
    return (left, "<initial>") in _forms() and (right, "<final>") in _forms()


def _reordered(text: str) -> str:
    levels = _levels(text)
    items = [
        (level, char.translate(_MIRRORED) if level % 2 else char)
        for level, char in zip(levels, text, strict=True)
    ]
    for lowest in range(max(levels), 0, -1):
        items = _turned_round(items, lowest)
    return "".join(char for _, char in items)


def _turned_round(items: list[tuple[int, str]], lowest: int) -> list[tuple[int, str]]:
    """Turn round every unbroken run of characters whose level is at least ``lowest``."""
    runs = [(high, list(run)) for high, run in groupby(items, lambda item: item[0] >= lowest)]
    return [item for high, run in runs for item in (run[::-1] if high else run)]


def _levels(text: str) -> list[int]:
    """Return UAX 9's level of each character: even ones read to the right, odd ones to the left.

    The line as a whole goes the way of its first letter.
    """
    kinds = "".join(_KINDS.get(unicodedata.bidirectional(char), "O") for char in text)
    first = next(kind for kind in kinds if kind in "LRA")
    base = "L" if first == "L" else "R"
    depth = {"L": 0 if base == "L" else 2, "R": 1, "E": 2, "N": 2}
    return [depth[kind] for kind in _resolved(kinds, base)]


def _resolved(kinds: str, base: str) -> str:
    """Return ``kinds`` as L, R, E and N alone, by UAX 9's rules of those names."""
    line = f"{base}{kinds}{base}"
    line = re.sub("A[^LRA]*", lambda run: run[0].replace("E", "N"), line)  # W2
    line = line.replace("A", "R")  # W3
    line = re.sub("(?<=E)[SC](?=E)", "E", line)  # W4
    line = re.sub("(?<=N)C(?=N)", "N", line)
    line = re.sub("T+(?=E)|(?<=E)T+", lambda run: "E" * len(run[0]), line)  # W5
    line = re.sub("[STC]", "O", line)  # W6
    line = re.sub("L[^LR]*", lambda run: run[0].replace("E", "L"), line)  # W7
    line = re.sub("(?<=L)O+(?=L)", lambda run: "L" * len(run[0]), line)  # N1
    line = re.sub("(?<=[REN])O+(?=[REN])", lambda run: "R" * len(run[0]), line)
    return line.replace("O", base)[1:-1]  # N2
