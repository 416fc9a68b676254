"""What the bench derives from its measurements."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bench.corpus import Case
from bench.cost import memory_size, setting
from bench.goals import Goal
from handler.image import Budget, Rejected, render
from handler.recipe import Recipe
from imgpipe.costs import estimate
from imgpipe.costs.estimate import Work, bill, duration

if TYPE_CHECKING:
    from pathlib import Path

PHOTO = Work(
    warm=50,
    requests={"S3 GetObject": 1, "S3 PutObject": 1, "DynamoDB PutItem": 1},
    log_bytes=240,
)


def million(of: Work, memory: int) -> float:
    """Return what a million such pictures cost in all."""
    return sum(bill(of, 300, setting(memory)).values())


def test_half_a_core_takes_twice_the_processor_time() -> None:
    """Below 1769 MB the processor's share falls with memory; above, one thread gains nothing."""
    waits = duration(PHOTO, 1769) - PHOTO.warm
    assert duration(PHOTO, 1769 // 2) - waits == pytest.approx(2 * PHOTO.warm, rel=1e-3)
    assert duration(PHOTO, 3008) == duration(PHOTO, 1769)


def test_the_smallest_size_is_the_cheapest() -> None:
    """Waiting costs by the GB, so a million pictures cost more with every step up."""
    prices = [million(PHOTO, size) for size in (256, 512, 1024, 1769, 3008)]
    assert prices == sorted(prices)


def test_every_put_is_paid() -> None:
    """A second rendition adds S3's price for a million puts, and the time to wait for them."""
    two = replace(PHOTO, requests={**PHOTO.requests, "S3 PutObject": 2})
    assert 5.0 < million(two, 512) - million(PHOTO, 512) < 5.5


def test_uploads_logs_and_cold_starts_are_in_the_bill() -> None:
    """Whoever pays for a million pictures pays for them, too."""
    items = bill(PHOTO, 300, setting(448))
    assert items["your own uploads, a PUT each"] == 5
    assert items["lines in CloudWatch Logs"] == pytest.approx(0.12)
    assert items["cold starts, 1 in 100"] == pytest.approx(
        duration(replace(PHOTO, warm=300, requests={}), 448)
        / 100
        * 1000
        * 448
        / 1024
        * 0.0000133334
    )


def page(rows: int, together: int) -> float:
    """Return what the page costs a million pictures."""
    return estimate.page(rows, together, setting(448))


def test_the_page_is_cheap_where_pictures_come_together() -> None:
    """Alone each pays for an index of its own; a hundred share one. Every row is read once."""
    assert 11 < page(1, 1) < 12
    assert page(1, 100) < 0.3
    assert page(7, 1) - page(1, 1) == pytest.approx(6 * 0.125)
    assert bill(PHOTO, 300, setting(448))["the page, where each picture comes alone"] == page(1, 1)


def test_the_memory_is_the_least_the_function_takes_the_pictures_in_with(tmp_path: Path) -> None:
    """64 MB below the setting the hungriest picture would be rejected, and at it none is."""
    small, large = _png(tmp_path / "small.png", 100), _png(tmp_path / "large.png", 3000)
    size = memory_size([small, large])
    assert render(large.path.read_bytes(), Recipe(), Budget(memory=size * 2**20))
    with pytest.raises(Rejected, match="memory"):
        render(large.path.read_bytes(), Recipe(), Budget(memory=(size - 64) * 2**20))
    assert memory_size([small]) < size


def _png(path: Path, side: int) -> Case:
    Image.new("RGB", (side, side)).save(path)
    return Case(path.name, path, "PNG", side * side / 1e6)


@pytest.mark.parametrize(("measured", "verdict"), [(0.854, "met"), (0.856, "**missed**")])
def test_a_goal_is_judged_at_the_two_decimals_shown(measured: float, verdict: str) -> None:
    """What the report shows as the limit itself is met; a hundredth more is not."""
    assert Goal("a picture, CPU", measured, 0.85).verdict.startswith(verdict)
