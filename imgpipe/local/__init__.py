"""The embedded AWS: an account on this machine, for trying the pipeline and for testing it.

Loopback only, no credentials of the user's.
"""

from imgpipe.local.emulator import Emulator, environment, exports, find
from imgpipe.local.launch import reset, start, stop
from imgpipe.local.log import follow_log, log_lines
from imgpipe.local.state import directory

__all__ = [
    "Emulator",
    "directory",
    "environment",
    "exports",
    "find",
    "follow_log",
    "log_lines",
    "reset",
    "start",
    "stop",
]
