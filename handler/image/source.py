"""From bytes to an opened picture, undecoded, by the one plugin of its format.

``PIL.Image.open`` imports five plugins before it looks at the bytes, and asks every plugin it
knows. Here the bytes are looked at first, so the allow-list holds before any parser runs and a cold
start pays for one plugin.
"""

from __future__ import annotations

import logging
import struct
import warnings
import zlib
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

from PIL import Image
from PIL import ImageFile as ImageFileModule
from PIL.ImageFile import ImageFile

from handler.formats import HEAD_BYTES, Format, sniff
from handler.image.picture import Rejected
from handler.image.reasons import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from handler.recipe import Limits

# What Pillow's plugins raise on bytes that are not what they claim to be; Pillow documents none of
# it.
_DAMAGE: Final = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, AttributeError,
    RuntimeError, ArithmeticError, AssertionError, struct.error, zlib.error,
)  # fmt: skip

_UNKNOWN: Final = "not an image of a known format"

# Damaged EXIF is passed over; Pillow says so by warnings and in its log, which without a handler
# end on standard error.
warnings.filterwarnings("ignore", module=r"PIL\.")
logging.getLogger("PIL").setLevel(logging.CRITICAL)


class Source(NamedTuple):
    """A picture whose header was read and whose pixels were not; ``data`` is the whole file."""

    format: Format
    image: ImageFile
    data: bytes

    @property
    def warnings(self) -> tuple[str, ...]:
        """What its opener has to say of it."""
        told: tuple[str, ...] = getattr(self.image, "warnings", ())
        return told


@contextmanager
def salvaging(salvaged: bool = True) -> Iterator[None]:  # noqa: FBT001, FBT002 - it is a switch
    """Have Pillow read what can be read of damaged pixels, or not.

    It knows one switch for all its plugins.
    """
    before, ImageFileModule.LOAD_TRUNCATED_IMAGES = ImageFileModule.LOAD_TRUNCATED_IMAGES, salvaged
    try:
        yield
    finally:
        ImageFileModule.LOAD_TRUNCATED_IMAGES = before


@contextmanager
def damage_rejected() -> Iterator[None]:
    """Turn whatever Pillow raises on damaged bytes into ``Damaged``, or a kind of file."""
    try:
        yield
    except Image.DecompressionBombError as error:
        raise Rejected("too many pixels in a picture within it") from error
    except _DAMAGE as error:
        raise refusal(error) from error


def open_source(data: bytes, limits: Limits) -> Source:
    """Open ``data`` without decoding it.

    Raises ``Rejected`` if it is too long, of no allowed format, or its header is damaged.
    """
    if len(data) > limits.bytes:
        raise Rejected(f"{len(data)} bytes; the limit is {limits.bytes}")
    announced = sniff(data[:HEAD_BYTES])
    if announced is None:
        from handler.image.unread import unread

        if kind := unread(data[:HEAD_BYTES]):
            raise Rejected(f"{_UNKNOWN}, but {kind}")
        raise Rejected(_UNKNOWN)
    if announced.name not in limits.formats:
        raise Rejected(
            f"{announced.name} is not among the allowed formats: {', '.join(limits.formats)}"
        )
    # Some plugins meet a second, inner size while they decode; Pillow raises at twice this figure.
    Image.MAX_IMAGE_PIXELS = (limits.pixels + 1) // 2
    with damage_rejected():
        return Source(announced, _opener(announced)(BytesIO(data)), data)


def _opener(announced: Format) -> Callable[[BytesIO], ImageFile]:
    module, attribute = announced.opener
    try:
        opener: Callable[[BytesIO], ImageFile] = getattr(import_module(module), attribute)
    except ImportError as error:
        raise Rejected(f"{announced.name} cannot be read here: {announced.missing}") from error
    return opener
