"""The real core over one file after another: what became of each, and what it took.

It answers a line of JSON for each path on standard input. Whoever asks sees to it that one which
ends this process is known by that.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bench.contenders.serve import peak
from handler.image import Budget, Rejected, limits, render
from handler.image.frames import frame_count
from handler.image.source import open_source
from handler.recipe import Recipe

_MIB: Final = 1 << 20
_PLAIN: Final = Recipe((replace(Recipe().renditions[0], watermark=None),))


def main(memory: int, seconds: float, output: Path) -> None:
    """Answer every path on standard input until it closes; ``memory`` is in MiB."""
    budget = Budget(memory * _MIB, seconds)
    for line in sys.stdin:
        answer = _tried(Path(line.rstrip("\n")).read_bytes(), budget, output)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _tried(source: bytes, budget: Budget, output: Path) -> dict[str, Any]:
    """Return reason or result, CPU seconds, MiB at the peak, and the MiB that were estimated."""
    _forget_peak()
    cpu = time.process_time()
    try:
        picture = render(source, _PLAIN, budget)[0]
    except Rejected as rejection:
        return {"reason": str(rejection), "cpu": time.process_time() - cpu}
    except Exception as fault:  # noqa: BLE001 - to be told, not to end the others
        return {"fault": f"{type(fault).__name__}: {fault}", "cpu": time.process_time() - cpu}
    answer = {"cpu": time.process_time() - cpu, "peak": peak() / 1024}
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
    return limits.memory_bytes(opened, frame_count(opened), _PLAIN) / _MIB


def _forget_peak() -> None:
    """Let Linux count this process's peak anew; elsewhere it stays that of all files so far."""
    forget = Path("/proc/self/clear_refs")
    if forget.exists():
        forget.write_text("5")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
