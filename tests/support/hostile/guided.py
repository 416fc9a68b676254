"""Fuzzes the picture core, led by coverage, for as long as is asked: see ``target``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

RUNNING: Final = "running"
TOLD: Final = "told.jsonl"
# Seconds, to begin and for the last picture.
GRACE: Final = 300
# A target that has ended at once would else be started for ever.
MOST_DEATHS: Final = 100


@dataclass(frozen=True)
class Hunt:
    """How many different inputs were tried, by kind and outcome, and what was wrong with any."""

    tried: Counter[tuple[str, str]]
    faults: dict[str, str]


def hunt(folder: Path, seconds: float, seed: int) -> Hunt:
    """Fuzz for ``seconds``; a target that an input ended begins again with what it had kept."""
    end, deaths = time.monotonic() + seconds, dict[str, str]()
    while (left := int(end - time.monotonic())) > 0 and len(deaths) < MOST_DEATHS:
        code = _run(folder, left, seed + len(deaths))
        if code:
            name = f"ended-{len(deaths)}"
            (folder / name).write_bytes((folder / RUNNING).read_bytes())
            deaths[name] = f"ended the process: {code}"
    return _summed(folder, deaths)


def _run(folder: Path, seconds: int, seed: int) -> str:
    """Run the target; return how it ended, empty where it did so well."""
    # As in ``confined``: address space that nobody uses must not count as memory.
    environ = {
        **os.environ,
        "MALLOC_ARENA_MAX": "1",
        "PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-m", "tests.support.hostile.target"]
    with (folder / "output").open("ab") as output:
        try:
            code = subprocess.run(
                [*command, str(folder), str(seconds), str(seed)],
                stdout=output, stderr=output, env=environ, check=False, timeout=seconds + GRACE,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            return "it hung"
    return f"exit code {code}" if code else ""


def _summed(folder: Path, deaths: dict[str, str]) -> Hunt:
    inputs: dict[int, dict[str, Any]] = {}
    with (folder / TOLD).open() as lines:
        for line in lines:
            told = json.loads(line)
            inputs[told["input"]] = told
    tried = Counter((told["kind"], told["outcome"]) for told in inputs.values())
    wrong = {f"found-{number:08x}": told["fault"] for number, told in inputs.items()}
    return Hunt(tried, {name: fault for name, fault in wrong.items() if fault} | deaths)
