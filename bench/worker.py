"""A contender as the bench sees it: a process that answers one job after another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Final, Self, cast

from bench.paths import BUILD, ROOT
from bench.peers import NODE_MODULES, PYTHON
from bench.timing import Sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.corpus import Case

CONTENDERS: Final = {
    "guide": [sys.executable, "-m", "bench.contenders.guide"],
    "thumbor": [str(PYTHON), "-m", "bench.contenders.thumbor"],
    "pyvips": [str(PYTHON), "-m", "bench.contenders.vips"],
    "sharp": ["node", str(ROOT / "bench" / "contenders" / "sharp.mjs"), str(NODE_MODULES)],
    "imgpipe": [sys.executable, "-m", "bench.contenders.imgpipe"],
    "imgpipe by Pillow": [sys.executable, "-m", "bench.contenders.imgpipe", "alone"],
}


@dataclass(frozen=True)
class Answer:
    """What one job took, where its picture lies, and the peak so far in MiB."""

    sample: Sample
    output: Path
    peak: float


class ContenderDiedError(RuntimeError):
    """A contender ended without an answer; its own words are on standard error."""


class Worker:
    """A contender's process, alive from ``with`` to the end of its block.

    One that is not in ``CONTENDERS`` is told its ``command``, and what it finds in its environment.
    """

    def __init__(
        self,
        contender: str,
        command: Sequence[str] = (),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.contender = contender
        self._process = subprocess.Popen(
            command or CONTENDERS[contender],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        cast("IO[str]", self._process.stdin).close()
        self._process.wait(timeout=30)
        cast("IO[str]", self._process.stdout).close()

    def ask(self, task: str, case: Case) -> Answer:
        """Have ``task`` done on ``case`` and wait for the answer.

        ``ContenderDiedError`` when no answer comes.
        """
        output = BUILD / "output" / f"{case.path.stem}-{task}-{self.contender}{case.path.suffix}"
        output.parent.mkdir(parents=True, exist_ok=True)
        stdin, stdout = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        stdin.write(
            json.dumps({"task": task, "source": str(case.path), "output": str(output)}) + "\n"
        )
        stdin.flush()
        if not (line := stdout.readline()):
            raise ContenderDiedError(self.contender, case.name)
        figures = json.loads(line)
        return Answer(Sample(figures["cpu"], figures["wall"]), output, figures["peak"] / 1024)


def sample(worker: Worker, task: str, case: Case) -> Sample:
    """Have ``task`` done on ``case`` and return only what it took."""
    return worker.ask(task, case).sample
