"""What a million pictures cost, and the memory setting that makes a 12 MP picture cheapest, from what was measured.

The model: below 1769 MB Lambda gives a function that share of one processor core, and above it one picture's single thread gains
nothing (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). Duration is billed per millisecond and GB.
Processor time therefore costs the same at every size up to there, while every millisecond spent waiting costs in proportion to
the size: the cheapest setting is the smallest that holds the picture.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from bench.markdown import section, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.invocation import Invocation

FULL_CORE: Final = 1769
_SIZES: Final = (256, 512, 1024, FULL_CORE, 3008)
_STEP: Final = 64
# Lambda's own runtime and what the page cache and allocator take beside our process, and pictures larger than 12 MP.
_HEADROOM: Final = 1.5
# us-east-1, 2026, US dollars: https://aws.amazon.com/lambda/pricing (arm64), /s3/pricing, /dynamodb/pricing (on demand).
_GB_SECOND: Final = 0.0000133334
_PER_MILLION: Final = {"Lambda request": 0.20, "S3 GetObject": 0.40, "S3 PutObject": 5.00, "DynamoDB PutItem": 0.625}
# Milliseconds an answer takes within a region, as microburst's authors measured S3 and DynamoDB, less their network.
_WAITS: Final = {"S3 GetObject": 30.6, "S3 PutObject": 30.6, "DynamoDB PutItem": 8.4}


def memory_size(invocations: Mapping[str, Invocation]) -> int:
    """Return the smallest setting, in MB, that holds every one of ``invocations`` with headroom, in steps of 64."""
    peak = max(of.peak for of in invocations.values())
    return max(_STEP * 2, math.ceil(peak * _HEADROOM / _STEP) * _STEP)


def duration(of: Invocation, memory: int) -> float:
    """Return the milliseconds Lambda bills for a warm invocation at ``memory`` MB."""
    return of.warm * max(1.0, FULL_CORE / memory) + sum(_WAITS[what] * count for what, count in of.requests.items())


def million(of: Invocation, memory: int) -> float:
    """Return the dollars that a million such pictures cost: duration, the invocations themselves and their requests."""
    seconds = duration(of, memory) / 1000 * 1_000_000
    requests = _PER_MILLION["Lambda request"] + sum(_PER_MILLION[what] * count for what, count in of.requests.items())
    return seconds * memory / 1024 * _GB_SECOND + requests


def report(invocations: Mapping[str, Invocation]) -> str:
    """Return the section: the setting that follows, and the price of a million at it and at others."""
    cheapest = memory_size(invocations)
    name, photo = next(iter(invocations.items()))
    rows = [
        [f"{size} MB{' (cheapest)' if size == cheapest else ''}", f"{duration(photo, size):.0f}", f"{million(photo, size):.2f}"]
        for size in sorted({cheapest, *_SIZES})
        if size >= cheapest
    ]
    return section(
        "Memory setting and cost",
        f"Processor time costs the same at every setting up to {FULL_CORE} MB, waiting costs in proportion to it: the cheapest setting for a "
        f"12 MP picture is the smallest that holds one of every kind with {_HEADROOM} times the measured peak, **{cheapest} MB**. A million "
        f"12 MP JPEGs then cost **${million(photo, cheapest):.2f}**, of which ${_PER_MILLION['S3 PutObject']:.2f} is S3's price for the puts. The free tier, "
        "storage, logs and CloudFront's traffic are not in it, nor the uploads; the processor is taken to be as fast as this one.",
        table([f"{name}", "billed ms, warm", "$ a million"], rows),
    )
