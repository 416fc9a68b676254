"""Keys of results, told by their sources' keys alone. Standard library only."""

from __future__ import annotations

from hashlib import sha256
from posixpath import splitext
from typing import Final

from handler.formats import ENCODERS

PREFIX: Final = "processed-"
# What a rendition may get when it is not in its source's format.
EXTENSIONS: Final = tuple(each.extension for each in ENCODERS.values() if each.on_request)
# What begins an addition to a source's name, where the name could hold the same.
_MARK: Final = "--"
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_LONGEST_KEY_BYTES: Final = 1024
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_LONGEST_ROW_BYTES: Final = 2048
# How pictures' names end. Never changed: results stand where this put them.
_SUFFIXES: Final = frozenset({
    "jpg", "jpeg", "png", "gif", "webp", "avif", "heic", "heif", "hif", "tif", "tiff", "bmp", "ico",
    "jp2", "j2k", "jpx", "jpf", "dng", "jxl",
})  # fmt: skip


def processed_key(source_key: str, rendition: str = "", extension: str = "") -> str:
    """Return a rendition's key, beside its source: ``a/photo.jpg`` -> ``a/processed-photo.jpg``.

    A rendition's name, where it has one, stands behind the stem: ``processed-photo--thumb.jpg``.
    ``extension``, one of ``EXTENSIONS``, is given when the format changed, and is appended:
    ``processed-scan.tiff.jpg``. No two sources, and no two renditions, share a key, whatever they
    are called (docs/decisions/0010-names-of-results.md): what is added begins with two hyphens
    where it could be taken for a part of the name, and such hyphens of the name's own are doubled.
    """
    return _told(_processed_key(source_key, rendition, extension))


def is_possible(key: str) -> bool:
    """Say whether S3 could have an object of this ``key``; it refuses to look for any other."""
    return len(key.encode()) <= _LONGEST_KEY_BYTES


def _told(key: str) -> str:
    """Return ``key`` as the table can have it; one that is cut is longer than any object's."""
    whole = key.encode()
    if len(whole) <= _LONGEST_ROW_BYTES:
        return key
    return whole[: _LONGEST_ROW_BYTES - 64].decode(errors="ignore") + sha256(whole).hexdigest()


def _processed_key(source_key: str, rendition: str, extension: str) -> str:
    prefix, slash, name = source_key.rpartition("/")
    stem, suffix = splitext(name)
    named = _doubled(stem) + (f"{_MARK}{rendition}" if rendition else "")
    if extension:
        return f"{prefix}{slash}{PREFIX}{named}{_doubled(suffix)}{_joint(name)}.{extension}"
    # A picture that is called photo.jpg.webp would be taken for the WebP of photo.jpg.
    joint = _MARK if suffix[1:] in EXTENSIONS and not _joint(stem) else ""
    return f"{prefix}{slash}{PREFIX}{named}{joint}{_doubled(suffix)}"


def _joint(name: str) -> str:
    """Return what stands between ``name`` and a new extension: nothing if it is a picture's."""
    return "" if splitext(name)[1][1:].lower() in _SUFFIXES else _MARK


def _doubled(text: str) -> str:
    return text.replace(_MARK, 2 * _MARK)


def possible_keys(source_key: str, rendition: str = "") -> tuple[str, ...]:
    """Return every key a rendition may have; which one it is depends on the source's bytes."""
    return tuple(processed_key(source_key, rendition, extension) for extension in ("", *EXTENSIONS))
