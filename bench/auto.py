"""``quality = "auto"`` beside each format's default: bytes, and scores by SSIMULACRA 2.

Over the drawn photograph and the caller's: ``python -m bench.auto PHOTOGRAPH...``. What photographs
bear differs much; two dozen tell more than one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Final

from bench import peers
from bench.corpus import twelve_megapixels
from bench.goals import Goal
from bench.markdown import section, table
from bench.paths import BUILD, ROOT
from handler.image import render
from handler.recipe import Limits, Recipe, Rendition

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FORMATS: Final = ("jpeg", "webp", "avif")
_QUALITIES: Final[tuple[int | str, ...]] = (0, "auto")
_SECONDS_A_PAIR: Final = 60
_OF_FIXED: Final = 0.85
_NOTE: Final = (
    "Fit into 800 x 600; each file judged against the same pixels without loss by SSIMULACRA 2 "
    "(100: no difference, 70: hard to see). CPU is that of encoding, all pictures together."
)


@dataclass(frozen=True)
class _Made:
    """One file: its bytes, its CPU in milliseconds, and what the judge says of it."""

    path: Path
    cpu: float
    score: float = 0.0

    @property
    def size(self) -> int:
        return self.path.stat().st_size


def measure(photographs: Iterable[Path] = ()) -> tuple[list[Goal], str]:
    """Make every photograph in both qualities of each format; return goals and section."""
    every = [twelve_megapixels()[0].path, *photographs]
    folder = BUILD / "auto"
    folder.mkdir(parents=True, exist_ok=True)
    truths = [_truth(path, folder / f"{index}.png") for index, path in enumerate(every)]
    made = {
        (name, quality): _judged(truths, [_encoded(each, name, quality) for each in truths])
        for name in _FORMATS
        for quality in _QUALITIES
    }
    rows = [_row(name, made[name, 0], made[name, "auto"]) for name in _FORMATS]
    header = ["format", "bytes of fixed", "mean score", "worst score", "largest loss", "CPU ms"]
    title = f'quality = "auto" over {len(every)} photographs'
    return _goals(made["jpeg", 0], made["jpeg", "auto"]), section(title, _NOTE, table(header, rows))


def _truth(source: Path, path: Path) -> Path:
    path.write_bytes(_rendered(source.read_bytes(), "png", 0))
    return path


def _rendered(source: bytes, name: str, quality: int | str) -> bytes:
    rendition = Rendition(format=name, quality=quality, watermark=None)
    (picture,) = render(source, Recipe((rendition,), Limits()))
    return picture.body


def _encoded(truth: Path, name: str, quality: int | str) -> _Made:
    source, path = truth.read_bytes(), truth.with_suffix(f".{quality}.{name}")
    began = time.process_time()
    body = _rendered(source, name, quality)
    cpu = (time.process_time() - began) * 1000
    path.write_bytes(body)
    return _Made(path, cpu)


def _judged(truths: Sequence[Path], made: Sequence[_Made]) -> list[_Made]:
    """Return ``made`` with scores, which the peers' Python finds: the judge needs NumPy."""
    pairs = [[str(truth), str(each.path)] for truth, each in zip(truths, made, strict=True)]
    ran = subprocess.run(
        [str(peers.PYTHON), "-m", "bench.contenders.ssimulacra"],
        input=json.dumps(pairs), capture_output=True, text=True, check=True, cwd=ROOT,
        timeout=_SECONDS_A_PAIR * len(pairs),
    )  # fmt: skip
    scores = json.loads(ran.stdout)
    return [_Made(each.path, each.cpu, score) for each, score in zip(made, scores, strict=True)]


def _goals(fixed: Sequence[_Made], auto: Sequence[_Made]) -> list[Goal]:
    lost = _mean(fixed) - _mean(auto)
    return [
        Goal("quality auto, JPEG: bytes, of fixed 80's", _bytes(auto) / _bytes(fixed), _OF_FIXED),
        Goal("quality auto, JPEG: mean score lost", lost, 0.0, "points"),
    ]


def _row(name: str, fixed: Sequence[_Made], auto: Sequence[_Made]) -> list[str]:
    worst, loss = (min(each.score for each in made) for made in (fixed, auto)), _loss(fixed, auto)
    return [
        name,
        f"{_bytes(auto) / _bytes(fixed):.3f}",
        f"{_mean(fixed):.2f} -> {_mean(auto):.2f}",
        " -> ".join(f"{each:.1f}" for each in worst),
        f"{loss:.1f}",
        " -> ".join(f"{sum(each.cpu for each in made):.0f}" for made in (fixed, auto)),
    ]


def _loss(fixed: Sequence[_Made], auto: Sequence[_Made]) -> float:
    return max(one.score - other.score for one, other in zip(fixed, auto, strict=True))


def _bytes(made: Sequence[_Made]) -> int:
    return sum(each.size for each in made)


def _mean(made: Sequence[_Made]) -> float:
    return fmean(each.score for each in made)


if __name__ == "__main__":
    from bench.goals import goals_table

    peers.install()
    found, text = measure(Path(name) for name in sys.argv[1:])
    sys.stdout.write(goals_table(found) + "\n" + text)
