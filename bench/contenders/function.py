"""The deployed function in a process of its own.

One S3 event again and again, then what an invocation took and needed.

Run with the unpacked zip and layer as its path; takes the number of warm invocations and the
packages that cannot be imported, and prints JSON as its last line.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from handler.lambda_function import lambda_handler

_EVENT = {
    "Records": [
        {
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "source"}, "object": {"key": "a/photo"}},
        }
    ]
}
_CONTEXT = SimpleNamespace(
    aws_request_id="bench", memory_limit_in_mb="3008", get_remaining_time_in_millis=lambda: 60_000
)


def _invoke() -> float:
    began = time.process_time()
    lambda_handler(_EVENT, _CONTEXT)
    return (time.process_time() - began) * 1000


def _peak() -> float:
    """Return this process's own highest resident size in MiB."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    sys.modules.update(dict.fromkeys(sys.argv[2:]))  # type: ignore[arg-type]
    first, peak = _invoke(), _peak()
    warm = [_invoke() for _ in range(int(sys.argv[1]))]
    sys.stdout.write(
        json.dumps({"first": first, "warm": statistics.median(warm), "peak": peak}) + "\n"
    )
