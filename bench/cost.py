"""What a million pictures cost, and at which memory a 12 MP picture is cheapest.

The model: below 1769 MB Lambda gives a function that share of one processor core, and above it one
picture's single thread gains nothing
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). Duration is billed per
millisecond and GB. Processor time therefore costs the same at every size up to there, while every
millisecond spent waiting costs in proportion to the size: the cheapest setting is the smallest at
which the function takes in what has to be taken in. That is a 12 MP picture of every kind, and one
more, because many cameras have 24 MP: that much as a PNG, the hungriest of the usual kinds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.markdown import section, table
from handler.image import Budget, Rejected, render
from handler.recipe import Recipe
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
# /dynamodb/pricing (on demand).
_GB_SECOND: Final = 0.0000133334
_PER_MILLION: Final = {
    "Lambda request": 0.20,
    "S3 GetObject": 0.40,
    "S3 HeadObject": 0.40,
    "S3 PutObject": 5.00,
    "DynamoDB PutItem": 3 * 0.625,  # the row, and its entry in either index
}
# Milliseconds an answer takes within a region, as microburst's authors measured S3 and DynamoDB,
# less their network.
_WAITS: Final = {
    "S3 GetObject": 30.6,
    "S3 HeadObject": 30.6,
    "S3 PutObject": 30.6,
    "DynamoDB PutItem": 8.4,
}


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
    return of.warm * max(1.0, FULL_CORE / memory) + sum(
        _WAITS[what] * count for what, count in of.requests.items()
    )


def million(of: Invocation, memory: int) -> float:
    """Return the dollars that a million such pictures cost.

    Duration, the invocations themselves and their requests.
    """
    seconds = duration(of, memory) / 1000 * 1_000_000
    requests = _PER_MILLION["Lambda request"] + sum(
        _PER_MILLION[what] * count for what, count in of.requests.items()
    )
    return seconds * memory / 1024 * _GB_SECOND + requests


def report(cases: Sequence[Case], demanding: Case, invocations: Mapping[str, Invocation]) -> str:
    """Return the section.

    The setting that follows, and the price of a million of the first of ``cases`` at it and at
    others.
    """
    cheapest, default, name = memory_size([*cases, demanding]), Settings().memory, cases[0].name
    photo = invocations[name]
    rows = [
        [f"{size} MB", f"{duration(photo, size):.0f}", f"{million(photo, size):.2f}"]
        for size in sorted({cheapest, default, *_SIZES})
    ]
    return section(
        "Memory setting and cost",
        f"Processor time costs the same at every setting up to {FULL_CORE} MB, and waiting costs "
        f"in proportion to it. So the cheapest setting for "
        f"a 12 MP picture is the smallest at which the function takes in one of every kind and a "
        f"{demanding.name}: **{cheapest} MB**. imgpipe's default is **{default} MB**, "
        f"at which a million 12 MP JPEGs cost **${million(photo, default):.2f}**, "
        f"${_PER_MILLION['S3 PutObject']:.2f} of it S3's price "
        "for the puts. The free tier, storage, logs, uploads and CloudFront's traffic are not in "
        "it; Lambda's processor is taken to be as "
        "fast as this one.",
        table([name, "billed ms, warm", "$ a million"], rows),
    )
