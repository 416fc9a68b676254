"""Files that are small to send and large to read: by pixels, frames, pieces and metadata."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from PIL import Image

from tests.support import jxls, tiffs
from tests.support.hostile import metadata
from tests.support.hostile.anatomy import Part, anatomy
from tests.support.hostile.metadata import deflated
from tests.support.hostile.mutations import APPENDED, carried
from tests.support.hostile.seeds import noise, seeds
from tests.support.pictures import saved
from tests.support.pngs import SIGNATURE, chunk

_DEFLATE, _PACKBITS = 8, 32_773
_TILE_WIDTH, _TILE_LENGTH, _TILE_OFFSETS, _TILE_COUNTS = 322, 323, 324, 325
# Unpacked, many times what the function has.
GIGA: Final = 1 << 30


def png(width: int, height: int, *beside: bytes, bits: int = 8, colour: int = 2) -> bytes:
    """A PNG of zeros of any size, with other chunks before its pixels."""
    samples = {0: 1, 2: 3, 6: 4}[colour]
    row = (width * samples * bits + 7) // 8 + 1
    head = struct.pack(">2I5B", width, height, bits, colour, 0, 0, 0)
    pixels = deflated(min(row * height, GIGA))
    parts = (chunk(b"IHDR", head), *beside, chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return SIGNATURE + b"".join(parts)


def gif(width: int, height: int, frames: int, *, each: tuple[int, int] = (1, 1)) -> bytes:
    """A GIF of any canvas with many frames of a pixel or more, each to be kept below the next."""
    picture = b"," + struct.pack("<4HB", 0, 0, *each, 0) + b"\x02\x02\x44\x01\0"
    head = b"GIF89a" + struct.pack("<2H3B", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    control = b"!\xf9\x04\x04\x02\0\0\0"
    return head + (control + picture) * frames + b";"


def jpeg_of(width: int, height: int, seed: str = "jpeg-grey") -> bytes:
    """A small JPEG that says it is large."""
    parts = anatomy(seeds()[seed])
    size = struct.pack(">2H", height, width)
    return parts.write([
        replace(part, body=part.body[:1] + size + part.body[5:])
        if part.kind in (b"\xff\xc0", b"\xff\xc2")
        else part
        for part in parts.parts
    ])  # fmt: skip


def with_parts(seed: str, part: Part, count: int, at: int = 1) -> bytes:
    """Return a seed with ``count`` parts more."""
    whole = anatomy(seeds()[seed])
    return whole.write([*whole.parts[:at], *[part] * count, *whole.parts[at:]])


def tiff(**tags: tuple[int, list[int]]) -> bytes:
    """A grey TIFF of 8 x 8 with other tags, named ``t`` and their number."""
    leaf = tiffs.picture((8, 8), [8], 1, [bytes(64)])
    other = {int(name[1:]): value for name, value in tags.items()}
    return tiffs.tiff([replace(leaf, tags={**leaf.tags, **other})])


def jpeg_of_scans(count: int, edge: int) -> bytes:
    """A baseline JPEG whose components come in scans of their own, again and again."""
    whole = anatomy(seeds()["jpeg-grey"])
    at = next(n for n, part in enumerate(whole.parts) if part.kind == b"\xff\xda")
    components = b"\x03\x01\x11\0\x02\x11\0\x03\x11\0"
    head = [
        replace(part, body=b"\x08" + struct.pack(">2H", edge, edge) + components)
        if part.kind == b"\xff\xc0"
        else part
        for part in whole.parts[:at]
        if part.kind != b"\xff\xdd"
    ]
    scans = [
        part
        for number in range(count)
        for part in (Part(b"\xff\xda", bytes([1, number % 3 + 1, 0, 0, 63, 0])), Part(b"", b"\0"))
    ]
    return whole.write([*head, *scans, whole.parts[-1]])


def tiff_of_nothing(strips: int, pieces: int) -> bytes:
    """A TIFF whose strips are all the same data: a million times nothing, then the pixels."""
    packer = zlib.compressobj(0)
    pixels = packer.compress(bytes(2_000)) + packer.flush()
    nothing = pixels[:2] + b"\0\0\0\xff\xff" * pieces + pixels[2:]
    leaf = tiffs.picture((2_000, strips), [8], 1, [nothing], compression=_DEFLATE)
    file = tiffs.tiff([leaf])
    start = file.index(nothing)
    tags = {
        **leaf.tags,
        tiffs.ROWS: (tiffs.LONG, [1]),
        tiffs.OFFSETS: (tiffs.LONG, [start] * strips),
        tiffs.COUNTS: (tiffs.LONG, [len(nothing)] * strips),
    }
    end = tiffs.tiff([replace(leaf, tags=tags, strips=())])
    # The directory's own offsets are from the beginning of its file: it goes first, data behind.
    shift = len(end) - start
    moved = {**tags, tiffs.OFFSETS: (tiffs.LONG, [start + shift] * strips)}
    return tiffs.tiff([replace(leaf, tags=moved, strips=())]) + nothing


def tiff_strip(compression: int, strip: bytes, size: tuple[int, int] = (8, 8)) -> bytes:
    """A TIFF of one strip of any coding."""
    return tiffs.tiff([tiffs.picture(size, [8], 1, [strip], compression=compression)])


def tiff_tile(width: int, height: int) -> bytes:
    """A TIFF of 8 x 8 in one tile of any size."""
    long = tiffs.LONG
    return tiff(
        t322=(long, [width]), t323=(long, [height]), t324=(long, [8]), t325=(long, [64]),
        t259=(tiffs.SHORT, [_DEFLATE]),
    )  # fmt: skip


def replaced(seed: str, old: bytes, new: bytes) -> bytes:
    """Return a seed with other bytes in some place."""
    assert old in seeds()[seed]
    return seeds()[seed].replace(old, new)


def ico(inner: bytes, count: int = 1) -> bytes:
    """An icon that says it is 16 x 16, of any file within."""
    entry = struct.pack("<4B2H2I", 16, 16, 0, 0, 1, 32, len(inner), 6 + 16 * count)
    return struct.pack("<3H", 0, 1, count) + entry * count + inner


def bmp(width: int, height: int, compression: int) -> bytes:
    """A BMP of any size with 64 bytes of pixels."""
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, compression, 0, 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 5000, 0, 0, 1078) + head + bytes(1024) + b"\xff\0" * 32


def webp_animation(frames: int, side: int) -> bytes:
    """A WebP of many frames of a pixel on a canvas of any size."""
    still = anatomy(saved(noise(size=(1, 1)), "WEBP", lossless=True)).parts[0]
    inner = anatomy(seeds()["webp-moving"]).write([still])[12:]
    frame = Part(b"ANMF", bytes(12) + b"\x0a\0\0\0" + inner)
    edge = (side - 1).to_bytes(3, "little")
    header = Part(b"VP8X", b"\x02\0\0\0" + edge * 2)
    parts = [header, Part(b"ANIM", bytes(6)), *[frame] * frames]
    return anatomy(seeds()["webp-moving"]).write(parts)


def apng_frames(said: int, there: int) -> bytes:
    """An APNG that says how many frames it has, and has so many without pixels."""
    control = chunk(b"fcTL", struct.pack(">5I2H2B", 0, 1, 1, 0, 0, 1, 10, 0, 0))
    return png(8, 8, chunk(b"acTL", struct.pack(">2I", said, 0)), *[control] * there)


_PIXELS: Final[Mapping[str, Callable[[], bytes]]] = {
    "png-limit": lambda: png(10_000, 10_000, bits=1, colour=0),
    "png-memory": lambda: png(10_000, 10_000, colour=6),
    "png-beyond": lambda: png(50_000, 50_000),
    "png-line": lambda: png(2**31 - 1, 1, colour=0, bits=1),
    "png-pixels-too-many": lambda: png(8, 8, chunk(b"IDAT", deflated(GIGA))),
    "jpeg": lambda: jpeg_of(65_500, 65_500),
    "jxl": lambda: jxls.claiming(1 << 29),
    "jxl-limit": lambda: jxls.claiming(10_000),
    "jxl-flat": lambda: jxls.encoded(Image.new("L", (5_000, 5_000))),
    "jpeg-limit": lambda: jpeg_of(10_000, 10_000),
    "jpeg-cut": lambda: jpeg_of(65_500, 65_500)[:-2],
    "jpeg-cut-limit": lambda: jpeg_of(9_900, 9_900)[:-2],
    "jpeg-broken-beside": lambda: _broken_beside(jpeg_of(65_500, 65_500)[:-2]),
    "jpeg-broken-beside-limit": lambda: _broken_beside(jpeg_of(9_900, 9_900, "jpeg")[:-2]),
    "jpeg-progressive": lambda: jpeg_of(9_900, 9_900, "jpeg-progressive"),
    "gif-canvas": lambda: gif(65_535, 65_535, 1),
    "gif-frame": lambda: gif(1, 1, 1, each=(65_535, 65_535)),
    "bmp": lambda: bmp(30_000, 30_000, 0),
    "bmp-runs": lambda: bmp(9_900, 9_900, 1),
    "bmp-upside-down": lambda: bmp(8, -(2**31), 0),
    "tiff": lambda: tiff(t256=(4, [2**31]), t257=(4, [2**31])),
    "tiff-line": lambda: tiff(t256=(4, [100_000_000]), t257=(4, [1])),
    "tiff-strip": lambda: tiff_strip(_DEFLATE, deflated(GIGA)),
    "tiff-strips": lambda: tiff_strip(_DEFLATE, deflated(GIGA), (9_900, 9_900)),
    "tiff-runs": lambda: tiff_strip(_PACKBITS, b"\x81\0" * 1_000_000, (9_900, 9_900)),
    "tiff-tile": lambda: tiff_tile(2**20, 2**20),
    "tiff-tile-large": lambda: tiff_tile(16_384, 16_384),
    "tiff-samples": lambda: tiff(t277=(3, [65_535]), t258=(3, [8] * 65_535)),
    "ico-inner": lambda: ico(png(10_000, 10_000, colour=6)),
    "ico-inner-beyond": lambda: ico(png(50_000, 50_000)),
    "ico-bitmap": lambda: ico(bmp(30_000, 30_000, 0)[14:]),
    "webp-canvas": lambda: webp_animation(1, 16_383),
    "avif-size": lambda: replaced(
        "avif", b"ispe" + bytes(7) + b"\x25", b"ispe" + bytes(6) + b"\xff\xff"
    ),
    "heif-size": lambda: replaced("heif", b"ispe\0\0\0\0\0\0\0", b"ispe\0\0\0\0\0\x7f\xff"),
    "jp2-size": lambda: replaced("jp2", struct.pack(">2I", *noise().size), b"\0\0\xff\xff" * 2),
}  # fmt: skip
_TIME: Final[Mapping[str, Callable[[], bytes]]] = {
    "jpeg-scans": lambda: jpeg_of_scans(9_999, 5_000),
    "jpeg-scans-cut": lambda: _scans(480, 9_900)[:-2],
    "tiff-of-nothing": lambda: tiff_of_nothing(5_000, 100_000),
    "png-pieces": lambda: png(8, 8, *[chunk(b"abCd", b"")] * 3_000_000),
    "jpeg-fill": lambda: seeds()["jpeg"].replace(b"\xff\xda", b"\xff" * 60_000_000 + b"\xda"),
    "jpeg-apps": lambda: with_parts("jpeg", Part(b"\xff\xe1", b"Exif\0\0II*\0"), 700_000),
    "avif-pieces": lambda: with_parts("avif", Part(b"free", b""), 1_000_000),
}
_FRAMES: Final[Mapping[str, Callable[[], bytes]]] = {
    "gif": lambda: gif(8, 8, 200_000),
    "gif-large": lambda: gif(5_000, 5_000, 2_000),
    "gif-largest": lambda: gif(9_999, 9_999, 5),
    "apng-said": lambda: apng_frames(2**31 - 1, 1),
    "apng-there": lambda: apng_frames(100_000, 100_000),
    "webp": lambda: webp_animation(50_000, 4),
    "webp-large": lambda: webp_animation(400, 4_000),
    "jxl": lambda: jxls.encoded(*[noise(size=(1, 1))] * 3_000, milliseconds=1),
    "jxl-large": lambda: jxls.encoded(*[Image.new("L", (1_000, 1_000))] * 30, milliseconds=1),
    "tiff-pages": lambda: tiffs.tiff([tiffs.picture((1, 1), [8], 1, [b"\0"])] * 20_000),
    "tiff-loop": lambda: b"II*\0\x08\0\0\0" + metadata.directory((256, 4, 1, 8), after=8),
    "tiff-below": lambda: tiff(t330=(4, [8] * 100_000)),
}
_PIECES: Final[Mapping[str, Callable[[], bytes]]] = {
    "jxl-boxes": lambda: with_parts("jxl-boxes", Part(b"brob", b"Exif\x0b\0\x80a\x03"), 100_000),
    "png-texts": lambda: png(8, 8, *[chunk(b"tEXt", b"k\0v")] * 60_000),
    "png-empty-pixels": lambda: png(8, 8, *[chunk(b"IDAT", b"")] * 60_000),
    "png-unknown": lambda: png(8, 8, *[chunk(b"abCd", b"")] * 60_000),
    "jpeg-comments": lambda: with_parts("jpeg", Part(b"\xff\xfe", b"x"), 60_000),
    "jpeg-apps": lambda: with_parts("jpeg", Part(b"\xff\xe1", b"Exif\0\0II*\0"), 40_000),
    "jpeg-profiles": lambda: with_parts("jpeg", Part(b"\xff\xe2", b"ICC_PROFILE\0\1\1"), 40_000),
    "jpeg-tables": lambda: with_parts("jpeg", anatomy(seeds()["jpeg"]).parts[-5], 50_000),
    "jpeg-scans": lambda: _scans(10_000),
    "jpeg-fill": lambda: seeds()["jpeg"].replace(b"\xff\xda", b"\xff" * 1_000_000 + b"\xda"),
    "jpeg-broken-many": lambda: with_parts("jpeg", Part(b"\xff\xed", b"Photoshop 3.0\0"), 50_000),
    "webp-chunks": lambda: with_parts("webp", Part(b"abcd", b""), 100_000),
    "gif-comments": lambda: with_parts("gif", Part(b"!", b"\xfe\x01x\0"), 100_000),
    "avif-boxes": lambda: with_parts("avif", Part(b"free", b""), 100_000),
    "heif-boxes": lambda: with_parts("heif", Part(b"free", b""), 100_000),
    "heif-nested": lambda: _nested("heif", 20_000),
    "avif-nested": lambda: _nested("avif", 20_000),
    "jp2-boxes": lambda: with_parts("jp2", Part(b"free", b""), 100_000, at=2),
    "jp2-nested": lambda: _nested("jp2", 20_000),
    "tiff-entries": lambda: tiff(**{f"t{tag}": (3, [1]) for tag in range(40_000, 65_000)}),
    "tiff-array": lambda: seeds()["tiff"].replace(b"\x11\x01\x04\0\1\0", b"\x11\x01\x04\0\xff\xff"),
    "ico-entries": lambda: ico(seeds()["png"], 65_535),
}


_PACKED: Final = {
    b"zTXt": b"k\0\0",
    b"iTXt": b"XML:com.adobe.xmp\0\1\0\0\0",
    b"iCCP": b"icc\0\0",
}


def _broken_beside(data: bytes) -> bytes:
    return data[:2] + b"\xff\xed\0\x14Photoshop 3.0\x008BI" + data[2:]


def _scans(count: int, edge: int = 29) -> bytes:
    whole = anatomy(jpeg_of(edge, edge, "jpeg-progressive"))
    at = next(n for n, part in enumerate(whole.parts) if part.kind == b"\xff\xda")
    scan = whole.parts[at : at + 2]
    return whole.write([*whole.parts[:at], *scan * count, *whole.parts[at:]])


def _nested(seed: str, depth: int) -> bytes:
    """A box in itself; written by hand, for recursion ends where the file does not."""
    whole = anatomy(seeds()[seed])
    kind = {"heif": b"meta", "avif": b"meta", "jp2": b"jp2h"}[seed]
    boxes = b"".join(struct.pack(">I", 12 * (depth - at)) + kind + bytes(4) for at in range(depth))
    return whole.write(whole.parts[: 2 if seed == "jp2" else 1]) + boxes


def _metadata() -> Mapping[str, Callable[[], bytes]]:
    """Return every seed that can carry it with each piece of metadata that means harm."""
    made: dict[str, Callable[[], bytes]] = {"jpeg-profile-largest": _largest_profile}
    for name in ("jpeg", "png", "webp", "avif", "heif", "gif"):
        whole = anatomy(seeds()[name])
        for number, parts in enumerate(carried(whole.dialect)):
            made[f"{name}-{number}"] = partial(
                whole.write, [*whole.parts[:1], *parts, *whole.parts[1:]]
            )
    for kind, head in _PACKED.items():
        made[f"png-{kind.decode()}"] = partial(_packed, kind, head, GIGA, 1)
        made[f"png-{kind.decode()}s"] = partial(_packed, kind, head, 900_000, 500)
    return made


def _packed(kind: bytes, head: bytes, size: int, count: int) -> bytes:
    return png(8, 8, *[chunk(kind, head + deflated(size))] * count)


def _largest_profile() -> bytes:
    pieces = [
        Part(b"\xff\xe2", b"ICC_PROFILE\0" + bytes([number, 255]) + bytes(65_000))
        for number in range(1, 256)
    ]
    whole = anatomy(seeds()["jpeg"])
    return whole.write([*whole.parts[:1], *pieces, *whole.parts[1:]])


def polyglots() -> Iterator[tuple[str, bytes]]:
    """Yield files that are two things at once, and files that only begin as a picture."""
    heads = {name: data[:16] for name, data in seeds().items()}
    for name, data in seeds().items():
        for number, other in enumerate(APPENDED):
            yield f"{name}+{number}", data + other
            yield f"{number}+{name}", other[:64] + data
        yield f"{name}-only-head", heads[name]
        yield f"{name}-head-of-text", heads[name][:8] + b"<script>alert(1)</script>" * 40
    kinds = ("jpeg", "png", "gif", "webp", "avif", "heif", "tiff", "bmp", "jp2", "ico")
    for one in kinds:
        for clothing in kinds:
            yield f"{one}-in-{clothing}", heads[clothing][:12] + seeds()[one][12:]
    for brand in ("heic", "avif", "mif1", "avis", "heis", "jp2 "):
        for seed in ("avif", "heif", "avif-moving"):
            yield f"{seed}-as-{brand}", seeds()[seed][:8] + brand.encode() + seeds()[seed][12:]
    yield "gif-script", b"GIF89a/*" + seeds()["gif"][8:] + b"*/=1;alert(1)//"
    yield "zlib", zlib.compress(seeds()["png"])


def bombs(kind: str) -> Iterable[tuple[str, Callable[[], bytes]]]:
    """Return names of the files of a kind, and what makes each."""
    tables = {"time": _TIME, "pixels": _PIXELS, "frames": _FRAMES, "pieces": _PIECES}
    return (tables[kind] if kind in tables else _metadata()).items()
