"""What a million pictures cost in all, and at which memory a 12 MP picture is cheapest.

The model: below 1769 MB Lambda gives a function that share of one processor core, and above it one
picture's single thread gains nothing
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). Duration is billed per
millisecond and GB. Processor time therefore costs the same at every size up to there, while every
millisecond spent waiting costs in proportion to the size: the cheapest setting is the smallest at
which the function takes in what has to be taken in. That is a 12 MP picture of every kind, and one
more, because many cameras have 24 MP: that much as a PNG, the hungriest of the usual kinds.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final

from bench import coldstart
from bench.invocation import invoke
from bench.markdown import section, table
from handler.gallery import PICTURES_A_PAGE
from handler.image import Budget, Rejected, render
from handler.recipe import Recipe, Rendition, web_preset
from imgpipe.pipeline.declaration import PAGE_MEMORY_MB
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.corpus import Case
    from bench.invocation import Invocation

FULL_CORE: Final = 1769
_SIZES: Final = (512, 1024, FULL_CORE, 3008)
# What Lambda offers, in the steps we look at.
_SMALLEST, _LARGEST, _STEP = 128, 10240, 64
# us-east-1, 2026, US dollars: https://aws.amazon.com/lambda/pricing (arm64), /s3/pricing,
# /dynamodb/pricing (on demand), /cloudwatch/pricing.
_GB_SECOND: Final = 0.0000133334
_LOG_GIGABYTE: Final = 0.50
_PUT: Final = 5.00
_PER_MILLION: Final = {
    "S3 PutObject": _PUT,
    "S3 GetObject": 0.40,
    "S3 HeadObject": 0.40,
    "DynamoDB PutItem": 3 * 0.625,
    "DynamoDB Query": 0.5 * 0.125,
}
_ROW: Final = "DynamoDB PutItem"
_ITEMS: Final = {
    "S3 PutObject": "results put into S3",
    "S3 GetObject": "originals read",
    "S3 HeadObject": "a look whether the original is still there",
    "DynamoDB PutItem": "rows in DynamoDB, two thirds of it their two indexes",
    "DynamoDB Query": "a look for results of an earlier version",
}
_INVOCATIONS: Final = 0.20
# Lambda reads a table's stream for nothing; a row is read once more, consistently.
_CONSISTENT_READ: Final = 0.125
_ROWS_A_CALL: Final = 100
# Of a whole core, for a batch of the stream: an index of 300 pictures taken apart and put together,
# and three requests, as measured here.
_PAGE_MILLISECONDS: Final = 9
_PAGE_LOG_BYTES: Final = 200
# Of a hundred pictures so many meet an execution environment that has to be started first.
_COLD_PERCENT: Final = 1
# Milliseconds an answer takes within a region, as microburst's authors measured S3 and DynamoDB,
# less their network.
_WAITS: Final = {
    "S3 GetObject": 30.6,
    "S3 HeadObject": 30.6,
    "S3 PutObject": 30.6,
    "DynamoDB PutItem": 8.4,
    "DynamoDB Query": 8.4,
}
_MEMORY_NOTE: Final = (
    "Processor time costs the same at every setting up to {full} MB, and waiting costs in "
    "proportion to it. So the cheapest setting for a 12 MP picture is the smallest at which the "
    "function takes in one of every kind and a {demanding}: **{cheapest} MB**. imgpipe's default "
    "is **{default} MB**. Lambda's processor is taken to be as fast as this one."
)
_BILL_NOTE: Final = (
    "A million pictures like {name}, at {memory} MB: every request, line of log and millisecond "
    "that they cause, counted in the runs above; one in a hundred is taken to meet a cold start. "
    "List prices of us-east-1 without the free tier. Storage, and what CloudFront delivers, come "
    "on top."
)


def memory_size(cases: Sequence[Case]) -> int:
    """Return the smallest memory, in MB, at which the function lets all ``cases`` in.

    It is told in steps of 64.
    """
    return next(
        size
        for size in range(_SMALLEST, _LARGEST, _STEP)
        if all(_admitted(case, size) for case in cases)
    )


def _admitted(case: Case, memory: int) -> bool:
    try:
        render(case.path.read_bytes(), Recipe(), Budget(memory=memory * 1024 * 1024))
    except Rejected:
        return False
    return True


def duration(of: Invocation, memory: int) -> float:
    """Return the milliseconds Lambda bills for a warm invocation at ``memory`` MB."""
    return _processor(of.warm, memory) + sum(
        _WAITS[what] * count for what, count in of.requests.items()
    )


def bill(of: Invocation, cold_milliseconds: float, memory: int) -> dict[str, float]:
    """Return the dollars that a million such pictures cost, item by item.

    ``cold_milliseconds`` is the processor time that a cold start takes before the first picture:
    billed like any other, https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase
    """
    cold = _processor(cold_milliseconds, memory) * _COLD_PERCENT / 100
    requests = {
        _ITEMS[what]: price * of.requests.get(what, 0) for what, price in _PER_MILLION.items()
    }
    return {
        "your own uploads, a PUT each": _PUT,
        **requests,
        "the page, where each picture comes alone": page(of.requests.get(_ROW, 0), 1),
        "invocations of the function": _INVOCATIONS,
        "its processor and memory": _lambda(duration(of, memory), memory),
        f"cold starts, {_COLD_PERCENT} in 100": _lambda(cold, memory),
        "lines in CloudWatch Logs": of.log_bytes * _LOG_GIGABYTE / 1000,
    }


def page(rows: int, together: int) -> float:
    """Return what the page costs for a million pictures of so many ``rows`` each, in dollars.

    So many pictures come ``together``, within the seconds that changes are gathered for, and are
    written with one index. Of every so many a page is put, and the pages are listed.
    """
    calls = ceil(rows * together / _ROWS_A_CALL)
    milliseconds = _processor(_PAGE_MILLISECONDS, PAGE_MEMORY_MB) + sum(
        (_WAITS["S3 GetObject"], _WAITS["S3 PutObject"], _WAITS[_ROW] * calls)
    )
    requests = _INVOCATIONS + _PER_MILLION["S3 GetObject"] + _PUT
    log = _PAGE_LOG_BYTES * _LOG_GIGABYTE / 1000
    batch = requests + _lambda(milliseconds, PAGE_MEMORY_MB) + log
    return batch / together + rows * (_CONSISTENT_READ + 2 * _PUT / PICTURES_A_PAGE)


def report(cases: Sequence[Case], demanding: Case, invocations: Mapping[str, Invocation]) -> str:
    """Return two sections: the memory setting that follows, and what a million pictures cost."""
    return "\n".join(
        [_memory(cases, demanding, invocations), _bills(cases[0], invocations[cases[0].name])]
    )


def _memory(cases: Sequence[Case], demanding: Case, invocations: Mapping[str, Invocation]) -> str:
    cheapest, default, name = memory_size([*cases, demanding]), Settings().memory, cases[0].name
    photo = invocations[name]
    rows = [
        [
            f"{size} MB",
            f"{duration(photo, size):.0f}",
            f"{_lambda(duration(photo, size), size):.2f}",
        ]
        for size in sorted({cheapest, default, *_SIZES})
    ]
    note = _MEMORY_NOTE.format(
        full=FULL_CORE, demanding=demanding.name, cheapest=cheapest, default=default
    )
    header = [name, "billed ms, warm", "processor and memory, $ a million"]
    return section("Memory setting", note, table(header, rows))


def _bills(case: Case, one: Invocation) -> str:
    memory, cold = Settings().memory, coldstart.processor_milliseconds()
    web = invoke(case, Recipe(renditions=(Rendition(), *web_preset(Rendition()))))
    bills = [bill(each, cold, memory) for each in (one, web)]
    rows = [[item, *(f"{bill[item]:.2f}" for bill in bills)] for item in bills[0]]
    total = ["**in all**", *(f"**{sum(bill.values()):.2f}**" for bill in bills)]
    return section(
        "What a million pictures cost",
        _BILL_NOTE.format(name=case.name, memory=memory),
        table(["$ a million pictures", "one rendition", '`preset = "web"`'], [*rows, total]),
    )


def _processor(milliseconds: float, memory: int) -> float:
    """Return what so much work on a whole core takes at ``memory`` MB."""
    return milliseconds * max(1.0, FULL_CORE / memory)


def _lambda(milliseconds: float, memory: int) -> float:
    """Return the dollars of a million times so long at ``memory`` MB."""
    return milliseconds * 1000 * memory / 1024 * _GB_SECOND
