"""The console script: ``--version`` at once, everything else through the command line."""

from __future__ import annotations

import sys

from imgpipe import __version__


def main() -> None:
    """Run imgpipe on the process's arguments and end the process with its exit code."""
    if sys.argv[1:] == ["--version"]:  # scripts ask this often; it must not wait for the command line to load
        print(f"imgpipe {__version__}")  # noqa: T201
        return
    from imgpipe.cli import run  # noqa: PLC0415

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
