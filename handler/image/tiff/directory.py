"""A TIFF's directories, classic and BigTIFF in both byte orders: what each says in whole numbers.

Pillow takes the first directory for the picture, reads no big-endian BigTIFF, and follows no
sub-directories; which one is the picture is to be known before it opens one.
https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, http://bigtiff.org
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

# Of whole numbers, by the number of their type: struct's letter.
_LETTERS: Final = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I"} | {
    16: "Q",
    17: "q",
    18: "Q",
}
_MOST_DIRECTORIES: Final = 4096
# More than any tag that is asked for holds: one that claims more is not what it says.
_MOST_VALUES: Final = 1 << 20
_BIG: Final = 43


class Layout(NamedTuple):
    """How a file writes its directories: struct's letters for its numbers, and where they are."""

    order: str
    offset: str
    tally: str
    entry: str
    inline_bytes: int
    first_at: int


class Entry(NamedTuple):
    """One tag: its type, how many values, and where they begin in the file."""

    kind: int
    quantity: int
    at: int


class Directory(NamedTuple):
    """One directory of the file ``data``, by the tags it holds."""

    data: bytes
    layout: Layout
    at: int
    entries: Mapping[int, Entry]

    def values(self, tag: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return the whole numbers of ``tag``; ``default`` where it has none, or they are cut."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in _LETTERS or entry.quantity > _MOST_VALUES:
            return default
        form = f"{self.layout.order}{entry.quantity}{_LETTERS[entry.kind]}"
        try:
            return struct.unpack_from(form, self.data, entry.at)
        except struct.error:
            return default

    def value(self, tag: int, default: int = 0) -> int:
        """Return the first whole number of ``tag``."""
        return next(iter(self.values(tag)), default)

    def text(self, tag: int) -> str:
        """Return the ASCII text of ``tag``, empty where it has none."""
        entry = self.entries.get(tag, Entry(0, 0, 0))
        return (
            self.data[entry.at : entry.at + entry.quantity].decode("ascii", "replace").rstrip("\0 ")
        )


def layout(data: bytes) -> Layout:
    """Return how the file ``data`` is written; ``struct.error`` where it ends in its header."""
    order = "<" if data[:2] == b"II" else ">"
    (version,) = struct.unpack_from(order + "H", data, 2)
    if version == _BIG:
        return Layout(order, order + "Q", order + "Q", order + "HHQ", 8, 8)
    return Layout(order, order + "I", order + "H", order + "HHI", 4, 4)


def chain(data: bytes) -> tuple[list[Directory], bool]:
    """Return the directories of ``data`` in order, and whether the last says that it is last."""
    found: dict[int, Directory] = {}
    try:
        how = layout(data)
        (at,) = struct.unpack_from(how.offset, data, how.first_at)
        while at and at not in found and len(found) < _MOST_DIRECTORIES:
            found[at], at = _read(data, how, at)
    except struct.error:
        return list(found.values()), False
    return list(found.values()), True


def below(directory: Directory, tag: int) -> Iterator[Directory]:
    """Yield the directories that ``tag`` points to, as far as they can be read."""
    for at in directory.values(tag):
        try:
            yield _read(directory.data, directory.layout, at)[0]
        except struct.error:
            continue


def _read(data: bytes, how: Layout, at: int) -> tuple[Directory, int]:
    """Return the directory at ``at``, and where the next one is, 0 for none."""
    (count,) = struct.unpack_from(how.tally, data, at)
    head = struct.calcsize(how.entry)
    start, step = at + struct.calcsize(how.tally), head + how.inline_bytes

    entries: dict[int, Entry] = {}
    for place in range(start, min(start + count * step, len(data) - step + 1), step):
        tag, kind, values = struct.unpack_from(how.entry, data, place)
        entries.setdefault(tag, Entry(kind, values, _place(data, how, kind, values, place + head)))

    end = start + count * step
    room = len(data) - struct.calcsize(how.offset)
    following = struct.unpack_from(how.offset, data, end)[0] if end <= room else 0
    return Directory(data, how, at, entries), following


def _place(data: bytes, how: Layout, kind: int, count: int, at: int) -> int:
    """Return where an entry's values begin: in the entry if they fit, else where it points."""
    length = (
        struct.calcsize(_LETTERS[kind]) if kind in _LETTERS else 8 if kind in (5, 10, 12) else 1
    )
    if length * count <= how.inline_bytes:
        return at
    return int(struct.unpack_from(how.offset, data, at)[0])
