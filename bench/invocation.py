"""One invocation of the deployed function, S3 and DynamoDB answering at once.

Processor time, memory and round trips.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bench.deployed import ENVIRONMENT, unpacked
from bench.markdown import section, table
from bench.paths import ROOT
from bench.sink import sink
from handler.recipe import Recipe
from handler.schema import RECIPE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.corpus import Case

_WARM: Final = 7
_DEFAULT: Final = Recipe()
# What the layer of each processor has not; arm64's is imgpipe's default.
_LACKING: Final = {"arm64": ["cykooz_resizer"], "x86_64": []}
_NOTE: Final = (
    "The deployed zip and layer in a fresh process, handling one S3 event over and over; S3 and "
    "DynamoDB are a loopback server that answers at "
    "once. *First* includes the first connections and the picture's plugin, *warm* is what every "
    "later picture takes. The layer is arm64's, by which costs are reckoned, or x86_64's, which "
    "resamples faster."
)


@dataclass(frozen=True)
class Invocation:
    """What one picture takes: processor ms, first and warm; peak MiB; requests; bytes of log."""

    first: float
    warm: float
    peak: float
    requests: Mapping[str, int]
    log_bytes: int


def invoke(case: Case, recipe: Recipe = _DEFAULT, architecture: str = "arm64") -> Invocation:
    """Run the function on ``case``, once cold and then warm, as its ``architecture`` has it."""
    with sink(case.path.read_bytes()) as server:
        variables = {"AWS_ENDPOINT_URL": server.url, RECIPE: recipe.to_json()}
        said = _run(unpacked("deployed"), variables, _LACKING[architecture])
        requests = {what: count // (1 + _WARM) for what, count in sorted(server.asked.items())}
    log, _, last = said.rstrip("\n").rpartition("\n")
    figures: dict[str, float] = json.loads(last)
    return Invocation(**figures, requests=requests, log_bytes=len(log) // (1 + _WARM))


def _run(folder: Path, variables: Mapping[str, str], lacking: Sequence[str]) -> str:
    path = f"{folder}:{folder / 'python'}"
    script = str(ROOT / "bench" / "contenders" / "function.py")
    command = [sys.executable, "-P", script, str(_WARM), *lacking]
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": path, **variables}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def report(invocations: Mapping[str, Invocation]) -> str:
    """Return the section: one row for each picture."""
    rows: Sequence[list[str]] = [
        [
            name,
            f"{of.first:.0f}",
            f"{of.warm:.0f}",
            f"{of.peak:.0f}",
            ", ".join(f"{count} {what}" for what, count in of.requests.items()),
        ]
        for name, of in invocations.items()
    ]
    return section(
        "One invocation",
        _NOTE,
        table(
            ["picture", "first, CPU ms", "warm, CPU ms", "peak MiB", "round trips a picture"], rows
        ),
    )
