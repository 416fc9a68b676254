"""The picture core: bytes and a recipe in, finished pictures and facts out.

Pure, and the only package in handler/ that imports PIL. The story in two chapters. ``develop``:
open the source (``source``), hold it against the limits (``limits``), decode it (``frames``),
resize it (``fit``, ``scale``) in sRGB (``colour``), read its ``metadata``. ``finish``: mark
(``watermark``), pad and ``encode``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handler.image.develop import developed
from handler.image.finish import finished
from handler.image.picture import UNBOUNDED, Budget, Picture, Rejected

if TYPE_CHECKING:
    from pathlib import Path

    from handler.recipe import Recipe

__all__ = ["Budget", "Picture", "Rejected", "render"]


def render(
    source: bytes, recipe: Recipe, budget: Budget = UNBOUNDED, assets: Path | None = None
) -> tuple[Picture, ...]:
    """Return one finished picture for each rendition of ``recipe``, in its order.

    ``assets`` is the folder of the files a watermark names. Raises ``Rejected`` where ``source``
    can never work; ``OSError`` or ``ValueError`` where a watermark's file is missing or unreadable,
    which is the deployment's fault.
    """
    return tuple(finished(clip, assets) for clip in developed(source, recipe, budget))
