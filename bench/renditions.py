"""Three renditions of one decoded source against sharp's clone-and-resize.

And what orientation, colour and watermark cost.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from bench.corpus import squares
from bench.goals import Goal
from bench.markdown import section, table
from bench.quality import fidelity
from bench.timing import interleave
from bench.worker import Worker, sample

if TYPE_CHECKING:
    from bench.corpus import Case

_ROUNDS: Final = 11


def three(case: Case) -> tuple[list[Goal], str]:
    """Make 320, 800 and 1600 pixels of ``case`` with imgpipe and with sharp.

    Return the goal and the section.
    """
    with Worker("sharp") as sharp, Worker("imgpipe") as imgpipe:
        workers = {"sharp": sharp, "imgpipe": imgpipe}
        times = interleave(
            {name: partial(sample, worker, "three", case) for name, worker in workers.items()},
            _ROUNDS,
        )
        fidelities = {
            name: fidelity(case.path, worker.ask("three", case).output)
            for name, worker in workers.items()
        }
    rows = [
        [name, f"{times[name].cpu:.0f}", f"{times[name].wall:.0f}", f"{fidelities[name].loss:.1f}"]
        for name in workers
    ]
    goal = Goal(
        f"three renditions of {case.name}, CPU, of sharp's",
        times["imgpipe"].cpu / times["sharp"].cpu,
        0.85,
    )
    header = ["contender", "CPU ms", "wall ms", "dB lost in the smallest"]
    return [goal], section(
        f"Three renditions (320, 800, 1600 pixels) of {case.name}, no watermark",
        table(header, rows),
    )


def extras() -> tuple[list[Goal], str]:
    """Run the same pixels plain, then turned and marked, then in a wide gamut as well.

    Return goal and section.
    """
    plain, sideways, wide = squares()
    ways = {
        "plain, no watermark": ("bare", plain),
        "turned, watermark": ("marked", sideways),
        "turned, wide gamut converted, watermark": ("marked", wide),
    }
    with Worker("imgpipe") as worker:
        times = interleave(
            {way: partial(sample, worker, task, case) for way, (task, case) in ways.items()},
            _ROUNDS,
        )
    off, marked, on = (time.cpu for time in times.values())
    goals = [
        Goal("orientation and watermark on, CPU, of all off", marked / off, 1.10),
        Goal("orientation, ICC and watermark on, CPU, of all off", on / off, 1.15),
    ]
    rows = [
        [way, f"{time.cpu:.1f}", f"{time.wall:.1f}", f"{time.cpu / off:.2f}"]
        for way, time in times.items()
    ]
    return goals, section(
        "What orientation, colour and watermark cost (12 MP, square)",
        table(["", "CPU ms", "wall ms", "of plain"], rows),
    )
