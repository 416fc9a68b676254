"""The guide's way, from bytes to bytes.

Squeeze into 800 x 600 with Pillow's defaults, write the text in a corner, save.
"""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from bench.contenders.serve import serve


def _marked(source: bytes) -> bytes:
    original = Image.open(io.BytesIO(source))
    small = original.resize((800, 600))
    ImageDraw.Draw(small).text((10, 10), "Watermark", fill=(255, 255, 255))
    return _saved(small, original.format)


def _bare(source: bytes) -> bytes:
    original = Image.open(io.BytesIO(source))
    return _saved(original.resize((800, 600)), original.format)


def _saved(picture: Image.Image, extension: str | None) -> bytes:
    body = io.BytesIO()
    picture.save(body, extension)
    return body.getvalue()


if __name__ == "__main__":
    serve({"marked": _marked, "bare": _bare})
