"""What the handler's surroundings are called, and the plainest picture for it."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image

SOURCE: Final = "the-source"
DEST: Final = "the-destination"
TABLE: Final = "the-table"


def jpeg(width: int = 40, height: int = 30, colour: str = "red") -> bytes:
    """A plain JPEG."""
    stream = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(stream, "JPEG")
    return stream.getvalue()
