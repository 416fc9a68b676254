"""A line of text as a picture: kerned, antialiased, in one colour with an outline in another."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw, ImageFont

from handler.image.watermark.font import Face, face
from handler.image.watermark.script import drawn

if TYPE_CHECKING:
    from pathlib import Path

# Width of the outline in ems: parts white letters from white ground at a dozen pixels, and is no
# ornament at a hundred.
OUTLINE_EMS: Final = 0.065


def missing(text: str, path: Path) -> str:
    """Return the characters of ``text`` that the font file ``path`` lacks, each once, in order."""
    glyphs = face(path, drawn(text)).glyphs
    return "".join(char for char in dict.fromkeys(drawn(text)) if char not in glyphs)


def render(text: str, path: Path, em: int, color: str, outline: str) -> Image.Image:
    """Return ``text`` as RGBA, cropped to its ink, in the font file ``path`` at ``em`` pixels.

    Characters the font lacks are left out: a shorter text is better than a row of empty boxes. When
    nothing is left, the picture is 0 pixels wide.
    """
    metrics = face(path, drawn(text))
    font = ImageFont.truetype(path, em, layout_engine=ImageFont.Layout.BASIC)
    pens = _pens([char for char in drawn(text) if char in metrics.glyphs], metrics, font)
    around, inside = _drawn(pens, font, OUTLINE_EMS * em), _drawn(pens, font, 0)
    box = around.getbbox() or (0, 0, 0, 0)
    around, inside = around.crop(box), inside.crop(box)
    picture = Image.composite(
        Image.new("RGB", inside.size, color), Image.new("RGB", inside.size, outline), inside
    )
    picture.putalpha(around)
    return picture


def _pens(chars: list[str], metrics: Face, font: ImageFont.FreeTypeFont) -> list[tuple[float, str]]:
    """Return where each character starts, in pixels from the first; an empty one where they end."""
    x, pens = 0.0, []
    for char, following in pairwise([*chars, ""]):
        pens.append((x, char))
        x += font.getlength(char) + metrics.kerning.get((char, following), 0.0) * font.size
    return [*pens, (x, "")]


def _drawn(
    pens: list[tuple[float, str]], font: ImageFont.FreeTypeFont, stroke: float
) -> Image.Image:
    """Return a mask of the characters, drawn with an outline of ``stroke`` pixels.

    The canvas has two ems to spare on every side for accents, tails and the stroke.
    """
    em = round(font.size)
    mask = Image.new("L", (round(pens[-1][0]) + 4 * em, 4 * em))
    pencil = ImageDraw.Draw(mask)
    for x, char in pens:
        pencil.text((2 * em + x, 2 * em), char, 255, font, anchor="ls", stroke_width=stroke)
    return mask
