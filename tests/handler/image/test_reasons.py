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
WORDS = (
    f"damaged: ({'|'.join(DAMAGE)})",
    r"not an image of a known format",
    r"not an image of a known format, but an? [\w ,()]+: export it as JPEG or PNG",
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


@pytest.mark.parametrize("kind", SOURCES)
def test_every_reason_is_in_plain_words(kind: str) -> None:
    """Nothing of Python's or of a library's, over files that are wrong in any way."""
    budget, reasons = Budget(memory=448 << 20, seconds=60), set()
    for data in mutated(SOURCES[kind](), Random(kind), 120):
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


@pytest.mark.parametrize(("head", "name"), [
    (b"\xef\xbb\xbf\n<svg xmlns=", "an SVG"), (b"<?xml version=", "an SVG, or another XML file"),
    (b"8BPS\0\1", "a Photoshop document"), (b"%PDF-1.7", "a PDF"),
    (b"\0\0\0\x18ftypcrx \0\0\0\1", "a camera raw file (CR3)"),
    (b"FUJIFILMCCD-RAW 0201", "a camera raw file (RAF)"),
    (b"IIU\0\x18\0", "a camera raw file (RW2)"),
    (b"\0\0\0\x18ftypqt  \0\0\0\1", "a video"),
])  # fmt: skip
def test_what_is_never_read_is_named(head: bytes, name: str) -> None:
    """It is not damaged, and not unknown either."""
    with pytest.raises(Rejected) as caught:
        rendered(head + bytes(300))
    assert (
        str(caught.value) == f"not an image of a known format, but {name}: export it as JPEG or PNG"
    )
    assert PLAIN.fullmatch(str(caught.value))
