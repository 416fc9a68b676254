"""Mending: what surrounds the pixels never condemns them. Looked at only where decoding failed."""

from __future__ import annotations

from typing import NamedTuple

from handler.formats import HEAD_BYTES, sniff


class Mended(NamedTuple):
    """The bytes of a file without what was broken around its pixels, and what to say of it."""

    data: bytes
    warning: str


def mended(data: bytes) -> Mended | None:
    """Return the file ``data``, which does not decode, without what is broken around its pixels.

    ``None`` where nothing around them is broken, so that they must be.

    Raises:
        Rejected: the file is whole, but of a kind that is not read.
    """
    announced = sniff(data[:HEAD_BYTES])
    if announced and announced.name == "png":
        from handler.image.mend import png

        return _told(data, *png.without_broken(data))
    if announced and announced.name == "jpeg":
        from handler.image.mend import jpeg

        return _told(data, *jpeg.without_broken(data))
    if announced and announced.name == "avif":
        from handler.image.mend import avif

        whole = avif.joined(data)
        return None if whole == data else Mended(whole, "written by an old encoder, and mended")
    return None


def _told(source: bytes, data: bytes, left_out: list[str]) -> Mended | None:
    if data == source:
        return None
    if not left_out:
        return Mended(data, "its end mark is missing; all of its pixels are there")
    parts = ", ".join(dict.fromkeys(left_out))
    return Mended(data, f"broken beside the pixels, and left out: {parts}")
