"""JPEG XL files of any kind, written by libjxl's own encoder (``jxl/encode.h``, 0.11)."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from ctypes import (
    POINTER,
    addressof,
    byref,
    c_char_p,
    c_float,
    c_int,
    c_int64,
    c_size_t,
    c_uint32,
    c_void_p,
    create_string_buffer,
)
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from handler.image.jpegxl import library as jxl
from handler.image.jpegxl.library import LIBRARY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from PIL import Image

FLOAT: Final = 0
# Settings of a frame.
EFFORT, MODULAR, PYRAMID, PASSES, DC_FRAMES = 0, 11, 16, 17, 19
_BITS: Final = {jxl.UINT8: 8, jxl.UINT16: 16, FLOAT: 32}
_FLOAT_EXPONENT: Final = 8
_LEVEL: Final = 10
_COLOURS: Final = 3
_ALPHA: Final = 0
_ROOM: Final = 1 << 16
_MORE: Final = 2

_FORMAT = POINTER(jxl.PixelFormat)
_SIGNATURES: Final[dict[str, tuple[Any, ...]]] = {
    "Create": (c_void_p, c_void_p),
    "Destroy": (None, c_void_p),
    "UseContainer": (c_int, c_void_p, c_int),
    "UseBoxes": (c_int, c_void_p),
    "AddBox": (c_int, c_void_p, c_char_p, c_char_p, c_size_t, c_int),
    "StoreJPEGMetadata": (c_int, c_void_p, c_int),
    "SetCodestreamLevel": (c_int, c_void_p, c_int),
    "InitBasicInfo": (None, POINTER(jxl.BasicInfo)),
    "SetBasicInfo": (c_int, c_void_p, POINTER(jxl.BasicInfo)),
    "InitExtraChannelInfo": (None, c_int, POINTER(jxl.ExtraChannelInfo)),
    "SetExtraChannelInfo": (c_int, c_void_p, c_size_t, POINTER(jxl.ExtraChannelInfo)),
    "SetExtraChannelBuffer": (c_int, c_void_p, _FORMAT, c_char_p, c_size_t, c_uint32),
    "SetColorEncoding": (c_int, c_void_p, POINTER(jxl.ColorEncoding)),
    "SetICCProfile": (c_int, c_void_p, c_char_p, c_size_t),
    "FrameSettingsCreate": (c_void_p, c_void_p, c_void_p),
    "SetFrameLossless": (c_int, c_void_p, c_int),
    "SetFrameDistance": (c_int, c_void_p, c_float),
    "FrameSettingsSetOption": (c_int, c_void_p, c_int, c_int64),
    "InitFrameHeader": (None, POINTER(jxl.FrameHeader)),
    "SetFrameHeader": (c_int, c_void_p, POINTER(jxl.FrameHeader)),
    "AddImageFrame": (c_int, c_void_p, _FORMAT, c_char_p, c_size_t),
    "AddJPEGFrame": (c_int, c_void_p, c_char_p, c_size_t),
    "CloseInput": (None, c_void_p),
    "ProcessOutput": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_size_t)),
}


class Samples(NamedTuple):
    """Pixels of more than 8 bits: of ``kind``, so many ``channels``, in this machine's order."""

    size: tuple[int, int]
    channels: int
    kind: int
    data: bytes


class Kind(NamedTuple):
    """What a file is to be.

    Attributes:
        distance: 0 keeps the numbers.
        colour: what they mean, where there is no ``profile``; ``None``: sRGB.
        info: fields of JxlBasicInfo.
        options: settings of its frames.
        milliseconds: how long each frame is shown, of an animation.
        boxes: kind, body, and whether Brotli packs it.
        black: a channel of CMYK's black, in 8 bits.
        premultiplied: whether colours are multiplied by their alpha.
    """

    distance: float = 0.0
    colour: jxl.ColorEncoding | None = None
    profile: bytes = b""
    info: Mapping[str, Any] = {}
    options: Mapping[int, int] = {}
    milliseconds: int = 0
    boxes: tuple[tuple[bytes, bytes, bool], ...] = ()
    black: bytes = b""
    premultiplied: bool = False


def colour(primaries: int = 1, transfer: int = jxl.SRGB, **more: Any) -> jxl.ColorEncoding:
    """Return libjxl's code points; ``more`` are fields beside them."""
    named = {"color_space": jxl.RGB, "white_point": 1, **more}
    return jxl.ColorEncoding(primaries=primaries, transfer_function=transfer, **named)


def encoded(*pictures: Image.Image | Samples, **kind: Any) -> bytes:
    """Return the file of ``pictures``, or frames; ``kind`` are fields of ``Kind``."""
    wanted, frames = Kind(**kind), [_samples(each) for each in pictures]
    with _encoder(container=bool(wanted.boxes)) as encoder:
        _describe(encoder, frames[0], wanted)
        for frame in frames:
            _add(encoder, frame, wanted)
        return _written(encoder)


