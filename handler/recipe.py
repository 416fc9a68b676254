"""What a picture becomes: renditions, watermark and limits, as frozen values of both sides.

A ``Recipe`` travels from imgpipe.toml to the function as one JSON environment variable, so it knows
how to write itself as JSON (only what differs from the defaults: Lambda allows 4 KB for all
variables together) and how to be read back strictly. Standard library only: reading a recipe must
cost the command line and a cold start nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from handler import checks
from handler.checks import DoubledNameError, InvalidSettingError, setting
from handler.formats import ENCODERS, FORMATS
from handler.group import Group

FITS: Final = ("inside", "cover", "pad", "stretch")
OUTPUT_FORMATS: Final = ("keep", *(name for name, each in ENCODERS.items() if each.on_request))
COLOURS: Final = ("srgb", "p3")
HDR: Final = ("sdr", "keep")
PAGES: Final = ("first", "all")
METADATA: Final = ("none", "copyright", "all")
TRUNCATED: Final = ("reject", "salvage")
GRAVITIES: Final = (
    "center",
    "north",
    "northeast",
    "east",
    "southeast",
    "south",
    "southwest",
    "west",
    "northwest",
)
SOURCE_FORMATS: Final = tuple(FORMATS)


@dataclass(frozen=True)
class Watermark(Group):
    """A text, or an image, laid over a rendition.

    ``size`` (a text's em, an image's height) and ``margin`` are shares of the rendition's shorter
    side, ``opacity`` is 0 to 1, ``angle`` is in degrees counter-clockwise, ``color`` and
    ``outline`` are ``#rrggbb``. ``image`` (a PNG) and ``font`` (TrueType or OpenType) are names of
    files deployed beside the handler; with ``image`` set the text is not drawn. ``tiled`` covers
    the whole picture, and then ``gravity`` does not matter.
    """

    text: str = setting("Watermark", checks.text)
    image: str = setting("", checks.text)
    font: str = setting("", checks.text)
    size: float = setting(0.06, checks.number(0.01, 1.0))
    color: str = setting("#ffffff", checks.colour)
    outline: str = setting("#000000", checks.colour)
    opacity: float = setting(0.65, checks.number(0.0, 1.0))
    angle: float = setting(0.0, checks.number(-360.0, 360.0))
    gravity: str = setting("southeast", checks.choice(*GRAVITIES))
    margin: float = setting(0.03, checks.number(0.0, 0.5))
    tiled: bool = setting(default=False, check=checks.boolean)

    @property
    def grey(self) -> bool:
        """Whether it has no colour of its own, so that a grey picture may stay grey."""
        return not self.image and all(
            colour[1:3] == colour[3:5] == colour[5:7] for colour in (self.color, self.outline)
        )


@dataclass(frozen=True)
class Rendition(Group):
    """One picture made of the source: fitted into ``width`` x ``height`` pixels, never enlarged.

    ``name`` is empty for the default rendition and part of the key for every other. ``gravity``
    says which part a ``cover`` keeps (``attention`` = the busiest). ``background`` fills a ``pad``
    and stands behind transparency where the format has none. ``quality`` is 1 to 100, 0 for the
    format's own default, or ``auto`` for what looks as that does, in fewer bytes. ``max_bytes``
    bounds the output by searching a lower quality, 0 = no bound. ``colour`` is ``srgb``, or ``p3``
    for Display P3 where the source may hold colours beyond sRGB; ``hdr`` says whether a JPEG keeps
    its gain map; ``linear`` scales in linear light.
    ``cache_control`` is the result's header: directives, ``keep`` for the original's own, or empty
    for the function's default, which also stands in for an original without one.
    ``pages`` says whether each page of a TIFF becomes a picture, or the first alone.
    ``keep_metadata`` names the S3 user metadata of the original that the result has too.
    """

    name: str = setting(
        "",
        checks.matching(
            "|[a-z0-9][a-z0-9_]{0,31}",
            "1 to 32 of a-z, 0-9 and _, or none at all for the default rendition",
        ),
    )
    width: int = setting(800, checks.integer(1, 16383))
    height: int = setting(600, checks.integer(1, 16383))
    fit: str = setting("inside", checks.choice(*FITS))
    gravity: str = setting("center", checks.choice(*GRAVITIES, "attention"))
    background: str = setting("#ffffff", checks.colour)
    format: str = setting("keep", checks.choice(*OUTPUT_FORMATS))
    quality: int | str = setting(0, checks.either(checks.integer(0, 100), checks.choice("auto")))
    max_bytes: int = setting(0, checks.integer(0, 2**31))
    colour: str = setting("srgb", checks.choice(*COLOURS))
    hdr: str = setting("sdr", checks.choice(*HDR))
    linear: bool = setting(default=False, check=checks.boolean)
    pages: str = setting("first", checks.choice(*PAGES))
    metadata: str = setting("copyright", checks.choice(*METADATA))
    cache_control: str = setting("", checks.cache_control)
    keep_metadata: tuple[str, ...] = setting((), checks.lists_of(checks.metadata_name))
    watermark: Watermark | None = field(default_factory=Watermark)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Build it as every group; ``watermark`` is a table, true (the default) or false (none)."""
        return super().from_mapping(
            {**values, "watermark": _watermark(values.get("watermark", True))}
        )


