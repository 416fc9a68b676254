"""How time is taken: subjects in turn, round after round, so that a busy moment hits all alike.

Medians at the end.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from bench.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


K = TypeVar("K")


@dataclass(frozen=True)
class Sample:
    """Milliseconds one run took: processor time of all its threads, and wall time."""

    cpu: float
    wall: float


def interleave(subjects: Mapping[K, Callable[[], Sample]], rounds: int) -> dict[K, Sample]:
    """Run every subject once a round and return each one's median; a dot a round.

    The first round does not count.
    """
    taken: dict[K, list[Sample]] = {name: [] for name in subjects}
    for turn in range(rounds + 1):
        for name, run in subjects.items():
            sample = run()
            if turn:
                taken[name].append(sample)
        print(".", end="", file=sys.stderr, flush=True)
    return {name: median(samples) for name, samples in taken.items()}


def median(samples: Sequence[Sample]) -> Sample:
    """Return the median of each figure on its own."""
    return Sample(
        statistics.median(s.cpu for s in samples), statistics.median(s.wall for s in samples)
    )


def time_process(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Sample:
    """Run ``command`` from the repository's root and return what it took.

    Its output is dropped.

    ``CalledProcessError`` when it fails: a command that failed fast must not look fast.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Sample((usage.ru_utime + usage.ru_stime) * 1000, wall * 1000)
