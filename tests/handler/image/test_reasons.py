"""Reasons are plain words of our own table, whatever is wrong with a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from random import Random

import pytest
from PIL import Image

from handler.formats import FORMATS
from handler.image import Budget, Rejected, render
from handler.recipe import Limits, Recipe
from tests.support import jxls, tiffs
from tests.support.gifs import Patch, gif
from tests.support.pictures import quarters, rendered, saved

pytestmark = pytest.mark.slow

# Every reason there is, less the two that name a picture's own settings: key and file size.
DAMAGE = (
    "the file ends early",
    "a checksum is wrong",
    "its packed data cannot be unpacked",
    "its data cannot be read",
    "its directory cannot be read",
    "it has no parts",
    "the file ends before its picture",
    "a part is larger than the picture",
    "its parts are not as long as its directory says",
)
ADVICE = (
    "export it as JPEG or PNG",
    "unpack it, and upload the pictures in it",
    "save the pictures in it, and upload those",
    "it has no picture to be shown",
)
WORDS = (
    f"damaged: ({'|'.join(DAMAGE)})",
    r"not an image of a known format",
    rf"not an image of a known format, but an? [\w ,()]+: ({'|'.join(ADVICE)})",
    r"\w+ is not among the allowed formats: [\w, ]+",
    r"(\d+ x \d+ are )?\d+ (pixels|bytes); the limit is \d+",
    r"too many pixels in a picture within it",
    r"about \d+ MiB of memory are needed; there are \d+",
    r"about [\d.]+ seconds are needed; [\d.]+ are left",
    r"\d+ scans; at most \d+ are decoded",
    r"a frame reaches to \d+ x \d+, beyond its canvas of \d+ x \d+",
    r"a (BMP|JPEG|JPEG 2000|picture) of a kind that is not read",
    r"a HEIF whose picture is coded as [\w .]+, which is not read",
    r"a JPEG XL in CMYK, which is not read: export it in RGB",
    r"a JPEG of \d+ bits, which no browser shows and is not read here",
    r"a (lossless|hierarchical) JPEG, which no browser shows and is not read here",
    r"a camera raw file \([\w .]+\) without a full-size preview: export it as JPEG or TIFF",
    r"a TIFF whose compression \(\d+\) is not read here",
    r"a TIFF whose colours are coded in a way \(\d+\) that is not read",
    r"a TIFF whose channels differ in depth, which is not read",
    r"a TIFF of \d+(-bit floating numbers| bits a channel), which is not read",
    r"a TIFF of more than \d+ channels, which is not read",
    r"a TIFF of complex numbers, which are no picture",
    r"an icon of \d+ x \d+; at most 1024 are read",
    r"it takes longer to decode than the [\d.]+ seconds that were left",
)
PLAIN = re.compile("|".join(WORDS))


def heif() -> bytes:
    """A small HEIC."""
    stream = BytesIO()
    pytest.importorskip("pillow_heif").from_pillow(quarters()).save(stream, format="HEIF")
    return stream.getvalue()


SOURCES: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: saved(quarters(), "JPEG"),
    "progressive JPEG": lambda: saved(quarters(), "JPEG", progressive=True),
    "PNG": lambda: saved(quarters(), "PNG"),
    "APNG": lambda: saved(
        quarters(), "PNG", save_all=True, append_images=[Image.new("RGB", (9, 9))]
    ),
    "GIF": lambda: gif((9, 9), [(9, 9, 9)], [Patch((0, 0, 9, 9), 0), Patch((2, 2, 5, 5), 1, 2)]),
    "WebP": lambda: saved(quarters(), "WEBP"),
    "AVIF": lambda: saved(quarters(), "AVIF", speed=10),
    "HEIF": heif,
    "TIFF": lambda: saved(quarters(), "TIFF", compression="tiff_lzw"),
    "deep TIFF": lambda: tiffs.laid_out([[[0.5, 0.2, 0.9]] * 9] * 9, 2, 16, planar=2),
    "BigTIFF": lambda: saved(quarters(), "TIFF", big_tiff=True),
    "BMP": lambda: saved(quarters(), "BMP"),
    "JPEG 2000": lambda: saved(quarters(), "JPEG2000"),
    "JPEG XL": lambda: jxls.encoded(quarters(), distance=1.0),
    "JPEG XL in boxes": lambda: jxls.recompressed(saved(quarters(), "JPEG")),
    "ICO": lambda: saved(quarters(64, 64), "ICO"),
}


def mutated(data: bytes, random: Random, count: int) -> Iterator[bytes]:
    """Yield ``data`` with bytes changed, taken out, doubled or cut off, mostly near its head."""
    for _ in range(count):
        made = bytearray(data)
        for _ in range(random.choice((1, 1, 2, 8))):
            at = 12 + int((len(made) - 12) * random.random() ** 3)
            match random.randrange(5):
                case 0:
                    made[at : at + 1] = bytes([random.randrange(256)])
                case 1:
                    made[at : at + 4] = random.choice((b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff"))
                case 2:
                    del made[at : at + random.choice((1, 4, 64))]
                case 3:
                    made[at:at] = made[at : at + random.choice((1, 4, 64))]
                case _:
                    del made[max(12, at) :]
        yield bytes(made)


@pytest.mark.parametrize("count", [50, pytest.param(1000, marks=pytest.mark.prove)])
@pytest.mark.parametrize("kind", SOURCES)
def test_every_reason_is_in_plain_words(kind: str, count: int) -> None:
    """Nothing of Python's or of a library's, over files that are wrong in any way."""
    budget, reasons = Budget(memory=448 << 20, seconds=60), set()
    for data in mutated(SOURCES[kind](), Random(kind), count):
        try:
            render(data, Recipe(), budget)
        except Rejected as rejection:
            reasons.add(str(rejection))
    assert reasons
    assert {reason for reason in reasons if not PLAIN.fullmatch(reason)} == set()


@pytest.mark.parametrize("kind", SOURCES)
def test_a_format_that_is_not_allowed_is_named(kind: str) -> None:
    """Beside those that are."""
    allowed = ("png",) if "PNG" not in kind else ("jpeg",)
    with pytest.raises(Rejected) as caught:
        rendered(SOURCES[kind](), Limits(formats=allowed))
    assert PLAIN.fullmatch(str(caught.value))


@pytest.mark.parametrize(("codec", "name"), [
    (b"avc1", "H.264"), (b"vvc1", "H.266"), (b"jpeg", "JPEG"), (b"unci", "uncompressed numbers"),
])  # fmt: skip
def test_a_heif_of_another_codec_is_named(codec: bytes, name: str) -> None:
    """It is whole."""
    with pytest.raises(Rejected) as caught:
        rendered(heif().replace(b"hvc1", codec))
    assert str(caught.value) == f"a HEIF whose picture is coded as {name}, which is not read"


def test_the_formats_are_all_there() -> None:
    """A new one is mutated, too."""
    made = {
        name for name in FORMATS if any(name in kind.lower().replace(" ", "") for kind in SOURCES)
    }
    assert made == set(FORMATS)


EXPORTED = {
    "an SVG": [b"\xef\xbb\xbf\n<svg xmlns=", b"<SVG>"],
    "an SVG, or another XML file": [b"<?xml version="],
    "a Photoshop document": [b"8BPS\0\1", b"8BPS\0\2"],
    "a PDF": [b"%PDF-1.7", b"\n%PDF-1.4"],
    "a PostScript file": [b"%!PS-Adobe-3.0 EPSF-3.0"],
    "an EPS with a preview": [b"\xc5\xd0\xd3\xc6\x1e\0\0\0"],
    "a camera raw file (CR3)": [b"\0\0\0\x18ftypcrx \0\0\0\1"],
    "a camera raw file (RAF)": [b"FUJIFILMCCD-RAW 0201"],
    "a camera raw file (RW2)": [b"IIU\0\x18\0"],
    "a video": [
        *(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\1" for brand in (
            b"qt  ", b"isom", b"mp41", b"mp42", b"avc1", b"iso5", b"M4V ", b"3gp4", b"MSNV",
        )),
        b"\0\0\0\x08wide\0\0\0\0mdat", b"\0\0\x02\x10moov", b"RIFF\0\0\1\0AVI LIST",
        b"\x1aE\xdf\xa3\x01\0\0\0",
    ],
    "a cursor (CUR)": [b"\0\0\2\0\1\0 "],
    "a QOI": [b"qoif\0\0\0\1\0\0\0\1\4\0"],
    "a texture (DDS)": [b"DDS \x7c\0\0\0"],
    "an OpenEXR": [b"v/1\1\2\0\0\0"],
    "a Radiance picture (HDR)": [b"#?RADIANCE\n", b"#?RGBE\n"],
    "a Windows metafile (WMF)": [b"\xd7\xcd\xc6\x9a\0\0", b"\1\0\x09\0\0\3"],
    "a Windows metafile (EMF)": [b"\1\0\0\0" + bytes(36) + b" EMF"],
    "a PBM": [b"P1\n2 2\n", b"P4 2 2\n"],
    "a PGM": [b"P2\n# by hand\n", b"P5\n2 2\n255\n"],
    "a PPM": [b"P3\r\n2 2", b"P6\t2 2 255\n"],
    "a PAM": [b"P7\nWIDTH 2\n"],
    "a PFM": [b"PF\n2 2\n-1.0\n", b"Pf\n2 2\n"],
}  # fmt: skip
OTHERS = {
    "a ZIP archive, or a document packed as one: unpack it, and upload the pictures in it": [
        b"PK\3\4\x14\0",
    ],
    "a RAR archive: unpack it, and upload the pictures in it": [b"Rar!\x1a\7\1\0"],
    "a web page (HTML): save the pictures in it, and upload those": [
        b"<!DOCTYPE html>", b"<!doctype HTML>", b"\n <html lang=en>", b"<HTML>",
    ],
    "a sound file: it has no picture to be shown": [
        b"ID3\4", b"\0\0\0\x1cftypM4A ", b"RIFF\0\0\1\0WAVEfmt ",
    ],
}  # fmt: skip
NAMED = [
    *((f"{name}: export it as JPEG or PNG", head) for name in EXPORTED for head in EXPORTED[name]),
    *((words, head) for words in OTHERS for head in OTHERS[words]),
]


@pytest.mark.parametrize(("words", "head"), NAMED)
def test_what_is_never_read_is_named(words: str, head: bytes) -> None:
    """It is not damaged, and not unknown either."""
    with pytest.raises(Rejected) as caught:
        rendered(head + bytes(300))
    assert str(caught.value) == f"not an image of a known format, but {words}"
    assert PLAIN.fullmatch(str(caught.value))


@pytest.mark.parametrize("rle", [False, True])
@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGB", "RGBA"])
def test_a_targa_is_named_by_its_fields(mode: str, *, rle: bool) -> None:
    """It has no mark to begin with."""
    source = saved(quarters().convert(mode), "TGA", compression="tga_rle" if rle else None)
    with pytest.raises(Rejected, match="but a Targa"):
        rendered(source)


@pytest.mark.parametrize("head", [b"", b"P8\n", b"P6x", b"hello", bytes(64), b"\0\0\2", b"<p>"])
def test_what_is_none_of_them_is_only_unknown(head: bytes) -> None:
    """A name that is wrong would help nobody."""
    with pytest.raises(Rejected, match=r"^not an image of a known format$"):
        rendered(head + b"\x77" * 40)
