"""How a TIFF's directory lays its samples out, and what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handler.image.tiff.directory import Directory

_WIDTH, _LENGTH, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_SAMPLES, _PLANAR, _TILE_WIDTH, _TILE_LENGTH = 277, 284, 322, 323
_EXTRA, _FORMAT, _PROFILE = 338, 339, 34675
_SEPARATE: Final = 2

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, INKS, YCBCR = 0, 1, 2, 3, 5, 6
CIE_LAB, ICC_LAB = 8, 9
LOG_L, LOG_LUV = 32844, 32845
# By photometric interpretation: how many samples are colours.
_COLOURS: Final = {
    RGB: 3,
    INKS: 4,
    YCBCR: 3,
    CIE_LAB: 3,
    ICC_LAB: 3,
}
UNSIGNED, SIGNED, FLOATING = 1, 2, 3
_COUNT_BITS: Final = 32
# More are no photograph: what a satellite sees.
MOST_CHANNELS: Final = 32
PREMULTIPLIED, TRANSPARENCY = 1, 2


class Place(NamedTuple):
    """Where a tile or a row lies in the picture, and the first channel that it holds."""

    left: int
    top: int
    width: int
    height: int
    channel: int


class Layout(NamedTuple):
    """What a directory says of its samples.

    Attributes:
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        bits: of each sample of a pixel.
        kind: of the numbers: ``UNSIGNED``, ``SIGNED`` or ``FLOATING``.
        compression: the tag's number.
        photometric: what the numbers mean.
        planar: whether it says that each channel lies by itself, even if there is one only.
        tile: width and height of a tile; of a row, where there are none.
        tiled: whether it has tiles.
        extra: what each sample beyond the colours is.
        profiled: whether a profile tells what its numbers mean.
    """

    width: int
    height: int
    bits: tuple[int, ...]
    kind: int
    compression: int
    photometric: int
    planar: bool
    tile: tuple[int, int]
    tiled: bool
    extra: tuple[int, ...]
    profiled: bool

    @property
    def colours(self) -> int:
        """How many samples are colours."""
        return _COLOURS.get(self.photometric, 1)

    @property
    def alpha(self) -> int | None:
        """Which sample is transparency, if any."""
        marks = enumerate(self.extra, len(self.bits) - len(self.extra))
        return next((at for at, kind in marks if kind in (PREMULTIPLIED, TRANSPARENCY)), None)

    @property
    def premultiplied(self) -> bool:
        """Whether the colours are multiplied by the transparency already."""
        return self.alpha is not None and PREMULTIPLIED in self.extra

    @property
    def light(self) -> bool:
        """Whether its numbers are light itself, with no curve: so libvips takes floating colours.

        What renderers and merges of exposures write, unless a profile says otherwise.
        """
        return self.kind == FLOATING and self.photometric == RGB and not self.profiled

    @property
    def counted(self) -> bool:
        """Whether it is grey of 32 bits, which seldom fills its range: counts of photons."""
        grey = self.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO)
        return grey and self.kind != FLOATING and self.bits[:1] == (_COUNT_BITS,)

    @property
    def separate(self) -> bool:
        """Whether each of several channels lies by itself."""
        return self.planar and len(self.bits) > 1

    @property
    def bytes(self) -> int:
        """How long all samples are."""
        return self.height * ((self.width * sum(self.bits) + 7) // 8)

    @property
    def row_bits(self) -> int:
        """How many bits a row of a tile has, or a row of the picture where there are none."""
        return self.tile[0] * self.bits[0] * (1 if self.separate else len(self.bits))

    @property
    def part_bytes(self) -> int:
        """How long a tile, or a row, is when it is unpacked."""
        return self.tile[1] * ((self.row_bits + 7) // 8)

    def places(self) -> Iterator[Place]:
        """Yield where each tile, or each row, lies, in the order of the file."""
        width, height = self.tile
        for channel in range(len(self.bits)) if self.separate else (0,):
            for top in range(0, self.height, height):
                for left in range(0, self.width, width):
                    yield Place(left, top, width, height, channel)


def layout(directory: Directory) -> Layout:
    """Return the layout of ``directory``, as TIFF 6.0's defaults complete it."""
    width, height = directory.value(_WIDTH), directory.value(_LENGTH)
    samples = min(directory.value(_SAMPLES, 1), MOST_CHANNELS + 1)
    bits = directory.values(_BITS, (1,))
    tiled = _TILE_WIDTH in directory.entries
    tile = (directory.value(_TILE_WIDTH), directory.value(_TILE_LENGTH))
    return Layout(
        width,
        height,
        (bits * samples)[:samples] if len(bits) == 1 else bits[:samples],
        directory.value(_FORMAT, UNSIGNED),
        directory.value(_COMPRESSION, 1),
        directory.value(_PHOTOMETRIC),
        directory.value(_PLANAR, 1) == _SEPARATE,
        tile if tiled else (width, 1),
        tiled,
        directory.values(_EXTRA),
        _PROFILE in directory.entries,
    )
