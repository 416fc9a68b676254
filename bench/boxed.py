"""AVIF and HEIC sources made JPEG, beside whoever of the peers reads them.

sharp's and pyvips' builds read AVIF, but not HEIC's HEVC, whose patents keep it out of them.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from typing import Final

from bench.corpus import boxed
from bench.goals import Goal
from bench.markdown import section, table
from bench.quality import fidelity
from bench.timing import interleave
from bench.worker import Worker, sample

_ROUNDS: Final = 7
_READERS: Final = {"AVIF 12 MP": ("sharp", "pyvips", "imgpipe"), "HEIC 12 MP": ("imgpipe",)}
_OF_SHARP: Final = 0.75
_NOTE: Final = (
    "Fit into 800 x 600 and saved as JPEG at quality 80, no watermark; CPU time of all threads, "
    "medians, and the peak of a fresh process. sharp's and pyvips' own builds lack HEVC, so that a "
    "HEIC has no peer here."
)


def measure() -> tuple[list[Goal], str]:
    """Time each reader of each picture in turn; return the goals and the section."""
    cases = {case.name: case for case in boxed()}
    pairs = [(name, reader) for name, readers in _READERS.items() for reader in readers]
    with ExitStack() as stack:
        workers = {each: stack.enter_context(Worker(each)) for each in _READERS["AVIF 12 MP"]}
        runs = {
            (name, reader): partial(sample, workers[reader], "jpeg", cases[name])
            for name, reader in pairs
        }
        times = interleave(runs, _ROUNDS)
    rows, peaks = [], {}
    for name, reader in pairs:
        with Worker(reader) as fresh:
            answer = fresh.ask("jpeg", cases[name])
        peaks[name, reader] = answer.peak
        lost = fidelity(cases[name].path, answer.output).loss
        cpu = times[name, reader].cpu
        rows.append([name, reader, f"{cpu:.0f}", f"{answer.peak:.0f}", f"{lost:.1f}"])
    name = "AVIF 12 MP"
    ratio = times[name, "imgpipe"].cpu / times[name, "sharp"].cpu
    memory = peaks[name, "imgpipe"] / peaks[name, "sharp"]
    goals = [
        Goal(f"{name}, CPU, of sharp's", ratio, _OF_SHARP),
        Goal(f"{name}, peak memory, of sharp's", memory, _OF_SHARP),
    ]
    header = ["source", "contender", "CPU ms", "peak MiB", "dB lost"]
    return goals, section("AVIF and HEIC sources", _NOTE, table(header, rows))


if __name__ == "__main__":
    from bench.goals import goals_table

    found, text = measure()
    sys.stdout.write(goals_table(found) + "\n" + text)
