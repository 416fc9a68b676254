"""What atheris runs: pictures that it leads to code not yet met, each in the function's limits.

``python -m tests.support.hostile.target FOLDER SECONDS SEED`` notes in ``FOLDER`` what became of
each input, a line each, and keeps those that something was wrong with. atheris
(https://github.com/google/atheris) counts which of the picture core's branches an input takes, and
goes on from those that took a new one.
"""

from __future__ import annotations

import json
import resource
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

import atheris

with atheris.instrument_imports(include=["handler.image"]):
    from handler import formats
    from handler.image import source
    from tests.support.hostile import child
    from tests.support.hostile.confined import wrong
    from tests.support.hostile.guided import RUNNING, TOLD
    from tests.support.hostile.mutations import mutated
    from tests.support.hostile.seeds import seeds

# How often an input is begun anew from a sound file, not from what atheris keeps.
_AFRESH: Final = 0.1
_FILES: Final = [data for _, data in sorted(seeds().items())]


class Target:
    """Renders each input, and a sound picture after it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told = (folder / TOLD).open("a", buffering=1)
        self._sound = seeds()["jpeg"]
        self._first = child.told(self._sound, child.RECIPES[0])["digest"]

    def __call__(self, data: bytes) -> None:
        """Render ``data`` by a recipe that it decides itself; note what became of it."""
        (self._folder / RUNNING).write_bytes(data)
        number = zlib.crc32(data)
        with _confined():
            answer = child.told(data, child.RECIPES[number % len(child.RECIPES)])
            after = child.told(self._sound, child.RECIPES[0]).get("digest")
        fault = wrong({**answer, "intact": after == self._first})
        if fault:
            (self._folder / f"found-{number:08x}").write_bytes(data)
        self._told.write(json.dumps({
            "input": number,
            "kind": _kind(data),
            "outcome": "processed" if "digest" in answer else "rejected",
            "fault": fault,
        }) + "\n")  # fmt: skip


def mutant(data: bytes, most: int, number: int) -> bytes:
    """Return a mutant of ``data``, or of a sound file, as structure-aware as those without guide.

    What a mutation has broken may not come apart into parts again; then its bytes are changed.
    """
    random = Random(number)
    fresh, other = random.choices(_FILES, k=2)
    if not data or random.random() < _AFRESH:
        return mutated(fresh, random, other)[:most]
    try:
        return mutated(data, random, other)[:most]
    except Exception:  # noqa: BLE001 - whatever a broken file does to the mutators
        return bytes(atheris.Mutate(data, most))


@contextmanager
def _confined() -> Iterator[None]:
    """Let a picture take what the function could, beside what is held now: atheris's too.

    What follows, the next mutation, is ours, and must not fail for the picture before it.
    """
    most = child.held() + child.MEMORY - child.RESIDENT
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
    child.confine_time(child.SECONDS)
    yield
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _kind(data: bytes) -> str:
    found = formats.sniff(data[: formats.HEAD_BYTES])
    return found.name if found else "no picture"


def main() -> None:
    """Run until the seconds are over, from the sound files and what earlier runs kept."""
    folder, seconds, seed = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    vars(source)["refusal"] = child.noticing(vars(source)["refusal"])
    kept = folder / "kept"
    if not kept.exists():
        kept.mkdir()
        for name, data in seeds().items():
            (kept / name).write_bytes(data)
    options = [
        f"-artifact_prefix={folder}/",
        "-timeout=0",
        "-rss_limit_mb=0",
        f"-max_len={1 << 21}",
        "-verbosity=0",
    ]
    atheris.Setup(
        [sys.argv[0], str(kept), f"-max_total_time={seconds}", f"-seed={seed}", *options],
        Target(folder),
        custom_mutator=mutant,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
