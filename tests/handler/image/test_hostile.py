"""Whatever is sent: a picture or a reason, within the function's limits, and the next one is right.

A child renders under RLIMIT_AS and RLIMIT_CPU, so that memory and time are measured, not believed;
after each input it renders a sound picture, which must come out as before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Final

import pytest

from tests.support.hostile.anatomy import Part, anatomy
from tests.support.hostile.bombs import bombs, polyglots
from tests.support.hostile.child import RECIPES, SECONDS
from tests.support.hostile.confined import Confined, confined
from tests.support.hostile.guided import hunt
from tests.support.hostile.mutations import cuts, mutated
from tests.support.hostile.seeds import seeds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in /proc"),
]

DEFAULT: Final = len(RECIPES) - 1
# Files that take time are given little of it.
HURRY: Final = 2.0
QUICK: Final = 500
PROOF_SECONDS: Final = int(os.environ.get("PROOF_SECONDS", "3600"))
PROOF_SEED: Final = 9


@pytest.fixture(scope="module")
def child() -> Iterator[Confined]:
    """A child that has rendered every seed before anything hostile."""
    with confined(list(seeds().values())) as running:
        yield running


def faults(
    child: Confined, files: Iterable[tuple[str, bytes]], seconds: float = SECONDS
) -> dict[str, str]:
    """Render each file by the default recipe; return what was wrong, by the file's name."""
    sound = seeds()["jpeg"]
    said = {name: child.fault(data, DEFAULT, sound, seconds) for name, data in files}
    assert said
    return {name: fault for name, fault in said.items() if fault}


@pytest.mark.parametrize("kind", ["pixels", "frames", "pieces", "metadata"])
def test_a_bomb_is_defused(child: Confined, kind: str) -> None:
    """By pixels, frames, pieces and metadata: small to send, large to read."""
    assert faults(child, ((name, make()) for name, make in bombs(kind))) == {}


def test_a_file_that_takes_too_long_is_refused(child: Confined) -> None:
    """However it does that: not cut off by Lambda, to be tried twice more."""
    assert faults(child, ((name, make()) for name, make in bombs("time")), HURRY) == {}


def test_what_is_two_things_is_one_or_none(child: Confined) -> None:
    """A picture with an archive, a script or another picture in it, or only its first bytes."""
    assert faults(child, polyglots()) == {}


@pytest.mark.parametrize("name", ["jpeg", "apng", "webp", "gif-moving", "avif", "heif", "jp2"])
def test_a_file_may_end_anywhere(child: Confined, name: str) -> None:
    """Before, at and behind each boundary of its parts."""
    assert faults(child, ((str(len(data)), data) for data in cuts(seeds()[name]))) == {}


def lying(name: str, frame: Callable[[Part], list[Part]]) -> bytes:
    """Return a JPEG whose frame header became these."""
    whole = anatomy(seeds()[name])
    frames = [frame(part) if part.kind in _FRAMES else [part] for part in whole.parts]
    return whole.write([part for parts in frames for part in parts])


_FRAMES: Final = (b"\xff\xc0", b"\xff\xc2")
LIES: Final[dict[str, Callable[[Part], list[Part]]]] = {
    "no samples": lambda part: [replace(part, body=part.body[:6] + b"\1\0\0\2\0\0\3\0\0")],
    "many frames": lambda part: [part] * 300,
    "no components": lambda part: [replace(part, body=part.body[:5] + b"\0")],
}


@pytest.mark.parametrize("name", ["jpeg", "jpeg-progressive"])
@pytest.mark.parametrize("lie", LIES)
def test_a_jpeg_may_lie_of_its_components(child: Confined, lie: str, name: str) -> None:
    """Pillow believes each frame header, and adds up the components of them all."""
    assert faults(child, [(lie, lying(name, LIES[lie]))]) == {}


def mutants(child: Confined, numbers: Iterable[int]) -> dict[int, str]:
    """Render a mutant for each number; return what was wrong, by the number that makes it again."""
    found = {}
    for number in numbers:
        random = Random(number)
        name, other = random.choice(sorted(seeds())), random.choice(sorted(seeds()))
        data = mutated(seeds()[name], random, seeds()[other])
        # An animated AVIF's bytes are not the same twice.
        sound = seeds()[name.replace("avif-moving", "avif")]
        fault = child.fault(data, random.randrange(len(RECIPES)), sound)
        found.update({number: fault} if fault else {})
    return found


def test_mutants(child: Confined) -> None:
    """Parts dropped, repeated, moved, swollen, renumbered and lied about, in every format."""
    assert mutants(child, range(QUICK)) == {}


@pytest.mark.prove
def test_an_hour_of_mutants_led_by_coverage(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """As many as an hour holds; each goes on from one that met code which none had met before."""
    pytest.importorskip("atheris", reason="atheris has no wheel for this Python or platform")
    hunted = hunt(tmp_path, PROOF_SECONDS, PROOF_SEED)
    record_property("seconds of fuzzing", PROOF_SECONDS)
    record_property("seed", PROOF_SEED)
    for (kind, outcome), number in sorted(hunted.tried.items()):
        record_property(f"bad inputs/{kind} {outcome}", number)
    assert hunted.faults == {}
