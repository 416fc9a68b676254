"""TIFF files that no encoder at hand writes: any tags, either byte order, classic or BigTIFF."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

BYTE, ASCII, SHORT, LONG, UNDEFINED, IFD, LONG8 = 1, 2, 3, 4, 7, 13, 16
WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
OFFSETS, SAMPLES, ROWS, COUNTS, PLANAR = 273, 277, 278, 279, 284
SUBFILE, ORIENTATION, COLOURS, BELOW, EXTRA, FORMAT = 254, 274, 320, 330, 338, 339
_LETTERS = {BYTE: "B", ASCII: "B", SHORT: "H", LONG: "I", UNDEFINED: "B", IFD: "I", LONG8: "Q"}


@dataclass
class Leaf:
    """One directory: ``tags`` by number, each a type and its values; ``strips`` become its data."""

    tags: Mapping[int, tuple[int, Sequence[int]]]
    strips: Sequence[bytes] = ()
    below: Sequence[Leaf] = field(default=())


def picture(
    size: tuple[int, int],
    bits: Sequence[int],
    photometric: int,
    strips: Sequence[bytes],
    **more: int,
) -> Leaf:
    """A directory of one uncompressed picture; ``more`` may name ``planar`` and ``subfile``."""
    tags = {
        WIDTH: (LONG, [size[0]]),
        LENGTH: (LONG, [size[1]]),
        BITS: (SHORT, bits),
        COMPRESSION: (SHORT, [more.get("compression", 1)]),
        PHOTOMETRIC: (SHORT, [photometric]),
        SAMPLES: (SHORT, [len(bits)]),
        ROWS: (LONG, [size[1]]),
        PLANAR: (SHORT, [more.get("planar", 1)]),
        SUBFILE: (LONG, [more.get("subfile", 0)]),
    }
    return Leaf(tags, strips)


def tiff(leaves: Sequence[Leaf], order: str = "<", *, big: bool = False) -> bytes:
    """Return a file of ``leaves`` as its chain of directories."""
    writer = _Writer(order, big=big)
    writer.chain(leaves)
    return bytes(writer.out)


class _Writer:
    def __init__(self, order: str, *, big: bool) -> None:
        self.order, self.big = order, big
        mark = b"II" if order == "<" else b"MM"
        head = [43, 8, 0] if big else [42]
        self.out = bytearray(mark + struct.pack(f"{order}{len(head)}H", *head))
        self.link = len(self.out)
        self.out += bytes(8 if big else 4)

    def chain(self, leaves: Sequence[Leaf]) -> None:
        link = self.link
        for leaf in leaves:
            at, link_after = self.directory(leaf)
            self.offset(link, at)
            link = link_after

    def offset(self, place: int, value: int) -> None:
        struct.pack_into(self.order + ("Q" if self.big else "I"), self.out, place, value)

    def blob(self, data: bytes) -> int:
        at = len(self.out)
        self.out += data + bytes(len(data) % 2)
        return at

    def directory(self, leaf: Leaf) -> tuple[int, int]:
        tags, wide = dict(leaf.tags), LONG8 if self.big else LONG
        if leaf.strips:
            at, long = (324, 325) if 322 in tags else (OFFSETS, COUNTS)
            tags[at] = (wide, [self.blob(strip) for strip in leaf.strips])
            tags[long] = (wide, [len(strip) for strip in leaf.strips])
        if leaf.below:
            tags[BELOW] = (wide, [self.directory(each)[0] for each in leaf.below])
        room, entry, tally = (8, "HHQ", "Q") if self.big else (4, "HHI", "H")
        rows = b""
        for tag, (kind, values) in sorted(tags.items()):
            body = struct.pack(f"{self.order}{len(values)}{_LETTERS[kind]}", *values)
            if len(body) > room:
                body = struct.pack(self.order + tally.replace("H", "I"), self.blob(body))
            rows += struct.pack(self.order + entry, tag, kind, len(values)) + body.ljust(
                room, b"\0"
            )
        at = self.blob(struct.pack(self.order + tally, len(tags)) + rows)
        link = len(self.out) if len(self.out) == at + len(rows) + struct.calcsize(tally) else 0
        self.out += bytes(room)
        return at, link


def numbers(levels: Sequence[float], bits: int, kind: int, order: str) -> bytes:
    """Return a row's ``levels``, 0 to 1, as samples: of ``bits`` each, ``kind`` 3 = floating."""
    if kind == 3:
        return struct.pack(f"{order}{len(levels)}{ {16: 'e', 32: 'f', 64: 'd'}[bits] }", *levels)
    whole = [round(level * (2**bits - 1)) for level in levels]
    if bits in (16, 24, 32):
        way: Literal["little", "big"] = "little" if order == "<" else "big"
        return b"".join(number.to_bytes(bits // 8, way) for number in whole)
    row = "".join(f"{number:0{bits}b}" for number in whole)
    row += "0" * (-len(row) % 8)
    return int(row, 2).to_bytes(len(row) // 8, "big")


def laid_out(
    image: Sequence[Sequence[Sequence[float]]],
    photometric: int,
    bits: int,
    order: str = "<",
    **more: Any,
) -> bytes:
    """Return a file of ``image``: rows of pixels of channels of 0 to 1, in any layout.

    ``more`` may name ``kind`` (SampleFormat), ``planar``, ``compression`` (1 or 8), ``extra``
    (ExtraSamples) and ``tile`` (pixels, a side).
    """
    kind, separate, tile = more.get("kind", 1), more.get("planar", 1) == 2, more.get("tile", 0)
    height, width, channels = len(image), len(image[0]), len(image[0][0])
    planes = [slice(at, at + 1) for at in range(channels)] if separate else [slice(channels)]

    def part(top: int, left: int, plane: slice) -> bytes:
        blank = [0.0] * channels
        rows = [
            [image[y][x] if y < height and x < width else blank for x in range(left, left + across)]
            for y in range(top, top + down)
        ]
        data = b"".join(
            numbers([level for pixel in row for level in pixel[plane]], bits, kind, order)
            for row in rows
        )
        return zlib.compress(data) if more.get("compression") == 8 else data

    across, down = (tile, tile) if tile else (width, height)
    parts = [
        part(top, left, plane)
        for plane in planes
        for top in range(0, height, down)
        for left in range(0, width, across)
    ]
    leaf = picture((width, height), (bits,) * channels, photometric, parts, **_plain(more))
    tags = {**leaf.tags, FORMAT: (SHORT, [kind] * channels)}
    if more.get("extra"):
        tags[EXTRA] = (SHORT, more["extra"])
    if tile:
        tags |= {322: (LONG, [tile]), 323: (LONG, [tile])}
    return tiff([Leaf(tags, parts)], order)


def _plain(more: Mapping[str, Any]) -> dict[str, int]:
    return {name: more[name] for name in ("planar", "compression") if name in more}
