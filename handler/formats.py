"""The table of picture formats, and which of them a file is in. Standard library only.

Whoever asks anything about a format asks this table: a new format is one row, and its plugin.
Its values are named tuples, because every cold start makes their classes: a dataclass takes seven
times as long, about 1.5 ms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

# Bytes from the start of a file that ``sniff`` may need: an ISO media file lists its brands there.
HEAD_BYTES: Final = 256


class Cost(NamedTuple):
    """What a pixel costs, measured: bytes resident at the peak, nanoseconds of a processor."""

    memory_bytes: int
    nanoseconds: int


class Encoder(NamedTuple):
    """How results are written in a format that browsers show.

    Attributes:
        extension: of a file's name, without the dot.
        options: arguments of Pillow's ``save``.
        quality: where artefacts stop being seen at arm's length; 0 where there is no such scale.
        moves: whether results may have several frames.
        on_request: whether a rendition may ask for it; the others only keep their source's format.
    """

    extension: str
    options: Mapping[str, Any]
    quality: int = 0
    moves: bool = False
    on_request: bool = True


class Format(NamedTuple):
    """A format that can be read.

    Attributes:
        name: what settings and rows call it.
        content_type: its media type.
        opener: module and name of what Pillow's ``open`` would use; imported when first needed.
        cost: of one pixel.
        magic: what its files may begin with.
        brands: what its files may call themselves in a container, ISO 14496-12's or RIFF.
        moves: whether several frames are an animation, not pages or further pictures.
        moving_cost: of one pixel of a frame, where an animation's differs.
        progressive_cost: of one pixel, where the file comes in several scans.
        upright: whether its decoder turns the picture as its file says.
        apart: whether its decoder does all in one call, which only the end of its process ends.
        missing: what to say where its library is not there.
        encoder: ``None`` where browsers do not show the format.
    """

    name: str
    content_type: str
    opener: tuple[str, str]
    cost: Cost
    magic: tuple[bytes, ...] = ()
    brands: frozenset[bytes] = frozenset()
    moves: bool = False
    moving_cost: Cost | None = None
    progressive_cost: Cost | None = None
    upright: bool = False
    apart: bool = False
    missing: str = "its library is missing"
    encoder: Encoder | None = None


_ROWS: Final = (
    Format(
        "jpeg",
        "image/jpeg",
        ("PIL.JpegImagePlugin", "JpegImageFile"),
        Cost(1, 5),
        magic=(b"\xff\xd8\xff",),
        progressive_cost=Cost(7, 15),
        encoder=Encoder("jpg", {"subsampling": "4:2:0"}, quality=80),
    ),
    Format(
        "png",
        "image/png",
        ("handler.image.png", "opened"),
        Cost(12, 40),
        magic=(b"\x89PNG\r\n\x1a\n",),
        moves=True,
        # zlib's run-length strategy: on filtered photographs a quarter of the time for about the
        # same size.
        encoder=Encoder("png", {"compress_level": 1, "compress_type": 3}, moves=True),
    ),
    Format(
        "gif",
        "image/gif",
        ("handler.image.gif_canvas", "opened"),
        Cost(16, 25),
        magic=(b"GIF87a", b"GIF89a"),
        moves=True,
        encoder=Encoder("gif", {}, moves=True, on_request=False),
    ),
    Format(
        "webp",
        "image/webp",
        ("PIL.WebPImagePlugin", "WebPImageFile"),
        Cost(10, 25),
        brands=frozenset({b"WEBP"}),
        moves=True,
        moving_cost=Cost(18, 40),
        # Method 2 takes half the time of the default, 4, for 4 % more bytes.
        encoder=Encoder("webp", {"method": 2}, quality=80, moves=True),
    ),
    Format(
        "avif",
        "image/avif",
        ("PIL.AvifImagePlugin", "AvifImageFile"),
        Cost(12, 40),
        brands=frozenset({b"avif", b"avis"}),
        moves=True,
        apart=True,
        # More threads give other bytes on other machines.
        encoder=Encoder("avif", {"speed": 8, "max_threads": 1}, quality=60, moves=True),
    ),
    # Behind AVIF, whose files may be of brand mif1, too: it says neither codec.
    Format(
        "heif",
        "image/heif",
        ("handler.image.heif", "opened"),
        Cost(12, 45),
        brands=frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}),
        upright=True,
        apart=True,
    ),
    Format(
        "tiff",
        "image/tiff",
        ("handler.image.tiff", "opened"),
        Cost(12, 20),
        magic=(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
        apart=True,
    ),
    Format(
        "bmp",
        "image/bmp",
        ("handler.image.bmp", "opened"),
        Cost(6, 10),
        magic=(b"BM",),
    ),
    Format(
        "jpeg2000",
        "image/jp2",
        ("handler.image.jpeg2000", "opened"),
        Cost(20, 280),
        magic=(b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  \r\n\x87\n"),
        apart=True,
    ),
    Format(
        "jpegxl",
        "image/jxl",
        ("handler.image.jpegxl", "opened"),
        Cost(16, 100),
        magic=(b"\xff\n", b"\0\0\0\x0cJXL \r\n\x87\n"),
        moves=True,
        upright=True,
        apart=True,
        missing="it is after a setup with jpeg_xl = true, and in a preview after pip install "
        "'imgpipe[jxl]'; or export it as JPEG or PNG",
    ),
    Format(
        "ico",
        "image/vnd.microsoft.icon",
        ("handler.image.ico", "opened"),
        Cost(12, 40),
        magic=(b"\0\0\1\0",),
    ),
)
FORMATS: Final[Mapping[str, Format]] = {row.name: row for row in _ROWS}
ENCODERS: Final[Mapping[str, Encoder]] = {row.name: row.encoder for row in _ROWS if row.encoder}


def sniff(head: bytes) -> Format | None:
    """Return the format that the first ``HEAD_BYTES`` of a file announce, ``None`` if unknown."""
    brands = _brands(head)
    return next(
        (row for row in _ROWS if head.startswith(row.magic) or brands & row.brands),
        None,
    )


def _brands(head: bytes) -> frozenset[bytes]:
    """Return what a container says that it holds; nothing if ``head`` does not begin one.

    ISO 14496-12: the major brand is followed by a version and the compatible brands.
    """
    if head[:4] == b"RIFF":
        return frozenset({head[8:12]})
    if head[4:8] != b"ftyp":
        return frozenset()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return frozenset({head[8:12], *(head[at : at + 4] for at in range(16, end, 4))})
