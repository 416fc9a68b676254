"""A JPEG XL file, its header read and its frames decoded by libjxl, one at a time."""

from __future__ import annotations

from contextlib import contextmanager
from ctypes import byref, c_char, c_size_t, create_string_buffer
from math import prod
from typing import TYPE_CHECKING, Final, NamedTuple

from PIL import ImageFile

from handler.image.jpegxl import library as jxl
from handler.image.jpegxl.library import LIBRARY
from handler.image.picture import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER: Final = jxl.BASIC_INFO | jxl.COLOR_ENCODING
_MILLISECONDS: Final = 1000


class Header(NamedTuple):
    """What a file says before its pixels.

    ``size`` is that of the upright picture: libjxl turns it while it decodes. ``profile`` is its
    ICC profile, ``encoding`` what it says of its colour without one. ``xyb`` tells whether colours
    are stored in libjxl's own space, and made what is asked for. Behind ``end`` is the first frame.
    """

    size: tuple[int, int]
    colours: int
    alpha: bool
    extras: int
    black: bool
    bits: int
    floats: bool
    xyb: bool
    moving: bool
    ticks: tuple[int, int]
    plays: int
    nits: float
    profile: bytes
    encoding: jxl.ColorEncoding | None
    end: int


class Wanted(NamedTuple):
    """How frames are to be decoded.

    ``channels`` a pixel, of 16 bits if ``deep`` and else of 8, with colours in ``encoding``;
    ``None``: in what they are.
    """

    channels: int
    deep: bool
    encoding: jxl.ColorEncoding | None


class Pixels(NamedTuple):
    """A decoded frame, and how long it is shown."""

    data: bytearray
    milliseconds: float


def header(data: bytes) -> Header:
    """Return what the file ``data`` says before its pixels; raises ``Damaged``."""
    with _opened(data, _HEADER) as decoder:
        _expect(decoder, jxl.BASIC_INFO)
        info = _info(decoder)
        _expect(decoder, jxl.COLOR_ENCODING)
        profile, encoding = _colour(decoder)
        return Header(
            size=(info.xsize, info.ysize),
            colours=info.num_color_channels,
            alpha=bool(info.alpha_bits),
            extras=info.num_extra_channels,
            black=_black(decoder, info.num_extra_channels),
            bits=info.bits_per_sample,
            floats=bool(info.exponent_bits_per_sample),
            xyb=not info.uses_original_profile,
            moving=bool(info.have_animation),
            ticks=(info.tps_numerator, info.tps_denominator),
            plays=info.num_loops,
            nits=info.intensity_target,
            profile=profile,
            encoding=encoding,
            end=len(data) - LIBRARY.JxlDecoderReleaseInput(decoder),
        )


def frame_count(data: bytes) -> int:
    """Return how many frames are shown; none is decoded. Raises ``Damaged``."""
    count = 0
    with _opened(data, jxl.FRAME) as decoder:
        while (told := LIBRARY.JxlDecoderProcessInput(decoder)) == jxl.FRAME:
            count += 1
    if told != jxl.SUCCESS and not (count and ImageFile.LOAD_TRUNCATED_IMAGES):
        raise _damage(told)
    return count


def frames(data: bytes, told: Header, wanted: Wanted, skipped: int) -> Iterator[Pixels]:
    """Yield each frame behind the first ``skipped``; raises ``Damaged``.

    Of a file that ends early, the frame that it ends in goes as far as it does, if Pillow is set to
    read such files.
    """
    events = jxl.COLOR_ENCODING | jxl.FRAME | jxl.FULL_IMAGE
    with _opened(data, events) as decoder:
        _expect(decoder, jxl.COLOR_ENCODING)
        if wanted.encoding:
            asked = byref(wanted.encoding)
            _set(LIBRARY.JxlDecoderSetOutputColorProfile(decoder, asked, None, 0))
        LIBRARY.JxlDecoderSkipFrames(decoder, skipped)
        while (event := LIBRARY.JxlDecoderProcessInput(decoder)) == jxl.FRAME:
            milliseconds = _milliseconds(decoder, told)
            yield Pixels(_frame(decoder, told.size, wanted), milliseconds)
        if event != jxl.SUCCESS:
            raise _damage(event)


