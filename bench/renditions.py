"""Three renditions of one decoded source against sharp's clone-and-resize; and what orientation, colour and watermark cost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from bench.corpus import square_pair
from bench.goals import Goal
from bench.markdown import section, table
from bench.quality import fidelity
from bench.timing import interleave
from bench.worker import Worker, sample

if TYPE_CHECKING:
    from bench.corpus import Case

_ROUNDS: Final = 11


def three(case: Case) -> tuple[list[Goal], str]:
    """Make 320, 800 and 1600 pixels of ``case`` with imgpipe and with sharp; return the goal and the section."""
    with Worker("sharp") as sharp, Worker("imgpipe") as imgpipe:
        workers = {"sharp": sharp, "imgpipe": imgpipe}
        times = interleave({name: partial(sample, worker, "three", case) for name, worker in workers.items()}, _ROUNDS)
        fidelities = {name: fidelity(case.path, worker.ask("three", case).output) for name, worker in workers.items()}
    rows = [[name, f"{times[name].cpu:.0f}", f"{times[name].wall:.0f}", f"{fidelities[name].loss:.1f}"] for name in workers]
    goal = Goal(f"three renditions of {case.name}, CPU, of sharp's", times["imgpipe"].cpu / times["sharp"].cpu, 0.85)
    header = ["contender", "CPU ms", "wall ms", "dB lost in the smallest"]
    return [goal], section(f"Three renditions (320, 800, 1600 pixels) of {case.name}, no watermark", table(header, rows))


def extras() -> tuple[list[Goal], str]:
    """Run the same pixels plain and without a watermark, then turned, in a wide gamut and marked; return goal and section."""
    plain, laden = square_pair()
    with Worker("imgpipe") as worker:
        ways = {"plain, no watermark": ("bare", plain), "orientation, ICC and watermark": ("marked", laden)}
        times = interleave({way: partial(sample, worker, task, case) for way, (task, case) in ways.items()}, _ROUNDS)
    off, on = times.values()
    goal = Goal("orientation, ICC and watermark on, CPU, of all off", on.cpu / off.cpu, 1.10)
    rows = [[way, f"{time.cpu:.1f}", f"{time.wall:.1f}"] for way, time in times.items()]
    return [goal], section("What orientation, ICC and watermark cost together (12 MP, square)", table(["", "CPU ms", "wall ms"], rows))
