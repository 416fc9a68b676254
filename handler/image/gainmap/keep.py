"""A source's gain map, made a result's."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from handler.image import fit, frames
from handler.image.gainmap import told
from handler.image.gainmap.find import found, written
from handler.image.metadata.keep import LARGEST_BYTES
from handler.image.picture import Damaged

if TYPE_CHECKING:
    from handler.image.gainmap.find import GainMap
    from handler.image.picture import Clip
    from handler.image.source import Source


def kept(source: Source, clip: Clip) -> Clip:
    """Return ``clip`` with the gain map of ``source``, if it has one, made its own.

    Where it cannot go along, a warning says why.
    """
    try:
        gain = found(source.data)
        reason = _left_out(clip, gain) if gain else ""
        return _with_map(source, clip, gain) if gain and not reason else _warned(clip, reason)
    except Damaged as damage:
        return _warned(clip, str(damage))


def _warned(clip: Clip, reason: str) -> Clip:
    warning = f"its gain map is left out: {reason}"
    return clip._replace(warnings=(*clip.warnings, warning)) if reason else clip


def _with_map(source: Source, clip: Clip, gain: GainMap) -> Clip:
    orientation = frames.orientation_of(source)
    body = written(gain, clip, fit.turned(clip.source_size, orientation), orientation)
    packet = told.announced(clip.metadata.get("xmp", b""), len(body))
    if len(packet) > LARGEST_BYTES:
        packet = told.announced(b"", len(body))
    return clip._replace(metadata={**clip.metadata, "xmp": packet}, gain_map=body)


def _left_out(clip: Clip, gain: GainMap) -> str:
    if clip.rendition.format not in ("keep", "jpeg"):
        return f"{clip.rendition.format} holds none here"
    if prod(gain.image.size) > prod(clip.source_size):
        return "it is larger than the picture"
    return ""