def _watermark(value: object) -> Watermark | None:
    if value is None or isinstance(value, Watermark):
        return value
    if isinstance(value, bool):
        return Watermark() if value else None
    if not isinstance(value, Mapping):
        raise InvalidSettingError("watermark", value, "true, false and tables")
    try:
        return Watermark.from_mapping(value)
    except InvalidSettingError as error:
        raise error.called(f"watermark.{error.name}") from None


@dataclass(frozen=True)
class Limits(Group):
    """What is refused before anything is decoded.

    ``pixels`` bounds one frame, ``total_pixels`` all frames of an animation together; past
    ``frames`` or ``total_pixels`` only the first frame is kept. ``bytes`` bounds the source file.
    ``formats`` is the allow-list: nothing else is ever opened. ``truncated`` says whether a file
    that ends early is rejected or its readable part kept.
    """

    pixels: int = setting(100_000_000, checks.integer(1, 2**40))
    total_pixels: int = setting(200_000_000, checks.integer(1, 2**40))
    frames: int = setting(500, checks.integer(1, 2**40))
    bytes: int = setting(100 * 1024 * 1024, checks.integer(1, 2**40))
    formats: tuple[str, ...] = setting(SOURCE_FORMATS, checks.some_of(*SOURCE_FORMATS))
    truncated: str = setting("reject", checks.choice(*TRUNCATED))


@dataclass(frozen=True)
class Recipe:
    """Every rendition of a source, the default one first, and the limits they share."""

    renditions: tuple[Rendition, ...] = (Rendition(),)
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        names = [rendition.name for rendition in self.renditions]
        if not names:
            raise InvalidSettingError("renditions", names, "one or more")
        for name in names:
            if names.count(name) > 1:
                raise DoubledNameError("renditions", name, "names that no other rendition has")

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what ``to_json`` wrote; ``ValueError`` for anything else."""
        values = json.loads(text)
        renditions = tuple(Rendition.from_mapping(each) for each in values.get("renditions", [{}]))
        return cls(renditions=renditions, limits=Limits.from_mapping(values.get("limits", {})))

    def to_json(self) -> str:
        """Return the recipe as compact JSON, keys sorted: one recipe is always one text."""
        values = {
            "renditions": [each.to_mapping() for each in self.renditions],
            "limits": self.limits.to_mapping(),
        }
        return json.dumps(values, sort_keys=True, separators=(",", ":"))


def web_preset(base: Rendition) -> tuple[Rendition, ...]:
    """Return thumb 320, medium 800 and large 1600 pixels, as WebP and JPEG, else like ``base``."""
    sizes = {"thumb": 320, "medium": 800, "large": 1600}
    return tuple(
        replace(base, name=f"{name}_{kind}", width=size, height=size, format=kind)
        for name, size in sizes.items()
        for kind in ("webp", "jpeg")
    )
