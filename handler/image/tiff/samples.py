"""TIFFs whose samples Pillow cannot read, or reads wrongly: read here, as far as 8 bits go."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageChops

from handler.formats import Cost
from handler.image import levels
from handler.image.tiff import numbers, strips
from handler.image.tiff.layout import (
    BLACK_IS_ZERO,
    CIE_LAB,
    FLOATING,
    ICC_LAB,
    INKS,
    MOST_CHANNELS,
    RGB,
    SIGNED,
    WHITE_IS_ZERO,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from handler.image.tiff.layout import Layout, Place

# By photometric interpretation: Pillow's mode of the colours alone.
MODES: Final = {
    WHITE_IS_ZERO: "L",
    BLACK_IS_ZERO: "L",
    RGB: "RGB",
    INKS: "CMYK",
    CIE_LAB: "LAB",
    ICC_LAB: "LAB",
}
_MOST_BITS: Final = 32
_COMPLEX: Final = frozenset({5, 6})
_BYTE: Final = 8
# Of a pixel, beside its channels: the picture that is merged of them, and a second one where
# Pillow has no mode for the colours with transparency.
_MERGED_BYTES: Final = 4
_MIXED_BYTES: Final = 4
_FLOATING_BYTES: Final = 6
_DIVIDED_BYTES: Final = 4
_NANOSECONDS: Final = 40
# Of numbers that are not as Pillow has them, which go one by one.
_UNPACKED_NANOSECONDS: Final = 200
_SINGLE_BITS: Final = 32
# Lab's a and b are signed: 0 becomes 128.
_OFFSET: Final = bytes(each ^ 128 for each in range(256))


def refusal(layout: Layout) -> str | None:
    """Return what a TIFF of this layout is called where it is not read; ``None`` if it is."""
    if layout.photometric not in MODES or len(layout.bits) < layout.colours:
        return f"a TIFF whose colours are coded in a way ({layout.photometric}) that is not read"
    if len(layout.bits) > MOST_CHANNELS:
        return f"a TIFF of more than {MOST_CHANNELS} channels, which is not read"
    if len(set(layout.bits)) > 1:
        return "a TIFF whose channels differ in depth, which is not read"
    return _unread_numbers(layout)


def _unread_numbers(layout: Layout) -> str | None:
    if layout.kind in _COMPLEX:
        return "a TIFF of complex numbers, which are no picture"
    bits = layout.bits[0]
    if layout.kind == FLOATING:
        unread = f"a TIFF of {bits}-bit floating numbers, which is not read"
        return None if bits in levels.FLOATS else unread
    return f"a TIFF of {bits} bits a channel, which is not read" if bits > _MOST_BITS else None


def mode(layout: Layout) -> str:
    """Return the mode of the picture that ``decoded`` makes of this layout."""
    colours = MODES[layout.photometric]
    if layout.alpha is None or colours == "CMYK":
        return colours
    return {"LAB": "RGB"}.get(colours, colours) + ("a" if layout.premultiplied else "A")


def cost(layout: Layout) -> Cost:
    """Return what a pixel takes at the peak; measured on 6 to 12 megapixels of each kind."""
    channels = layout.colours + (layout.alpha is not None)
    wide = layout.kind == FLOATING or layout.counted
    each = _FLOATING_BYTES if wide else 1
    each += _DIVIDED_BYTES if layout.light and layout.premultiplied else 0
    mixed = layout.alpha is not None and MODES[layout.photometric] in ("CMYK", "LAB")
    merged = _MERGED_BYTES if channels > 1 or wide else 1
    beside = merged + (_MIXED_BYTES if mixed else 0)
    unpacked = wide and (layout.counted or layout.bits[0] != _SINGLE_BITS)
    time = _UNPACKED_NANOSECONDS if unpacked else _NANOSECONDS
    return Cost(channels * each + beside, channels * time)


def decoded(data: bytes, layout: Layout) -> Image.Image:
    """Return the picture of the first directory of ``data``, whose layout is ``layout``.

    Raises:
        OSError: its data is damaged.
        Rejected: its compression is not read here.
    """
    wanted = [*range(layout.colours), *([layout.alpha] if layout.alpha is not None else [])]
    read = _floating if layout.kind == FLOATING else _counted if layout.counted else _whole
    channels = read(data, layout, wanted)
    if layout.photometric == WHITE_IS_ZERO:
        channels[0] = ImageChops.invert(channels[0])
    return _merged(channels, layout)


def _merged(channels: list[Image.Image], layout: Layout) -> Image.Image:
    colours, alpha = channels[: layout.colours], channels[layout.colours :]
    kind = MODES[layout.photometric]
    if not alpha:
        return Image.merge(kind, colours)
    if kind == "CMYK":
        # Pillow knows no inks with transparency: they are laid on white paper.
        paper = Image.new(kind, colours[0].size)
        paper.paste(Image.merge(kind, colours), mask=alpha[0])
        return paper
    if kind == "LAB":
        colours = list(Image.merge(kind, colours).convert("RGB").split())
    return Image.merge(mode(layout), (*colours, *alpha))


def _whole(data: bytes, layout: Layout, wanted: list[int]) -> list[Image.Image]:
    signed = _signed(layout)

    def plane(row: bytes, first: int, every: int, channel: int) -> bytes:
        samples = levels.eight_bits(row, layout.bits[0])[first::every]
        return samples.translate(_OFFSET) if channel in signed else samples

    return _channels(data, layout, wanted, "L", plane)


def _signed(layout: Layout) -> frozenset[int]:
    """Return the channels whose samples are signed, so that their middle is 0."""
    if layout.photometric == CIE_LAB:
        return frozenset({1, 2})
    return frozenset(range(len(layout.bits))) if layout.kind == SIGNED else frozenset()


def _counted(data: bytes, layout: Layout, wanted: list[int]) -> list[Image.Image]:
    letter, most = ("i", 2**31 - 1) if layout.kind == SIGNED else ("I", 2**32 - 1)

    def plane(row: bytes, first: int, every: int, _: int) -> bytes:
        return array("f", array(letter, row)[first::every]).tobytes()

    grey, *alpha = _channels(data, layout, wanted, "F", plane)
    white = levels.counted_white(numbers.peak(grey), most)
    return [numbers.scaled(grey, white), *(numbers.scaled(each, most) for each in alpha)]


def _floating(data: bytes, layout: Layout, wanted: list[int]) -> list[Image.Image]:
    def plane(row: bytes, first: int, every: int, _: int) -> bytes:
        return levels.floats(row, layout.bits[0])[first::every].tobytes()

    channels = _channels(data, layout, wanted, "F", plane)
    colours, alpha = channels[: layout.colours], channels[layout.colours :]
    if layout.light and layout.premultiplied:
        colours = [numbers.divided(channel, *alpha) for channel in colours]
    white = levels.white(max(map(numbers.peak, colours)))
    scaled = numbers.of_light if layout.light else numbers.scaled
    shown = [scaled(channel, white) for channel in colours]
    covered = [numbers.scaled(channel, 1.0) for channel in alpha]
    if layout.light and layout.premultiplied:
        shown = [ImageChops.multiply(channel, *covered) for channel in shown]
    return [*shown, *covered]


def _channels(
    data: bytes, layout: Layout, wanted: list[int], mode: str, plane: Callable[..., bytes]
) -> list[Image.Image]:
    """Return each wanted channel, of ``mode``; ``plane`` makes its bytes of a row's samples."""
    channels = {each: Image.new(mode, (layout.width, layout.height)) for each in wanted}
    every = 1 if layout.separate else len(layout.bits)
    for place, samples in strips.stored(data, layout):
        for channel in channels.keys() & set(range(place.channel, place.channel + every)):
            for block, row in _blocks(place, samples, layout):
                body = plane(row, channel - place.channel, every, channel)
                lines = Image.frombytes(mode, (block.width, block.height), body)
                channels[channel].paste(lines, (block.left, block.top))
    return [channels[each] for each in wanted]


def _blocks(place: Place, samples: memoryview, layout: Layout) -> Iterator[tuple[Place, bytes]]:
    """Yield the rows of a tile, all at once where none ends within a byte."""
    stride = layout.part_bytes // place.height
    if layout.row_bits % _BYTE == 0:
        yield place, bytes(samples[: layout.part_bytes])
        return
    for down in range(place.height):
        row = samples[down * stride : (down + 1) * stride]
        yield place._replace(top=place.top + down, height=1), bytes(row)
