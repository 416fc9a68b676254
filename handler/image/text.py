"""A line of text as a picture: kerned, antialiased, in one colour with an outline in another."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from handler.image.font import face

OUTLINE = 0.055
"""Width of the outline in ems: wide enough to part white letters from white ground at a dozen pixels, and no ornament."""


def missing(text: str, path: Path) -> str:
    """Return the characters of ``text`` for which the font file ``path`` has no glyph, each once, in order."""
    known = face(path, _normal(text)).glyphs
    return "".join(char for char in dict.fromkeys(_normal(text)) if char not in known and not char.isspace())


def render(text: str, path: Path, em: int, color: str, outline: str) -> Image.Image:
    """Return ``text`` as RGBA, cropped to its ink; ``em`` is the font's size in pixels.

    Characters the font lacks are left out: a row of empty boxes is worse than a shorter text. The picture is empty
    (0 pixels wide) when nothing is left.
    """
    font = ImageFont.truetype(path, em, layout_engine=ImageFont.Layout.BASIC)
    pens = _pens(text, path, font)
    stroke = OUTLINE * em
    size = (round(pens[-1][0] + 3 * em), 4 * em)
    around, inside = Image.new("L", size), Image.new("L", size)
    for x, char in pens:
        at = (em + x, 2 * em)
        ImageDraw.Draw(around).text(at, char, 255, font, anchor="ls", stroke_width=stroke)
        ImageDraw.Draw(inside).text(at, char, 255, font, anchor="ls")
    box = around.getbbox() or (0, 0, 0, 0)
    picture = Image.composite(Image.new("RGB", size, color), Image.new("RGB", size, outline), inside)
    picture.putalpha(around)
    return picture.crop(box)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _pens(text: str, path: Path, font: ImageFont.FreeTypeFont) -> list[tuple[float, str]]:
    """Where each character starts, in pixels from the first; one more, empty, tells where the text ends."""
    known = face(path, _normal(text))
    chars = [char for char in _normal(text) if char in known.glyphs]
    x, pens = 0.0, []
    for char, following in pairwise([*chars, ""]):
        pens.append((x, char))
        x += font.getlength(char) + known.kerning.get((char, following), 0.0) * font.size
    return [*pens, (x, "")]
