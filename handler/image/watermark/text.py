"""A line of text as a picture: kerned, antialiased, in one colour with an outline in another."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw, ImageFont

from handler.image.watermark.font import Face, face
from handler.image.watermark.script import drawn

if TYPE_CHECKING:
    from pathlib import Path

OUTLINE: Final = 0.065
"""Width of the outline in ems: parts white letters from white ground at a dozen pixels, and is no ornament at a hundred."""


def missing(text: str, path: Path) -> str:
    """Return the characters of ``text`` for which the font file ``path`` has no glyph, each once, in order."""
    known = face(path, drawn(text)).glyphs
    return "".join(char for char in dict.fromkeys(drawn(text)) if char not in known)


def render(text: str, path: Path, em: int, color: str, outline: str) -> Image.Image:
    """Return ``text`` as RGBA, cropped to its ink, in the font file ``path`` at ``em`` pixels.

    Characters the font lacks are left out: a shorter text is better than a row of empty boxes. When nothing is left,
    the picture is 0 pixels wide.
    """
    known = face(path, drawn(text))
    font = ImageFont.truetype(path, em, layout_engine=ImageFont.Layout.BASIC)
    pens = _pens([char for char in drawn(text) if char in known.glyphs], known, font)
    around, inside = _drawn(pens, font, OUTLINE * em), _drawn(pens, font, 0)
    box = around.getbbox() or (0, 0, 0, 0)
    around, inside = around.crop(box), inside.crop(box)
    picture = Image.composite(
        Image.new("RGB", inside.size, color), Image.new("RGB", inside.size, outline), inside
    )
    picture.putalpha(around)
    return picture


def _pens(chars: list[str], known: Face, font: ImageFont.FreeTypeFont) -> list[tuple[float, str]]:
    """Where each character starts, in pixels from the first; one more, empty, tells where the text ends."""
    x, pens = 0.0, []
    for char, following in pairwise([*chars, ""]):
        pens.append((x, char))
        x += font.getlength(char) + known.kerning.get((char, following), 0.0) * font.size
    return [*pens, (x, "")]


def _drawn(
    pens: list[tuple[float, str]], font: ImageFont.FreeTypeFont, stroke: float
) -> Image.Image:
    """A mask of the characters, on a canvas with two ems to spare on every side for accents, tails and the stroke."""
    em = round(font.size)
    mask = Image.new("L", (round(pens[-1][0]) + 4 * em, 4 * em))
    pencil = ImageDraw.Draw(mask)
    for x, char in pens:
        pencil.text((2 * em + x, 2 * em), char, 255, font, anchor="ls", stroke_width=stroke)
    return mask
