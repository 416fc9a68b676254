"""What is estimated beforehand, and that the README says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handler.recipe import Recipe, Rendition, web_preset
from imgpipe.costs import estimate, prices
from imgpipe.costs.estimate import Setting
from imgpipe.pipeline.page import PAGE_MEMORY_MB
from imgpipe.settings import Settings

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
MILLION = 1_000_000
# Half a cent, and what halves are rounded by.
CENT = 0.0051
WEB = len((Rendition(), *web_preset(Rendition())))
# The README's lines, and the items of the estimate that each adds up.
TOGETHER = {
    "your own uploads": ("your own uploads",),
    "results put": ("results put",),
    "originals read": ("originals read", "a look whether", "a look for"),
    "rows in DynamoDB": ("rows in DynamoDB",),
    "the page": ("the page",),
    "invocations": ("invocations", "its processor", "cold starts"),
    "lines in": ("lines in",),
}


def setting(region: str = prices.FALLBACK, **change: object) -> Setting:
    """A pipeline as it comes, in ``region``."""
    settings = Settings(**change)  # type: ignore[arg-type]
    known = prices.prices_in(region).prices
    return Setting(settings.memory, PAGE_MEMORY_MB, settings.architecture, known)


def once(renditions: int, where: Setting, pictures: int = MILLION, size: float = 12) -> float:
    """What so many cost in all, once."""
    return sum(estimate.estimate(pictures, size, renditions, where, "").once.values())


def test_the_readmes_table_is_what_is_estimated() -> None:
    """Line by line, to the cent, for one rendition and for the web's."""
    table, *_ = README[README.index("| $ a million pictures") :].split("\n\n")
    rows = re.findall(r"^\| (.+?) \| ([\d.]+) \| ([\d.]+) \|$", table, re.MULTILINE)
    assert len(rows) == len(TOGETHER)
    assert len(Recipe().renditions) == 1
    for at, renditions in ((1, 1), (2, WEB)):
        items = estimate.estimate(MILLION, 12, renditions, setting(), "").once
        for row in rows:
            (parts,) = [parts for name, parts in TOGETHER.items() if row[0].startswith(name)]
            dollars = sum(items[name] for name in items if name.startswith(parts))
            assert float(row[at]) == pytest.approx(dollars, abs=CENT), row
    (total,) = re.findall(r"\*\*in all\*\* \| \*\*([\d.]+)\*\* \| \*\*([\d.]+)\*\*", table)
    assert [float(each) for each in total] == [
        pytest.approx(once(each, setting()), abs=CENT) for each in (1, WEB)
    ]


def test_more_costs_more() -> None:
    """Pictures, pixels, renditions, memory, Intel's processor: each step is dearer."""
    plain = once(1, setting())
    assert once(1, setting(), 2 * MILLION) == pytest.approx(2 * plain)
    assert plain < once(1, setting(), size=24) < once(1, setting(), size=48)
    assert plain < once(2, setting()) < once(3, setting())
    assert plain < once(1, setting(memory=1024)) < once(1, setting(memory=3008))
    assert plain < once(1, setting(architecture="x86_64"))


def test_every_regions_prices_are_whole() -> None:
    """No price is missing, and none is an order of magnitude from us-east-1's: a slip of a zero."""
    base = vars(prices.PRICES[prices.FALLBACK])
    for region in prices.PRICES.values():
        for name, price in vars(region).items():
            assert base[name] * 0.8 <= price <= base[name] * 1.6, name


def test_a_region_that_is_not_in_the_table_is_told() -> None:
    """Whose prices were taken is named; nobody is let believe that they are the region's."""
    known = prices.prices_in("mx-central-1")
    assert known.region == "us-east-1"
    assert "mx-central-1" in prices.note("mx-central-1", known)
    assert prices.note("eu-central-1", prices.prices_in("eu-central-1")) == ""
