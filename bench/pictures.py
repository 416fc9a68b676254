"""One picture, bytes to bytes.

Imgpipe's core against the guide's code, thumbor's engine, libvips and sharp.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from bench.quality import Fidelity, fidelity
from bench.timing import Sample, interleave
from bench.worker import CONTENDERS, Worker, sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.corpus import Case

_ROUNDS: Final = 13


@dataclass(frozen=True)
class Outcome:
    """One contender on one picture.

    Median time, peak memory of a fresh process (MiB), bytes out, and fidelity.
    """

    time: Sample
    peak: float
    size: int
    fidelity: Fidelity


def measure(cases: Sequence[Case]) -> dict[str, dict[str, Outcome]]:
    """Run every contender on every case.

    Return the outcomes by the case's name, then the contender's.
    """
    times = _times(cases)
    return {
        case.name: {name: _outcome(case, name, times[case.name, name]) for name in CONTENDERS}
        for case in cases
    }


def _times(cases: Sequence[Case]) -> dict[tuple[str, str], Sample]:
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(name)) for name in CONTENDERS}
        runs = {
            (case.name, name): partial(sample, worker, "marked", case)
            for case in cases
            for name, worker in workers.items()
        }
        return interleave(runs, _ROUNDS)


def _outcome(case: Case, contender: str, time: Sample) -> Outcome:
    """Return what a fresh process needs for one picture, and how good the picture is.

    It is judged without a watermark.
    """
    with Worker(contender) as fresh:
        marked = fresh.ask("marked", case)
        bare = fresh.ask("bare", case)
    return Outcome(
        time, marked.peak, marked.output.stat().st_size, fidelity(case.path, bare.output)
    )
