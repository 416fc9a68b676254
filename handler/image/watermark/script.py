"""Text in the order and the forms in which it is drawn: Hebrew from the right, Arabic from the right and joined.

Pillow leaves this to libraqm and the system's libfribidi, which may be missing (see ``font``). A watermark is one short
line, for which the main rules of the Unicode Bidirectional Algorithm (UAX 9, without explicit embeddings) suffice;
the joined forms of Arabic are the characters that Unicode's own data declares to be forms of others. Vowel points, which
names are written without, are left out: only a shaping engine could place them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MIRRORED: Final = str.maketrans("()[]{}<>«»\u2039\u203a", ")(][}{><»«\u203a\u2039")
_FORMS: Final = range(0xFB50, 0xFEFD)
_FORM_NAMES: Final = {
    (False, False): "<isolated>",
    (False, True): "<initial>",
    (True, True): "<medial>",
    (True, False): "<final>",
}
_STRONG: Final = {"L": "L", "R": "R", "AL": "R"}
_LETTERS: Final = re.compile(
    "\u0644[\u0622\u0623\u0625\u0627]|.", re.DOTALL
)  # lam and alef are written as one


def drawn(text: str) -> str:
    """Return the characters of ``text`` in the order of drawing, left to right; most scripts come back as they were."""
    normal = "".join(char for char in unicodedata.normalize("NFC", text) if not _invisible(char))
    if not any(unicodedata.bidirectional(char) in ("R", "AL") for char in normal):
        return normal
    return _reordered(
        _joined("".join(char for char in normal if unicodedata.category(char) != "Mn"))
    )


def _invisible(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or char in "\ufe0e\ufe0f"


@lru_cache(maxsize=1)
def _forms() -> dict[tuple[str, str], str]:
    """Form by letter and name of the form, such as ``<initial>``."""
    found = {}
    for code in _FORMS:
        name, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        found["".join(chr(int(letter, 16)) for letter in letters), name] = chr(code)
    return found


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
    levels = _levels([unicodedata.bidirectional(char) for char in text])
    items = [
        (level, char.translate(_MIRRORED) if level % 2 else char)
        for level, char in zip(levels, text, strict=True)
    ]
    for lowest in range(max(levels), 0, -1):
        items = _turned_round(items, lowest)
    return "".join(char for _, char in items)


def _turned_round(items: list[tuple[int, str]], lowest: int) -> list[tuple[int, str]]:
    """Every unbroken run of characters whose level is at least ``lowest``, backwards."""
    runs = [(high, list(run)) for high, run in groupby(items, lambda item: item[0] >= lowest)]
    return [item for high, run in runs for item in (run[::-1] if high else run)]


def _levels(kinds: list[str]) -> list[int]:
    """Even levels read to the right, odd ones to the left; the line as a whole goes the way of its first letter."""
    base = next((_STRONG[kind] for kind in kinds if kind in _STRONG), "L")
    depth = {"L": 0 if base == "L" else 2, "R": 1, "number": 2}
    return [depth[side] for side in _settled(_sides(kinds, base), base)]


def _sides(kinds: list[str], base: str) -> list[str]:
    """Which way each goes: L, R, a number among what goes R, or, still empty, a neutral."""
    sides, last = [], base
    for kind in kinds:
        last = _STRONG.get(kind, last)
        number = last if (kind, last) == ("EN", "L") else "number"
        sides.append(last if kind in _STRONG else number if kind in ("EN", "AN") else "")
    for at, kind in enumerate(kinds):
        near = sides[max(0, at - 1) : at] + sides[at + 1 : at + 2]
        if kind in ("ES", "CS") and near == ["number", "number"]:
            sides[at] = "number"
    return sides


def _settled(sides: list[str], base: str) -> Iterator[str]:
    """A neutral goes where both its neighbours go, or else the way of the line; a number counts as going left."""
    for at, side in enumerate(sides):
        before, after = (
            next((each for each in near if each), base)
            for near in (sides[:at][::-1], sides[at + 1 :])
        )
        neighbours = {"R" if each == "number" else each for each in (before, after)}
        yield side or (neighbours.pop() if len(neighbours) == 1 else base)
