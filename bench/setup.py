"""``imgpipe setup`` behind AWS-like latency, against the same calls in sequence."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.goals import Goal
from bench.markdown import section, table
from bench.paths import ROOT
from imgpipe import local
from tests.support.proxy import proxied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgpipe.local import Emulator

_ROUNDS: Final = 3
_SERVICES: Final = ("s3", "iam", "dynamodb", "sqs", "logs", "lambda", "cloudfront", "sts")
_NOTE: Final = (
    "A fresh pipeline on the embedded AWS, behind microburst with the latency it knows for each "
    "service (8 ms for DynamoDB to 57 ms for IAM). *In "
    "sequence* is the same engine with one thread, no call made before the last one's answer. "
    "Whole processes, imports included, "
    "but for the command line's own; wall time, medians."
)


@dataclass(frozen=True)
class Run:
    """One setup.

    Seconds from start to end of its process, and how many requests it made, how many of them
    changing.
    """

    seconds: float
    calls: int
    changing: int


def measure() -> tuple[list[Goal], str]:
    """Set up new stages in turn, in parallel and in sequence, then each parallel one again."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _emulator(Path(folder)) as emulator,
        proxied(emulator.url) as proxy,
    ):
        proxy.inject(*({"service": name, "latency": {"preset": name}} for name in _SERVICES))
        runs: dict[str, list[Run]] = {
            "in parallel, as it is": [],
            "in sequence": [],
            "again, nothing to do": [],
        }
        _setup(
            emulator, proxy.url, "warm", "parallel"
        )  # ministack loads each service at its first call
        for turn in range(_ROUNDS):
            runs["in parallel, as it is"].append(
                _setup(emulator, proxy.url, f"parallel{turn}", "parallel")
            )
            runs["in sequence"].append(_setup(emulator, proxy.url, f"serial{turn}", "serial"))
            runs["again, nothing to do"].append(
                _setup(emulator, proxy.url, f"parallel{turn}", "parallel")
            )
    rows = {name: _median(several) for name, several in runs.items()}
    parallel, serial, again = rows.values()
    goals = [
        Goal(
            "setup behind AWS-like latency, of the same calls in sequence",
            parallel.seconds / serial.seconds,
            0.5,
        ),
        Goal("setup with nothing to do, there", again.seconds, 2.0, "s"),
        Goal("setup with nothing to do, changing calls", again.changing, 0, "calls"),
    ]
    lines = [
        [name, f"{run.seconds:.1f}", str(run.calls), str(run.changing)]
        for name, run in rows.items()
    ]
    return goals, section(
        "Setup", _NOTE, table(["setup", "seconds", "calls", "of them changing"], lines)
    )


def _median(runs: list[Run]) -> Run:
    return Run(
        statistics.median(run.seconds for run in runs),
        runs[-1].calls,
        max(run.changing for run in runs),
    )


def _setup(emulator: Emulator, url: str, stage: str, way: str) -> Run:
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": emulator.access_key,
        "AWS_SECRET_ACCESS_KEY": emulator.secret_key,
        "AWS_DEFAULT_REGION": emulator.region,
    }
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "bench.contenders.setup", url, stage, way],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return Run(time.perf_counter() - began, **json.loads(done.stdout))


@contextmanager
def _emulator(state: Path) -> Iterator[Emulator]:
    try:
        yield local.start(state / "aws")
    finally:
        local.stop(state / "aws")


if __name__ == "__main__":
    sys.stdout.write(measure()[1])