def _frame(decoder: int, size: tuple[int, int], wanted: Wanted) -> bytearray:
    _expect(decoder, jxl.NEED_IMAGE_OUT_BUFFER)
    layout = jxl.PixelFormat(wanted.channels, jxl.UINT16 if wanted.deep else jxl.UINT8)
    pixels = bytearray(prod(size) * wanted.channels * (2 if wanted.deep else 1))
    room = (c_char * len(pixels)).from_buffer(pixels)
    _set(LIBRARY.JxlDecoderSetImageOutBuffer(decoder, byref(layout), room, len(pixels)))
    event = LIBRARY.JxlDecoderProcessInput(decoder)
    if event == jxl.NEED_MORE_INPUT and ImageFile.LOAD_TRUNCATED_IMAGES:
        _set(LIBRARY.JxlDecoderFlushImage(decoder))
    elif event != jxl.FULL_IMAGE:
        raise _damage(event)
    return pixels


def unpacked(data: bytes, most: int) -> bytes:
    """Return what Brotli has packed into ``data``; nothing where that is over ``most`` bytes."""
    room, size = create_string_buffer(most), c_size_t(most)
    done = LIBRARY.BrotliDecoderDecompress(len(data), data, byref(size), room)
    return room.raw[: size.value] if done == 1 else b""


@contextmanager
def _opened(data: bytes, events: int) -> Iterator[int]:
    decoder = LIBRARY.JxlDecoderCreate(None)
    if not decoder:
        raise MemoryError
    try:
        _set(LIBRARY.JxlDecoderSubscribeEvents(decoder, events))
        _set(LIBRARY.JxlDecoderSetUnpremultiplyAlpha(decoder, 1))
        _set(LIBRARY.JxlDecoderSetInput(decoder, data, len(data)))
        yield decoder
    finally:
        LIBRARY.JxlDecoderDestroy(decoder)


def _set(status: int) -> None:
    if status != jxl.SUCCESS:
        raise _damage(status)


def _expect(decoder: int, event: int) -> None:
    told = LIBRARY.JxlDecoderProcessInput(decoder)
    if told != event:
        raise _damage(told)


def _damage(event: int) -> Damaged:
    early = event == jxl.NEED_MORE_INPUT
    return Damaged("damaged: the file ends early" if early else "damaged: its data cannot be read")


def _info(decoder: int) -> jxl.BasicInfo:
    info = jxl.BasicInfo()
    _set(LIBRARY.JxlDecoderGetBasicInfo(decoder, byref(info)))
    return info


def _black(decoder: int, count: int) -> bool:
    """Say whether one of the further channels is the black of CMYK."""
    told = jxl.ExtraChannelInfo()
    kinds = []
    for index in range(count):
        _set(LIBRARY.JxlDecoderGetExtraChannelInfo(decoder, index, byref(told)))
        kinds.append(told.type)
    return jxl.BLACK in kinds


def _colour(decoder: int) -> tuple[bytes, jxl.ColorEncoding | None]:
    encoding = jxl.ColorEncoding()
    found = LIBRARY.JxlDecoderGetColorAsEncodedProfile(decoder, jxl.ORIGINAL, byref(encoding))
    if found == jxl.SUCCESS:
        return b"", encoding
    size = c_size_t()
    _set(LIBRARY.JxlDecoderGetICCProfileSize(decoder, jxl.ORIGINAL, byref(size)))
    room = create_string_buffer(size.value)
    _set(LIBRARY.JxlDecoderGetColorAsICCProfile(decoder, jxl.ORIGINAL, room, size.value))
    return room.raw, None


def _milliseconds(decoder: int, told: Header) -> float:
    if not told.moving:
        return 0.0
    shown = jxl.FrameHeader()
    _set(LIBRARY.JxlDecoderGetFrameHeader(decoder, byref(shown)))
    numerator, denominator = told.ticks
    return float(shown.duration * denominator / max(numerator, 1) * _MILLISECONDS)
