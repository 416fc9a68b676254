"""TIFF files that no encoder at hand writes: any tags, either byte order, classic or BigTIFF."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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
            tags[OFFSETS] = (wide, [self.blob(strip) for strip in leaf.strips])
            tags[COUNTS] = (wide, [len(strip) for strip in leaf.strips])
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
