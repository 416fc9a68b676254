"""The picture core: bytes and a recipe in, finished pictures and facts out.

Pure, and the only package in handler/ that imports PIL. The story in two chapters. ``develop``:
open the source (``source``), hold it against the limits (``limits``), decode it (``frames``),
resize it (``fit``, ``scale``) in sRGB (``colour``), read its ``metadata``. ``finish``: mark
(``watermark``), pad and ``encode``.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from handler.formats import HEAD_BYTES, sniff
from handler.image import deadline
from handler.image.develop import developed
from handler.image.finish import finished
from handler.image.picture import NOT_DRAWN, UNBOUNDED, Budget, Picture, Rejected, bare

if TYPE_CHECKING:
    from pathlib import Path

    from handler.recipe import Recipe

__all__ = ["NOT_DRAWN", "Budget", "Picture", "Rejected", "render"]


def render(
    source: bytes, recipe: Recipe, budget: Budget = UNBOUNDED, assets: Path | None = None
) -> tuple[Picture, ...]:
    """Return one finished picture for each rendition of ``recipe``, in its order.

    Behind them stand those of a TIFF's further pages, of the renditions with ``pages = "all"``.
    ``assets`` is the folder of the files a watermark names. Raises ``Rejected`` where ``source``
    can never work, or took longer than ``budget`` says; ``OSError`` or ``ValueError`` where a
    watermark's file is missing or unreadable, which is the deployment's fault.
    """
    work = partial(_rendered, source, recipe, budget, assets)
    if budget.seconds is None:
        return work()
    announced = sniff(source[:HEAD_BYTES])
    bounded = deadline.apart if announced and announced.apart else deadline.here
    return bounded(work, budget.seconds)


def _rendered(
    source: bytes, recipe: Recipe, budget: Budget, assets: Path | None
) -> tuple[Picture, ...]:
    try:
        return _pictures(source, recipe, budget, assets)
    except Rejected as rejection:
        raise bare(rejection) from None


def _pictures(
    source: bytes, recipe: Recipe, budget: Budget, assets: Path | None
) -> tuple[Picture, ...]:
    began = perf_counter()
    first = [finished(clip, assets) for clip in developed(source, recipe, budget)]
    several = tuple(each for each in recipe.renditions if each.pages == "all")
    if not several:
        return tuple(first)
    from handler.image import further

    if budget.seconds is not None:
        budget = budget._replace(seconds=budget.seconds - (perf_counter() - began))
    more, left_out = further.pictures(source, replace(recipe, renditions=several), budget, assets)
    told = [each._replace(warnings=(*each.warnings, *left_out)) for each in first]
    return (*told, *more)
