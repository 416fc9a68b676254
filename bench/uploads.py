"""Uploads of many small files and of a few large ones, against ``aws s3 cp``."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.goals import Goal
from bench.markdown import section, table
from bench.paths import BUILD, ROOT
from bench.peers import AWS, S5CMD
from bench.s3_sink import sink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ROUNDS: Final = 3
_MB: Final = 1024 * 1024
_HEAD: Final = b"\xff\xd8\xff\xe0"
_IMGPIPE: Final = "import sys; from imgpipe.__main__ import main; sys.exit(main())"
_OTHERS: Final = ("AWS_", "PYTHON")
_CRT: Final = "awscrt's S3 client"
_NOTE: Final = (
    "Whole processes (`imgpipe upload --no-wait`), against a server on the loopback that speaks "
    "TLS and keeps nothing. CPU is the client's own; wall time holds the server's, too. *awscrt* "
    "is driven by s3transfer, with its memory limit set; s5cmd is Go."
)
# A file more may cost no more than this at its peak.
_GROWTH: Final = 1.2


@dataclass(frozen=True)
class Load:
    """What is sent: ``count`` files of ``size`` bytes; each answer comes ``seconds`` late."""

    name: str
    count: int
    size: int
    seconds: float
    limit: float


LOADS: Final = (
    Load("500 x 200 KB", 500, 200_000, 0.0, 0.45),
    Load("500 x 200 KB, +30 ms", 500, 200_000, 0.03, 0.45),
    Load("2,000 x 20 KB", 2000, 20_000, 0.0, 0.45),
    Load("2,000 x 20 KB, +30 ms", 2000, 20_000, 0.03, 0.45),
    Load("4 x 64 MB", 4, 64 * _MB, 0.0, 0.8),
    Load("4 x 64 MB, +30 ms", 4, 64 * _MB, 0.03, 0.8),
)
_FEW: Final = Load("500 x 2 KB", 500, 2_000, 0.0, 0.45)
_MANY: Final = Load("20,000 x 2 KB", 20_000, 2_000, 0.0, 0.45)


@dataclass(frozen=True)
class Run:
    """What one process took: milliseconds of processor and of wall time, and MiB at its peak."""

    cpu: float
    wall: float
    peak: float


def measure() -> tuple[list[Goal], str]:
    """Send each load with every contender in turn; return the goals and the section."""
    goals: list[Goal] = []
    rows: list[list[str]] = []
    for load in LOADS:
        runs = _runs(load)
        ours, theirs = runs["imgpipe upload"], runs["aws s3 cp"]
        for name, run in runs.items():
            rows.append([load.name, name, *_figures(run, theirs)])
        goals += [
            Goal(f"upload of {load.name}, CPU, of aws s3 cp", ours.cpu / theirs.cpu, load.limit),
            Goal(f"upload of {load.name}, wall, of aws s3 cp", ours.wall / theirs.wall, load.limit),
        ]
    flat = [_runs(load, rounds=1, only="imgpipe upload") for load in (_FEW, _MANY)]
    few, many = (runs["imgpipe upload"].peak for runs in flat)
    goals.append(Goal("memory of an upload of 20,000 files, of 500", many / few, _GROWTH))
    columns = ["load", "contender", "CPU ms", "wall ms", "peak MiB", "CPU, of aws", "wall, of aws"]
    return goals, section("Uploads", _NOTE, table(columns, rows))


def _figures(run: Run, other: Run) -> list[str]:
    whole = [f"{run.cpu:.0f}", f"{run.wall:.0f}", f"{run.peak:.0f}"]
    return [*whole, f"{run.cpu / other.cpu:.2f}", f"{run.wall / other.wall:.2f}"]


def _runs(load: Load, rounds: int = _ROUNDS, only: str = "") -> dict[str, Run]:
    """Return the median of each contender, or of ``only`` one; the first round does not count."""
    taken: dict[str, list[Run]] = {}
    with tempfile.TemporaryDirectory() as folder, sink(Path(folder), load.seconds) as url:
        pictures = Path(folder) / "pictures"
        pictures.mkdir()
        for number in range(load.count):
            _fill(pictures / f"{number}.jpg", load.size)
        for turn in range(rounds + 1):
            for name, command in _commands(pictures, url).items():
                if only in {"", name}:
                    run = _run(command, _environment(Path(folder)))
                    taken.setdefault(name, []).extend([run] if turn else [])
            sys.stderr.write(".")
            sys.stderr.flush()
    return {name: _median(runs) for name, runs in taken.items()}


def _fill(path: Path, size: int) -> None:
    """Write as much noise, a block at a time: a child's peak is never below its parent's."""
    with path.open("wb") as file:
        file.write(_HEAD)
        for at in range(len(_HEAD), size, _MB):
            file.write(os.urandom(min(_MB, size - at)))


def _commands(pictures: Path, url: str) -> dict[str, list[str]]:
    ours = ["--endpoint-url", url, "upload", str(pictures), "--no-wait"]
    theirs = ["s3", "cp", "--recursive", "--endpoint-url", url, str(pictures), "s3://pictures"]
    return {
        "imgpipe upload": [sys.executable, "-c", _IMGPIPE, *ours],
        "aws s3 cp": [str(AWS), *theirs],
        "s5cmd": [str(S5CMD), "--endpoint-url", url, "cp", f"{pictures}/", "s3://pictures/"],
        _CRT: [sys.executable, "-m", "bench.contenders.crt", str(pictures), url, "1"],
    }


def _environment(folder: Path) -> Mapping[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)},
        # As every installer leaves it: compiled. The first round, which does not count, does it.
        "PYTHONPYCACHEPREFIX": str(BUILD / "pycache"),
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CA_BUNDLE": str(folder / "ca.pem"),
    }


def _run(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run((usage.ru_utime + usage.ru_stime) * 1000, wall * 1000, usage.ru_maxrss / 1024)


def _median(runs: Sequence[Run]) -> Run:
    return Run(*(statistics.median(figures) for figures in zip(*_tuples(runs), strict=True)))


def _tuples(runs: Sequence[Run]) -> list[tuple[float, float, float]]:
    return [(run.cpu, run.wall, run.peak) for run in runs]


if __name__ == "__main__":
    found, text = measure()
    sys.stdout.write(text)
