"""``python -m bench.survive DIR``: the real core over a folder of one's own, and what became of it.

Every file under DIR goes through the picture core at the default memory and time, in a process of
its own that is replaced when one ends it. Told are what was rejected, and why; what took more
memory than was estimated, or much less; and where the result differs from what Chromium shows of
the original. Nothing is written but this report, and nothing leaves the machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import IO, TYPE_CHECKING, Any, Final, Self, cast

from bench.chromium import judge
from bench.markdown import section, table
from bench.paths import ROOT
from handler.formats import HEAD_BYTES, sniff
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bench.chromium import Judge

_SHOWN: Final = 20
# Of 255, on the mean of 64 x 64 pixels: what compression at quality 80 leaves of most photographs.
_SAME: Final = 3.0
_GENEROUS: Final = 1.5
# Below this the process itself is most of what it takes.
_LARGE_MIB: Final = 150
_MOST_CHROMIUM_BYTES: Final = 40 << 20


@dataclass(frozen=True)
class Fate:
    """What became of a file.

    ``figures`` is what the process answered: ``cpu`` in seconds, ``peak`` and ``estimate`` in MiB,
    ``reason``, or ``fault`` where that was no rejection. ``apart`` is the difference from Chromium,
    0 to 255, where both show it.
    """

    path: Path
    figures: dict[str, Any]
    apart: float | None = None

    @property
    def word(self) -> str:
        """One word for it."""
        if "fault" in self.figures:
            return "failed"
        return "rejected" if "reason" in self.figures else "survived"


class Survivor:
    """A process that tries one file after another, and is started anew when one ends it."""

    def __init__(self, output: Path, settings: Settings) -> None:
        module = "bench.contenders.survivor"
        limits = [str(settings.memory), str(settings.timeout)]
        self._command = [sys.executable, "-m", module, *limits, str(output)]
        self._seconds = settings.timeout
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def tried(self, path: Path) -> dict[str, Any]:
        """Return what became of the file, in figures."""
        stdin, stdout = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        limit = Timer(self._seconds, self._process.kill)
        limit.start()
        stdin.write(f"{path}\n")
        stdin.flush()
        line = stdout.readline()
        limit.cancel()
        if line:
            figures: dict[str, Any] = json.loads(line)
            return figures
        code = self._process.wait()
        self._start()
        return {"fault": f"the process ended ({code}), or took longer than {self._seconds} s"}


def fates(files: Iterable[Path], settings: Settings) -> Iterator[Fate]:
    """Yield what became of each file, in order."""
    with TemporaryDirectory() as folder, judge() as apart:
        output = Path(folder) / "result"
        with Survivor(output, settings) as survivor:
            for path in files:
                figures = survivor.tried(path.resolve())
                yield Fate(path, figures, _apart(apart, path, figures, output))


def _apart(apart: Judge | None, path: Path, figures: dict[str, Any], made: Path) -> float | None:
    source = path.read_bytes()
    known = sniff(source[:HEAD_BYTES])
    too_much = "type" not in figures or len(source) > _MOST_CHROMIUM_BYTES
    if apart is None or known is None or too_much:
        return None
    return apart((known.content_type, source), (figures["type"], made.read_bytes()))


def report(found: Sequence[Fate]) -> str:
    """Return the report: counts, reasons, estimates and differences, the worst first."""
    counts = Counter(fate.word for fate in found)
    reasons = Counter(str(fate.figures["reason"]) for fate in found if fate.word == "rejected")
    failed = [fate for fate in found if fate.word == "failed"]
    parts = [
        section(
            f"{len(found)} files",
            table(["", "files"], [[word, str(count)] for word, count in counts.most_common()]),
        ),
        section(
            "Rejected",
            table(["reason", "files"], [[why, str(n)] for why, n in reasons.most_common()]),
        ),
        section("Failed", table(["file", "how"], [[_name(f), f.figures["fault"]] for f in failed])),
        section("Memory", *_memory(found)),
        section("Time", _slowest(found)),
        section("Chromium shows something else", *_apart_from_chromium(found)),
    ]
    return "\n".join(parts)


def _memory(found: Sequence[Fate]) -> tuple[str, str]:
    told = [fate for fate in found if fate.figures.get("estimate")]
    large = [fate for fate in told if fate.figures["peak"] > _LARGE_MIB]
    under = [fate for fate in large if _ratio(fate) < 1]
    far = [fate for fate in large if _ratio(fate) > _GENEROUS]
    rows = [
        [_name(f), f"{f.figures['peak']:.0f}", f"{f.figures['estimate']:.0f}"]
        for f in sorted(under, key=_ratio)[:_SHOWN]
    ]
    said = (
        f"Of {len(large)} that took more than {_LARGE_MIB} MiB, {len(under)} took more than was "
        f"estimated, and {len(far)} less than two thirds of it."
    )
    return said, table(["took more than was estimated", "MiB", "estimate"], rows)


def _ratio(fate: Fate) -> float:
    return float(fate.figures["estimate"] / fate.figures["peak"])


def _slowest(found: Sequence[Fate]) -> str:
    timed = sorted(found, key=lambda fate: -fate.figures.get("cpu", 0.0))[:_SHOWN]
    rows = [[_name(fate), f"{fate.figures.get('cpu', 0.0):.2f}"] for fate in timed]
    return table(["the slowest", "CPU s"], rows)


def _apart_from_chromium(found: Sequence[Fate]) -> tuple[str, str]:
    compared = [(fate.apart, fate) for fate in found if fate.apart is not None]
    other = sorted((pair for pair in compared if pair[0] > _SAME), key=lambda pair: -pair[0])
    rows = [[_name(fate), f"{apart:.1f}"] for apart, fate in other[:_SHOWN]]
    told = f"{len(compared)} were compared; {len(other)} differ by more than {_SAME:.0f} of 255."
    return told, table(["file", "mean difference"], rows)


def _name(fate: Fate) -> str:
    return str(fate.path).replace("|", "\\|")


def main(folder: Path) -> None:
    """Try every file under ``folder``; print the report, a dot a file on standard error."""
    found = []
    for fate in fates((p for p in sorted(folder.rglob("*")) if p.is_file()), Settings()):
        found.append(fate)
        sys.stderr.write({"survived": ".", "rejected": "r", "failed": "F"}[fate.word])
        sys.stderr.flush()
    sys.stderr.write("\n")
    sys.stdout.write(report(found))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench.survive DIR")
    main(Path(sys.argv[1]))
