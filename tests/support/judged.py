"""The judge's corpus: each format in each way to tell colour, with and without alpha, by depth."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PIL import Image

from handler.image.colour.profile import written
from handler.image.colour.space import BT2020, PRIMARIES, SRGB, SRGB_CURVE, Curve, Primaries, Space
from tests.support.colour_files import COLOURS, SIDE, coded, picture
from tests.support.pictures import saved
from tests.support.pngs import SIGNATURE, chunk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.support.colour_files import Colour

# The alpha of pictures that have one: so much that a canvas keeps their colours to the number.
ALPHA: Final = 204
GREYS: Final[tuple[Colour, ...]] = tuple((level,) * 3 for level in range(0, 256, 15))
_ADOBE: Final = Primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), (0.3127, 0.3290))
SPACES: Final = {
    "sRGB": SRGB,
    "Display P3": Space(PRIMARIES[12], SRGB_CURVE),
    "Adobe RGB": Space(_ADOBE, Curve(2.19921875)),
    "BT.2020": Space(BT2020, SRGB_CURVE),
    "linear sRGB": Space(SRGB.primaries, Curve(1.0)),
    "Apple's old gamma": Space(SRGB.primaries, Curve(1.8)),
}
CODE_POINTS: Final = tuple(
    (primaries, transfer) for primaries in (1, 5, 6, 9, 12) for transfer in (1, 4, 5, 8, 13)
)
HIGH_RANGE: Final = tuple(
    (primaries, transfer) for primaries in (1, 9, 12) for transfer in (16, 18)
)
# At each brightness, each hue from pale to as strong as it gets.
SATURATED: Final[tuple[Colour, ...]] = tuple(
    sorted(
        {
            (red, green, blue)
            for most in (40, 90, 148, 192, 230, 255)
            for share in (0.0, 0.5, 0.75, 0.85)
            for red in (most, round(most * share))
            for green in (most, round(most * share))
            for blue in (most, round(most * share))
        }
    )
)
_KINDS: Final = {"L": 0, "RGB": 2, "LA": 4, "RGBA": 6}

_WRITTEN: Final[dict[str, dict[str, Any]]] = {
    "JPEG": {"quality": 100, "subsampling": 0},
    "WEBP": {"lossless": True, "exact": True},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    "GIF": {},
    "BMP": {},
}


class Judged(NamedTuple):
    """A file, and what it is to a browser."""

    media_type: str
    body: bytes


def corpus() -> dict[str, Judged]:
    """Return every file by a name that says what it is."""
    return dict([*_pngs(), *_profiled(), *_coded(), *_high_range()])


def _pngs() -> Iterator[tuple[str, Judged]]:
    """Yield PNGs of each mode and depth with each of the chunks that tell colour."""
    for mode in _KINDS:
        for bits in (8, 16):
            for way, chunks in _chunks(grey=mode in ("L", "LA")).items():
                yield f"PNG {mode} {bits} {way}", Judged("image/png", _png(mode, bits, chunks))


def _chunks(*, grey: bool) -> dict[str, list[tuple[bytes, bytes]]]:
    ways = {
        "nothing": [],
        "sRGB": [(b"sRGB", b"\0")],
        "sRGB over gAMA": [(b"sRGB", b"\0"), _gama(100_000)],
        **{f"gAMA {value}": [_gama(value)] for value in (100_000, 55_556, 45_455, 40_000)},
        **{f"iCCP {name}": [_iccp(space, grey=grey)] for name, space in SPACES.items()},
        "iCCP over gAMA": [_iccp(SRGB, grey=grey), _gama(100_000)],
    }
    if grey:  # cICP and primaries tell of colours, and Chromium takes them for none of a grey's
        return ways
    chrm = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
    p3 = SPACES["Display P3"]
    return ways | {
        "gAMA and cHRM": [_gama(45_455), (b"cHRM", chrm)],
        "cHRM alone": [(b"cHRM", chrm)],
        "cICP over iCCP": [_cicp(1, 13), _iccp(p3, grey=False)],
        **{f"cICP {p}/{t}": [_cicp(p, t)] for p, t in CODE_POINTS},
    }


def _gama(value: int) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", value)


def _cicp(primaries: int, transfer: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes((primaries, transfer, 0, 1))


def _iccp(space: Space, *, grey: bool) -> tuple[bytes, bytes]:
    return b"iCCP", b"a\0\0" + zlib.compress(written(space, grey=grey))


def _png(
    mode: str, bits: int, chunks: list[tuple[bytes, bytes]], colours: Sequence[Colour] = ()
) -> bytes:
    """A row of squares in ``mode``; 16 bits hold the same numbers as 8."""
    number, scale = (struct.Struct(">B"), 1) if bits == 8 else (struct.Struct(">H"), 257)
    colours = colours or (GREYS if mode in ("L", "LA") else COLOURS)
    samples = len(mode.removesuffix("A"))
    pixels = [(*colour[:samples], *([ALPHA] if mode.endswith("A") else [])) for colour in colours]
    row = b"".join(
        number.pack(value * scale) for pixel in pixels for _ in range(SIDE) for value in pixel
    )
    head = struct.pack(">2I5B", len(colours) * SIDE, SIDE, bits, _KINDS[mode], 0, 0, 0)
    data = zlib.compress((b"\0" + row) * SIDE)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", data), (b"IEND", b"")]
    return SIGNATURE + b"".join(chunk(name, body) for name, body in parts)


def _profiled() -> Iterator[tuple[str, Judged]]:
    """Yield what Pillow writes without loss, or hardly any, with each profile and with none."""
    for name, options in _WRITTEN.items():
        for mode in ("L", "RGB", "RGBA"):
            if mode == "RGBA" and name in ("JPEG", "GIF", "BMP"):
                continue
            yield f"{name} {mode} nothing", _file(name, mode, options)
            if name in ("GIF", "BMP") or (mode == "L" and name != "JPEG"):
                continue
            for way, space in SPACES.items():
                body = written(space, grey=mode == "L")
                yield f"{name} {mode} {way}", _file(name, mode, {**options, "icc_profile": body})


def _file(name: str, mode: str, options: Mapping[str, Any]) -> Judged:
    return Judged(f"image/{name.lower()}", saved(_squares(mode), name, **options))


def _squares(mode: str) -> Image.Image:
    image = picture(GREYS if mode == "L" else COLOURS).convert(mode.removesuffix("A"))
    if mode.endswith("A"):
        image.putalpha(ALPHA)
    return image


def _coded() -> Iterator[tuple[str, Judged]]:
    """Yield AVIFs of each pair of code points."""
    for mode in ("RGB", "RGBA"):
        body = saved(_squares(mode), "AVIF", quality=100, subsampling="4:4:4")
        for primaries, transfer in CODE_POINTS:
            name = f"AVIF {mode} nclx {primaries}/{transfer}"
            yield name, Judged("image/avif", coded(body, primaries, transfer))


def _high_range() -> Iterator[tuple[str, Judged]]:
    """Yield PNGs that go beyond white, of greys and of saturated colours at every brightness.

    None with alpha: Chromium multiplies by it in 8 bits before it brings them down.
    """
    for bits in (8, 16):
        for primaries, transfer in HIGH_RANGE:
            body = _png("RGB", bits, [_cicp(primaries, transfer)], (*GREYS, *SATURATED))
            yield f"PNG RGB {bits} cICP {primaries}/{transfer}", Judged("image/png", body)
