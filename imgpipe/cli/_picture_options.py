"""An option for every picture setting, with the name it has in imgpipe.toml.

They are made from the recipe's own dataclasses, so that none is forgotten. A field without a help
text here fails at once.
"""

from __future__ import annotations

import inspect
from dataclasses import MISSING, Field, fields
from typing import TYPE_CHECKING, Any, Final, get_type_hints

import typer

from handler.recipe import (
    COLOURS,
    FITS,
    GRAVITIES,
    METADATA,
    OUTPUT_FORMATS,
    PAGES,
    SOURCE_FORMATS,
    TRUNCATED,
    Watermark,
)
from imgpipe.settings.overrides import PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_HELP: Final = {
    "width": "Width of the box in pixels, 1 to 16383.",
    "height": "Height of the box in pixels, 1 to 16383.",
    "fit": f"How the picture gets into the box, never enlarged: {', '.join(FITS)}.",
    "gravity": f"What a cover keeps: {', '.join(GRAVITIES)}, or attention for the busiest part.",
    "background": "Colour around a padded picture and behind lost transparency, #rrggbb.",
    "format": f"Format of the result: {', '.join(OUTPUT_FORMATS)}.",
    "quality": "1 to 100, 0 for the format's own default, auto for the lowest that looks alike.",
    "max_bytes": "Bytes at most, by searching a lower quality; 0 for no bound.",
    "colour": f"Colours of the result: {', '.join(COLOURS)}; p3 for sources beyond sRGB.",
    "hdr": "sdr, or keep for a JPEG's gain map (Ultra HDR) along with the picture.",
    "linear": "Scale in linear light, which keeps fine texture as bright as it was.",
    "pages": f"Of a TIFF of several pages: {', '.join(PAGES)}; each is a picture of its own.",
    "metadata": f"What the result keeps: {', '.join(METADATA)}.",
    "cache_control": "Cache-Control of the result, or keep for the original's own.",
    "keep_metadata": "S3 user metadata of the original that the result keeps; repeatable.",
    "watermark": "Put a watermark on every rendition, or on none.",
    "watermark_text": "The text; it takes an image's place.",
    "watermark_image": "A PNG instead of the text: its path.",
    "watermark_font": "A TrueType or OpenType font instead of the built-in one: its path.",
    "watermark_size": "Height as a share of the picture's shorter side, 0.01 to 1.",
    "watermark_color": "Colour of the text, #rrggbb.",
    "watermark_outline": "Colour of the text's outline, #rrggbb.",
    "watermark_opacity": "0 (invisible) to 1 (opaque).",
    "watermark_angle": "Degrees counter-clockwise, -360 to 360.",
    "watermark_gravity": f"Where it stands: {', '.join(GRAVITIES)}.",
    "watermark_margin": "Distance to the edge as a share of the picture's shorter side, 0 to 0.5.",
    "watermark_tiled": "Repeat it all over the picture.",
    "limits_pixels": "Largest frame accepted, in pixels.",
    "limits_total_pixels": "Pixels of all frames together; past them the first frame is kept.",
    "limits_frames": "Frames of an animation; of a longer one the first is kept.",
    "limits_bytes": "Largest file accepted, in bytes.",
    "limits_formats": f"Format accepted; repeatable: {', '.join(SOURCE_FORMATS)}.",
    "limits_truncated": f"What happens to a file that ends early: {', '.join(TRUNCATED)}.",
}
_KINDS: Final[dict[Any, Any]] = {
    tuple[str, ...]: list[str],
    Watermark | None: bool,
    int | str: str,
}


def _whole_or_word(text: str) -> int | str:
    """Return the whole number that ``text`` is, or else the word."""
    return int(text) if text.isdecimal() else text


# What typer has to be told of a setting that is a number or a word.
_EITHER: Final = {"parser": _whole_or_word, "metavar": "<int|auto>"}


def accepted(command: Callable[..., None]) -> Callable[..., None]:
    """Return ``command`` with these options in the place of its ``**`` parameter.

    Each arrives as ``None`` unless it was given. typer reads a command's options from its
    signature: https://typer.tiangolo.com/tutorial/parameter-types/.
    """
    signature = inspect.signature(command, eval_str=True)
    own = [
        parameter
        for parameter in signature.parameters.values()
        if parameter.kind is not parameter.VAR_KEYWORD
    ]
    command.__signature__ = signature.replace(parameters=[*own, *_parameters()])  # type: ignore[attr-defined]
    return command


def _parameters() -> Iterator[inspect.Parameter]:
    for prefix, part in PARTS.items():
        hints = get_type_hints(part)
        for field in fields(part):
            if field.name != "name":
                yield _parameter(prefix + field.name, hints[field.name], field)


def _parameter(name: str, hint: Any, field: Field[Any]) -> inspect.Parameter:
    either: dict[str, Any] = _EITHER if hint == int | str else {}
    option = typer.Option(None, help=_HELP[name], show_default=_default(field), **either)
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=option,
        annotation=_KINDS.get(hint, hint) | None,
    )


def _default(field: Field[Any]) -> str:
    """Return in words what holds where neither imgpipe.toml nor the option says anything."""
    value = field.default
    if value is MISSING:
        return "on"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return "all" if value else "none"
    return str(value) or "none"
