"""The level of a gain map that brightens nothing: what stands beside a padded picture.

A level says ``minimum + (maximum - minimum) * level ** (1 / gamma)``, in powers of two; both forms
have these three, XMP as ``GainMapMin``, ``GainMapMax`` and ``Gamma``, ISO 21496-1 as fractions.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Of ISO's bytes: two versions of 2 bytes, one of flags, and headrooms that concern no level.
_FLAGS_AT: Final = 4
_SEVERAL, _ONE_DENOMINATOR = 0x80, 0x08
_CHANNELS: Final = 3


class _Range(NamedTuple):
    minimum: float
    maximum: float
    gamma: float

    def level(self) -> int:
        """Return the level, 0 to 255, whose gain is none, or the nearest to it."""
        span = self.maximum - self.minimum
        if not (span > 0 and self.gamma > 0):
            return 0
        return int(255 * min(1.0, max(0.0, -self.minimum / span)) ** self.gamma + 0.5)


_USUAL: Final = _Range(0.0, 1.0, 1.0)


def levels(parameters: Mapping[str, Sequence[str]], iso: bytes) -> tuple[int, int, int]:
    """Return the level of red, green and blue, by what a map says of itself in either form."""
    try:
        ranges = list(_by_xmp(parameters) if parameters else _by_iso(iso))
    except (struct.error, ValueError, ZeroDivisionError):
        ranges = [_USUAL]
    red, green, blue = (each.level() for each in (ranges * _CHANNELS)[:_CHANNELS])
    return red, green, blue


def _by_xmp(parameters: Mapping[str, Sequence[str]]) -> Iterator[_Range]:
    names = ("GainMapMin", "GainMapMax", "Gamma")
    values = [parameters.get(name, [str(usual)]) for name, usual in zip(names, _USUAL, strict=True)]
    for channel in range(max(map(len, values))):
        yield _Range(*(float(value[min(channel, len(value) - 1)]) for value in values))


def _by_iso(iso: bytes) -> Iterator[_Range]:
    (flags,) = struct.unpack_from("B", iso, _FLAGS_AT)
    channels = _CHANNELS if flags & _SEVERAL else 1
    at = _FLAGS_AT + 1
    if flags & _ONE_DENOMINATOR:
        (below,) = struct.unpack_from(">I", iso, at)
        for channel in range(channels):
            above = struct.unpack_from(">iiI", iso, at + 12 + 20 * channel)
            yield _Range(*(value / below for value in above))
        return
    for channel in range(channels):
        fractions = struct.unpack_from(">iIiIII", iso, at + 16 + 40 * channel)
        yield _Range(*(fractions[index] / fractions[index + 1] for index in (0, 2, 4)))
