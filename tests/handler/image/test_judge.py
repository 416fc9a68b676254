"""The independent judge: whatever tells colour, the result is what Chromium paints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.support.colour_files import CHROMIUM, as_chromium_shows, squares
from tests.support.judged import ALPHA, corpus
from tests.support.pictures import far, rendered, seen
from tests.support.tools import needs

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.judged import Judged

pytestmark = pytest.mark.slow

# `make test` judges so many of them, spread over all kinds; `make prove` judges all.
_EVERY: Final = 11
# Of 255, in any channel.
_TOLERANCE: Final = 3


def disagreements(files: dict[str, Judged]) -> dict[str, float]:
    """How far from Chromium's the results of these files are, where that is too far."""
    painted = as_chromium_shows(
        {name: (file.media_type, file.body) for name, file in files.items()}
    )
    found = {}
    for name, file in files.items():
        made = seen(rendered(file.body, format="png", width=4000, height=4000)).convert("RGBA")
        opacity = ALPHA if " RGBA " in name or " LA " in name else 255
        distance = far(squares(made), painted[name])
        if distance > _TOLERANCE or made.getchannel("A").getextrema() != (opacity, opacity):
            found[name] = distance
    return found


@needs(*CHROMIUM)
def test_a_part_of_the_corpus_is_as_chromium_paints_it() -> None:
    """Flat fields, each within three of 255."""
    files = corpus()
    assert disagreements(dict(list(files.items())[::_EVERY])) == {}


@pytest.mark.prove
@needs(*CHROMIUM)
def test_all_of_the_corpus_is_as_chromium_paints_it(
    record_property: Callable[[str, object], None],
) -> None:
    """Every format in every way to tell colour, with and without alpha, by depth."""
    files = corpus()
    assert len(files) > 250
    record_property("files whose colours are Chromium's", len(files))
    assert disagreements(files) == {}
