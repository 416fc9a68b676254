"""imgpipe's own core, exactly as the function calls it."""

from __future__ import annotations

import sys

from bench.contenders.serve import serve
from handler.image import render
from handler.recipe import Recipe, Rendition

_MARKED = Recipe()
_BARE = Recipe(renditions=(Rendition(watermark=None),))
_JPEG = Recipe(renditions=(Rendition(watermark=None, format="jpeg"),))
_THREE = Recipe(
    renditions=tuple(
        Rendition(name=str(size), width=size, height=size, watermark=None)
        for size in (320, 800, 1600)
    )
)


def main() -> None:
    """Serve the default recipe, one without a watermark, and three renditions.

    Pillow ``alone`` resamples where that is the argument, as on arm64.
    """
    if sys.argv[1:] == ["alone"]:
        sys.modules["cykooz_resizer"] = None  # type: ignore[assignment]
    serve(
        {
            "marked": lambda source: render(source, _MARKED)[0].body,
            "bare": lambda source: render(source, _BARE)[0].body,
            "jpeg": lambda source: render(source, _JPEG)[0].body,
            "three": lambda source: render(source, _THREE)[0].body,
        }
    )


if __name__ == "__main__":
    main()
