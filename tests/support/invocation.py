"""One invocation of a function in a process of its own, so that it can be killed.

``python -m tests.support.invocation MODULE EVENT``, in the environment that the function has.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from uuid import uuid4


class Context:
    """Lambda's context, as far as the functions look at it."""

    memory_limit_in_mb = "1024"

    def __init__(self) -> None:
        self.aws_request_id = str(uuid4())

    def get_remaining_time_in_millis(self) -> int:
        """A minute."""
        return 60_000


if __name__ == "__main__":
    import_module(sys.argv[1]).lambda_handler(json.loads(sys.argv[2]), Context())
