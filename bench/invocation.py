"""One invocation of the deployed function, S3 and DynamoDB answering at once.

Processor time, memory and round trips.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bench.deployed import ENVIRONMENT, unpacked
from bench.markdown import section, table
from bench.paths import ROOT
from bench.sink import sink

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.corpus import Case

_WARM: Final = 7
_NOTE: Final = (
    "The deployed zip and layer in a fresh process, handling one S3 event over and over; S3 and "
    "DynamoDB are a loopback server that answers at "
    "once. *First* includes the first connections and the picture's plugin, *warm* is what every "
    "later picture takes."
)


@dataclass(frozen=True)
class Invocation:
    """What one picture takes: processor ms, first and warm; peak MiB; requests."""

    first: float
    warm: float
    peak: float
    requests: Mapping[str, int]


def invoke(case: Case) -> Invocation:
    """Run the function on ``case``, once cold and then warm."""
    with sink(case.path.read_bytes()) as server:
        figures = _run(unpacked("deployed"), server.url)
        requests = {what: count // (1 + _WARM) for what, count in sorted(server.asked.items())}
    return Invocation(figures["first"], figures["warm"], figures["peak"], requests)


def _run(folder: Path, url: str) -> dict[str, float]:
    path = f"{folder}:{folder / 'python'}"
    command = [sys.executable, "-P", str(ROOT / "bench" / "contenders" / "function.py"), str(_WARM)]
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": path, "AWS_ENDPOINT_URL": url}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def report(invocations: Mapping[str, Invocation]) -> str:
    """Return the section: one row for each picture."""
    rows: Sequence[list[str]] = [
        [
            name,
            f"{of.first:.0f}",
            f"{of.warm:.0f}",
            f"{of.peak:.0f}",
            ", ".join(f"{count} {what}" for what, count in of.requests.items()),
        ]
        for name, of in invocations.items()
    ]
    return section(
        "One invocation",
        _NOTE,
        table(
            ["picture", "first, CPU ms", "warm, CPU ms", "peak MiB", "round trips a picture"], rows
        ),
    )
