"""A cold start looks for no garbage, and a warm invocation does again."""

from __future__ import annotations

import subprocess
import sys

from handler.schema import DEST_BUCKET, SOURCE_BUCKET, TABLE_NAME
from tests.handler.conftest import ENVIRONMENT

COUNTED = """
import gc, sys
collections = []
gc.callbacks.append(lambda phase, info: collections.append(phase))
import handler.{module}
del gc.callbacks[:]
print(len(collections) // 2, gc.isenabled(), gc.get_freeze_count() > 10_000)
"""


def test_no_garbage_is_looked_for_while_the_function_starts() -> None:
    """A hundred and forty times else; and what the start made is never searched afterwards."""
    variables = {**ENVIRONMENT, SOURCE_BUCKET: "in", DEST_BUCKET: "out", TABLE_NAME: "Rows"}
    for module in ("lambda_function", "page_function"):
        done = subprocess.run(
            [sys.executable, "-c", COUNTED.format(module=module)],
            env={**variables, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        collections, enabled, frozen = done.stdout.split()
        assert int(collections) < 30
        assert (enabled, frozen) == ("True", "True")
