"""What a picture becomes: renditions, watermark and limits, as frozen values both sides of the deployment share.

A ``Recipe`` travels from imgpipe.toml to the function as one JSON environment variable, so it knows how to write
itself as JSON (only what differs from the defaults: Lambda allows 4 KB for all variables together) and how to be
read back strictly. Standard library only: reading a recipe must cost the command line and a cold start nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from typing import Any, Final, Self

from handler import checks
from handler.formats import ENCODERS, FORMATS

FITS: Final = ("inside", "cover", "pad", "stretch")
OUTPUT_FORMATS: Final = ("keep", *(name for name, each in ENCODERS.items() if each.on_request))
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

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_]{0,31}")


def _default(f: Field[Any]) -> object:
    return f.default_factory() if f.default_factory is not MISSING else f.default


def _plain(value: object) -> object:
    if isinstance(value, Group):
        return value.to_mapping()
    if value is None:
        return False
    return list(value) if isinstance(value, tuple) else value


def _watermark(values: Mapping[str, Any]) -> Watermark:
    try:
        return Watermark.from_mapping(values)
    except ValueError as error:
        raise ValueError(f"watermark: {error}") from None


class Group:
    """A frozen group of settings that can be read from, and written as, a plain mapping."""

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Build the group from ``values``; ``ValueError`` names an unknown key, or a bad value and what is allowed."""
        known = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]
        if unknown := sorted(set(values) - set(known)):
            raise ValueError(f"unknown key {unknown[0]!r}; allowed are {', '.join(sorted(known))}")
        return cls(**values)

    def to_mapping(self) -> dict[str, Any]:
        """Return only what differs from the defaults, so that the mapping stays small and its JSON deterministic."""
        return {
            f.name: _plain(value)
            for f in fields(self)  # type: ignore[arg-type]
            if (value := getattr(self, f.name)) != _default(f)
        }


@dataclass(frozen=True)
class Watermark(Group):
    """A text, or an image, laid over a rendition.

    ``size`` (a text's em, an image's height) and ``margin`` are shares of the rendition's shorter side, ``opacity`` is 0
    to 1, ``angle`` is in degrees counter-clockwise, ``color`` and ``outline`` are ``#rrggbb``. ``image`` (a PNG) and ``font``
    (TrueType or OpenType) are names of files deployed beside the handler; with ``image`` set the text is not drawn.
    ``tiled`` covers the whole picture, and then ``gravity`` does not matter.
    """

    text: str = "Watermark"
    image: str = ""
    font: str = ""
    size: float = 0.06
    color: str = "#ffffff"
    outline: str = "#000000"
    opacity: float = 0.65
    angle: float = 0.0
    gravity: str = "southeast"
    margin: float = 0.03
    tiled: bool = False

    def __post_init__(self) -> None:
        checks.text("text", self.text)
        checks.text("image", self.image)
        checks.text("font", self.font)
        checks.number("size", self.size, 0.01, 1.0)
        checks.number("opacity", self.opacity, 0.0, 1.0)
        checks.number("angle", self.angle, -360.0, 360.0)
        checks.number("margin", self.margin, 0.0, 0.5)
        checks.colour("color", self.color)
        checks.colour("outline", self.outline)
        checks.choice("gravity", self.gravity, GRAVITIES)
        checks.boolean("tiled", self.tiled)


