"""What libjxl makes room for before it decodes, which tells how channels are coded."""

from __future__ import annotations

from ctypes import CDLL, CFUNCTYPE, Structure, byref, c_char, c_size_t, c_void_p
from math import prod
from typing import TYPE_CHECKING, Any, Final

from handler.image.jpegxl import library as jxl
from handler.image.jpegxl.library import LIBRARY

if TYPE_CHECKING:
    from handler.image.jpegxl.decoder import Header

# What libjxl has before it makes room for channels, and a channel's bytes a pixel.
_BESIDE_BYTES: Final = 600_000
_CHANNEL_BYTES: Final = 4.0
_BESIDE_PIXEL_BYTES: Final = 1.2
_FIRST_BYTES, _MOST_BYTES = 1 << 18, 1 << 21


def is_pyramid(data: bytes, told: Header, channels: int) -> bool:
    """Say whether channels are coded as smaller ones and their differences.

    libjxl makes room for all of them with the first part of the frame, and for a pyramid for more.
    """
    flat = _CHANNEL_BYTES * channels * prod(told.size)
    more = _BESIDE_PIXEL_BYTES * prod(told.size) + _BESIDE_BYTES
    fed = _FIRST_BYTES
    while (room := _room(data[:fed], told)) < flat and fed < min(len(data), _MOST_BYTES):
        fed *= 2
    return room > flat + more


class _MemoryManager(Structure):
    """JxlMemoryManager."""

    _fields_ = (
        ("opaque", c_void_p),
        ("alloc", CFUNCTYPE(c_void_p, c_void_p, c_size_t)),
        ("free", CFUNCTYPE(None, c_void_p, c_void_p)),
    )


class _Room:
    """Counts the bytes that libjxl has made room for: ``most`` at once."""

    def __init__(self) -> None:
        self._system: Any = CDLL(None)
        self._system.malloc.argtypes, self._system.malloc.restype = [c_size_t], c_void_p
        self._system.free.argtypes = [c_void_p]
        self._sizes: dict[int, int] = {}
        self._held = self.most = 0
        alloc, free = (kind for _, kind in _MemoryManager._fields_[1:])
        self.manager = _MemoryManager(None, alloc(self._alloc), free(self._free))

    def _alloc(self, _: object, size: int) -> int | None:
        address: int | None = self._system.malloc(size)
        if address:
            self._sizes[address] = size
            self._held += size
            self.most = max(self.most, self._held)
        return address

    def _free(self, _: object, address: int | None) -> None:
        self._held -= self._sizes.pop(address or 0, 0)
        self._system.free(address)


def _room(data: bytes, told: Header) -> int:
    """Return the bytes that libjxl makes room for to decode the beginning of a file."""
    room = _Room()
    decoder = LIBRARY.JxlDecoderCreate(byref(room.manager))
    try:
        LIBRARY.JxlDecoderSubscribeEvents(decoder, jxl.FULL_IMAGE)
        LIBRARY.JxlDecoderSetInput(decoder, data, len(data))
        if LIBRARY.JxlDecoderProcessInput(decoder) == jxl.NEED_IMAGE_OUT_BUFFER:
            layout = jxl.PixelFormat(told.colours, jxl.UINT8)
            pixels = bytearray(prod(told.size) * told.colours)
            into = (c_char * len(pixels)).from_buffer(pixels)
            LIBRARY.JxlDecoderSetImageOutBuffer(decoder, byref(layout), into, len(pixels))
            LIBRARY.JxlDecoderProcessInput(decoder)
    finally:
        LIBRARY.JxlDecoderDestroy(decoder)
    return room.most
