"""Which of a TIFF's directories is the picture: the first that is no reduced copy of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from handler.image.tiff.directory import Directory, below

_NEW_SUBFILE_TYPE: Final = 254
_OLD_SUBFILE_TYPE: Final = 255
_WIDTH: Final = 256
_LENGTH: Final = 257
_SUB_DIRECTORIES: Final = 330
# NewSubfileType's bits: a reduced copy, and a mask for another picture.
_REDUCED_OR_MASK: Final = 0b101
_OLD_REDUCED: Final = 2


def size(directory: Directory) -> tuple[int, int]:
    """Return the (width, height) in pixels that ``directory`` tells, 0 for what it does not."""
    return directory.value(_WIDTH), directory.value(_LENGTH)


def primary(directories: Sequence[Directory]) -> tuple[Directory, int]:
    """Return the picture's directory, and how many further pages there are beside it.

    Where every directory claims to be a reduced copy, the picture may lie below one (TIFF/EP, 4.3),
    or else is the largest.
    """
    if found := whole(directories):
        return found[0], len(found) - 1
    beneath = [sub for each in directories for sub in below(each, _SUB_DIRECTORIES)]
    every = whole(beneath) or (*directories, *beneath)
    return max(every, key=_pixels), 0


def whole(directories: Sequence[Directory]) -> list[Directory]:
    """Return the pages: every directory that is no reduced copy of another, and no mask."""
    return [each for each in directories if not reduced(each)]


def _pixels(directory: Directory) -> int:
    width, height = size(directory)
    return width * height


def reduced(directory: Directory) -> bool:
    """Say whether ``directory`` calls itself a reduced copy of another, or a mask."""
    return bool(
        directory.value(_NEW_SUBFILE_TYPE) & _REDUCED_OR_MASK
        or directory.value(_OLD_SUBFILE_TYPE) == _OLD_REDUCED
    )
