"""Text of the watermark: kerned, in any script of the font, in a font of one's own."""

from __future__ import annotations

import re
import struct
import unicodedata
from typing import TYPE_CHECKING

import pytest
from bidi.algorithm import get_display
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont, features

from handler.image.watermark import font, script, text

if TYPE_CHECKING:
    from pathlib import Path


def rendered(words: str, path: Path = font.BUNDLED) -> Image.Image:
    """The words at 200 pixels, white with a black outline."""
    return text.render(words, path, 200, "#ffffff", "#000000")


def patched(path: Path, old: bytes, new: bytes) -> Path:
    """The bundled font with its first ``old`` replaced."""
    path.write_bytes(font.BUNDLED.read_bytes().replace(old, new, 1))
    return path


def only_first_map(path: Path) -> Path:
    """The bundled font with the first of its character maps alone, which is of format 4."""
    data = bytearray(font.BUNDLED.read_bytes())
    entry = data.index(b"cmap", 12)
    (offset,) = struct.unpack_from(">I", data, entry + 8)
    struct.pack_into(">H", data, offset + 2, 1)
    path.write_bytes(data)
    return path


def test_text_is_kerned(tmp_path: Path) -> None:
    """Pairs stand closer than in the same font without its kerning."""
    plain = patched(tmp_path / "plain.ttf", b"kern", b"nrek")
    assert rendered("AVATAR To", plain).width - rendered("AVATAR To").width > 50
    assert rendered("HHHH", plain).size == rendered("HHHH").size


@pytest.mark.skipif(
    not features.check("raqm"), reason="needs Pillow with libraqm, and the system's libfribidi"
)
@pytest.mark.parametrize("words", ["AVATAR To. Ty", "© 2026 Anna", "Журнал ТАЙ", "Ωμέγα Αύρα"])
def test_layout_agrees_with_harfbuzz(words: str) -> None:
    """The width is the one that libraqm, which shapes with HarfBuzz, arrives at."""
    shaped = ImageFont.truetype(font.BUNDLED, 200, layout_engine=ImageFont.Layout.RAQM)
    canvas = Image.new("L", (2000, 400))
    ImageDraw.Draw(canvas).text(
        (200, 250), words, 255, shaped, anchor="ls", stroke_width=text.OUTLINE_EMS * 200
    )
    left, _, right, _ = canvas.getbbox() or (0, 0, 0, 0)
    assert rendered(words).width == pytest.approx(right - left, abs=4)


@pytest.mark.parametrize(
    "words",
    [
        "Photographie",
        "Φωτογραφία",
        "Фотография",
        "Լուսանկար",
        "ფოტო",
        "צילום",
        "تصوير",
        "Nhiếp ảnh",
        "© ™ € — “”",
    ],
)
def test_bundled_font_covers(words: str) -> None:
    """Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic and signs are all drawn."""
    assert text.missing(words, font.BUNDLED) == ""


def test_decomposed_text_is_drawn_like_composed() -> None:
    """A name typed on a Mac, as letters and accents apart, looks the same.

    What is never seen is not missed.
    """
    assert rendered(unicodedata.normalize("NFD", "Žofie")) == rendered("Žofie")
    assert text.missing("\u2066©\ufe0f\u2069", font.BUNDLED) == ""


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("Anna (2026)", "Anna (2026)"),
        ("© 2026 שם הצלם", "םלצה םש 2026 ©"),
        ("Photo by שם הצלם 2026", "Photo by 2026 םלצה םש"),
        ("שלום (עולם) 12.5", "12.5 (םלוע) םולש"),
        ("שם ABC 123 שם", "םש ABC 123 םש"),
        ("אבג-12-34", "12-34-גבא"),
        ("© محمد علي", "ﻲﻠﻋ ﺪﻤﺤﻣ ©"),
        ("السلام", "ﻡﻼﺴﻟﺍ"),
        ("صورة (1/2)", "(1/2) ﺓﺭﻮﺻ"),
        ("Studio ٢٠٢٦ علي", "Studio ﻲﻠﻋ ٢٠٢٦"),
        ("مُحَمَّد", "ﺪﻤﺤﻣ"),
        ("שָׁלוֹם", "םולש"),
        ("₪12 מחיר", "ריחמ ₪12"),
        ("می\u200cخواهم", "ﻢﻫﺍﻮﺧﯽﻣ"),
        ("\u200f2026 Anna", "Anna 2026"),
    ],
)
def test_scripts_from_the_right(written: str, drawn: str) -> None:
    """Hebrew and Arabic are ordered as Unicode orders them, and Arabic letters are joined."""
    assert script.drawn(written) == drawn


@given(st.text("ab12.-/() «»שםא٢,:%€₪+[]\u200f\u200e", min_size=1, max_size=12))
def test_the_order_is_that_of_an_implementation_of_the_whole_algorithm(words: str) -> None:
    """The judge mirrors brackets and knows all the rules; spaces at an end are not seen."""
    written = f"ש{words}ש"
    assert script.drawn(written) == re.sub("[\u200e\u200f]", "", get_display(written))


def test_own_font_with_the_older_character_map(tmp_path: Path) -> None:
    """A font that has only a map of format 4 draws the same.

    Characters that it maps by the way of its glyph array, too.
    """
    words = "© Ωμέγα AVA Ὓ₽"
    assert rendered(words, only_first_map(tmp_path / "old.ttf")) == rendered(words)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"GIF89a not a font at all",
        b"\0\1\0\0\0\1\0\0\0\0\0\0cmap\0\0\0\0\xff\xff\xff\xff\0\0\0\0",
    ],
)
def test_file_that_is_no_font_is_refused(tmp_path: Path, body: bytes) -> None:
    """A wrong file is a ValueError that names it."""
    path = tmp_path / "font.ttf"
    path.write_bytes(body)
    with pytest.raises(ValueError, match=r"font\.ttf"):
        rendered("A", path)


def collection(fonts: list[bytes]) -> bytes:
    """A TrueType collection: its list of fonts, and each with tables told from the file's start."""
    head = b"ttcf" + struct.pack(">HHI", 1, 0, len(fonts))
    at, offsets, bodies = 12 + 4 * len(fonts), [], b""
    for body in fonts:
        start = at + len(bodies)
        offsets.append(start)
        (count,) = struct.unpack_from(">H", body, 4)
        moved = bytearray(body)
        for entry in range(12, 12 + 16 * count, 16):
            (offset,) = struct.unpack_from(">I", body, entry + 8)
            struct.pack_into(">I", moved, entry + 8, offset + start)
        bodies += bytes(moved)
    return head + struct.pack(f">{len(fonts)}I", *offsets) + bodies


def test_a_collection_is_read_by_its_first_font(tmp_path: Path) -> None:
    """It draws what the font alone draws."""
    path = tmp_path / "fonts.ttc"
    path.write_bytes(collection([font.BUNDLED.read_bytes()] * 2))
    assert rendered("AVATAR Tå", path).tobytes() == rendered("AVATAR Tå").tobytes()


@pytest.mark.parametrize(("mark", "name"), [(b"wOFF", "WOFF"), (b"wOF2", "WOFF2")])
def test_a_web_font_is_refused_by_name(tmp_path: Path, mark: bytes, name: str) -> None:
    """It is packed for browsers."""
    path = tmp_path / "font.woff"
    path.write_bytes(mark + bytes(100))
    with pytest.raises(ValueError, match=rf"^font\.woff is a web font \({name}\)"):
        rendered("A", path)
