"""How long the command line takes to say something.

``imgpipe --help`` and ``--version`` against ``aws --version``.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Final

from bench.goals import Goal
from bench.markdown import section, table
from bench.peers import AWS
from bench.timing import interleave, time_process

_ROUNDS: Final = 15
# What the installed script does, without installing the checkout.
_IMGPIPE: Final = [
    sys.executable,
    "-c",
    "import sys; from imgpipe.__main__ import main; sys.exit(main())",
]
_COMMANDS: Final = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "imgpipe --version": [*_IMGPIPE, "--version"],
    "imgpipe --help": [*_IMGPIPE, "--help"],
    "aws --version": [str(AWS), "--version"],
}


def measure() -> tuple[list[Goal], str]:
    """Time each command in a fresh process; return the two goals and the section."""
    times = interleave(
        {name: partial(time_process, command) for name, command in _COMMANDS.items()}, _ROUNDS
    )
    aws = times["aws --version"].cpu
    rows = [
        [name, f"{time.cpu:.0f}", f"{time.wall:.0f}", f"{time.cpu / aws:.2f}"]
        for name, time in times.items()
    ]
    goals = [
        Goal("imgpipe --help, CPU, of aws --version", times["imgpipe --help"].cpu / aws, 0.5),
        Goal(
            "imgpipe --version, CPU, of aws --version", times["imgpipe --version"].cpu / aws, 0.25
        ),
    ]
    return goals, section(
        "Command line start", table(["command", "CPU ms", "wall ms", "of aws"], rows)
    )


if __name__ == "__main__":
    sys.stdout.write(measure()[1])
