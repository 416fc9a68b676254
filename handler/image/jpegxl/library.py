"""libjxl, the reference decoder of JPEG XL, called as its headers say (``jxl/decode.h``, 0.11).

It is the shared library within the wheel of imagecodecs, of which nothing else is loaded; setup
puts it into the layer where it is asked to. Importing this raises ``ImportError`` where it is not
there.
"""

from __future__ import annotations

import sys
from ctypes import (
    CDLL,
    POINTER,
    Structure,
    c_char_p,
    c_double,
    c_float,
    c_int,
    c_int32,
    c_size_t,
    c_uint8,
    c_uint32,
    c_void_p,
)
from pathlib import Path
from typing import Any, Final

# Where wheels for Linux and for macOS keep the libraries that they bring.
_PLACES: Final = ("imagecodecs.libs/lib{}-*.so*", "imagecodecs/.dylibs/lib{}.*.dylib")
# Behind those that it needs: a library that lies outside the system's folders finds none beside it.
_NAMES: Final = ("brotlicommon", "brotlidec", "brotlienc", "jxl_cms", "jxl")

SUCCESS, NEED_MORE_INPUT, NEED_IMAGE_OUT_BUFFER = 0, 2, 5
BASIC_INFO, COLOR_ENCODING, FRAME, FULL_IMAGE = 0x40, 0x100, 0x400, 0x1000

ORIGINAL, DATA = 0, 1
RGB, GRAY = 0, 1
CUSTOM = 2
BT709, LINEAR, SRGB, PQ, DCI, HLG, GAMMA = 1, 8, 13, 16, 17, 18, 65535
UINT8, UINT16 = 2, 3
BLACK: Final = 4


class BasicInfo(Structure):
    """JxlBasicInfo."""

    _fields_ = (
        ("have_container", c_int),
        ("xsize", c_uint32),
        ("ysize", c_uint32),
        ("bits_per_sample", c_uint32),
        ("exponent_bits_per_sample", c_uint32),
        ("intensity_target", c_float),
        ("min_nits", c_float),
        ("relative_to_max_display", c_int),
        ("linear_below", c_float),
        ("uses_original_profile", c_int),
        ("have_preview", c_int),
        ("have_animation", c_int),
        ("orientation", c_int),
        ("num_color_channels", c_uint32),
        ("num_extra_channels", c_uint32),
        ("alpha_bits", c_uint32),
        ("alpha_exponent_bits", c_uint32),
        ("alpha_premultiplied", c_int),
        ("preview_xsize", c_uint32),
        ("preview_ysize", c_uint32),
        ("tps_numerator", c_uint32),
        ("tps_denominator", c_uint32),
        ("num_loops", c_uint32),
        ("have_timecodes", c_int),
        ("intrinsic_xsize", c_uint32),
        ("intrinsic_ysize", c_uint32),
        ("padding", c_uint8 * 100),
    )


class ExtraChannelInfo(Structure):
    """JxlExtraChannelInfo."""

    _fields_ = (
        ("type", c_int),
        ("bits_per_sample", c_uint32),
        ("exponent_bits_per_sample", c_uint32),
        ("dim_shift", c_uint32),
        ("name_length", c_uint32),
        ("alpha_premultiplied", c_int),
        ("spot_color", c_float * 4),
        ("cfa_channel", c_uint32),
    )


class FrameHeader(Structure):
    """JxlFrameHeader, with its JxlLayerInfo and JxlBlendInfo."""

    _fields_ = (
        ("duration", c_uint32),
        ("timecode", c_uint32),
        ("name_length", c_uint32),
        ("is_last", c_int),
        ("have_crop", c_int),
        ("crop_x0", c_int32),
        ("crop_y0", c_int32),
        ("xsize", c_uint32),
        ("ysize", c_uint32),
        ("blend_mode", c_int),
        ("blend_source", c_uint32),
        ("blend_alpha", c_uint32),
        ("blend_clamp", c_int),
        ("save_as_reference", c_uint32),
    )


class ColorEncoding(Structure):
    """JxlColorEncoding."""

    _fields_ = (
        ("color_space", c_int),
        ("white_point", c_int),
        ("white_point_xy", c_double * 2),
        ("primaries", c_int),
        ("primaries_red_xy", c_double * 2),
        ("primaries_green_xy", c_double * 2),
        ("primaries_blue_xy", c_double * 2),
        ("transfer_function", c_int),
        ("gamma", c_double),
        ("rendering_intent", c_int),
    )


class PixelFormat(Structure):
    """JxlPixelFormat."""

    _fields_ = (
        ("num_channels", c_uint32),
        ("data_type", c_int),
        ("endianness", c_int),
        ("align", c_size_t),
    )


_DECODER: Final = c_void_p
_SIGNATURES: Final[dict[str, tuple[Any, ...]]] = {
    "JxlDecoderCreate": (c_void_p, c_void_p),
    "JxlDecoderDestroy": (None, _DECODER),
    "JxlDecoderSubscribeEvents": (c_int, _DECODER, c_int),
    "JxlDecoderSetUnpremultiplyAlpha": (c_int, _DECODER, c_int),
    "JxlDecoderSetInput": (c_int, _DECODER, c_char_p, c_size_t),
    "JxlDecoderReleaseInput": (c_size_t, _DECODER),
    "JxlDecoderProcessInput": (c_int, _DECODER),
    "JxlDecoderGetBasicInfo": (c_int, _DECODER, POINTER(BasicInfo)),
    "JxlDecoderGetExtraChannelInfo": (c_int, _DECODER, c_size_t, POINTER(ExtraChannelInfo)),
    "JxlDecoderGetFrameHeader": (c_int, _DECODER, POINTER(FrameHeader)),
    "JxlDecoderGetColorAsEncodedProfile": (c_int, _DECODER, c_int, POINTER(ColorEncoding)),
    "JxlDecoderGetICCProfileSize": (c_int, _DECODER, c_int, POINTER(c_size_t)),
    "JxlDecoderGetColorAsICCProfile": (c_int, _DECODER, c_int, c_void_p, c_size_t),
    "JxlDecoderSetOutputColorProfile": (
        c_int, _DECODER, POINTER(ColorEncoding), c_void_p, c_size_t,
    ),
    "JxlDecoderSetImageOutBuffer": (c_int, _DECODER, POINTER(PixelFormat), c_void_p, c_size_t),
    "JxlDecoderFlushImage": (c_int, _DECODER),
    "JxlDecoderSkipFrames": (None, _DECODER, c_size_t),
    "BrotliDecoderDecompress": (c_int, c_size_t, c_char_p, POINTER(c_size_t), c_void_p),
}  # fmt: skip


def _loaded() -> CDLL:
    try:
        *_, library = [CDLL(_path(name)) for name in _NAMES]
        for name, (result, *arguments) in _SIGNATURES.items():
            getattr(library, name).restype = result
            getattr(library, name).argtypes = arguments
    except (StopIteration, OSError, AttributeError) as error:
        raise ImportError("libjxl is not there") from error
    return library


def _path(name: str) -> str:
    patterns = [place.format(name) for place in _PLACES]
    found = (each for folder in sys.path for one in patterns for each in Path(folder).glob(one))
    return str(next(found))


LIBRARY: Final = _loaded()
