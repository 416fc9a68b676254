"""What the functions stand on: their Python, their layer, their variables."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from handler import schema
from imgpipe.package import (
    AUTO_QUALITY,
    JPEG_XL,
    RESAMPLING,
    InstalledDistributions,
    LayerContent,
    PinnedWheels,
    WithPart,
    fingerprint,
    is_installed,
    pinned,
)
from imgpipe.resources.layer_version import LayerVersion
from imgpipe.settings.runtimes import python_of

if TYPE_CHECKING:
    from handler.recipe import Rendition
    from imgpipe.package.layer import Source
    from imgpipe.pipeline.names import Names
    from imgpipe.settings import Settings

_RESIZER: Final = "cykooz.resizer"
_JPEG_WRITERS: Final = ("mozjpeg-lossless-optimization", "pyjpegli")


def target_python(settings: Settings) -> str:
    """Return the version of the Python that will really run the function, such as ``3.12``.

    Its bytecode must fit, and the embedded AWS runs functions in the Python it runs in itself.
    """
    if settings.local:
        return f"{sys.version_info.major}.{sys.version_info.minor}"
    return python_of(settings.runtime)


def layer(settings: Settings, names: Names) -> LayerVersion:
    """Return the layer that setup builds.

    The embedded AWS runs functions on this machine: there it holds what is installed here.
    """
    return LayerVersion(
        names.layer,
        content=LayerContent(packages(settings), target_python(settings)),
        architecture=settings.architecture,
        runtime=settings.runtime,
    )


def packages(settings: Settings) -> Source:
    """Return what the layer is made of: what it always holds, and of more what is needed."""
    made: Source = InstalledDistributions()
    if not settings.local:
        made = PinnedWheels(*_target(settings))
    if _resamples(settings):
        resizer = _further(settings, (_RESIZER,), "resampling-requirements.txt")
        made = WithPart(made, resizer, RESAMPLING)
    if settings.jpeg_xl:
        imagecodecs = _further(settings, ("imagecodecs",), "jpeg-xl-requirements.txt", "local,jxl")
        made = WithPart(made, imagecodecs, JPEG_XL)
    if any(map(_searched, settings.recipe.renditions)):
        pins = "auto-quality-requirements.txt"
        made = WithPart(made, _further(settings, _JPEG_WRITERS, pins, "local,auto"), AUTO_QUALITY)
    return made


def _target(settings: Settings) -> tuple[str, str]:
    return settings.architecture, target_python(settings)


def _resamples(settings: Settings) -> bool:
    """Say whether there is what resamples faster than Pillow: arm64's Linux has no wheel of it."""
    return is_installed(_RESIZER) if settings.local else settings.architecture == "x86_64"


def _searched(rendition: Rendition) -> bool:
    """Say whether it may become a JPEG of quality auto."""
    return rendition.quality == "auto" and rendition.format in ("keep", "jpeg")


def _further(
    settings: Settings, names: tuple[str, ...], wheels: str, extra: str = "local"
) -> Source:
    if settings.local:
        return InstalledDistributions(names, extra)
    return PinnedWheels(*_target(settings), pinned(wheels))


def page_environment(settings: Settings, names: Names) -> tuple[tuple[str, str], ...]:
    """Return the variables of the function that keeps the page."""
    delivery = settings.delivery
    return (
        (schema.DEST_BUCKET, names.destination_bucket),
        (schema.TABLE_NAME, names.table),
        (schema.PAGE, settings.page.to_json()),
        *([(schema.DELIVERY, delivery.to_json())] if delivery.enabled else []),
    )


def delivery_environment(settings: Settings, names: Names) -> tuple[tuple[str, str], ...]:
    """Return the variables of the function of renditions on demand."""
    return (
        (schema.SOURCE_BUCKET, names.source_bucket),
        (schema.RECIPE, settings.recipe.to_json()),
    )


def environment(settings: Settings, names: Names) -> tuple[tuple[str, str], ...]:
    """Return the variables of the function that makes pictures."""
    return (
        (schema.SOURCE_BUCKET, names.source_bucket),
        (schema.DEST_BUCKET, names.destination_bucket),
        (schema.TABLE_NAME, names.table),
        (schema.RECIPE, settings.recipe.to_json()),
        (schema.FINGERPRINT, fingerprint(settings.recipe, settings.assets)),
        (schema.REMOVED, settings.removed),
        (schema.JPEG_XL, str(settings.jpeg_xl).lower()),
    )
