"""What views of renditions on demand cost, by how many in a hundred the edges do not have.

The model: every view that no browser answers by itself asks CloudFront and runs its function; a
miss runs the delivery function, which reads the original and makes an AVIF of 640 pixels. Most
browsers take that, and it is the dearest of the formats: bench/delivery.py measures it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from imgpipe.costs import prices
from imgpipe.costs.estimate import COLD_MILLISECONDS, Work, runs

if TYPE_CHECKING:
    from imgpipe.costs.estimate import Setting

MISSES: Final = (1.0, 5.0, 20.0)
WIDTH: Final = 640
# Of a whole core: what a rendition takes anyhow, and what a megapixel of its original adds.
_RENDITION_MILLISECONDS: Final = 90
_MEGAPIXEL_MILLISECONDS: Final = 1.75
_LOG_BYTES: Final = 180
_RENDITION_BYTES: Final = 35_000
_GIGABYTE: Final = 1e9


@dataclass(frozen=True)
class Share:
    """What the views cost of which so many in a hundred are ``misses``: dollars by ``item``."""

    misses: float
    items: Mapping[str, float]


@dataclass(frozen=True)
class Views:
    """What so many ``views`` cost of renditions of originals of so many ``megapixels``.

    ``gigabytes`` are what CloudFront delivers with them, and ``delivery`` its price in dollars.
    """

    views: int
    megapixels: float
    region: str
    shares: Sequence[Share]
    gigabytes: float
    delivery: float


def views(
    count: int, megapixels: float, misses: Sequence[float], setting: Setting, region: str
) -> Views:
    """Return what ``count`` views cost; ``setting`` has the delivery function's memory."""
    gigabytes = count * _RENDITION_BYTES / _GIGABYTE
    shares = [Share(each, _items(count, each, megapixels, setting)) for each in misses]
    return Views(count, megapixels, region, shares, gigabytes, gigabytes * prices.CDN_GB)


def _items(count: int, misses: float, megapixels: float, setting: Setting) -> dict[str, float]:
    millions = count / 1e6
    milliseconds = _RENDITION_MILLISECONDS + _MEGAPIXEL_MILLISECONDS * megapixels
    work = Work(milliseconds, {"S3 GetObject": 1}, _LOG_BYTES)
    a_million = {
        "originals read": setting.prices.get,
        **runs(work, COLD_MILLISECONDS, setting),
    }
    return {
        "requests to CloudFront": prices.CDN_REQUESTS * millions,
        "runs of its function at the edges": prices.EDGE_RUNS * millions,
        **{name: dollars * millions * misses / 100 for name, dollars in a_million.items()},
    }
