"""What Pillow does not say about a font file: which characters it has, and its kerning.

Pillow's wheels kern only through libraqm, which needs a libfribidi of the system's: a Lambda
runtime need not have one, and Pillow's basic layout scales kerning away to nothing. Reading two
small tables makes a mark look the same on every machine. Layouts of the tables: OpenType
specification, chapters ``cmap`` (formats 4 and 12), ``kern`` (format 0) and ``head``.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path
from struct import iter_unpack, unpack_from
from typing import Final, NamedTuple

from handler.checks import web_font

BUNDLED: Final = Path(__file__).parents[2] / "fonts" / "DejaVuSansCondensed-Bold.ttf"
# A collection tells where its fonts' tables are listed; the tables lie anywhere in the file.
_COLLECTION: Final = b"ttcf"
_FIRST_AT: Final = 12


class Face(NamedTuple):
    """What a text needs of a font: ``glyphs`` by character, ``kerning`` in ems by pair of them."""

    glyphs: dict[str, int]
    kerning: dict[tuple[str, str], float]


@lru_cache(maxsize=8)
def face(path: Path, text: str) -> Face:
    """Return what the font file ``path`` has for ``text``; ``glyphs`` lacks what the font lacks.

    Of a collection it is the first font. Raises ``OSError`` when there is no such file and
    ``ValueError`` when it is no TrueType or OpenType font.
    """
    data = path.read_bytes()
    if kind := web_font(data):
        raise ValueError(f"{path.name} is a web font ({kind}): take the one it was made from")
    try:
        tables = _tables(data)
        glyphs = _glyphs(data, tables[b"cmap"], text)
        return Face(glyphs, _kerning(data, tables, glyphs))
    except (struct.error, KeyError) as error:
        raise ValueError(f"{path.name} is not a font that can be read") from error


def _tables(data: bytes) -> dict[bytes, int]:
    (first,) = unpack_from(">I", data, _FIRST_AT) if data[:4] == _COLLECTION else (0,)
    (count,) = unpack_from(">H", data, first + 4)
    entries = data[first + 12 : first + 12 + 16 * count]
    return {tag: offset for tag, _, offset, _ in iter_unpack(">4sIII", entries)}


def _glyphs(data: bytes, cmap: int, text: str) -> dict[str, int]:
    (count,) = unpack_from(">H", data, cmap + 2)
    offsets = [
        cmap + offset for _, _, offset in iter_unpack(">HHI", data[cmap + 4 : cmap + 4 + 8 * count])
    ]
    glyphs: dict[str, int] = {}
    for offset in offsets:
        lookup = {4: _segments, 12: _groups}.get(unpack_from(">H", data, offset)[0])
        if lookup:
            glyphs |= {
                char: glyph for char in set(text) if (glyph := lookup(data, offset, ord(char)))
            }
    return glyphs


def _segments(data: bytes, offset: int, code: int) -> int:
    (size,) = unpack_from(">H", data, offset + 6)
    for at in range(offset + 14, offset + 14 + size, 2):
        end, start, delta, distance = (
            unpack_from(">H", data, at + skip)[0]
            for skip in (0, size + 2, 2 * size + 2, 3 * size + 2)
        )
        if start <= code <= end:
            if not distance:
                return int(code + delta) % 65536
            (glyph,) = unpack_from(">H", data, at + 3 * size + 2 + distance + 2 * (code - start))
            return int(glyph and (glyph + delta) % 65536)
    return 0


def _groups(data: bytes, offset: int, code: int) -> int:
    (count,) = unpack_from(">I", data, offset + 12)
    groups = iter_unpack(">III", data[offset + 16 : offset + 16 + 12 * count])
    return next((glyph + code - start for start, end, glyph in groups if start <= code <= end), 0)


def _kerning(
    data: bytes, tables: dict[bytes, int], glyphs: dict[str, int]
) -> dict[tuple[str, str], float]:
    offset = tables.get(b"kern")
    if offset is None or unpack_from(">H", data, offset)[0] != 0:
        return {}
    (em,) = unpack_from(">H", data, tables[b"head"] + 18)
    (count,) = unpack_from(">H", data, offset + 10)
    chars = {glyph: char for char, glyph in glyphs.items()}
    pairs = iter_unpack(">HHh", data[offset + 18 : offset + 18 + 6 * count])
    return {
        (chars[left], chars[right]): value / em
        for left, right, value in pairs
        if left in chars and right in chars
    }
