"""imgpipe's delivery function as deployed: its URL's event in, the answer as Lambda sends it out.

Run with the unpacked zip and layer as its path, and S3's address in the environment.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from types import SimpleNamespace

from bench.contenders.serve import serve
from handler.delivery import lambda_handler

_CONTEXT = SimpleNamespace(
    aws_request_id="bench", memory_limit_in_mb="1769", get_remaining_time_in_millis=lambda: 29_000
)


def _answered(words: str, _: bytes) -> bytes:
    event = {"rawPath": f"/_img/photo.jpg/{words}", "headers": {}}
    with redirect_stdout(StringIO()):  # its log
        answer = lambda_handler(event, _CONTEXT)
    return json.dumps(answer).encode()


if __name__ == "__main__":
    serve({task: partial(_answered, words) for task, words in json.loads(sys.argv[1]).items()})
