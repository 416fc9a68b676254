"""The console script.

``--version`` at once, everything else through the command line, and how the process ends.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import Final

from imgpipe import __version__
from imgpipe.errors import ExitCode

# Objects made and not dropped before the next look; Python's own is 700.
_GARBAGE: Final = 100_000


def main() -> None:
    """Run imgpipe on the process's arguments and end the process with its exit code."""
    # A run makes much and drops little: what looks for garbage is a tenth of its start.
    gc.set_threshold(_GARBAGE)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # there is none where the caller closed it
            # JSON is UTF-8 (RFC 8259), and a file may be called anything: the locale's encoding
            # would fail half-way.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = _answer(sys.argv[1:])
        print(end="", flush=True)
    except KeyboardInterrupt:  # while the command line was still loading
        code = ExitCode.INTERRUPTED
    except OSError as error:
        code = _unwritten(error)
    with suppress(OSError, AttributeError):  # its reader may be gone, or there never was one
        sys.stderr.flush()
    # To take everything apart would be a sixth of a short run, and a thread that is deep in
    # something long would be waited for.
    os._exit(code)


def _answer(arguments: list[str]) -> int:
    if arguments == [
        "--version"
    ]:  # scripts ask this often; it must not wait for the command line to load
        print(f"imgpipe {__version__}")
        return ExitCode.SUCCESS
    from imgpipe.cli import run

    return run(arguments)


def _unwritten(error: OSError) -> int:
    """Say why the output could not be written.

    A reader that has had enough, as ``head`` has, is no failure.
    """
    os.dup2(
        os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
    )  # what is left would fail once more at Python's end
    if isinstance(error, BrokenPipeError):
        return ExitCode.SUCCESS
    sys.stderr.write(f"Error: the output cannot be written: {error.strerror}\n")
    return ExitCode.FAILURE


if __name__ == "__main__":
    main()
