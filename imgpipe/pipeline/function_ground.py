"""What the functions stand on: their Python, their layer, their variables."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from handler import schema
from imgpipe.package import (
    InstalledDistributions,
    LayerContent,
    PinnedWheels,
    WithJpegXl,
    fingerprint,
    pinned,
)
from imgpipe.resources.layer_version import LayerVersion
from imgpipe.settings.runtimes import python_of

if TYPE_CHECKING:
    from imgpipe.package.layer import Source
    from imgpipe.pipeline.names import Names
    from imgpipe.settings import Settings


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
        content=LayerContent(_packages(settings), target_python(settings)),
        architecture=settings.architecture,
        runtime=settings.runtime,
    )


def _packages(settings: Settings) -> Source:
    if settings.local:
        packages: Source = InstalledDistributions()
        imagecodecs: Source = InstalledDistributions(("imagecodecs",), "local,jxl")
    else:
        target = settings.architecture, target_python(settings)
        packages = PinnedWheels(*target)
        imagecodecs = PinnedWheels(*target, pinned("jpeg-xl-requirements.txt"))
    return WithJpegXl(packages, imagecodecs) if settings.jpeg_xl else packages


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
