"""The real core over one file after another: what became of each, and what it took.

It answers a line of JSON for each path on standard input. Whoever asks sees to it that one which
ends this process is known by that.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bench.contenders.serve import peak
from handler.image import Budget, Rejected, outlay, render
from handler.image.frames import frame_count
from handler.image.source import open_source
from handler.recipe import Recipe

_MIB: Final = 1 << 20
_PLAIN: Final = Recipe((replace(Recipe().renditions[0], watermark=None),))


def main(memory: int, seconds: float, output: Path) -> None:
    """Answer every path on standard input until it closes; ``memory`` is in MiB.

    Each in a process of its own: what the core does in children of it is told of all of a process's
    children only, the largest of them and their sum.
    """
    budget = Budget(memory * _MIB, seconds)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            answer = _tried(Path(line.rstrip("\n")).read_bytes(), budget, output)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if code := os.waitstatus_to_exitcode(status):
            sys.exit(abs(code))


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _apart() -> int:
    """Return the peak of the largest process that the core ran a decoder in, in KiB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def _tried(source: bytes, budget: Budget, output: Path) -> dict[str, Any]:
    """Return reason or result, CPU seconds, MiB at the peak, and the MiB that were estimated."""
    _forget_peak()
    cpu = _cpu()
    try:
        picture = render(source, _PLAIN, budget)[0]
    except Rejected as rejection:
        return {"reason": str(rejection), "cpu": _cpu() - cpu}
    except Exception as fault:  # noqa: BLE001 - to be told, not to end the others
        return {"fault": f"{type(fault).__name__}: {fault}", "cpu": _cpu() - cpu}
    answer = {"cpu": _cpu() - cpu, "peak": max(peak(), _apart()) / 1024}
    output.write_bytes(picture.body)
    return {
        **answer,
        "type": picture.content_type,
        "warnings": picture.warnings,
        "estimate": _estimate(source),
    }


def _estimate(source: bytes) -> float | None:
    """Return the MiB that were estimated; nothing for what had to be mended first."""
    try:
        opened = open_source(source, _PLAIN.limits)
    except Rejected:
        return None
    return outlay.memory_bytes(opened, frame_count(opened), _PLAIN) / _MIB


def _forget_peak() -> None:
    """Let Linux count this process's peak anew; elsewhere it stays that of all files so far."""
    forget = Path("/proc/self/clear_refs")
    if forget.exists():
        forget.write_text("5")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
