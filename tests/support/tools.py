"""Programs that some tests need, and that not every machine has."""

from __future__ import annotations

import os
import shutil
from typing import Final

import pytest

# Where they must all be there, a missing one fails its tests instead of skipping them.
REQUIRED: Final = os.environ.get("TESTS_REQUIRE_TOOLS") == "1"


def found(*names: str) -> str:
    """Return the path of the first of these programs that is installed, or its bare name."""
    return next(filter(None, map(shutil.which, names)), names[0])


def needs(*names: str) -> pytest.MarkDecorator:
    """Skip where none of these programs is installed, and say so; unless they are required."""
    missing = not any(map(shutil.which, names))
    return pytest.mark.skipif(missing and not REQUIRED, reason=f"{names[0]} is not installed")
