"""What stands in a picture's place until it is there: its ThumbHash, and its dominant colour.

ThumbHash, by Evan Wallace, is the lowest frequencies of brightness, two differences of colour, and
alpha, in some 25 bytes: https://evanw.github.io/thumbhash/.
"""

from __future__ import annotations

from binascii import b2a_base64
from functools import lru_cache
from math import cos, pi
from operator import mul
from typing import TYPE_CHECKING, Final, NamedTuple

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Pixels of the longer side that are looked at: seven waves are the most that are told.
_SIDE: Final = 20
# Pixels of a side, of a picture with alpha, that stand for one of those.
_SPOTS: Final = 4
_OPAQUE: Final = 255
# Bits of a channel that colours of one kind have in common.
_KIND_SHIFT: Final = 4


class Placeholder(NamedTuple):
    """``thumbhash`` in Base64, and ``colour`` as ``#rrggbb``: the most frequent kind's average."""

    thumbhash: str
    colour: str


class _Channel(NamedTuple):
    """The mean, the waves from 0 to 1 around their middle, and how strong the strongest is."""

    mean: float
    waves: Sequence[float]
    scale: float


def placeholder(image: Image.Image) -> Placeholder:
    """Return what may be shown in the place of ``image``, which is of any mode."""
    small = _small(image)
    pixels = small.tobytes()
    bands = [pixels[at::4] for at in range(4)]
    return Placeholder(
        b2a_base64(_hashed(small.size, bands), newline=False).decode(), _dominant(bands)
    )


def _small(image: Image.Image) -> Image.Image:
    factor = _SIDE / max(image.size)
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    if image.mode in ("LA", "RGBA") and max(image.size) > _SIDE * _SPOTS:
        # All of it would have to be multiplied by its alpha first.
        image = image.resize((size[0] * _SPOTS, size[1] * _SPOTS), Image.Resampling.NEAREST)
    reduced = image.resize(size, Image.Resampling.BOX, reducing_gap=1.0)
    return reduced if reduced.mode == "RGBA" else reduced.convert("RGBA")


def _hashed(size: tuple[int, int], bands: Sequence[bytes]) -> bytes:
    *colours, alpha = bands
    opaque = min(alpha) == _OPAQUE
    red, green, blue = _over_average(colours, alpha)
    most, longer = 7 if opaque else 5, max(size)
    across, down = (max(1, round(most * side / longer)) for side in size)
    brightness = [(r + g + b) / 3 for r, g, b in zip(red, green, blue, strict=True)]
    yellow = [(r + g) / 2 - b for r, g, b in zip(red, green, blue, strict=True)]
    redness = [r - g for r, g in zip(red, green, strict=True)]
    channels = [
        _channel(brightness, size, max(3, across), max(3, down)),
        _channel(yellow, size, 3, 3),
        _channel(redness, size, 3, 3),
    ]
    if not opaque:
        channels.append(_channel([level / 255 for level in alpha], size, 5, 5))
    landscape = size[0] > size[1]
    return _packed(channels, down if landscape else across, landscape=landscape)


def _over_average(colours: Sequence[bytes], alpha: bytes) -> list[list[float]]:
    """Return the channels, 0 to 1, laid over the average of what shows of each."""
    whole = sum(alpha)
    if whole == _OPAQUE * len(alpha):
        return [[level / 255 for level in band] for band in colours]
    averages = [sum(map(mul, band, alpha)) / (whole * 255 or 1) for band in colours]
    return [
        [
            average * (1 - share / 255) + level * share / 65_025
            for level, share in zip(band, alpha, strict=True)
        ]
        for band, average in zip(colours, averages, strict=True)
    ]


def _channel(values: Sequence[float], size: tuple[int, int], across: int, down: int) -> _Channel:
    """Return the channel's lowest frequencies: a cosine transform, first along the rows."""
    width, height = size
    rows = [values[at : at + width] for at in range(0, len(values), width)]
    horizontal = [[sum(map(mul, row, wave)) for row in rows] for wave in _waves(width, across)]
    found = [
        sum(map(mul, horizontal[x], wave)) / len(values)
        for y, wave in enumerate(_waves(height, down))
        for x in range(across)
        if x * down < across * (down - y)
    ]
    mean, *waves = found
    scale = max(map(abs, waves))
    return _Channel(mean, [0.5 + 0.5 * wave / scale for wave in waves] if scale else waves, scale)


@lru_cache(maxsize=64)
def _waves(length: int, count: int) -> tuple[tuple[float, ...], ...]:
    return tuple(
        tuple(cos(pi / length * number * (at + 0.5)) for at in range(length))
        for number in range(count)
    )


def _packed(channels: Sequence[_Channel], shorter: int, *, landscape: bool) -> bytes:
    """Return the bytes: means and strengths in a head, then half a byte for each wave."""
    bright, yellow, red, *clear = channels
    head = (
        _round(63 * bright.mean)
        | _round(31.5 + 31.5 * yellow.mean) << 6
        | _round(31.5 + 31.5 * red.mean) << 12
        | _round(31 * bright.scale) << 18
        | bool(clear) << 23
        | shorter << 24
        | _round(63 * yellow.scale) << 27
        | _round(63 * red.scale) << 33
        | landscape << 39
    )
    told = head.to_bytes(5, "little")
    told += bytes(_round(15 * each.mean) | _round(15 * each.scale) << 4 for each in clear)
    waves = [_round(15 * wave) for channel in channels for wave in channel.waves]
    return told + bytes(one | other << 4 for one, other in _pairs(waves))


def _pairs(numbers: list[int]) -> Iterable[tuple[int, int]]:
    return zip(numbers[::2], [*numbers[1::2], 0], strict=False)


def _round(value: float) -> int:
    """Round halves up, as JavaScript does and all readers expect."""
    return int(value + 0.5)


def _dominant(bands: Sequence[bytes]) -> str:
    kinds: dict[int, list[int]] = {}
    for red, green, blue, alpha in zip(*bands, strict=True):
        kind = (red >> _KIND_SHIFT) << 8 | (green >> _KIND_SHIFT) << 4 | blue >> _KIND_SHIFT
        sums = kinds.setdefault(kind, [0, 0, 0, 0])
        sums[0] += red * alpha
        sums[1] += green * alpha
        sums[2] += blue * alpha
        sums[3] += alpha
    *sums, weight = max(kinds.values(), key=lambda each: each[3])
    return "#" + bytes(part // (weight or 1) for part in sums).hex()