@dataclass(frozen=True)
class Rendition(Group):
    """One picture made of the source: fitted into ``width`` x ``height`` pixels, and never enlarged.

    ``name`` is empty for the default rendition and part of the key for every other. ``gravity`` says which part a
    ``cover`` keeps (``attention`` = the busiest). ``background`` fills a ``pad`` and stands behind transparency where the
    format has none. ``quality`` is 1 to 100, or 0 for the format's own default. ``max_bytes`` bounds the output by
    searching a lower quality, 0 = no bound.
    """

    name: str = ""
    width: int = 800
    height: int = 600
    fit: str = "inside"
    gravity: str = "center"
    background: str = "#ffffff"
    format: str = "keep"
    quality: int = 0
    max_bytes: int = 0
    metadata: str = "copyright"
    watermark: Watermark | None = field(default_factory=Watermark)

    def __post_init__(self) -> None:
        if self.name and not (isinstance(self.name, str) and _NAME.fullmatch(self.name)):
            raise ValueError(
                f"name is {self.name!r}; allowed are 1 to 32 of a-z, 0-9 and _, or empty for the default rendition"
            )
        checks.integer("width", self.width, 1, 16383)
        checks.integer("height", self.height, 1, 16383)
        checks.choice("fit", self.fit, FITS)
        checks.choice("gravity", self.gravity, (*GRAVITIES, "attention"))
        checks.colour("background", self.background)
        checks.choice("format", self.format, OUTPUT_FORMATS)
        checks.integer("quality", self.quality, 0, 100)
        checks.integer("max_bytes", self.max_bytes, 0, 2**31)
        checks.choice("metadata", self.metadata, METADATA)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Like ``Group.from_mapping``; ``watermark`` may be a table, ``true`` (the default one) or ``false`` (none)."""
        mark = values.get("watermark", True)
        if isinstance(mark, Mapping):
            mark = _watermark(mark)
        elif isinstance(mark, bool):
            mark = Watermark() if mark else None
        elif mark is not None and not isinstance(mark, Watermark):
            raise ValueError(f"watermark is {mark!r}; allowed are true, false or a table")
        return super().from_mapping({**values, "watermark": mark})


@dataclass(frozen=True)
class Limits(Group):
    """What is refused before anything is decoded.

    ``pixels`` bounds one frame, ``total_pixels`` all frames of an animation together; past ``frames`` or
    ``total_pixels`` only the first frame is kept. ``bytes`` bounds the source file. ``formats`` is the allow-list:
    nothing else is ever opened. ``truncated`` says whether a file that ends early is rejected or its readable part kept.
    """

    pixels: int = 100_000_000
    total_pixels: int = 200_000_000
    frames: int = 500
    bytes: int = 100 * 1024 * 1024
    formats: tuple[str, ...] = SOURCE_FORMATS
    truncated: str = "reject"

    def __post_init__(self) -> None:
        for name in ("pixels", "total_pixels", "frames", "bytes"):
            checks.integer(name, getattr(self, name), 1, 2**40)
        if isinstance(self.formats, str) or not self.formats:
            raise ValueError(
                f"formats is {self.formats!r}; allowed is a list of {', '.join(SOURCE_FORMATS)}"
            )
        object.__setattr__(self, "formats", tuple(self.formats))
        for name in self.formats:
            checks.choice("formats", name, SOURCE_FORMATS)
        checks.choice("truncated", self.truncated, TRUNCATED)


@dataclass(frozen=True)
class Recipe:
    """Every rendition of a source, the default one first, and the limits they share."""

    renditions: tuple[Rendition, ...] = (Rendition(),)
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        names = [rendition.name for rendition in self.renditions]
        if not names:
            raise ValueError("a recipe needs at least one rendition")
        if doubled := {name for name in names if names.count(name) > 1}:
            raise ValueError(
                f"two renditions are called {min(doubled)!r}; each needs a name of its own"
            )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what ``to_json`` wrote; ``ValueError`` for anything else."""
        values = json.loads(text)
        renditions = tuple(Rendition.from_mapping(each) for each in values.get("renditions", [{}]))
        return cls(renditions=renditions, limits=Limits.from_mapping(values.get("limits", {})))

    def to_json(self) -> str:
        """Return the recipe as compact JSON, keys sorted: the same recipe is always the same text."""
        values = {
            "renditions": [each.to_mapping() for each in self.renditions],
            "limits": self.limits.to_mapping(),
        }
        return json.dumps(values, sort_keys=True, separators=(",", ":"))


def web_preset(base: Rendition) -> tuple[Rendition, ...]:
    """Return thumb 320, medium 800 and large 1600 pixels, each as WebP and JPEG, in the manner of ``base``."""
    sizes = {"thumb": 320, "medium": 800, "large": 1600}
    return tuple(
        replace(base, name=f"{name}_{kind}", width=size, height=size, format=kind)
        for name, size in sizes.items()
        for kind in ("webp", "jpeg")
    )
