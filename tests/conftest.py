"""For all tests: what one leaves behind in Pillow must not reach the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def pillow() -> Iterator[None]:
    """The picture core sets Pillow's global limit anew for every picture; other readers want it as it was."""
    before = Image.MAX_IMAGE_PIXELS
    yield
    Image.MAX_IMAGE_PIXELS = before
