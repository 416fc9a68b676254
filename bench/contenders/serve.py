"""The loop each Python contender runs: read a job, time it, keep the picture, answer.

Standard library only, to weigh nothing.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def serve(tasks: Mapping[str, Callable[[bytes], bytes]]) -> None:
    """Answer every job on standard input until it closes."""
    for line in sys.stdin:
        job = json.loads(line)
        work, source = tasks[job["task"]], Path(job["source"]).read_bytes()
        wall, cpu = time.perf_counter(), time.process_time()
        body = work(source)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        Path(job["output"]).write_bytes(body)
        sys.stdout.write(
            json.dumps({"cpu": cpu * 1000, "wall": wall * 1000, "peak": peak()}) + "\n"
        )
        sys.stdout.flush()


def peak() -> int:
    """Return this process's own highest resident size in KiB.

    ``ru_maxrss`` would start from the parent's.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])
