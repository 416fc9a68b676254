"""The function as setup deploys it, unpacked.

The zip's packages at the top of a folder, the layer's below ``python``.
"""

from __future__ import annotations

import shutil
import sys
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Final
from zipfile import ZipFile

from bench.paths import BUILD
from imgpipe.package import HandlerCode, LayerContent
from imgpipe.pipeline.function_ground import packages
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

PYTHON: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "SOURCE_BUCKET": "source",
    "DEST_BUCKET": "destination",
    "TABLE_NAME": "table",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@cache
def unpacked(name: str, without: str = "nothing") -> Path:
    """Unpack zip and layer for this Python into the folder ``name``.

    What ``without`` matches is left out.
    """
    folder = BUILD / "function" / name
    shutil.rmtree(folder, ignore_errors=True)
    for content in (
        HandlerCode(python=PYTHON),
        LayerContent(packages(Settings(local=True)), PYTHON),
    ):
        ZipFile(BytesIO(content.build())).extractall(folder)
    for found in list(folder.rglob(without)):
        shutil.rmtree(found)
    return folder
