"""The further pages of a TIFF: each becomes a picture of the renditions that ask for all pages."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final

from handler.formats import HEAD_BYTES, sniff
from handler.image.develop import developed
from handler.image.finish import finished
from handler.image.picture import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from handler.image.picture import Budget, Picture
    from handler.recipe import Recipe

# More become a warning. As many digits as the names of results have room for.
_MOST_PAGES: Final = 100


def pictures(
    source: bytes, recipe: Recipe, budget: Budget, assets: Path | None
) -> tuple[list[Picture], list[str]]:
    """Return what each page but the first becomes, in order, and why others became nothing.

    ``budget`` is for all of them; a page that is over it, or damaged, is left out.
    """
    done: list[Picture] = []
    left_out: list[str] = []
    began = perf_counter()
    for number, data in enumerate(_pages(source), 2):
        if number > _MOST_PAGES:
            left_out.append(f"more than {_MOST_PAGES} pages: the others are left out")
            break
        try:
            clips = developed(data, recipe, _remaining(budget, began, len(data)))
        except Rejected as rejection:
            left_out.append(f"page {number} is left out: {rejection}")
        else:
            done += [finished(clip, assets)._replace(page=number) for clip in clips]
    return done, left_out


def _pages(source: bytes) -> Iterator[bytes]:
    announced = sniff(source[:HEAD_BYTES])
    if announced is None or announced.name != "tiff":
        return
    from handler.image import tiff

    yield from tiff.further(source)


def _remaining(budget: Budget, began: float, held: int) -> Budget:
    """Return what is left of ``budget``, while ``held`` bytes more are in memory."""
    memory = None if budget.memory is None else budget.memory - held
    seconds = None if budget.seconds is None else budget.seconds - (perf_counter() - began)
    return type(budget)(memory, seconds)
