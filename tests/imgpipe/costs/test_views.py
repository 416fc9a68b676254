"""What views of renditions on demand are estimated to cost, and that the README says the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from imgpipe.costs import prices, views
from imgpipe.costs.estimate import Setting
from imgpipe.pipeline.page import PAGE_MEMORY_MB
from imgpipe.settings import Settings

README: Final = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
# Half a cent, and what halves are rounded by.
CENT: Final = 0.0051
AT_THE_EDGES: Final = ("requests to CloudFront", "runs of its function")


def estimated(*misses: float, memory: int = 0, size: float = 12) -> views.Views:
    """What a million views cost a pipeline as it comes, in us-east-1."""
    settings = Settings()
    known = prices.PRICES[prices.FALLBACK]
    used = memory or settings.delivery.memory
    setting = Setting(used, PAGE_MEMORY_MB, settings.architecture, known)
    return views.views(1_000_000, size, misses, setting, prices.FALLBACK)


def total(misses: float, **change: float) -> float:
    """What a million views cost in all of which so many in a hundred are misses."""
    (share,) = estimated(misses, **change).shares  # type: ignore[arg-type]
    return sum(share.items.values())


def test_the_readmes_table_is_what_is_estimated() -> None:
    """Line by line, to the cent."""
    table, *_ = README[README.index("| $ a million views") :].split("\n\n")
    header, *lines = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    told = {line[0]: [float(each.strip("*")) for each in line[1:]] for line in lines[1:]}
    shares = estimated(*views.MISSES).shares
    assert header[1:] == tuple(f"{share.misses:g} % miss" for share in shares)
    for at, share in enumerate(shares):
        edges = [share.items[name] for name in share.items if name.startswith(AT_THE_EDGES)]
        made = sum(share.items.values()) - sum(edges)
        wanted = [*edges, made, sum(share.items.values())]
        assert [row[at] for row in told.values()] == [pytest.approx(x, abs=CENT) for x in wanted]


def test_a_view_that_the_edges_answer_costs_them_alone() -> None:
    """A request by HTTPS and a run of a CloudFront Function: $1.00 and $0.10 a million."""
    assert total(0) == pytest.approx(1.10)


def test_a_miss_is_an_invocation_a_read_and_its_gigabyte_seconds() -> None:
    """By hand: 111 ms of a core and 30.6 for S3 at 1769 MB of arm64; a hundredth starts cold."""
    seconds = 0.111 + 0.0306 + 0.329 / 100
    made = 0.20 + 0.40 + seconds * 1e6 * 1769 / 1024 * 0.0000133334 + 180e6 / 1e9 * 0.50
    assert total(100) - total(0) == pytest.approx(made, rel=1e-3)
    assert total(5) - total(0) == pytest.approx(made / 20, rel=1e-3)


def test_more_costs_more() -> None:
    """Misses, pixels of the originals, memory beyond a whole core."""
    assert total(1) < total(5) < total(20) < total(20, size=24) < total(20, size=24, memory=3008)


def test_what_is_delivered_comes_on_top() -> None:
    """As many bytes as a rendition has, whoever made it, at CloudFront's price."""
    found = estimated(1, 20)
    assert found.gigabytes == pytest.approx(35)
    assert found.delivery == pytest.approx(2.975)
