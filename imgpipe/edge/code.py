"""The CloudFront Function: one template, and the lists of what there may be as its data."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from handler.address import ORDER, ROOT
from handler.recipe import FITS, GRAVITIES
from imgpipe.edge import signature
from imgpipe.errors import SettingsError

if TYPE_CHECKING:
    from handler.delivery_settings import DeliverySettings
    from handler.recipe import Recipe

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions
MOST_BYTES: Final = 10_240
# By how few bytes they need: what a browser takes of these, it gets unasked.
BEST: Final = ("avif", "webp")
# What a cover may keep.
FOCUSES: Final = (*GRAVITIES, "attention")
_DATA: Final = "const KNOWN = {};"
# The store is the one that the function is associated with.
_SIGNED: Final = "import cf from 'cloudfront';\nimport crypto from 'crypto';\n"
_OPEN: Final = "function handler(event) { return rewritten(event); }\n"
_COMMENT: Final = "//"


def code(settings: DeliverySettings, recipe: Recipe, fingerprint: str) -> str:
    """Return the function's JavaScript.

    ``fingerprint`` is what rows say of recipe and code: a part of every path, so that no edge shows
    what another recipe made.

    Raises:
        SettingsError: it would be larger than CloudFront takes.
    """
    known = json.dumps(_known(settings, recipe, fingerprint), separators=(",", ":"))
    rewriting = _source("function.js").replace(_DATA, f"const KNOWN = {known};")
    whole = rewriting + _OPEN
    if settings.signing:
        whole = _SIGNED + rewriting + _source("signed.js")
    if len(whole.encode()) > MOST_BYTES:
        raise SettingsError(
            f"the edge's code would be {len(whole.encode()):,} bytes; {MOST_BYTES:,} fit",
            hint="have shorter lists in [delivery], or fewer renditions",
        )
    return whole


def _source(name: str) -> str:
    """Return a file of JavaScript without its comments."""
    text = files("imgpipe.edge").joinpath(name).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.lstrip().startswith(_COMMENT))
    return "\n".join(lines) + "\n"


def _known(settings: DeliverySettings, recipe: Recipe, fingerprint: str) -> dict[str, Any]:
    return {
        "root": ROOT,
        "order": ORDER,
        "v": version(fingerprint),
        "renditions": {each.name: [each.width, each.height] for each in recipe.renditions},
        "widths": _rising(settings.widths),
        "heights": _rising(settings.heights),
        "qualities": _rising(settings.qualities),
        "fits": FITS,
        "gravities": FOCUSES,
        "formats": settings.formats,
        "best": [each for each in BEST if each in settings.formats],
        **({"signed": signature.WORDS} if settings.signing else {}),
    }


def version(fingerprint: str) -> str:
    """Return ``fingerprint`` as a word of a path."""
    return fingerprint.replace(".", "_")


def _rising(values: tuple[int, ...]) -> list[int]:
    return sorted(set(values))
