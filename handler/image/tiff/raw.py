"""Camera raw files, which begin like a TIFF: told apart, and shown by the preview they carry.

Their first directory is often a stamp of 160 x 120 pixels; what the sensor saw lies in others, in
codings of the camera's maker. Most cameras add the picture as they would have saved it, a JPEG in
full size; developing the sensor's own data would take a library of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from handler.image.jpeg import SOI, Header, header
from handler.image.tiff.directory import Directory, below
from handler.image.tiff.pages import size

_COMPRESSION: Final = 259
_PHOTOMETRIC: Final = 262
_MAKE: Final = 271
_STRIP_OFFSETS: Final = 273
_ORIENTATION: Final = 274
_STRIP_LENGTHS: Final = 279
_ARTIST: Final = 315
_SUB_DIRECTORIES: Final = 330
_JPEG_AT: Final = 513
_JPEG_LENGTH: Final = 514
_COPYRIGHT: Final = 33432
_EXIF_DIRECTORY: Final = 34665
_DNG_VERSION: Final = 50706
_PIXEL_X: Final = 40962
_PIXEL_Y: Final = 40963

# Photometric interpretations: a mosaic of one colour a pixel, and what became of one (DNG 1.7).
_SENSORS: Final = frozenset({32803, 34892})
# Sony's, Nikon's, Samsung's, Kodak's and Pentax's own codings.
_CODINGS: Final = frozenset({32767, 32770, 34713, 65000, 65535})
_JPEG_CODINGS: Final = frozenset({6, 7})
_KINDS: Final = {
    "NIKON": "NEF",
    "SONY": "ARW",
    "PENTAX": "PEF",
    "RICOH": "PEF",
    "SAMSUNG": "SRW",
    "HASSELBLAD": "3FR",
    "PHASE ONE": "IIQ",
    "LEAF": "MOS",
    "MAMIYA": "MEF",
    "EPSON": "ERF",
    "KODAK": "DCR",
    "EASTMAN KODAK": "DCR",
    "CANON": "CR2",
}
# A sensor has a margin of pixels that the camera's own JPEG leaves out.
_FULL_SIZE: Final = 0.9
_APP1: Final = b"\xff\xe1"
# Bytes: both texts fit into one segment.
_LONGEST_TEXT: Final = 20_000


class Raw(NamedTuple):
    """A raw file: what photographers call its ``kind``, and everything it has directories for."""

    kind: str
    directories: tuple[Directory, ...]


class Preview(NamedTuple):
    """A JPEG within a raw file, and its header."""

    jpeg: bytes
    header: Header


def raw(directories: Sequence[Directory]) -> Raw | None:
    """Return what the file of ``directories`` is, if it is a camera's raw file."""
    first = directories[0]
    every = (*directories, *chain.from_iterable(below(d, _SUB_DIRECTORIES) for d in directories))
    if _DNG_VERSION in first.entries:
        return Raw("DNG", every)
    if first.data[8:10] == b"CR":
        return Raw("CR2", every)
    if first.data[8:12] in (b"IIII", b"MMMM"):
        return Raw("IIQ", every)
    if not any(_sensor(each) for each in every):
        return None
    make = next(filter(None, (each.text(_MAKE).upper() for each in every)), "")
    known = (kind for maker, kind in _KINDS.items() if make.startswith(maker))
    return Raw(next(known, make.title() or "of an unnamed camera"), every)


def _sensor(directory: Directory) -> bool:
    return directory.value(_PHOTOMETRIC) in _SENSORS or directory.value(_COMPRESSION) in _CODINGS


def full_size(found: Raw) -> Preview | None:
    """Return the preview that is as large as the picture itself, ``None`` where there is none."""
    previews = [each for directory in found.directories for each in _previews(directory)]
    best = max(previews, key=lambda each: each.header.width * each.header.height, default=None)
    if best is None or max(best.header.width, best.header.height) < _FULL_SIZE * _longest(found):
        return None
    return best if best.header.exif else best._replace(jpeg=_signed(best.jpeg, found))


def _signed(jpeg: bytes, found: Raw) -> bytes:
    """Return ``jpeg`` with an EXIF segment of what the raw file says of orientation and maker."""
    from PIL.Image import Exif

    first, exif = found.directories[0], Exif()
    exif[_ORIENTATION] = first.value(_ORIENTATION, 1)
    for tag in (_ARTIST, _COPYRIGHT):
        if entry := first.entries.get(tag):
            exif[tag] = first.data[entry.at : entry.at + entry.quantity][:_LONGEST_TEXT].rstrip(
                b"\0"
            )
    body = exif.tobytes()
    return SOI + _APP1 + (len(body) + 2).to_bytes(2, "big") + body + jpeg[len(SOI) :]


def _longest(found: Raw) -> int:
    """Return the longest side, in pixels, of anything that the file has a directory for."""
    exif = [each for directory in found.directories for each in below(directory, _EXIF_DIRECTORY)]
    told = [(each.value(_PIXEL_X), each.value(_PIXEL_Y)) for each in exif]
    return max(max(sides) for sides in (*map(size, found.directories), *told))


def _previews(directory: Directory) -> Iterator[Preview]:
    for at, length in _places(directory):
        jpeg = directory.data[at : at + length]
        if len(jpeg) == length and (described := header(jpeg)) and described.viewable:
            yield Preview(jpeg, described)


def _places(directory: Directory) -> Iterator[tuple[int, int]]:
    """Yield where in the file a JPEG may lie, and how many bytes it has."""
    if directory.value(_JPEG_LENGTH):
        yield directory.value(_JPEG_AT), directory.value(_JPEG_LENGTH)
    offsets, lengths = directory.values(_STRIP_OFFSETS), directory.values(_STRIP_LENGTHS)
    if directory.value(_COMPRESSION) in _JPEG_CODINGS and len(offsets) == len(lengths) == 1:
        yield offsets[0], lengths[0]
