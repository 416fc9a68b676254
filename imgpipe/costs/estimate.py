"""What pictures cost, reckoned from the requests, milliseconds and lines of log that each causes.

The model: below 1769 MB Lambda gives a function that share of one processor core, and above it one
picture's single thread gains nothing
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). Duration is billed per
millisecond and GB. ``bench/cost.py`` fills it with what it has just measured, ``imgpipe cost`` with
what was measured there for JPEGs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Final

from handler.gallery import PICTURES_A_PAGE
from imgpipe.costs.storage import storage

if TYPE_CHECKING:
    from imgpipe.costs.prices import Prices

FULL_CORE: Final = 1769
COLD_PERCENT: Final = 1
"""Of a hundred pictures so many meet an execution environment that has to be started first."""

_ROW: Final = "DynamoDB PutItem"
_UPLOADS: Final = "your own uploads, a PUT each"
_PAGE_ALONE: Final = "the page, where each picture comes alone"
# Milliseconds an answer takes within a region, as microburst's authors measured S3 and DynamoDB,
# less their network.
WAITS: Final = {
    "S3 GetObject": 30.6,
    "S3 HeadObject": 30.6,
    "S3 PutObject": 30.6,
    _ROW: 8.4,
    "DynamoDB Query": 8.4,
}
_ITEMS: Final = {
    "S3 PutObject": "results put into S3",
    "S3 GetObject": "originals read",
    "S3 HeadObject": "a look whether the original is still there",
    _ROW: "rows in DynamoDB, two thirds of it their two indexes",
    "DynamoDB Query": "a look for results of an earlier version",
}
# A row is written into the table and two indexes; a query that finds nothing is half a unit.
_UNITS_OF_A_ROW: Final = 3
_UNITS_OF_A_QUERY: Final = 0.5
_ROWS_A_CALL: Final = 100
# Of a whole core, for a batch of the stream: an index of 300 pictures taken apart and put together,
# and three requests, as measured by the bench.
_PAGE_MILLISECONDS: Final = 9
_PAGE_LOG_BYTES: Final = 200

# Measured by the bench, of a whole core, for JPEGs: what a picture takes anyhow, what a megapixel
# of it and every further rendition add, and a cold start; bytes of log for a picture and a row.
_PICTURE_MILLISECONDS: Final = 26.8
_MEGAPIXEL_MILLISECONDS: Final = 1.75
_RENDITION_MILLISECONDS: Final = 37.6
COLD_MILLISECONDS: Final = 329
_PICTURE_LOG_BYTES: Final = 130
_ROW_LOG_BYTES: Final = 250


@dataclass(frozen=True)
class Work:
    """What one picture causes: ``warm`` ms of a whole core, requests by name, bytes of log."""

    warm: float
    requests: Mapping[str, int]
    log_bytes: int


@dataclass(frozen=True)
class Setting:
    """What decides the price beside the work: MB of the functions, processor, prices.

    ``delivery_memory`` is 0 where there is no function for renditions on demand.
    """

    memory: int
    page_memory: int
    architecture: str
    prices: Prices
    delivery_memory: int = 0


@dataclass(frozen=True)
class Estimate:
    """What so many ``pictures`` cost, in dollars by item: ``once``, and ``monthly`` to keep."""

    pictures: int
    megapixels: float
    renditions: int
    region: str
    once: Mapping[str, float]
    monthly: Mapping[str, float]


def estimate(
    pictures: int, megapixels: float, renditions: int, setting: Setting, region: str
) -> Estimate:
    """Return what ``pictures`` JPEGs cost at the prices of ``region``, which ``setting`` has."""
    million = bill(work(megapixels, renditions), COLD_MILLISECONDS, setting)
    kept = storage(megapixels, renditions, setting.prices)
    once, monthly = (_share(dollars, pictures) for dollars in (million, kept))
    return Estimate(pictures, megapixels, renditions, region, once, monthly)


def work(megapixels: float, renditions: int) -> Work:
    """Return what a JPEG of so many ``megapixels`` causes that becomes so many ``renditions``."""
    further = _RENDITION_MILLISECONDS * (renditions - 1)
    return Work(
        _PICTURE_MILLISECONDS + _MEGAPIXEL_MILLISECONDS * megapixels + further,
        {
            "S3 GetObject": 1,
            "S3 HeadObject": 1,
            "S3 PutObject": renditions,
            _ROW: renditions,
            "DynamoDB Query": 1,
        },
        _PICTURE_LOG_BYTES + _ROW_LOG_BYTES * renditions,
    )


def duration(of: Work, memory: int) -> float:
    """Return the milliseconds Lambda bills for a warm invocation at ``memory`` MB."""
    return _processor(of.warm, memory) + sum(
        WAITS[what] * count for what, count in of.requests.items()
    )


def bill(of: Work, cold_milliseconds: float, setting: Setting) -> dict[str, float]:
    """Return the dollars that a million such pictures cost, item by item.

    ``cold_milliseconds`` is the processor time that a cold start takes before the first picture:
    billed like any other, https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase
    """
    prices, each = setting.prices, _requests(setting.prices)
    requests = {name: each[what] * of.requests.get(what, 0) for what, name in _ITEMS.items()}
    return {
        _UPLOADS: prices.put,
        **requests,
        _PAGE_ALONE: page(of.requests.get(_ROW, 0), 1, setting),
        **runs(of, cold_milliseconds, setting),
    }


def runs(of: Work, cold_milliseconds: float, setting: Setting) -> dict[str, float]:
    """Return the dollars that the function alone costs for a million times such work."""
    prices, memory = setting.prices, setting.memory
    cold = _processor(cold_milliseconds, memory) * COLD_PERCENT / 100
    return {
        "invocations of the function": prices.invocation,
        "its processor and memory": _lambda(duration(of, memory), memory, setting),
        f"cold starts, {COLD_PERCENT} in 100": _lambda(cold, memory, setting),
        "lines in CloudWatch Logs": of.log_bytes * prices.log_gb / 1000,
    }


def again(milliseconds: float, renditions: int, together: int, setting: Setting) -> float:
    """Return the dollars that a million pictures cost that are made again, so many ``together``.

    Each takes so many ``milliseconds``, as its rows say, and is not uploaded once more.
    """
    requests = replace(work(0, renditions), warm=0)
    items = bill(requests, COLD_MILLISECONDS, setting)
    left = sum(dollars for name, dollars in items.items() if name not in {_UPLOADS, _PAGE_ALONE})
    computed = _lambda(milliseconds, setting.memory, setting)
    return left + computed + page(renditions, together, setting)


def page(rows: int, together: int, setting: Setting) -> float:
    """Return what the page costs for a million pictures of so many ``rows`` each, in dollars.

    So many pictures come ``together``, within the seconds that changes are gathered for, and are
    written with one index and one plain page. Of every so many a page is put, and the pages are
    listed. Lambda reads a table's stream for nothing; a row is read once more, consistently.
    """
    prices, memory = setting.prices, setting.page_memory
    calls = ceil(rows * together / _ROWS_A_CALL)
    milliseconds = _processor(_PAGE_MILLISECONDS, memory) + sum(
        (WAITS["S3 GetObject"], 2 * WAITS["S3 PutObject"], WAITS[_ROW] * calls)
    )
    requests = prices.invocation + prices.get + 2 * prices.put
    log = _PAGE_LOG_BYTES * prices.log_gb / 1000
    batch = requests + _lambda(milliseconds, memory, setting) + log
    return batch / together + rows * prices.read + 2 * prices.put / PICTURES_A_PAGE


def _share(million: Mapping[str, float], pictures: int) -> dict[str, float]:
    """Return of the dollars for a million pictures those for so many."""
    return {name: dollars * pictures / 1e6 for name, dollars in million.items()}


def _requests(prices: Prices) -> dict[str, float]:
    """Return what a million of each request cost."""
    return {
        "S3 PutObject": prices.put,
        "S3 GetObject": prices.get,
        "S3 HeadObject": prices.get,
        _ROW: _UNITS_OF_A_ROW * prices.write,
        "DynamoDB Query": _UNITS_OF_A_QUERY * prices.read,
    }


def _processor(milliseconds: float, memory: int) -> float:
    """Return what so much work on a whole core takes at ``memory`` MB."""
    return milliseconds * max(1.0, FULL_CORE / memory)


def _lambda(milliseconds: float, memory: int, setting: Setting) -> float:
    """Return the dollars of a million times so long at ``memory`` MB."""
    return milliseconds * 1000 * memory / 1024 * setting.prices.gb_second(setting.architecture)
