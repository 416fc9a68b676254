"""thumbor's Pillow engine, driven without its web server.

Load, reorientate, resize, paste the mark, read.
"""

from __future__ import annotations

import io
from types import SimpleNamespace

from PIL import Image, ImageDraw, ImageFont
from thumbor.config import Config
from thumbor.engines.pil import Engine

from bench.contenders.serve import serve

_CONTEXT = SimpleNamespace(config=Config(QUALITY=80))


def _mark() -> bytes:
    """Return the watermark as the PNG that thumbor's filter would have fetched.

    It knows no text.
    """
    layer = Image.new("RGBA", (200, 40))
    ImageDraw.Draw(layer).text(
        (4, 2), "Watermark", font=ImageFont.load_default(32), fill=(255, 255, 255, 166)
    )
    body = io.BytesIO()
    layer.save(body, "PNG")
    return body.getvalue()


def _engine(body: bytes) -> Engine:
    engine = Engine(_CONTEXT)
    engine.load(body, None)
    return engine


def _small(source: bytes) -> Engine:
    engine = _engine(source)
    engine.reorientate()
    width, height = engine.size
    scale = min(800 / width, 600 / height, 1)
    engine.resize(round(width * scale), round(height * scale))
    return engine


def _marked(source: bytes) -> bytes:
    engine, layer = _small(source), _engine(_MARK)
    width, height = engine.size
    engine.paste(layer, (width - layer.size[0] - 18, height - layer.size[1] - 18), merge=True)
    return _saved(engine)


def _saved(engine: Engine) -> bytes:
    body: bytes = engine.read(engine.extension, 80)
    return body


_MARK = _mark()

if __name__ == "__main__":
    serve({"marked": _marked, "bare": lambda source: _saved(_small(source))})
