"""What only GIF needs: palettes, frames that say only what changed, and its own way of counting."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from PIL import Image, ImageChops
from PIL.GifImagePlugin import getdata

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from handler.image.picture import Moving

# The last of 256 colours: nothing, or what was there before.
_CLEAR: Final = 255
_HALF: Final = 128
_KEEP, _RESTORE = 1, 2
# Pixels, of all samples together, from which the palette is made.
_SAMPLE_PIXELS: Final = 1 << 19
_LEAST_SIDE: Final = 16
_HIDDEN: Final = [255 if level < _HALF else 0 for level in range(256)]
_UNCHANGED: Final = [255] + [0] * 255
_NOTHING: Final = [0] * 255 + [255]
_ANYTHING: Final = [255] * 255 + [0]


class _Frame(NamedTuple):
    """A frame's numbers, where they lie, how long they are shown, and what becomes of them."""

    numbers: Image.Image
    place: tuple[int, int]
    milliseconds: float
    disposal: int


def paletted(image: Image.Image) -> Image.Image:
    """Return ``image`` in 256 colours of its own.

    If it has alpha, one of them is transparent, where alpha is under a half.
    """
    if image.mode not in ("LA", "RGBA"):
        return image.convert("RGB").quantize(256)
    few = image.convert("RGB").quantize(_CLEAR)
    few.paste(_CLEAR, mask=image.getchannel("A").point(_HIDDEN))
    few.info["transparency"] = _CLEAR
    return few


def moving(size: tuple[int, int], animation: Moving) -> bytes:
    """Return a file of all frames of ``animation``, in one palette, each as what it changes."""
    palette = _palette(animation.samples)
    colours = bytes(palette.getpalette() or [])
    # As many as a power of two holds beside the one that is nothing.
    bits = max(1, (len(colours) // 3).bit_length())
    clear = (1 << bits) - 1
    numbers = (_numbers(frame, palette) for frame in animation.frames())
    body = [_header(size, animation.plays, colours, bits)]
    for frame in _changes(zip(numbers, animation.milliseconds, strict=True)):
        body += getdata(
            frame.numbers.point([*range(_CLEAR), clear]),
            frame.place,
            duration=frame.milliseconds,
            disposal=frame.disposal,
            transparency=clear,
        )
    return b"".join((*body, b";"))


def _palette(frames: Sequence[Image.Image]) -> Image.Image:
    """Return a picture in the 255 colours of ``frames``, by every few of their pixels."""
    pixels = sum(frame.width * frame.height for frame in frames)
    every = max(1.0, (pixels / _SAMPLE_PIXELS) ** 0.5)
    width, height = (max(_LEAST_SIDE, round(side / every)) for side in frames[0].size)
    sample = Image.new("RGB", (width, height * len(frames)))
    for number, frame in enumerate(frames):
        small = frame.convert("RGB").resize((width, height), Image.Resampling.NEAREST)
        sample.paste(small, (0, number * height))
    return sample.quantize(_CLEAR)


def _numbers(frame: Image.Image, palette: Image.Image) -> Image.Image:
    few = frame.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
    numbers = Image.frombytes("L", few.size, few.tobytes())
    if frame.mode in ("LA", "RGBA"):
        numbers.paste(_CLEAR, mask=frame.getchannel("A").point(_HIDDEN))
    return numbers


def _changes(frames: Iterator[tuple[Image.Image, float]]) -> Iterator[_Frame]:
    """Yield what each frame changes; one that changes nothing prolongs the one before.

    Nothing can be taken away but by clearing what was shown, after which all is drawn anew.
    """
    shown, milliseconds = next(frames)
    waiting = _Frame(shown, (0, 0), milliseconds, _KEEP)
    for numbers, milliseconds in frames:
        apart = ImageChops.difference(shown, numbers)
        if not (box := apart.getbbox()):
            waiting = waiting._replace(milliseconds=waiting.milliseconds + milliseconds)
            continue
        if _gone(shown, numbers):
            yield _whole(shown, waiting.milliseconds)._replace(disposal=_RESTORE)
            waiting = _whole(numbers, milliseconds)
        else:
            yield waiting
            changed = numbers.crop(box)
            changed.paste(_CLEAR, mask=apart.crop(box).point(_UNCHANGED))
            waiting = _Frame(changed, box[:2], milliseconds, _KEEP)
        shown = numbers
    yield waiting


def _gone(shown: Image.Image, numbers: Image.Image) -> bool:
    """Say whether anything that is shown is nothing in the next frame."""
    now = ImageChops.multiply(numbers.point(_NOTHING), shown.point(_ANYTHING))
    return now.getbbox() is not None


def _whole(numbers: Image.Image, milliseconds: float) -> _Frame:
    """Return the part of a frame in which there is anything."""
    box = ImageChops.invert(numbers).getbbox() or (0, 0, 1, 1)
    return _Frame(numbers.crop(box), box[:2], milliseconds, _KEEP)


def _header(size: tuple[int, int], plays: int, colours: bytes, bits: int) -> bytes:
    """Return the file's head, GIF89a, with a table of ``bits``.

    It counts repetitions; Netscape's block, which tells them, is left out where there are none.
    """
    head = b"GIF89a" + struct.pack("<2H3B", *size, 0xF0 | (bits - 1), 0, 0)
    head += colours.ljust(3 << bits, b"\0")
    if plays == 1:
        return head
    return head + b"!\xff\x0bNETSCAPE2.0\3\1" + struct.pack("<HB", max(0, plays - 1), 0)
