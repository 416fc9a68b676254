"""Content Credentials: a C2PA manifest, which signs an original's bytes, seen where it may lie.

A result has other bytes, and no key to sign them with: all that can be done is to say that they are
gone. Where each format holds a manifest: https://spec.c2pa.org/specifications/, "Embedding".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from handler.image.boxes import boxes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from handler.image.source import Source

WARNING: Final = "its Content Credentials (C2PA) are left out: they sign the original's bytes alone"

_LABEL: Final = b"c2pa"
_PNG_CHUNK: Final = b"caBX"
_RIFF_CHUNK: Final = b"C2PA"
_GIF_EXTENSION: Final = b"C2PA_GIF"
_TIFF_TAG: Final = 0xCD41
_BOX: Final = b"uuid" + bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def credentialed(source: Source) -> bool:
    """Say whether ``source``, whose header was read, holds a manifest. Decodes nothing."""
    look = _LOOKS.get(source.format.name)
    return look is not None and look(source)


def _jpeg(source: Source) -> bool:
    """Look at the segments that Pillow has found: JUMBF lies in APP11's."""
    segments: list[tuple[str, bytes]] = getattr(source.image, "applist", [])
    return any(name == "APP11" and _LABEL in body for name, body in segments)


def _png(source: Source) -> bool:
    chunks: list[tuple[Any, ...]] = getattr(source.image, "private_chunks", [])
    return any(chunk[0] == _PNG_CHUNK for chunk in chunks)


def _webp(source: Source) -> bool:
    data, at = source.data, 12
    while at + 8 <= len(data):
        if data[at : at + 4] == _RIFF_CHUNK:
            return True
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + length + length % 2
    return False


def _boxed(source: Source) -> bool:
    return _BOX in source.data


def _jpegxl(source: Source) -> bool:
    return any(kind == b"jumb" and _LABEL in body for kind, body in boxes(source.data))


def _tiff(source: Source) -> bool:
    tags: Mapping[int, Any] = getattr(source.image, "tag_v2", {})
    return _TIFF_TAG in tags


def _gif(source: Source) -> bool:
    return _GIF_EXTENSION in source.data


_LOOKS: Final[Mapping[str, Callable[[Source], bool]]] = {
    "jpeg": _jpeg,
    "png": _png,
    "webp": _webp,
    "avif": _boxed,
    "heif": _boxed,
    "tiff": _tiff,
    "gif": _gif,
    "jpegxl": _jpegxl,
}