def claiming(side: int) -> bytes:
    """Return a file that says to be a square of this side, and has no pixels.

    ISO 18181-1, D.2: a SizeHeader of 30 bits and a ratio of 1, and defaults for all the rest.
    """
    return (
        b"\xff\n" + struct.pack("<Q", 0b11 << 1 | side - 1 << 3 | 1 << 33 | 0b11 << 36) + bytes(64)
    )


def recompressed(jpeg: bytes) -> bytes:
    """Return a JPEG packed as JPEG XL, from which it can be had again, byte for byte."""
    with _encoder(container=True) as encoder:
        _call("StoreJPEGMetadata", encoder, 1)
        _call("AddJPEGFrame", _call("FrameSettingsCreate", encoder, None), jpeg, len(jpeg))
        return _written(encoder)


def _samples(picture: Image.Image | Samples) -> Samples:
    if isinstance(picture, Samples):
        return picture
    return Samples(picture.size, len(picture.getbands()), jxl.UINT8, picture.tobytes())


def _call(name: str, *arguments: Any) -> Any:
    """Call a function of the encoder; what tells a status tells that it is well."""
    function = getattr(LIBRARY, f"JxlEncoder{name}")
    function.restype, *function.argtypes = _SIGNATURES[name]
    answer = function(*arguments)
    if function.restype is c_int and name != "ProcessOutput":
        assert answer == 0, name
    return answer


@contextmanager
def _encoder(*, container: bool) -> Iterator[int]:
    encoder = _call("Create", None)
    try:
        if container:
            _call("UseContainer", encoder, 1)
            _call("UseBoxes", encoder)
        yield encoder
    finally:
        _call("Destroy", encoder)


def _describe(encoder: int, first: Samples, wanted: Kind) -> None:
    """Say what the file is, in the order that libjxl wants."""
    if wanted.black or first.kind != jxl.UINT8:
        _call("SetCodestreamLevel", encoder, _LEVEL)
    _call("SetBasicInfo", encoder, byref(_info(first, wanted)))
    if wanted.black or wanted.premultiplied:
        extra = jxl.ExtraChannelInfo()
        _call("InitExtraChannelInfo", jxl.BLACK if wanted.black else _ALPHA, byref(extra))
        extra.alpha_premultiplied = int(wanted.premultiplied)
        _call("SetExtraChannelInfo", encoder, 0, byref(extra))
    if wanted.profile:
        _call("SetICCProfile", encoder, wanted.profile, len(wanted.profile))
    else:
        space = jxl.RGB if first.channels >= _COLOURS else jxl.GRAY
        _call("SetColorEncoding", encoder, byref(wanted.colour or colour(color_space=space)))
    for kind, body, packed in wanted.boxes:
        _call("AddBox", encoder, kind, body, len(body), packed)


def _info(first: Samples, wanted: Kind) -> jxl.BasicInfo:
    info = jxl.BasicInfo()
    _call("InitBasicInfo", byref(info))
    bits, exponent = _BITS[first.kind], _FLOAT_EXPONENT if first.kind == FLOAT else 0
    alpha = first.channels in (2, 4)
    fields = {
        "xsize": first.size[0],
        "ysize": first.size[1],
        "bits_per_sample": bits,
        "exponent_bits_per_sample": exponent,
        "num_color_channels": first.channels - alpha,
        "num_extra_channels": int(alpha or bool(wanted.black)),
        "alpha_bits": bits * alpha,
        "alpha_exponent_bits": exponent * alpha,
        "uses_original_profile": int(not wanted.distance),
        "have_animation": int(wanted.milliseconds > 0),
        "tps_numerator": 1000,
        "tps_denominator": 1,
    }
    for name, value in {**fields, **wanted.info}.items():
        setattr(info, name, value)
    return info


def _add(encoder: int, frame: Samples, wanted: Kind) -> None:
    settings = _call("FrameSettingsCreate", encoder, None)
    for option, value in {EFFORT: 1, **wanted.options}.items():
        _call("FrameSettingsSetOption", settings, option, value)
    if wanted.distance:
        _call("SetFrameDistance", settings, wanted.distance)
    else:
        _call("SetFrameLossless", settings, 1)
    if wanted.milliseconds:
        shown = jxl.FrameHeader()
        _call("InitFrameHeader", byref(shown))
        shown.duration = wanted.milliseconds
        _call("SetFrameHeader", settings, byref(shown))
    layout = jxl.PixelFormat(frame.channels, frame.kind)
    _call("AddImageFrame", settings, byref(layout), frame.data, len(frame.data))
    if wanted.black:
        black = jxl.PixelFormat(1, jxl.UINT8)
        _call("SetExtraChannelBuffer", settings, byref(black), wanted.black, len(wanted.black), 0)


def _written(encoder: int) -> bytes:
    _call("CloseInput", encoder)
    made, status = bytearray(), _MORE
    room = create_string_buffer(_ROOM)
    while status == _MORE:
        at, left = c_void_p(addressof(room)), c_size_t(_ROOM)
        status = _call("ProcessOutput", encoder, byref(at), byref(left))
        made += room.raw[: _ROOM - left.value]
    assert status == 0
    return bytes(made)
