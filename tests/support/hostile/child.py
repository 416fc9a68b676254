"""What runs in the child: each input within the function's limits, and a sound picture after it.

``python -m tests.support.hostile.child`` reads requests from standard input and answers each with a
line of JSON. It imports no test tools, so that it holds what the function does.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import re
import resource
import struct
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from typing import IO, Any, Final, NamedTuple

from handler.image import Budget, Rejected, render, source
from handler.image.picture import Damaged
from handler.recipe import Limits, Recipe, Rendition

MIB: Final = 1 << 20
# What setup gives the function: Settings.memory, and Settings.timeout less its reserve.
MEMORY: Final = 448 * MIB
SECONDS: Final = 58.0
RESERVE: Final = 3
# What outlay.RESIDENT_BYTES says is there before a picture.
RESIDENT: Final = 80 * MIB

_SMALL: Final[dict[str, Any]] = {"width": 24, "height": 20}
_SALVAGE: Final = Limits(truncated="salvage")
RECIPES: Final = (
    Recipe((Rendition(**_SMALL),)),
    Recipe((Rendition(**_SMALL, metadata="all", watermark=None),), _SALVAGE),
    Recipe((
        Rendition(**_SMALL, format="webp", colour="p3", watermark=None),
        Rendition(**_SMALL, name="l", linear=True, fit="cover", format="png", metadata="all"),
    )),
    Recipe((Rendition(**_SMALL, format="jpeg", fit="pad", watermark=None),), _SALVAGE),
    Recipe(),
)  # fmt: skip
# The recipe's number, the seconds left, and the bytes of the input and of the sound picture.
# One byte that forked processes share: whether a library found no memory, which it tells as damage.
_EXHAUSTED: Final = mmap.mmap(-1, 1)
# Pillow's IMAGING_CODEC_MEMORY, and what libraries say themselves.
_NO_MEMORY: Final = re.compile("decoder error -9|[Oo]ut of memory|[Cc]annot allocate")
REQUEST: Final = struct.Struct(">BdII")


class Request(NamedTuple):
    """An input, how it is to be rendered, within how many seconds, and what comes after it."""

    recipe: Recipe
    seconds: float
    data: bytes
    control: bytes


def told(data: bytes, recipe: Recipe, seconds: float = SECONDS) -> dict[str, object]:
    """Render ``data`` as the function would; return what became of it, or what escaped."""
    _EXHAUSTED[0] = 0
    began = time.process_time()
    try:
        pictures = render(data, recipe, Budget(MEMORY, seconds))
    except Rejected as rejection:
        said: dict[str, object] = {"reason": str(rejection)}
    except BaseException:  # noqa: BLE001 - whatever it is, it is what was looked for
        said = {"escaped": traceback.format_exc()}
    else:
        digest = hashlib.sha256(b"".join(picture.body for picture in pictures)).hexdigest()
        warnings = [warning for picture in pictures for warning in picture.warnings]
        said = {"digest": digest, "warnings": warnings}
    return {**said, "seconds": time.process_time() - began, "exhausted": bool(_EXHAUSTED[0])}


def noticing(refusal: Callable[[Exception], Damaged]) -> Callable[[Exception], Damaged]:
    """Return ``refusal``, which passes on nothing that a library says, but listens for memory."""

    def noticed(error: Exception) -> Damaged:
        if _NO_MEMORY.search(str(error)):
            _EXHAUSTED[0] = 1
        return refusal(error)

    return noticed


def confine_memory() -> None:
    """Let the process take no more than the function could, beside what it holds already."""
    most = held() + MEMORY - RESIDENT
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def confine_time(seconds: float) -> None:
    """Let the next picture take no more of a processor than the function has left."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds) + RESERVE, most))


def held() -> int:
    """Return the bytes of address space that this process has."""
    with open("/proc/self/statm", encoding="ascii") as sizes:  # noqa: PTH123 - before pathlib
        return int(sizes.read().split()[0]) * resource.getpagesize()


def _requests(stream: IO[bytes]) -> Iterator[Request]:
    while head := stream.read(REQUEST.size):
        number, seconds, size, control = REQUEST.unpack(head)
        yield Request(RECIPES[number], seconds, stream.read(size), stream.read(control))


def main() -> None:
    """Answer requests until there are no more; the first ones bring nothing but sound pictures."""
    vars(source)["refusal"] = noticing(vars(source)["refusal"])
    first: dict[bytes, object] = {}
    confined = False
    for request in _requests(sys.stdin.buffer):
        if request.data and not confined:
            confine_memory()
            confined = True
        confine_time(request.seconds)
        answer = told(request.data, request.recipe, request.seconds) if request.data else {}
        confine_time(SECONDS)
        after = told(request.control, RECIPES[0]).get("digest")
        if not request.data:
            first[request.control] = after
        intact = after is not None and after == first.get(request.control)
        sys.stdout.write(json.dumps({**answer, "intact": intact}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
